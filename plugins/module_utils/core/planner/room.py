# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a worker has for the pods of the suite, and what the platform's own pods take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .packing import Pod, Room

EVICTION_MIB = 100  # of free memory, where kubelet begins to evict


def room_of(cpus: int, memory_gib: int, platform: Mapping[str, Any]) -> Room:
    """What a worker of this size gives to services: less what kubelet and the system take, then `fill` of it.

    The steps are those of large clouds: https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes
    """
    reserved_cpu = sum(
        max(0.0, min(cpus, upper) - lower) * share
        for lower, upper, share in ((0, 1, 60), (1, 2, 10), (2, 4, 5), (4, math.inf, 2.5))
    )
    reserved_memory = sum(
        max(0.0, min(memory_gib, upper) - lower) * share
        for lower, upper, share in ((0, 4, 0.25), (4, 8, 0.2), (8, 16, 0.1), (16, 128, 0.06), (128, math.inf, 0.02))
    )
    plan = platform["plan"]
    daemons = plan["reserve"]["on_each_worker"]
    cpu = (cpus * 1000 - reserved_cpu) * plan["fill"] - daemons["cpu_millicores"]
    memory = (memory_gib - reserved_memory) * 1024 * plan["fill"] - EVICTION_MIB - daemons["memory_mib"]
    return Room(math.floor(cpu), math.floor(memory), platform["cluster"]["pods_per_node"] - daemons["pods"])


def platform_pods(plan: Mapping[str, Any]) -> list[Pod]:
    """What runs once in a cluster besides services, as pods that may stand anywhere."""
    wish = plan["reserve"]["in_the_cluster"]
    count = wish["pods"]
    if not count:
        return []
    return [Pod("", math.ceil(wish["cpu_millicores"] / count), math.ceil(wish["memory_mib"] / count))] * count
