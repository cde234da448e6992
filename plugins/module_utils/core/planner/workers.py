# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many workers: the pods packed into them, those that may be lost, and what no plan can go below."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import CapacityError, Problem
from .packing import Bin, Pod, Room, fits, pack, shares
from .room import platform_pods, room_of
from .slots import Slot, worker_slots
from .stages import Holds


@dataclass(frozen=True)
class Workers:
    """How many workers, and why that many."""

    planned: int
    needed: int  # by the pods, whatever at_least says
    bound: int  # no plan can need fewer
    bound_by: str  # cpu | memory | pods | replicas
    with_lost: int  # the bound with as many more as may be lost
    bins: list[Bin]
    homeless: tuple[str, ...]  # services whose node selector leaves them no room
    without_spare: tuple[str, ...]  # services whose nodes may all be lost at once

    @property
    def over_bound(self) -> float:
        """By how much the packing is over what no plan can go below."""
        return round(self.needed / self.with_lost - 1, 3)


def count_workers(pods: Sequence[Pod], platform: Mapping[str, Any]) -> Workers:
    """The number of workers for `pods`: packed, with those that may be lost, within at_least and at_most."""
    plan = platform["plan"]
    wish = plan["workers"]
    room = room_of(wish["cpus"], wish["memory_gib"], platform)
    _each_fits(pods, room, wish)
    slots = worker_slots(platform)
    own = [number for number, slot in enumerate(slots) if slot.room != room]
    for known in range(len(own) + 1):
        # a size of its own counts where the plan comes to have that worker at all
        later = set(own[known:])
        there = [replace(slot, room=room) if number in later else slot for number, slot in enumerate(slots)]
        found = _count(pods, there, room, platform)
        if known == len(own) or own[known] >= found.planned:
            break
    if found.planned > wish["at_most"]:
        raise _too_many(found.planned, pods, wish)
    return found


def _count(pods: Sequence[Pod], slots: Sequence[Slot], room: Room, platform: Mapping[str, Any]) -> Workers:
    plan = platform["plan"]
    wish, lost = plan["workers"], plan["survive"]["workers"]
    begun, free, homeless, without_spare = _bind(pods, slots, room, platform)
    special = [slot.room for slot in slots if slot.room != room]
    everything = [*pods, *platform_pods(plan)]
    # with all workers up, replicas are apart; with some lost, everything still fits, if closer together
    apart = pack(_keep_apart(free, wish["at_most"]), room, apart=True, begun=begun)
    left, rest = _without_largest(special, room, lost), len(apart) - lost
    enough = rest > 0 and fits(everything, room, rest, apart=False, begun=left)
    together = rest if enough else len(pack(everything, room, apart=False, begun=left))
    needed = max(1 + lost, len(apart), together + lost)
    bound, bound_by, with_lost = _bound(everything, room, special, lost, wish["at_most"])
    planned = max(wish["at_least"], needed)
    return Workers(planned, needed, bound, bound_by, with_lost, apart, homeless, without_spare)


def holds_of(pods: Sequence[Pod], packed: Workers, platform: Mapping[str, Any]) -> Holds:
    """Whether the pods of some services stand on some of the workers, apart from each other, and with some lost."""
    plan = platform["plan"]
    wish = plan["workers"]
    room = room_of(wish["cpus"], wish["memory_gib"], platform)
    slots = worker_slots(platform)[: packed.planned]

    def holds(workers: Sequence[str], services: Sequence[str], lost: int) -> bool:
        standing, moved = set(workers), set(services)
        there = [slot for slot in slots if slot.name in standing]
        if len(there) == len(slots):
            return True  # so many are planned because they hold everything
        if len(there) <= lost:
            return False
        own = [pod for pod in pods if pod.service in moved]
        begun, free, homeless, _spare = _bind(own, there, room, platform)
        if set(homeless) - set(packed.homeless):
            return False
        special = [slot.room for slot in there if slot.room != room]
        left = _without_largest(special, room, lost)
        return fits(_keep_apart(free, wish["at_most"]), room, len(there), apart=True, begun=begun) and fits(
            [*own, *platform_pods(plan)], room, len(there) - lost, apart=False, begun=left
        )

    return holds


