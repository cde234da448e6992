# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The size of a worker where platform.yml says `auto`: what costs least, within one socket of an ESXi host."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import CapacityError, Problem
from ..plan import Node
from .packing import Pod, shares
from .placement import Host
from .room import platform_pods, room_of

AUTO = "auto"
CPUS = (4, 8, 12, 16, 24, 32, 48, 64)
GIB_PER_CPU = (2, 4, 8)
CORE_COSTS_GIB = 4  # of memory, when sizes are compared
WORTH_A_CHANGE = 0.1  # cheaper, for nodes that another plan has settled


def with_sizes(
    platform: Mapping[str, Any], pods: Sequence[Pod], hosts: Sequence[Host], previous: Mapping[str, Node]
) -> Mapping[str, Any]:
    """`platform` with numbers where it said `auto`."""
    plan = platform["plan"]
    wish = plan["workers"]
    if AUTO not in (wish["cpus"], wish["memory_gib"]):
        return platform
    before = {(node["cpus"], node["memory_gib"]) for node in previous.values() if node["role"] == "worker"}
    prices = {size: _price(size, pods, plan) for size in _candidates(wish, hosts, before)}
    possible = {size: price for size, price in prices.items() if price < math.inf}
    if not possible:
        largest = max(prices, default=(0, 0))
        found = (
            f"no size up to {largest[0]} CPUs and {largest[1]} GiB, one socket of the ESXi hosts, holds every service"
        )
        problem = Problem("platform.plan.workers", found, "cpus and memory_gib as numbers, or other clusters")
        raise CapacityError("there is no size for the workers", [problem])
    best = min(possible, key=lambda size: (possible[size], size))
    kept = [size for size in sorted(before & set(possible)) if possible[size] <= possible[best] * (1 + WORTH_A_CHANGE)]
    cpus, memory_gib = kept[0] if kept else best
    return {**platform, "plan": {**plan, "workers": {**wish, "cpus": cpus, "memory_gib": memory_gib}}}


def _candidates(wish: Mapping[str, Any], hosts: Sequence[Host], before: set[tuple[int, int]]) -> set[tuple[int, int]]:
    most_cpus = max((host.numa_cpus for host in hosts), default=0)
    most_memory = max((host.numa_memory for host in hosts), default=0.0)
    cpus = CPUS if wish["cpus"] == AUTO else (wish["cpus"],)
    sizes = {
        (cpu, cpu * ratio if wish["memory_gib"] == AUTO else wish["memory_gib"])
        for cpu in cpus
        for ratio in GIB_PER_CPU
    }
    sizes |= {
        (cpu, memory) for cpu, memory in before if wish["cpus"] in (AUTO, cpu) and wish["memory_gib"] in (AUTO, memory)
    }
    return {(cpu, memory) for cpu, memory in sizes if cpu <= most_cpus and memory <= most_memory}


def _price(size: tuple[int, int], pods: Sequence[Pod], plan: Mapping[str, Any]) -> float:
    """What so many workers cost, in GiB of memory; the bound stands for the packing, which comes close to it."""
    wish = plan["workers"]
    room = room_of(*size, plan)
    if not all(room.holds(pod) for pod in pods):
        return math.inf
    filled = math.ceil(max(shares([*pods, *platform_pods(plan)], room).values()))
    count = max(wish["at_least"], max(filled, 1) + plan["survive"]["workers"])
    return count * (size[0] * CORE_COSTS_GIB + size[1]) if count <= wish["at_most"] else math.inf
