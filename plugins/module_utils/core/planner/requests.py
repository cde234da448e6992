# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a service needs: CPU and memory of each replica, with the reason and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..estate import Guest, Series, Usage
from ..plan import Requests
from .memory import memory_need
from .need import Need, round_up
from .services import CACHE, OTHER, REGISTRY, Found

SAID_CPU, SAID_MEMORY = "CPU as platform.yml says", "memory as platform.yml says"


def cpu_need(
    one: Found, guests: Mapping[str, Guest], tenants: Mapping[str, int], wish: Mapping[str, Any], replicas: int
) -> Need:
    """CPU of one replica: what all of its guests use, shared among the services of each, divided by the replicas."""
    cores, confidences = 0.0, []
    unmeasured: list[str] = []
    for name in one.guests:
        guest = guests.get(name)
        share = 1 / max(tenants.get(name, 1), 1)
        usage = cpu_usage(guest, wish["cpu"], wish["least_confidence"]) if guest else None
        if usage is not None:
            cores += usage[0] * share
            confidences.append(usage[1])
        else:
            unmeasured.append(name)
            cores += (guest["cpus"] if guest else 1) * share
    exact = cores * 1000 / replicas
    floor = int(wish["cpu_floor_millicores"])
    if unmeasured:
        because = f"no statistics of {', '.join(unmeasured)}, so all of the CPUs there"
    else:
        because = f"{wish['cpu']} {cores:.2f} cores"
    because += f" over {replicas} replicas" if replicas > 1 else ""
    if round_cpu(exact) < floor:
        because += f", at least {floor}m"
    confidence = 0.0 if unmeasured else min(confidences, default=0.0)
    return Need(max(round_cpu(exact), floor), max(exact, floor), because, confidence)


def cpu_usage(guest: Guest, measure: str, least_confidence: float) -> tuple[float, float] | None:
    """(cores, confidence) of a guest: the larger of day and month, since averages over two hours hide peaks."""
    found = [
        (value, series["confidence"])
        for usage in usages(guest)
        for series in [usage["cpu_cores"]]
        if (value := _measure(series, measure)) is not None and series["confidence"] >= least_confidence
    ]
    return (max(one[0] for one in found), max(one[1] for one in found)) if found else None


def usages(guest: Guest) -> list[Usage]:
    """The statistics that were kept of a guest."""
    statistics = guest["statistics"]
    return [statistics[key] for key in ("day", "month") if key in statistics]


def _measure(series: Series, measure: str) -> float | None:
    return {"p95": series["p95"], "average": series["average"], "maximum": series["maximum"]}[measure]


def tenants_of(found: Sequence[Found]) -> dict[str, int]:
    """Guest -> how many services share its CPUs, without those that are nothing to the suite."""
    tenants: dict[str, int] = {}
    for one in found:
        if one.role != OTHER or one.moves:
            for guest in one.guests:
                tenants[guest] = tenants.get(guest, 0) + 1
    return tenants


def needs_of(
    one: Found, guests: Mapping[str, Guest], tenants: Mapping[str, int], platform: Mapping[str, Any], replicas: int
) -> tuple[Need, Need]:
    """CPU and memory of one replica; what the document says counts before what was found."""
    wish = platform["plan"]["requests"]
    said = (platform["suite"]["services"].get(one.name) or {}).get("requests") or {}
    cpu, memory = said.get("cpu_millicores"), said.get("memory_mib")
    return (
        Need(cpu, cpu, SAID_CPU, 1.0) if cpu else cpu_need(one, guests, tenants, wish, replicas),
        Need(memory, memory, SAID_MEMORY, 1.0) if memory else memory_need(one, wish["memory"]),
    )


def requests_of(cpu: Need, memory: Need) -> Requests:
    """The requests that cover both needs."""
    return {
        "cpu_millicores": cpu.amount,
        "memory_mib": memory.amount,
        "because": f"{memory.because}; {cpu.because}",
        "confidence": round(min(cpu.confidence, memory.confidence), 2),
    }


def replicas_of(one: Found, platform: Mapping[str, Any], *, has_data: bool) -> int:
    """How many pods: what the document says, else one where data or a registry forbids more, else its default."""
    said = (platform["suite"]["services"].get(one.name) or {}).get("replicas")
    wish = platform["plan"]["replicas"]
    if said or one.name in wish["by_service"]:
        return int(said or wish["by_service"][one.name])
    return 1 if has_data or one.role in (CACHE, REGISTRY) else int(wish["default"])


def round_cpu(millicores: float) -> int:
    """Millicores rounded up to what a person would write."""
    return round_up(millicores, 10 if millicores <= 100 else 50 if millicores <= 1000 else 100)
