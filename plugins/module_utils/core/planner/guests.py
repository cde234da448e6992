# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who counts: the guests that people want planned, our own nodes, and everybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..estate import Estate, Guest

Question = Callable[[Guest], bool]


@dataclass(frozen=True)
class Questions:
    """What the document asks of each guest; core knows no JMESPath, so they come as predicates."""

    include: Question
    exclude: Question
    look_at: Question | None  # None: whoever counts


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


def take_census(estate: Estate, site: str, questions: Questions) -> Census:
    """Ask each guest what the document asks."""
    machines = [guest for guest in estate["guests"] if not guest["template"]]
    own = [guest for guest in machines if _is_own(guest, site)]
    others = [guest for guest in machines if not _is_own(guest, site)]
    counted = [guest for guest in others if questions.include(guest) and not questions.exclude(guest)]
    looked_at = counted if questions.look_at is None else filter(questions.look_at, others)
    names = frozenset(guest["name"] for guest in looked_at)
    return Census(_by_name(counted), names, _by_name(own), _by_name(others))


def begun(estate: Estate) -> list[str]:
    """The guests whose wave has begun; with any of them, the plan is frozen."""
    return sorted(guest["name"] for guest in estate["guests"] if guest["landfall"].get("state") in BEGUN)


def _is_own(guest: Guest, site: str) -> bool:
    marks = guest["landfall"]
    return marks.get("role") in NODE_ROLES and marks.get("site", site) == site


def _by_name(guests: Iterable[Guest]) -> list[Guest]:
    return sorted(guests, key=lambda guest: (guest["name"], guest["uuid"]))
