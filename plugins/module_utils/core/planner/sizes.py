# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The size of a worker where platform.yml says `auto`: what costs least, within one socket of an ESXi host."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import CapacityError, Problem
from ..plan import Node
from .hosts import Host
from .packing import Pod, shares
from .room import platform_pods, room_of
from .workers import count_workers

Size = tuple[int, int]  # CPUs, GiB of memory

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
    special = {*platform["nodes"]["by_name"], *platform["nodes"]["adopt"]}
    before = {
        (node["cpus"], node["memory_gib"])
        for node in previous.values()
        if node["role"] == "worker" and node["name"] not in special
    }
    at_least = {size: _least_price(size, pods, platform) for size in _candidates(wish, hosts, before)}
    prices: dict[Size, float] = {}
    for size in sorted(at_least, key=lambda one: (at_least[one], one)):
        # what cannot be cheaper than what was found needs no packing, unless it is what stands
        if size in before or at_least[size] < min(prices.values(), default=math.inf):
            prices[size] = _price(_sized(platform, size), pods)
    possible = {size: price for size, price in prices.items() if price < math.inf}
    if not possible:
        largest = max(at_least, default=(0, 0))
        found = f"up to {largest[0]} CPUs and {largest[1]} GiB, one socket of the ESXi hosts, no size is enough"
        right = "cpus and memory_gib as numbers, a higher at_most, or other clusters"
        problem = Problem("platform.plan.workers", found, right)
        raise CapacityError("there is no size for the workers", [problem])
    best = min(possible, key=lambda size: (possible[size], size))
    kept = [size for size in sorted(before & set(possible)) if possible[size] <= possible[best] * (1 + WORTH_A_CHANGE)]
    return _sized(platform, kept[0] if kept else best)


def _sized(platform: Mapping[str, Any], size: Size) -> Mapping[str, Any]:
    workers = {**platform["plan"]["workers"], "cpus": size[0], "memory_gib": size[1]}
    return {**platform, "plan": {**platform["plan"], "workers": workers}}


def _candidates(wish: Mapping[str, Any], hosts: Sequence[Host], before: set[Size]) -> set[Size]:
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


def _least_price(size: Size, pods: Sequence[Pod], platform: Mapping[str, Any]) -> float:
    """What so many workers as no plan can go below cost."""
    plan = platform["plan"]
    wish = plan["workers"]
    room = room_of(*size, platform)
    if not all(room.holds(pod) for pod in pods):
        return math.inf
    filled = math.ceil(max(shares([*pods, *platform_pods(plan)], room).values()))
    count = max(wish["at_least"], max(filled, 1) + plan["survive"]["workers"])
    return count * _unit_price(size) if count <= wish["at_most"] else math.inf


def _price(platform: Mapping[str, Any], pods: Sequence[Pod]) -> float:
    """What the workers cost that the packing needs."""
    wish = platform["plan"]["workers"]
    try:
        count = count_workers(pods, platform).planned
    except CapacityError:
        return math.inf
    return count * _unit_price((wish["cpus"], wish["memory_gib"]))


def _unit_price(size: Size) -> int:
    """In GiB of memory."""
    return size[0] * CORE_COSTS_GIB + size[1]
