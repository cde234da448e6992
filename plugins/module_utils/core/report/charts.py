# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Charts, as plain SVG: what is given and used, what stands on each ESXi host, what each wave needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .markup import Child, Markup, Text, tag
from .model import HostView

WIDTH = 1040
_LABEL = 190  # where bars begin
_BAR = WIDTH - _LABEL - 230  # how long the longest is; what it says stands behind it
_CHARACTER = 7.0  # about so wide is one at the size of labels


@dataclass(frozen=True)
class Bar:
    """One line of a bar chart: so much is given, and of it so much is used."""

    name: Child
    given: float
    used: float | None
    says: Text


def bars(lines: Sequence[Bar], *, named_by: str) -> Markup:
    """Bars below each other on one scale, the used part of each darker."""
    longest = max([line.given for line in lines] + [line.used or 0 for line in lines] + [1e-9])
    parts: list[Markup] = []
    for number, line in enumerate(lines):
        y = number * 34 + 4
        given, used = _BAR * line.given / longest, _BAR * (line.used or 0) / longest
        parts += [
            label(0, y + 17, line.name),
            _rect(_LABEL, y, given, 24, "given"),
            _rect(_LABEL, y + 6, used, 12, "used") if line.used is not None else Markup(""),
            label(_LABEL + max(given, used) + 10, y + 17, line.says, "value"),
        ]
    return drawing(len(lines) * 34, parts, named_by=named_by)


def hosts(views: Sequence[HostView], *, named_by: str) -> Markup:
    """Each ESXi host as a bar of its memory: what stays, what leaves, the nodes, and what is free."""
    longest = max([view.host["memory_gib"] for view in views] + [1e-9])
    parts: list[Markup] = []
    for number, view in enumerate(views):
        y, x = number * 56 + 4, float(_LABEL)
        scale = (WIDTH - _LABEL) / longest
        parts += [
            label(0, y + 15, view.host["name"], "strong"),
            label(0, y + 33, view.host["cluster"], "quiet"),
            _rect(x, y, view.host["memory_gib"] * scale, 24, "free"),
        ]
        for gib, kind in ((view.staying, "staying"), (view.leaving, "leaving")):
            parts.append(_rect(x, y, gib * scale, 24, kind))
            x += gib * scale
        for node in view.nodes:
            width = node["memory_gib"] * scale
            parts.append(_rect(x, y, width, 24, f"node {node['role']}"))
            if len(node["name"]) * _CHARACTER < width - 6:
                parts.append(label(x + width / 2, y + 16, node["name"], "inside"))
            x += width
        parts.append(label(_LABEL, y + 42, _says(view), "quiet"))
    return drawing(len(views) * 56, parts, named_by=named_by)


def _says(view: HostView) -> Text:
    given = sum(node["memory_gib"] for node in view.nodes)
    names = ", ".join(node["name"] for node in view.nodes)
    cpus = sum(node["cpus"] for node in view.nodes)
    total, taken = view.host["memory_gib"], view.staying + view.leaving
    left = max(total - taken - given, 0)
    return Text(
        f"{names}: {given} GiB, {cpus} vCPU of {view.host['threads']} threads; "
        f"guests {taken:.0f} GiB, free {left:.0f} of {total:.0f} GiB",
        f"{names}：{given} GiB，{cpus} vCPU / {view.host['threads']} 线程；"
        f"虚拟机 {taken:.0f} GiB，空闲 {left:.0f} / {total:.0f} GiB",
    )


def drawing(
    height: float, parts: Sequence[Markup], *, named_by: str, width: float = WIDTH, natural: bool = False
) -> Markup:
    """An SVG that the element `named_by` names for those who do not see it; as wide as there is room, or `natural`."""
    view = f"0 0 {number(width)} {number(height)}"
    kind, fixed = ("chart natural", number(width)) if natural else ("chart", None)
    return tag("svg", parts, viewBox=view, width=fixed, role="img", aria_labelledby=named_by, class_=kind)


def label(x: float, y: float, text: Child, class_: str | None = None) -> Markup:
    return tag("text", text, x=number(x), y=number(y), class_=class_)


def _rect(x: float, y: float, width: float, height: float, class_: str) -> Markup:
    if width <= 0:
        return Markup("")
    return tag("rect", x=number(x), y=number(y), width=number(width), height=number(height), rx=2, class_=class_)


def number(value: float) -> str:
    """Tenths are enough for a drawing, and the same everywhere."""
    return f"{value:.1f}".rstrip("0").rstrip(".")
