# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The waves as the plan writes them: why, what the estate carries meanwhile, and which guests are free afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..estate import Guest
from ..plan import Node, Resources, Service, Wave
from .duration import wave_minutes
from .waves import callers_of, order_waves, reason


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
    order = order_waves(calls, roles, platform["plan"]["wave"]["at_most_services"], homes)
    callers = callers_of(calls, roles)
    for number, wave in enumerate(order, 1):
        for name in wave:
            by_name[name]["wave"] = number
    last = _last_waves(services)
    door = (platform["suite"]["front_door"] or {}).get("guest")
    freed = {guest["name"]: last[guest["name"]] for guest in guests if guest["name"] in last and guest["name"] != door}
    waves: list[Wave] = []
    for number, wave in enumerate(order, 1):
        running = [guest for guest in guests if freed.get(guest["name"], 0) >= number]
        waves.append(
            {
                "number": number,
                "services": wave,
                "because": reason(wave, callers, roles, [name for name in wave if name in front], first=number == 1),
                "minutes": wave_minutes([by_name[name] for name in wave], platform["plan"]["time"]),
                "peak": _sum([*running, *nodes]),
                "frees": sorted(name for name, until in freed.items() if until == number),
            }
        )
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


def _sum(machines: Sequence[Guest | Node]) -> Resources:
    return {
        "cpus": sum(one["cpus"] for one in machines),
        "memory_gib": round(sum(one["memory_gib"] for one in machines), 1),
        "disk_gib": round(sum(one["disk_gib"] for one in machines), 1),
    }
