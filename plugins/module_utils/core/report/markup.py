# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HTML that is safe by construction: what is not marked as markup is escaped, wherever it comes from."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), "\ufffd")
_VOID = ("input", "meta", "path", "rect", "line")


class Markup(str):
    """Text that is HTML already."""


class Text(NamedTuple):
    """One saying in both languages; the page shows the one that the reader chose."""

    en: str
    zh: str


Child: TypeAlias = "str | int | float | Text | Iterable[Child] | None"


def tag(element: str, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """An element. `class_` is class, `aria_label` is aria-label; None and False leave an attribute out."""
    opening = "".join([element, *(_attribute(key, value) for key, value in attributes.items())])
    if element in _VOID:
        return Markup(f"<{opening}/>")
    inside = "tspan" if element == "text" else "span"
    return Markup(f"<{opening}>{_children(children, inside)}</{element}>")


def join(*children: Child) -> Markup:
    """Several elements, one after another."""
    return Markup(_children(children, "span"))


def data(value: object, *, anchor: str) -> Markup:
    """JSON for a script of the page. No character of it can end the element that it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(f'<script type="application/json" id="{html.escape(anchor)}">{text}</script>')


def _attribute(key: str, value: str | int | float | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{html.escape(_plain(value))}"'


def _children(children: Iterable[Child], inside: str) -> str:
    return "".join(_child(child, inside) for child in children)


def _child(child: Child, inside: str) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return str(child)
    if isinstance(child, Text):
        return (
            f'<{inside} class="en" lang="en">{html.escape(child.en)}</{inside}>'
            f'<{inside} class="zh" lang="zh-CN">{html.escape(child.zh)}</{inside}>'
        )
    if isinstance(child, (str, int, float)):
        return html.escape(_plain(child), quote=False)
    return _children(child, inside)


def _plain(value: str | int | float) -> str:
    """Numbers without an exponent; characters that no page may have become visible ones."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value).translate(_CONTROLS)
