# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way of a guest out of service, written on the guest itself: moving, moved, retired, or back to none of it.

How a retired guest is deleted at last is in quarantine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .errors import ConflictError, LandfallError, NotFound, Problem
from .workloads import Workload

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


Against = Callable[[Guest], Iterable[tuple[str, str]]]
"""What stands against taking a guest out of service: what was found, and what would be right."""


@dataclass(frozen=True)
class Step:
    """What one guest lacks. `since` is written anew where its state changes, or a retired guest is shut down again."""

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


def decide(
    wanted: Sequence[str],
    found: Sequence[Guest],
    *,
    state: str,
    mark: str,
    wave: int | None,
    against: Against = lambda _guest: (),
) -> list[Step]:
    """One step per guest of `wanted`, for `state` marked, shut_down or restored; one error with all that forbids it."""
    return [_step(guest, state=state, mark=mark, wave=wave) for guest in chosen(wanted, found, against)]


def chosen(
    wanted: Sequence[str],
    found: Sequence[Guest],
    against: Against = lambda _guest: (),
    *,
    may_be_gone: bool = False,
) -> list[Guest]:
    """The guests of `wanted`, each once; one error with all that forbids it, as what was found and would be right."""
    by_name: dict[str, list[Guest]] = {}
    for guest in found:
        by_name.setdefault(guest.name, []).append(guest)
    refusals: list[tuple[type[LandfallError], Problem]] = []
    for index, name in enumerate(wanted):
        for error, what, right in _forbidden(name, by_name.get(name, []), against, may_be_gone=may_be_gone):
            refusals.append((error, Problem(f"guests[{index}]", what, right)))
    if refusals:
        raise refusals[0][0](
            "These guests stay as they are; nothing was changed:", [problem for _error, problem in refusals]
        )
    return [by_name[name][0] for name in dict.fromkeys(wanted) if name in by_name]


def _forbidden(
    name: str, guests: Sequence[Guest], against: Against, *, may_be_gone: bool
) -> Iterable[tuple[type[LandfallError], str, str]]:
    if not guests:
        if not may_be_gone:
            yield NotFound, f"there is no virtual machine {name!r}", "the name of a guest of the estate"
    elif len(guests) > 1:
        yield ConflictError, f"{len(guests)} virtual machines are named {name!r}", "a name of one"
    elif guests[0].template:
        yield ConflictError, f"{name} is a template", "a guest"
    elif guests[0].marks.get("role"):
        yield ConflictError, f"{name} is a node of a cluster", "a guest; nodes go with vsphere_nodes, state: absent"
    else:
        yield from ((ConflictError, what, right) for what, right in against(guests[0]))


def talked_to(workloads: Sequence[Workload], ignored_ports: Collection[int]) -> Against:
    """Refuses guests to whose services somebody is connected, as far as `workloads` tell."""
    by_guest = {one["guest"]: one for one in workloads}

    def against(guest: Guest) -> Iterable[tuple[str, str]]:
        workload = by_guest.get(guest.name)
        if workload is None:
            return
        if not workload["reachable"]:
            yield f"{guest.name} cannot be asked who talks to it", "a guest that answers, or nobody who asks"
        for service in workload["services"]:
            for peer in service["inbound"]:
                if peer["port"] not in ignored_ports:
                    what = f"{peer['address']} talks to {service['name']} on {guest.name}, port {peer['port']}"
                    yield what, "callers that are led elsewhere, or ignored_ports"

    return against


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
    return Step(guest, marks, power, dated="state" in marks or power is not None)


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
