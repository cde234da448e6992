# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The services as a graph: a column for each wave, callers left of what they call.

A call that passes a column keeps to a lane there, so that no line runs behind a box and seems to begin at it. The calls
to one service share their lanes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..plan import Plan, Service
from .charts import drawing, label, number
from .markup import Markup, Text, tag

AT_MOST = 150  # services that a drawing can show and people can read
_COLUMN = 188  # from one column to the next
_WIDTH, _HEIGHT, _TOP = 146, 42, 30  # of a box; where boxes begin
_BOX, _LANE = 60, 14  # of a column's height, for a box and for a lane
_LETTERS = 19  # of a name in a box

Middles = list[dict[str, float]]
"""For each column, the height at which a service stands or the calls to it pass."""


def draw(plan: Plan, *, named_by: str) -> Markup:
    """The graph of the services that the plan knows."""
    columns = columns_of(plan["services"])
    column_of = {one["name"]: index for index, column in enumerate(columns) for one in column}
    calls = {one["name"]: [callee for callee in one["calls"] if callee in column_of] for one in plan["services"]}
    middles, height = places(columns, column_of, calls)
    heads = [label(index * _COLUMN, 14, _head(column[0]), "head") for index, column in enumerate(columns)]
    lines = [_call(name, callee, column_of, middles) for name, callees in calls.items() for callee in callees]
    boxes = [_box(one, index, middles[index][one["name"]]) for index, column in enumerate(columns) for one in column]
    width = (len(columns) - 1) * _COLUMN + _WIDTH + 44  # 44: where calls within the last column swing out
    return drawing(_TOP + height, [*heads, *lines, *boxes], named_by=named_by, width=width, natural=True)


def columns_of(services: Sequence[Service]) -> list[list[Service]]:
    """The services by wave; those that stay come last."""
    waves = sorted({one["wave"] for one in services if one["wave"] is not None})
    columns = [[one for one in services if one["wave"] == wave] for wave in waves]
    staying = [one for one in services if one["wave"] is None]
    return [column for column in [*columns, staying] if column]


def places(
    columns: Sequence[Sequence[Service]], column_of: Mapping[str, int], calls: Mapping[str, Sequence[str]]
) -> tuple[Middles, float]:
    """Heights for boxes and lanes, each near to where its calls come from; and how high it all is."""
    orders: list[list[str]] = []
    rows: dict[str, float] = {}  # of the column before: a name's place in it
    for index, column in enumerate(columns):
        sources: dict[str, list[float]] = {one["name"]: [] for one in column}
        if index:
            for name, row in rows.items():
                reached = calls[name] if column_of[name] == index - 1 else [name]
                for callee in reached:
                    if column_of[callee] >= index:
                        sources.setdefault(callee, []).append(row)
        wanted = {name: round(sum(found) / len(found), 3) if found else 0.0 for name, found in sources.items()}
        order = sorted(sources, key=lambda name: (wanted[name], name))
        rows = {name: place / max(len(order) - 1, 1) for place, name in enumerate(order)}
        orders.append(order)
    spaces = [[_BOX if column_of[name] == index else _LANE for name in order] for index, order in enumerate(orders)]
    height = max((sum(space) for space in spaces), default=0)
    middles: Middles = []
    for order, space in zip(orders, spaces, strict=True):
        top = _TOP + (height - sum(space)) / 2
        middles.append({name: top + sum(space[:place]) + space[place] / 2 for place, name in enumerate(order)})
    return middles, height


def _head(one: Service) -> Text:
    if one["wave"] is None:
        return Text("Stay on their guests", "留在虚拟机上")
    return Text(f"Wave {one['wave']}", f"第 {one['wave']} 波")


def _box(one: Service, column: int, middle: float) -> Markup:
    x, y = column * _COLUMN, middle - _HEIGHT / 2
    name = one["name"] if len(one["name"]) <= _LETTERS else f"{one['name'][: _LETTERS - 1]}…"
    about = one["kind"] + (f" ×{one['replicas']}" if one["moves"] else "")
    if "node_port" in one["expose"]:
        about += f" :{one['expose']['node_port']}"
    kind = "box" if one["moves"] else "box staying"
    outline = tag("rect", x=number(x + 1), y=number(y), width=_WIDTH, height=_HEIGHT, rx=4, class_=kind)
    texts = [label(x + 11, y + 18, name, "strong"), label(x + 11, y + 33, about, "quiet")]
    return tag("g", outline, texts, data_service=one["name"], class_="service")


def _call(caller: str, callee: str, column_of: Mapping[str, int], middles: Middles) -> Markup:
    """From the right of the caller, along the lanes, to the left of what it calls."""
    start, end = column_of[caller], column_of[callee]
    y = middles[start][caller]
    goal = middles[end][callee]
    kind = "call"
    if end > start:
        x = _right(start)
        path = f"M{number(x)} {number(y)}"
        for column in range(start + 1, end + 1):
            after = middles[column][callee]
            path += _curve(x, y, _left(column), after)
            x, y = _right(column), after
            path += f"H{number(x)}" if column < end else ""
    elif end == start:  # they call each other, so they move together
        x = _right(start)
        path = f"M{number(x)} {number(y)}C{number(x + 40)} {number(y)} {number(x + 40)} {number(goal)} "
        path += f"{number(x)} {number(goal)}"
    else:  # called by one that moves later, or never
        path, kind = f"M{number(_left(start))} {number(y)}" + _curve(_left(start), y, _right(end), goal), "call back"
    return tag("path", d=path, class_=kind, data_from=caller, data_to=callee)


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = number((x1 + x2) / 2)
    return f"C{middle} {number(y1)} {middle} {number(y2)} {number(x2)} {number(y2)}"


def _left(column: int) -> float:
    return column * _COLUMN + 1


def _right(column: int) -> float:
    return _left(column) + _WIDTH
