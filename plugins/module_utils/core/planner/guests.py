# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who counts: the guests that people want planned, our own nodes, and everybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..estate import Estate, Guest

Compile = Callable[[str], Callable[[object], object]]
"""Turns a JMESPath expression into a question about a guest's facts; core knows no jmespath."""

NODE_ROLES = ("control_plane", "worker")
BEGUN = ("moving", "moved", "retired")
"""Values of a guest's mark `landfall.state` once its wave has begun."""


@dataclass(frozen=True)
class Census:
    """The guests of an estate, sorted by what they are to the plan. Templates are nowhere."""

    counted: list[Guest]  # estate.include and not estate.exclude
    looked_at: frozenset[str]  # names of those that estate.guests.select chooses
    own: list[Guest]  # the nodes that Landfall made at this site
    others: list[Guest]  # every guest but our own: who uses the ESXi hosts

    @property
    def names(self) -> frozenset[str]:
        return frozenset(guest["name"] for guest in self.counted)


def take_census(estate: Estate, platform: Mapping[str, Any], compile_expression: Compile) -> Census:
    """Ask each guest what the document asks."""
    wish = platform["estate"]
    included = _question(wish["include"], compile_expression, default=True)
    excluded = _question(wish["exclude"], compile_expression, default=False)
    machines = [guest for guest in estate["guests"] if not guest["template"]]
    own = [guest for guest in machines if _is_own(guest, platform["site"])]
    others = [guest for guest in machines if not _is_own(guest, platform["site"])]
    counted = [guest for guest in others if included(guest) and not excluded(guest)]
    names = {guest["name"] for guest in counted}
    selected = _question(wish["guests"]["select"], compile_expression, default=None)
    looked_at = frozenset(
        guest["name"]
        for guest in others
        if (guest["name"] in names if wish["guests"]["select"] is None else selected(guest))
    )
    return Census(_by_name(counted), looked_at, _by_name(own), _by_name(others))


def begun(estate: Estate) -> list[str]:
    """The guests whose wave has begun; with any of them, the plan is frozen."""
    return sorted(guest["name"] for guest in estate["guests"] if guest["landfall"].get("state") in BEGUN)


def _question(expression: str | None, compile_expression: Compile, *, default: bool | None) -> Callable[[Guest], bool]:
    if expression is None:
        return lambda _guest: bool(default)
    ask = compile_expression(expression)
    # JMESPath's own truth: empty text, lists and mappings are false, numbers are true
    return lambda guest: ask(guest) not in (None, False, "", [], {})


def _is_own(guest: Guest, site: str) -> bool:
    marks = guest["landfall"]
    return marks.get("role") in NODE_ROLES and marks.get("site", site) == site


def _by_name(guests: Iterable[Guest]) -> list[Guest]:
    return sorted(guests, key=lambda guest: (guest["name"], guest["uuid"]))
