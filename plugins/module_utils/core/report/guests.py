# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The guests, as data for the page's script: a table of ten thousand rows opens at once where only some are drawn."""

from __future__ import annotations

from collections import Counter

from ..estate import Guest
from .markup import Child, Markup, Text, data, join, tag
from .model import FATES, GuestView, Report
from .parts import section

# (heading, whether it is a number); the script draws the cells in this order, the second as a mark.
COLUMNS = (
    (Text("Guest", "虚拟机"), False),
    (Text("What becomes of it", "去向"), False),
    (Text("Services", "服务"), False),
    (Text("Wave", "波次"), True),
    (Text("Address", "地址"), False),
    (Text("Operating system", "操作系统"), False),
    (Text("ESXi host", "ESXi 主机"), False),
    (Text("CPU", "CPU"), True),
    (Text("CPU p95", "CPU p95"), True),
    (Text("GiB", "GiB"), True),
    (Text("GiB seen", "实测 GiB"), True),
    (Text("Disk, GiB", "磁盘 GiB"), True),
)
_NOTES = {
    "moving": Text("moving", "迁移中"),
    "moved": Text("moved", "已迁移"),
    "retired": Text("retired", "已退役"),
    "off": Text("off", "关机"),
    "suspended": Text("suspended", "挂起"),
}


def guests(report: Report) -> Markup:
    """The table's frame, its filter, and the data."""
    fates = list(FATES)
    facts = {
        "fates": [[name, *FATES[name]] for name in fates],
        "rows": [_row(view, fates) for view in report.guests],
        "notes": {key: [*text] for key, text in _NOTES.items()},
    }
    return section(
        "guests",
        Text("Guests", "虚拟机"),
        _filter(report),
        tag("div", tag("table", _caption(), _head(), tag("tbody")), class_="wide", id="guest-table"),
        tag("p", tag("button", Text("Show more", "显示更多"), type="button", id="guest-more", hidden=True)),
        tag("noscript", tag("p", Text("This table needs JavaScript.", "此表需要 JavaScript。"))),
        data(facts, anchor="guest-data"),
    )


def _caption() -> Markup:
    return tag("caption", tag("span", id="guest-count", role="status"))


def _head() -> Markup:
    cells = [
        tag(
            "th",
            tag("button", name, type="button", data_column=column),
            scope="col",
            class_="number" if is_number else None,
            aria_sort="ascending" if column == 0 else "none",
        )
        for column, (name, is_number) in enumerate(COLUMNS)
    ]
    return tag("thead", tag("tr", cells))


def _filter(report: Report) -> Markup:
    """A field for words, and a choice of what becomes of a guest, with how many there are of each."""
    counts = Counter(view.fate for view in report.guests)
    choices: list[Child] = [_choice("", Text("all", "全部"), len(report.guests), chosen=True)]
    choices += [_choice(name, FATES[name], counts[name], chosen=False) for name in FATES if counts[name]]
    return tag(
        "form",
        tag(
            "label",
            Text("Words in any column ", "任意列中的文字 "),
            tag("input", type="search", id="guest-words", autocomplete="off", spellcheck="false"),
        ),
        tag("fieldset", tag("legend", Text("What becomes of it", "去向")), choices),
        id="guest-filter",
        class_="filter",
    )


def _choice(value: str, name: Text, count: int, *, chosen: bool) -> Markup:
    button = tag("input", type="radio", name="fate", value=value, checked=chosen)
    return tag("label", button, join(" ", name), tag("span", f" {count:,}", class_="quiet"))


def _row(view: GuestView, fates: list[str]) -> list[object]:
    guest = view.guest
    return [
        guest["name"],
        fates.index(view.fate),
        ", ".join(view.services),
        view.wave,
        next((one for one in guest["addresses"] if ":" not in one), next(iter(guest["addresses"]), "")),
        guest["guest_os"],
        guest["esxi_host"],
        guest["cpus"],
        _rounded(view.cpu_p95),
        _rounded(guest["memory_gib"]),
        _rounded(view.memory_seen),
        _rounded(guest["disk_gib"]),
        _note(guest),
    ]


def _note(guest: Guest) -> str | None:
    """What a reader wonders about: how far its move is, else why it uses nothing."""
    return next((one for one in (guest["landfall"].get("state"), guest["power_state"]) if one in _NOTES), None)


def _rounded(value: float | None) -> float | int | None:
    """Two digits; whole numbers without a point."""
    if value is None:
        return None
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