def _bound(pods: Sequence[Pod], room: Room, special: Sequence[Room], lost: int, most: int) -> tuple[int, str, int]:
    totals = shares(pods, room)
    for key in totals:
        own = sum(getattr(one, key) for one in special) / getattr(room, key)
        totals[key] = max(totals[key] - own, 0.0) + len(special)
    by = max(totals, key=lambda key: (totals[key], key))
    filled = max(1, math.ceil(totals[by]))
    replicas = min(max(Counter(pod.service for pod in pods if pod.service).values(), default=0), most)
    if replicas > filled:
        return replicas, "replicas", max(replicas, filled + lost)
    return filled, by, filled + lost


def _without_largest(special: Sequence[Room], room: Room, lost: int) -> list[Bin]:
    """The workers of a size of their own, less those that would be missed most: the larger ones are lost first."""
    larger = sorted((one for one in special if one.memory > room.memory or one.cpu > room.cpu), key=_size, reverse=True)
    gone = larger[:lost]
    left = list(special)
    for one in gone:
        left.remove(one)
    return [Bin(one) for one in left]


def _size(room: Room) -> tuple[int, int]:
    return room.memory, room.cpu


def _bind(
    pods: Sequence[Pod], slots: Sequence[Slot], room: Room, platform: Mapping[str, Any]
) -> tuple[list[Bin], list[Pod], tuple[str, ...], tuple[str, ...]]:
    """The first workers with the pods that only some of them may carry, and the other pods.

    A pod that finds no room there is counted as if it could stand anywhere: people will make room, not fewer pods.
    """
    general = platform["nodes"]["labels"]["all_workers"].items()
    lost = platform["plan"]["survive"]["workers"]
    # a label that every worker carries binds to none
    bound = [pod for pod in pods if set(pod.selector) - general]
    free = [pod for pod in pods if not set(pod.selector) - general]
    bins = [Bin(slot.room) for slot in slots]
    homeless: set[str] = set()
    without_spare: set[str] = set()
    for pod in sorted(bound, key=lambda one: (-max(one.cpu / room.cpu, one.memory / room.memory), one.service)):
        there = [one for one, slot in zip(bins, slots, strict=True) if set(pod.selector) <= slot.labels.items()]
        # more replicas than such workers: they stand closer
        takes = [one for apart in (True, False) for one in there if one.takes(pod, apart=apart)]
        if takes:
            takes[0].put(pod)
        else:
            homeless.add(pod.service)
            free.append(pod)
        if len(there) <= lost:
            without_spare.add(pod.service)
    used = max((number for number, one in enumerate(bins, 1) if one.pods or one.room != room), default=0)
    return bins[:used], free, tuple(sorted(homeless)), tuple(sorted(without_spare - homeless))


def _too_many(planned: int, pods: Sequence[Pod], wish: Mapping[str, Any]) -> CapacityError:
    found = f"{wish['at_most']} workers of {wish['cpus']} CPUs and {wish['memory_gib']} GiB"
    right = (
        f"at least {planned}, or larger ones; the pods request {sum(pod.cpu for pod in pods) / 1000:.1f} "
        f"cores and {sum(pod.memory for pod in pods) / 1024:.1f} GiB"
    )
    problem = Problem("platform.plan.workers.at_most", found, right)
    return CapacityError("the services do not fit into the workers that are allowed", [problem])


def _keep_apart(pods: Sequence[Pod], most: int) -> list[Pod]:
    """The pods that can stand apart at all: a service with more replicas than there may be workers is cut to them."""
    seen: Counter[str] = Counter()
    kept = []
    for pod in pods:
        seen[pod.service] += 1
        if seen[pod.service] <= most:
            kept.append(pod)
    return kept


def _each_fits(pods: Sequence[Pod], room: Room, wish: Mapping[str, Any]) -> None:
    size = f"{wish['cpus']} CPUs and {wish['memory_gib']} GiB"
    right = f"a worker of {size} has room for {max(room.cpu, 0)}m and {max(room.memory, 0)} MiB"
    problems = {
        pod.service: Problem(f"service {pod.service}", f"requests {pod.cpu}m CPU and {pod.memory} MiB", right)
        for pod in pods
        if not room.holds(pod)
    }
    if problems:
        raise CapacityError("a service is larger than a worker", [problems[name] for name in sorted(problems)])
