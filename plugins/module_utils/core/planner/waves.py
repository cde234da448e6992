# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order services move: callers before callees, cycles together, caches and the registry last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .services import CACHE, REGISTRY

A_FEW = 5  # names, or findings of one rule, that people read in one place

Graph = Mapping[str, Sequence[str]]


def components(graph: Graph) -> list[list[str]]:
    """The strongly connected components, callees before callers (Tarjan), each sorted. Iterative: graphs are deep."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    on_stack: set[str] = set()
    stack: list[str] = []
    found: list[list[str]] = []
    for root in sorted(graph):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(sorted(graph[root])))]
        while work:
            name, callees = work[-1]
            following = next(callees, None)
            if following is None:
                work.pop()
                if work:
                    caller = work[-1][0]
                    low[caller] = min(low[caller], low[name])
                if low[name] == index[name]:
                    component: list[str] = []
                    while not component or component[-1] != name:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    found.append(sorted(component))
            elif following not in index:
                index[following] = low[following] = len(index)
                stack.append(following)
                on_stack.add(following)
                work.append((following, iter(sorted(graph[following]))))
            elif following in on_stack:
                low[name] = min(low[name], index[following])
    return found


def order_waves(
    calls: Graph, roles: Mapping[str, str], at_most: int, homes: Mapping[str, str] | None = None
) -> list[list[str]]:
    """The waves, first to last, each sorted; a cycle stays together even where it is larger than `at_most`.

    Only services that move are in `roles`; calls to others are not looked at. Services of one guest (`homes`) move one
    after the other, so that it is free early.
    """
    moving = {name: [callee for callee in calls.get(name, ()) if callee in roles] for name in roles}
    first = {name: callees for name, callees in moving.items() if roles[name] not in (CACHE, REGISTRY)}
    graph = {name: [callee for callee in callees if callee in first] for name, callees in first.items()}
    waves = _levels(graph, at_most, homes or {})
    for role in (CACHE, REGISTRY):
        waves += _split([[name] for name in sorted(roles) if roles[name] == role], at_most)
    return waves


def pin(waves: Sequence[Sequence[str]], wanted: Mapping[str, int]) -> list[list[str]]:
    """`waves` with the services that people want in a certain one (from 1) there; a wave that is empty is left out."""
    pinned: list[list[str]] = [[] for _number in range(max([len(waves), *wanted.values()]))]
    for number, wave in enumerate(waves, 1):
        for name in wave:
            pinned[wanted.get(name, number) - 1].append(name)
    return [sorted(wave) for wave in pinned if wave]


def _levels(graph: Graph, at_most: int, homes: Mapping[str, str]) -> list[list[str]]:
    parts = components(graph)
    part_of = {name: number for number, part in enumerate(parts) for name in part}
    level = [0] * len(parts)
    for number in range(len(parts) - 1, -1, -1):  # callers before callees
        for name in parts[number]:
            for callee in graph[name]:
                if part_of[callee] != number:
                    level[part_of[callee]] = max(level[part_of[callee]], level[number] + 1)
    by_level: dict[int, list[list[str]]] = {}
    for number, part in enumerate(parts):
        by_level.setdefault(level[number], []).append(part)
    waves: list[list[str]] = []
    for number in sorted(by_level):
        waves += _split(sorted(by_level[number], key=lambda part: (homes.get(part[0], ""), part)), at_most)
    return waves


def callers_of(calls: Graph, roles: Mapping[str, str]) -> dict[str, list[str]]:
    """Service -> the moving services that call it, for those in `roles`."""
    callers: dict[str, list[str]] = {name: [] for name in roles}
    for caller in sorted(roles):
        for callee in calls.get(caller, ()):
            if callee in callers:
                callers[callee].append(caller)
    return callers


def _split(parts: Iterable[Sequence[str]], at_most: int) -> list[list[str]]:
    waves: list[list[str]] = []
    for part in parts:
        if waves and len(waves[-1]) + len(part) <= at_most:
            waves[-1].extend(part)
        else:
            waves.append(list(part))
    return [sorted(wave) for wave in waves]


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - A_FEW
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:A_FEW])} and {more} more"


def reason(
    wave: Sequence[str], callers_of_each: Graph, roles: Mapping[str, str], front_door: Sequence[str], *, first: bool
) -> str:
    """Why these services move now."""
    if all(roles[name] == REGISTRY for name in wave):
        return "the registry is the last that anybody needs"
    if all(roles[name] == CACHE for name in wave):
        return "its callers have moved, and its data moves by replication"
    all_callers = {caller for name in wave for caller in callers_of_each[name]}
    callers = sorted(all_callers - set(wave))
    cycle = len(wave) > 1 and bool(all_callers & set(wave))
    if callers:
        text = (
            f"their callers have moved: {few(callers)}" if len(wave) > 1 else f"its callers have moved: {few(callers)}"
        )
    elif first and front_door:
        text = "nothing calls them but the front door" if len(wave) > 1 else "nothing calls it but the front door"
    else:
        text = "nothing that moves calls them" if len(wave) > 1 else "nothing that moves calls it"
    return f"{text}; they call each other" if cycle else text
