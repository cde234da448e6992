# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pods packed into as few equal nodes as are found, by CPU, memory and number, replicas of one service apart.

Three ways, since none is always good: first fit is quick where there is room; spreading over a given number of nodes
comes nearest to the bound with many small pods, as kube-scheduler spreads them too; with few large ones, each node is
filled in turn by what leaves the least of it (the L2-norm heuristic of Panigrahy, Talwar, Uyeda and Wieder, "Heuristics
for Vector Bin Packing", 2011).
"""

from __future__ import annotations

import math
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Pod:
    """One replica of a service."""

    service: str
    cpu: int  # millicores
    memory: int  # MiB
    selector: tuple[tuple[str, str], ...] = ()  # labels that its node carries


@dataclass(frozen=True)
class Room:
    """What one worker has for pods."""

    cpu: int
    memory: int
    pods: int

    def holds(self, pod: Pod) -> bool:
        return pod.cpu <= self.cpu and pod.memory <= self.memory


@dataclass
class Bin:
    """One worker while it is filled."""

    room: Room
    pods: list[Pod] = field(default_factory=list)
    services: set[str] = field(default_factory=set)
    cpu_left: int = field(init=False)
    memory_left: int = field(init=False)

    def __post_init__(self) -> None:
        self.cpu_left = self.room.cpu
        self.memory_left = self.room.memory

    def takes(self, pod: Pod, *, apart: bool) -> bool:
        return (
            pod.cpu <= self.cpu_left
            and pod.memory <= self.memory_left
            and len(self.pods) < self.room.pods
            and not (apart and pod.service in self.services)
        )

    def put(self, pod: Pod) -> None:
        self.cpu_left -= pod.cpu
        self.memory_left -= pod.memory
        self.pods.append(pod)
        self.services.add(pod.service)

    def copy(self) -> Bin:
        twin = Bin(self.room)
        for pod in self.pods:
            twin.put(pod)
        return twin

    def fuller(self, cpu: int = 0, memory: int = 0) -> float:
        """The share of what is fuller, CPU or memory, with so much more in it."""
        room = self.room
        by_cpu, by_memory = (
            (room.cpu - self.cpu_left + cpu) / room.cpu,
            (room.memory - self.memory_left + memory) / room.memory,
        )
        return by_cpu if by_cpu > by_memory else by_memory

    def is_full(self, cpu: int, memory: int) -> bool:
        """Whether not even the smallest pod can come in."""
        return cpu > self.cpu_left or memory > self.memory_left or len(self.pods) >= self.room.pods


def shares(pods: Iterable[Pod], room: Room) -> dict[str, float]:
    """How many nodes the pods fill at the very least, by each measure on its own."""
    total = list(pods)
    return {
        "cpu": sum(pod.cpu for pod in total) / room.cpu,
        "memory": sum(pod.memory for pod in total) / room.memory,
        "pods": len(total) / room.pods,
    }


LOOK_AT = 32  # of the emptiest bins: looking at all of them takes ten times as long and finds nothing better
FEW = 8  # pods on a node, where filling one node after the other is better than spreading


def pack(pods: Sequence[Pod], room: Room, *, apart: bool, begun: Sequence[Bin] = ()) -> list[Bin]:
    """The pods in as few bins as are found; the first ones are those that have `begun`. Each pod fits an empty bin."""
    best = first_fit(pods, room, apart=apart, begun=begun)
    there = [pod for one in begun for pod in one.pods]
    bound = max(math.ceil(max(shares([*there, *pods], room).values())), len(begun))
    low, step = bound, 1  # mostly there is little to gain: from what is there downwards, in steps that grow
    while low < len(best):
        count = max(low, len(best) - step)
        found = spread(pods, room, count, apart=apart, begun=begun)
        if found is None:
            low, step = count + 1, 1
        else:
            best, step = found, step * 2
    if len(best) > bound and not begun and len(pods) <= FEW * bound:
        best = min(best, fill_each(pods, room, apart=apart), key=len)
    return best


def fits(pods: Sequence[Pod], room: Room, count: int, *, apart: bool, begun: Sequence[Bin]) -> bool:
    """Whether the pods are found to go into so many bins."""
    if len(begun) > count:
        return False
    return (
        len(first_fit(pods, room, apart=apart, begun=begun)) <= count
        or spread(pods, room, count, apart=apart, begun=begun) is not None
    )


def first_fit(pods: Sequence[Pod], room: Room, *, apart: bool, begun: Sequence[Bin] = ()) -> list[Bin]:
    """Largest first, each into the first bin that takes it."""
    least_cpu = min((pod.cpu for pod in pods), default=0)
    least_memory = min((pod.memory for pod in pods), default=0)
    bins = [one.copy() for one in begun]
    open_bins = list(bins)
    last, begin = None, 0
    for pod in _largest_first(pods, room):
        # what took no replica of a service takes no other of it either
        begin = begin if pod == last else 0
        last, begin = pod, _first_that_takes(pod, open_bins, begin, apart=apart)
        if begin == len(open_bins):
            open_bins.append(Bin(room))
            bins.append(open_bins[-1])
        open_bins[begin].put(pod)
        if open_bins[begin].is_full(least_cpu, least_memory):
            del open_bins[begin]
    return bins


def _first_that_takes(pod: Pod, bins: Sequence[Bin], begin: int, *, apart: bool) -> int:
    cpu, memory = pod.cpu, pod.memory
    for place in range(begin, len(bins)):
        one = bins[place]
        # looked at before it is asked: most have no room, and a million questions take a while
        if cpu <= one.cpu_left and memory <= one.memory_left and one.takes(pod, apart=apart):
            return place
    return len(bins)


def spread(pods: Sequence[Pod], room: Room, count: int, *, apart: bool, begun: Sequence[Bin] = ()) -> list[Bin] | None:
    """Largest first over `count` bins, each where the fuller of CPU and memory ends lowest; None where one is left."""
    bins = [*(one.copy() for one in begun), *(Bin(room) for _number in range(count - len(begun)))]
    order = sorted((one.fuller(), number) for number, one in enumerate(bins))
    for pod in _largest_first(pods, room):
        chosen, least, looked = -1, math.inf, 0
        for place, (fuller, number) in enumerate(order):
            if fuller >= least:
                break  # none that comes now ends lower
            one = bins[number]
            if not one.takes(pod, apart=apart):
                continue
            ends = one.fuller(pod.cpu, pod.memory)
            if ends < least:
                chosen, least = place, ends
            looked += 1
            if looked == LOOK_AT:
                break
        if chosen < 0:
            return None
        _fuller, number = order.pop(chosen)
        bins[number].put(pod)
        insort(order, (least, number))
    return bins


def fill_each(pods: Sequence[Pod], room: Room, *, apart: bool) -> list[Bin]:
    """One bin after the other, each with what fits best into what is left of it."""
    waiting = _largest_first(pods, room)
    bins: list[Bin] = []
    while waiting:
        weights = shares(waiting, room)
        chosen, left = Bin(room), waiting
        bins.append(chosen)
        while left := [pod for pod in left if chosen.takes(pod, apart=apart)]:
            best = min(range(len(left)), key=_rest_of(chosen, left, weights["cpu"], weights["memory"]))
            chosen.put(left.pop(best))
        waiting = _without(waiting, chosen.pods)
    return bins


def _rest_of(chosen: Bin, pods: Sequence[Pod], cpu: float, memory: float) -> Callable[[int], float]:
    """How much of the bin a pod would leave, each measure weighted by what is still to come of it."""
    room, free_cpu, free_memory = chosen.room, chosen.cpu_left, chosen.memory_left
    cpu, memory = cpu / room.cpu**2, memory / room.memory**2
    return lambda at: cpu * (free_cpu - pods[at].cpu) ** 2 + memory * (free_memory - pods[at].memory) ** 2


def _without(pods: Sequence[Pod], placed: Iterable[Pod]) -> list[Pod]:
    gone = Counter(placed)
    rest = []
    for pod in pods:
        if gone[pod]:
            gone[pod] -= 1
        else:
            rest.append(pod)
    return rest


def _largest_first(pods: Sequence[Pod], room: Room) -> list[Pod]:
    return sorted(pods, key=lambda pod: (-max(pod.cpu / room.cpu, pod.memory / room.memory), pod.service))
