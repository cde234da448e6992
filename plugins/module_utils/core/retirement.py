# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way of a guest out of service, written on the guest itself: moving, moved, retired, or back to none of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .errors import ConflictError, LandfallError, NotFound, Problem

MARKS = ("state", "wave", "since")


@dataclass(frozen=True)
class Guest:
    """What a decision on a guest needs. `marks` are its custom attributes `landfall.<key>`."""

    id: str
    name: str
    power: str  # on | off | suspended
    template: bool
    tools_running: bool
    marks: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """What one guest lacks. `since` is written anew where its state changes."""

    guest: Guest
    marks: Mapping[str, str]  # that are to be written; an empty value takes one back
    power: str | None  # that is wanted and not there
    dated: bool

    def action(self) -> str:
        if self.power == "off":
            return "shut_down"
        if self.power == "on":
            return "restored"
        return "unchanged" if not self.marks else "marked" if self.marks.get("state", "-") else "restored"


def decide(wanted: Sequence[str], found: Sequence[Guest], *, state: str, mark: str, wave: int | None) -> list[Step]:
    """One step per guest of `wanted`, for `state` marked, shut_down or restored; one error with all that forbids it."""
    by_name: dict[str, list[Guest]] = {}
    for guest in found:
        by_name.setdefault(guest.name, []).append(guest)
    refusals = [refusal for index, name in enumerate(wanted) for refusal in _forbidden(index, name, by_name)]
    if refusals:
        raise refusals[0][0](
            "These guests stay as they are; nothing was changed:", [problem for _error, problem in refusals]
        )
    return [_step(by_name[name][0], state=state, mark=mark, wave=wave) for name in dict.fromkeys(wanted)]


def _forbidden(
    index: int, name: str, found: Mapping[str, Sequence[Guest]]
) -> list[tuple[type[LandfallError], Problem]]:
    guests = found.get(name, [])
    path = f"guests[{index}]"
    if not guests:
        return [(NotFound, Problem(path, f"there is no virtual machine {name!r}", "the name of a guest of the estate"))]
    if len(guests) > 1:
        return [(ConflictError, Problem(path, f"{len(guests)} virtual machines are named {name!r}", "a name of one"))]
    if guests[0].template:
        return [(ConflictError, Problem(path, f"{name} is a template", "a guest"))]
    if guests[0].marks.get("role"):
        return [(ConflictError, Problem(path, f"{name} is a node of a cluster", "a guest; nodes go with remove_nodes"))]
    return []


def _step(guest: Guest, *, state: str, mark: str, wave: int | None) -> Step:
    if state == "restored":
        marks = {key: "" for key in MARKS if guest.marks.get(key)}
        # Only what was shut down for good comes back: a guest that was off on the way there was off before.
        off = guest.power != "on" and guest.marks.get("state") == "retired"
        return Step(guest, marks, "on" if off else None, dated=False)
    wished = {"state": "retired" if state == "shut_down" else mark}
    if wave is not None:
        wished["wave"] = str(wave)
    marks = {key: value for key, value in wished.items() if guest.marks.get(key) != value}
    power = "off" if state == "shut_down" and guest.power != "off" else None
    return Step(guest, marks, power, dated="state" in marks)


def differences(steps: Sequence[Step]) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """Before and after of each guest that changes. Times are left out: they differ from run to run."""
    before: dict[str, dict[str, str]] = {}
    after: dict[str, dict[str, str]] = {}
    for step in steps:
        guest = step.guest
        keys = [key for key in step.marks if key != "since"]
        if step.marks or step.power:
            before[guest.name] = {key: guest.marks[key] for key in keys if guest.marks.get(key)}
            after[guest.name] = {key: step.marks[key] for key in keys if step.marks[key]}
        if step.power:
            before[guest.name]["power"], after[guest.name]["power"] = guest.power, step.power
    return before, after
