# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many workers: pods packed into nodes by CPU, memory and number, replicas of one service apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import CapacityError, Problem

PODS_PER_NODE = 110  # kubelet's default, https://kubernetes.io/docs/setup/best-practices/cluster-large/

# What runs on each worker besides services: kube-proxy, the network's agent, the logs' and the metrics' collectors.
DAEMON_CPU, DAEMON_MEMORY, DAEMON_PODS = 200, 300, 6
# What runs once in a cluster: CoreDNS, metrics-server, the registry, the storage's provisioner, their spares.
PLATFORM_CPU, PLATFORM_MEMORY, PLATFORM_PODS = 600, 1024, 8


@dataclass(frozen=True)
class Pod:
    """One replica of a service."""

    service: str
    cpu: int  # millicores
    memory: int  # MiB


@dataclass(frozen=True)
class Room:
    """What one worker has for pods."""

    cpu: int
    memory: int
    pods: int


@dataclass
class Bin:
    """One worker while it is filled."""

    room: Room
    cpu: int = 0
    memory: int = 0
    pods: list[Pod] = field(default_factory=list)
    services: set[str] = field(default_factory=set)

    def takes(self, pod: Pod, *, apart: bool) -> bool:
        return (
            self.cpu + pod.cpu <= self.room.cpu
            and self.memory + pod.memory <= self.room.memory
            and len(self.pods) < self.room.pods
            and not (apart and pod.service in self.services)
        )

    def put(self, pod: Pod) -> None:
        self.cpu += pod.cpu
        self.memory += pod.memory
        self.pods.append(pod)
        self.services.add(pod.service)

    def is_full(self, cpu: int, memory: int) -> bool:
        """Whether not even the smallest pod can come in."""
        over = self.cpu + cpu > self.room.cpu or self.memory + memory > self.room.memory
        return over or len(self.pods) >= self.room.pods


def room_of(cpus: int, memory_gib: int, fill: float) -> Room:
    """What a worker of this size gives to services: the steps of large clouds for kubelet and system, then `fill`.

    https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes
    """
    reserved_cpu = sum(
        max(0.0, min(cpus, upper) - lower) * share
        for lower, upper, share in ((0, 1, 60), (1, 2, 10), (2, 4, 5), (4, math.inf, 2.5))
    )
    reserved_memory = sum(
        max(0.0, min(memory_gib, upper) - lower) * share
        for lower, upper, share in ((0, 4, 0.25), (4, 8, 0.2), (8, 16, 0.1), (16, 128, 0.06), (128, math.inf, 0.02))
    )
    cpu = (cpus * 1000 - reserved_cpu) * fill - DAEMON_CPU
    memory = (memory_gib - reserved_memory) * 1024 * fill - 100 - DAEMON_MEMORY  # 100 MiB: where kubelet evicts
    return Room(math.floor(cpu), math.floor(memory), PODS_PER_NODE - DAEMON_PODS)


def pack(pods: Sequence[Pod], room: Room, *, apart: bool) -> list[Bin]:
    """The pods in as few bins as first-fit finds, largest first. Every pod must fit into an empty bin."""
    order = sorted(pods, key=lambda pod: (-max(pod.cpu / room.cpu, pod.memory / room.memory), pod.service))
    least_cpu = min((pod.cpu for pod in pods), default=0)
    least_memory = min((pod.memory for pod in pods), default=0)
    bins: list[Bin] = []
    open_bins: list[Bin] = []
    for pod in order:
        chosen = next((one for one in open_bins if one.takes(pod, apart=apart)), None)
        if chosen is None:
            chosen = Bin(room)
            bins.append(chosen)
            open_bins.append(chosen)
        chosen.put(pod)
        if chosen.is_full(least_cpu, least_memory):
            open_bins.remove(chosen)
    return bins


@dataclass(frozen=True)
class Workers:
    """How many workers, and why that many."""

    planned: int
    bound: int  # no plan can need fewer
    bound_by: str  # cpu | memory | pods
    with_lost: int  # the bound with as many more as may be lost
    bins: list[Bin]


def count_workers(pods: Sequence[Pod], plan: Mapping[str, Any]) -> Workers:
    """The number of workers for `pods`: packed, with those that may be lost, within at_least and at_most."""
    wish, lost = plan["workers"], plan["survive"]["workers"]
    room = room_of(wish["cpus"], wish["memory_gib"], plan["fill"])
    _each_fits(pods, room, wish)
    platform = Pod("", math.ceil(PLATFORM_CPU / PLATFORM_PODS), math.ceil(PLATFORM_MEMORY / PLATFORM_PODS))
    everything = [*pods, *[platform] * PLATFORM_PODS]
    totals = {
        "cpu": sum(pod.cpu for pod in everything) / room.cpu,
        "memory": sum(pod.memory for pod in everything) / room.memory,
        "pods": len(everything) / room.pods,
    }
    bound_by = max(totals, key=lambda key: (totals[key], key))
    bound = max(1, math.ceil(totals[bound_by]))
    # with all workers up, replicas are apart; with some lost, everything still fits, if closer together
    apart = pack(_keep_apart(pods, wish["at_most"]), room, apart=True)
    together = pack(everything, room, apart=False)
    planned = max(wish["at_least"], len(apart), len(together) + lost)
    if planned > wish["at_most"]:
        raise CapacityError(
            "the services do not fit into the workers that are allowed",
            [
                Problem(
                    "platform.plan.workers.at_most",
                    f"{wish['at_most']} workers of {wish['cpus']} CPUs and {wish['memory_gib']} GiB",
                    f"at least {planned}, or larger ones; the pods request {sum(pod.cpu for pod in pods) / 1000:.1f} "
                    f"cores and {sum(pod.memory for pod in pods) / 1024:.1f} GiB",
                )
            ],
        )
    return Workers(planned, bound, bound_by, bound + lost, apart)


def _keep_apart(pods: Sequence[Pod], most: int) -> list[Pod]:
    """The pods that can stand apart at all: a service with more replicas than there may be workers is cut to them."""
    seen: dict[str, int] = {}
    kept = []
    for pod in pods:
        seen[pod.service] = seen.get(pod.service, 0) + 1
        if seen[pod.service] <= most:
            kept.append(pod)
    return kept


def _each_fits(pods: Sequence[Pod], room: Room, wish: Mapping[str, Any]) -> None:
    size = f"{wish['cpus']} CPUs and {wish['memory_gib']} GiB"
    right = f"a worker of {size} has room for {max(room.cpu, 0)}m and {max(room.memory, 0)} MiB"
    problems = {
        pod.service: Problem(f"service {pod.service}", f"requests {pod.cpu}m CPU and {pod.memory} MiB", right)
        for pod in pods
        if pod.cpu > room.cpu or pod.memory > room.memory
    }
    if problems:
        raise CapacityError("a service is larger than a worker", [problems[name] for name in sorted(problems)])
