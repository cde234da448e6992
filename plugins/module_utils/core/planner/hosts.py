# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ESXi hosts that may carry nodes: what they have, what guests take of it, and what is left if some are lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import CapacityError, DocumentError, Problem
from ..estate import Estate, Guest
from ..schema import near
from .guests import Census
from .requests import usages


@dataclass(frozen=True)
class Size:
    """A node that is to be placed."""

    name: str
    role: str
    cpus: int
    memory_gib: int
    disk_gib: int
    host: str | None = None  # the only ESXi host that people want it on


@dataclass(eq=False)
class Host:
    """An ESXi host while nodes are put on it."""

    name: str
    cluster: str
    threads: int
    numa_cpus: int  # cores of one socket: a wider guest has memory that is far away
    numa_memory: float  # GiB
    memory: float  # GiB for guests
    used: float  # GiB that guests other than our nodes take
    datastores: list[str]
    freed: float = 0.0  # GiB of `used` that guests no longer take once they are off
    nodes: list[Size] = field(default_factory=list)
    node_memory: int = 0
    node_cpus: int = 0
    roles: Counter[str] = field(default_factory=Counter)

    @property
    def free(self) -> float:
        return self.memory - self.used + self.freed - self.node_memory

    def put(self, size: Size) -> None:
        self.nodes.append(size)
        self.node_memory += size.memory_gib
        self.node_cpus += size.cpus
        self.roles[size.role] += 1

    def take_back(self, size: Size) -> None:
        self.nodes.remove(size)
        self.node_memory -= size.memory_gib
        self.node_cpus -= size.cpus
        self.roles[size.role] -= 1

    def without_nodes(self) -> Host:
        return replace(self, freed=0.0, nodes=[], node_memory=0, node_cpus=0, roles=Counter())

    def is_local(self, size: Size) -> bool:
        """Whether a node of this size stays within one socket."""
        return size.cpus <= self.numa_cpus and size.memory_gib <= self.numa_memory

    def count(self, role: str) -> int:
        return self.roles[role]

    def takes(self, size: Size) -> bool:
        return (
            size.host in (None, self.name)
            and size.memory_gib <= self.free
            and self.node_cpus + size.cpus <= self.threads
        )


def usable_hosts(estate: Estate, census: Census, platform: Mapping[str, Any]) -> list[Host]:
    """The ESXi hosts that can carry nodes, by name, with what guests that are no nodes use of them."""
    clusters, own = platform["nodes"]["clusters"], platform["plan"]["reserve"]["of_an_esxi_host"]
    known = [cluster["name"] for cluster in estate["clusters"]]
    unknown = [
        Problem(f"platform.nodes.clusters[{index}]", f"{name!r} is not a cluster of this vCenter", near(name, known))
        for index, name in enumerate(clusters)
        if name not in known
    ]
    if unknown:
        raise DocumentError("platform.yml names what vCenter does not have", unknown)
    adopted = frozenset(platform["nodes"]["adopt"])  # they count as the nodes that they become
    used: dict[str, float] = {}
    for guest in census.others:
        if guest["name"] not in adopted:
            used[guest["esxi_host"]] = used.get(guest["esxi_host"], 0.0) + memory_used(guest)
    hosts = [
        Host(
            name=host["name"],
            cluster=host["cluster"],
            threads=host["threads"],
            numa_cpus=host["cores"] // max(host["sockets"], 1),
            numa_memory=host["memory_gib"] * (1 - own) / max(host["sockets"], 1),
            memory=host["memory_gib"] * (1 - own),
            used=used.get(host["name"], 0.0),
            datastores=host["datastores"],
        )
        for host in sorted(estate["esxi_hosts"], key=lambda one: one["name"])
        if (not clusters or host["cluster"] in clusters) and host["power_state"] == "on" and not host["in_maintenance"]
    ]
    if not hosts:
        where = f"clusters {', '.join(clusters)}" if clusters else "this vCenter"
        found = f"{where} with no ESXi host that is on and not in maintenance"
        raise CapacityError(
            "there is no ESXi host for the nodes", [Problem("platform.nodes.clusters", found, "a host")]
        )
    return hosts


def memory_used(guest: Guest) -> float:
    """GiB that a guest takes of its host: the most that was seen, else all it may have; nothing while it is off."""
    if guest["power_state"] != "on":
        return 0.0
    seen = [usage["memory_gib"]["maximum"] for usage in usages(guest)]
    most = max((one for one in seen if one is not None), default=guest["memory_gib"])
    return min(most, guest["memory_gib"])


def homeless_after(hosts: Sequence[Host], lost: int) -> list[Problem]:
    """Per cluster, a node that finds no room on the rest of it when an ESXi host is lost that carries nodes.

    With that host go the ones that carry most besides, `lost` in all.
    """
    problems: list[Problem] = []
    for cluster in sorted({host.cluster for host in hosts if host.nodes}):
        own = [host for host in hosts if host.cluster == cluster]
        order = sorted(own, key=lambda host: (-host.node_memory, host.name))
        for first in (host for host in order if host.nodes and lost):
            gone = [first, *(host for host in order if host is not first)][:lost]
            rest = [host for host in order if host not in gone]
            node = _without_room([node for host in gone for node in host.nodes], rest)
            if node is not None:
                names = ", ".join(host.name for host in gone)
                found = f"{node.name} ({node.memory_gib} GiB) finds no room when {names} is lost"
                room = ", ".join(f"{host.name} {host.free:.1f} GiB" for host in rest) or "no other host"
                right = f"smaller nodes, more hosts, or platform.plan.survive.esxi_hosts: 0; free is {room}"
                problems.append(Problem(f"cluster {cluster}", found, right))
                break
    return problems


def _without_room(nodes: Sequence[Size], rest: Sequence[Host]) -> Size | None:
    """The first of these nodes, the largest first, that the emptiest of these hosts does not take."""
    free = [host.free for host in rest]
    for node in sorted(nodes, key=lambda node: -node.memory_gib):
        best = max(range(len(free)), key=free.__getitem__, default=None)
        if best is None or free[best] < node.memory_gib:
            return node
        free[best] -= node.memory_gib
    return None
