# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The waves as the plan writes them: why, what the estate carries meanwhile, and which guests are free afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ..estate import Guest
from ..plan import Node, Resources, Service, Wave
from .duration import wave_minutes
from .waves import callers_of, order_waves, pin, reason


def plan_waves(
    services: Sequence[Service],
    nodes: Sequence[Node],
    guests: Sequence[Guest],
    front: Sequence[str],
    platform: Mapping[str, Any],
) -> list[Wave]:
    """The waves, their numbers written into the services too. `guests` are those that may become free at all."""
    by_name = {one["name"]: one for one in services}
    roles = {one["name"]: one["role"] for one in services if one["moves"]}
    calls = {one["name"]: one["calls"] for one in services}
    homes = {one["name"]: one["from"][0]["guest"] for one in services if one["from"]}
    said = platform["suite"]["services"]
    wanted = {name: said[name]["wave"] for name in roles if name in said and said[name]["wave"]}
    order = pin(order_waves(calls, roles, platform["plan"]["wave"]["at_most_services"], homes), wanted)
    callers = callers_of(calls, roles)
    for number, wave in enumerate(order, 1):
        for name in wave:
            by_name[name]["wave"] = number
    last = _last_waves(services)
    door = (platform["suite"]["front_door"] or {}).get("guest")
    freed = {guest["name"]: last[guest["name"]] for guest in guests if guest["name"] in last and guest["name"] != door}
    frees: dict[int, list[Guest]] = defaultdict(list)
    for guest in guests:
        frees[freed.get(guest["name"], 0)].append(guest)
    peak = _Peak([*nodes, *(guest for number, several in frees.items() if number for guest in several)])
    waves: list[Wave] = []
    for number, wave in enumerate(order, 1):
        waves.append(
            {
                "number": number,
                "services": wave,
                "because": reason(wave, callers, roles, [name for name in wave if name in front], first=number == 1),
                "minutes": wave_minutes([by_name[name] for name in wave], platform["plan"]["time"]),
                "peak": peak.told(),
                "frees": sorted({guest["name"] for guest in frees[number]}),
            }
        )
        peak.without(frees[number])
    return waves


def _last_waves(services: Sequence[Service]) -> dict[str, int]:
    """Guest -> the wave after which none of its services is there; without those where one stays."""
    last: dict[str, int] = {}
    staying: set[str] = set()
    for one in services:
        for source in one["from"]:
            if one["wave"] is None:
                staying.add(source["guest"])
            else:
                last[source["guest"]] = max(last.get(source["guest"], 0), one["wave"])
    return {name: number for name, number in last.items() if name not in staying}


class _Peak:
    """What machines are given, less those that go; in hundredths of a GiB, so that nothing is lost on the way."""

    def __init__(self, machines: Sequence[Guest | Node]) -> None:
        self._sums = self._of(machines)

    def without(self, machines: Sequence[Guest | Node]) -> None:
        self._sums = [left - gone for left, gone in zip(self._sums, self._of(machines), strict=True)]

    def told(self) -> Resources:
        cpus, memory, disk = self._sums
        return {"cpus": cpus, "memory_gib": round(memory / 100, 1), "disk_gib": round(disk / 100, 1)}

    @staticmethod
    def _of(machines: Sequence[Guest | Node]) -> list[int]:
        return [
            sum(one["cpus"] for one in machines),
            sum(round(one["memory_gib"] * 100) for one in machines),
            sum(round(one["disk_gib"] * 100) for one in machines),
        ]
