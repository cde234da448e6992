# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What sections are made of: headings, figures, tables, numbers in words."""

from __future__ import annotations

from collections.abc import Sequence, Set

from .markup import Child, Markup, Text, tag


def section(anchor: str, title: Text, *children: Child) -> Markup:
    return tag(
        "section", tag("h2", title, id=f"{anchor}-title"), children, id=anchor, aria_labelledby=f"{anchor}-title"
    )


def figure(caption_id: str, caption: Child, picture: Markup) -> Markup:
    """A drawing with its caption, which also names it for those who do not see it."""
    return tag(
        "figure",
        tag("figcaption", caption, id=caption_id),
        tag("div", picture, class_="wide", tabindex=0, role="group", aria_labelledby=caption_id),
    )


def table(
    caption: Child, heads: Sequence[Child], rows: Sequence[Sequence[Child]], numbers: Set[int] = frozenset()
) -> Markup:
    """A table whose columns `numbers` stand to the right. The first column names the row."""

    def kind(column: int) -> str | None:
        return "number" if column in numbers else None

    head = [tag("th", text, scope="col", class_=kind(column)) for column, text in enumerate(heads)]
    body = [
        tag(
            "tr",
            tag("th", row[0], scope="row", class_=kind(0)),
            [tag("td", cell, class_=kind(column)) for column, cell in enumerate(row[1:], 1)],
        )
        for row in rows
    ]
    inside = tag("table", tag("caption", caption), tag("thead", tag("tr", head)), tag("tbody", body))
    return tag("div", inside, class_="wide")


def legend(*entries: tuple[str, Text]) -> Markup:
    """What the colours of a drawing mean."""
    return tag(
        "ul",
        [tag("li", tag("span", class_=f"key {kind}", aria_hidden="true"), text) for kind, text in entries],
        class_="legend",
    )


def as_found(text: Child) -> Markup:
    """Evidence, in the words in which it was found; never translated."""
    return tag("span", text, class_="found")


def count(number: int, thing: str, things: str | None = None) -> str:
    """1 guest, 2 guests."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def amount(value: float, digits: int = 1) -> str:
    """A number as people write it: 1,234.5; 12."""
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{amount(abs(value))}"


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "–"


def duration(minutes: int) -> Text:
    """An estimate of time: 25 min; 3 h 05 min."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return Text(f"{rest} min", f"{rest} 分钟")
    return Text(f"{hours:,} h {rest:02} min", f"{hours:,} 小时 {rest:02} 分钟")
