# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the last plan settled and noise must not undo.

Statistics, connections and the whereabouts of guests are never the same twice. So a measured value of the last plan
stays while it is still right, a call that was once seen stays seen, a node stays where it was put.
Same facts, same plan; small changes of the estate, small changes of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from ..plan import Plan, Requests, Service
from .guests import BEGUN
from .need import Need
from .requests import SAID_CPU, SAID_MEMORY, requests_of

TOO_SMALL, TOO_LARGE = 1.1, 0.6  # of what was settled


def settle_requests(cpu: Need, memory: Need, old: Requests | None) -> Requests:
    """`old` while it neither starves the service nor wastes much; what platform.yml says is taken as it says."""
    new = requests_of(cpu, memory)
    if old is None or any((said in new["because"]) != (said in old["because"]) for said in (SAID_CPU, SAID_MEMORY)):
        return new
    held = _holds(cpu, old["cpu_millicores"]) and _holds(memory, old["memory_mib"])
    return old if held else new


def _holds(need: Need, old: int) -> bool:
    said = need.because in (SAID_CPU, SAID_MEMORY)
    return need.amount == old or (not said and TOO_LARGE * old <= need.exact <= TOO_SMALL * old)


def settle_number(new: float, old: object) -> float:
    """`old` while it is within a tenth of `new`."""
    if isinstance(old, (int, float)) and abs(new - old) <= 0.1 * abs(old):
        return old
    return new


def settle_calls(
    calls: Mapping[str, list[str]], previous: Mapping[str, Service], known: Set[str]
) -> dict[str, list[str]]:
    """The calls seen now and those seen before, among the services that are known."""
    return {
        name: sorted({*called, *(one for one in (previous[name]["calls"] if name in previous else []) if one in known)})
        for name, called in calls.items()
    }


def carried_over(previous: Plan | None, marks: Mapping[str, str]) -> dict[str, Service]:
    """Services whose wave has begun: their guests no longer tell what they were, the last plan does."""
    begun = {guest for guest, state in marks.items() if state in BEGUN}
    services: Iterable[Service] = previous["services"] if previous else []
    return {
        one["name"]: {**one}
        for one in services
        if one["moves"] and any(source["guest"] in begun for source in one["from"])
    }
