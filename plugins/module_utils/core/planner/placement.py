# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where nodes stand: each on an ESXi host with room, roles spread over hosts, on a datastore with space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from ..errors import CapacityError, DocumentError, Problem
from ..estate import Estate, Guest
from ..plan import Node
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


@dataclass
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
    nodes: list[Size] = field(default_factory=list)

    @property
    def free(self) -> float:
        return self.memory - self.used - sum(node.memory_gib for node in self.nodes)

    def is_local(self, size: Size) -> bool:
        """Whether a node of this size stays within one socket."""
        return size.cpus <= self.numa_cpus and size.memory_gib <= self.numa_memory

    def count(self, role: str) -> int:
        return sum(node.role == role for node in self.nodes)

    def takes(self, size: Size) -> bool:
        fits = size.memory_gib <= self.free and size.cpus <= self.threads
        return fits and sum(node.cpus for node in self.nodes) + size.cpus <= self.threads


def place_nodes(
    sizes: Sequence[Size], estate: Estate, census: Census, platform: Mapping[str, Any], previous: Mapping[str, Node]
) -> list[Node]:
    """The nodes with host and datastore, in the order of `sizes`. What `previous` settled stays where it can."""
    wish, reserve = platform["nodes"], platform["plan"]["reserve"]
    hosts = usable_hosts(estate, census, platform)
    placed = _stay(sizes, hosts, previous, standing={guest["name"] for guest in census.own})
    for size in sizes:
        if size.name not in placed:
            placed[size.name] = _choose(size, hosts, sizes)
            placed[size.name].nodes.append(size)
    _survive(hosts, platform["plan"]["survive"]["esxi_hosts"])
    stores = _Stores(estate, wish["datastore"], reserve["of_a_datastore"])
    nodes: list[Node] = []
    for size in sizes:
        host, before = placed[size.name], previous.get(size.name)
        kept = before["datastore"] if before and before["esxi_host"] == host.name else None
        nodes.append(
            {
                "name": size.name,
                "role": size.role,
                "cpus": size.cpus,
                "memory_gib": size.memory_gib,
                "disk_gib": size.disk_gib,
                "cluster": host.cluster,
                "esxi_host": host.name,
                "datastore": stores.take(size, host, kept),
                "address": None,
                "labels": {},
            }
        )
    return nodes


def _stay(
    sizes: Sequence[Size], hosts: Sequence[Host], previous: Mapping[str, Node], *, standing: Set[str]
) -> dict[str, Host]:
    """The nodes that stay on the host that the last plan gave them; one that stands there has its room already."""
    by_name = {host.name: host for host in hosts}
    control_planes = sum(size.role == "control_plane" for size in sizes)
    placed: dict[str, Host] = {}
    for size in sizes:
        before = previous.get(size.name)
        host = by_name.get(before["esxi_host"]) if before and _same_size(before, size) else None
        if host is None or not (size.name in standing or host.takes(size)):
            continue
        if size.role == "control_plane" and host.count(size.role) and len(hosts) >= control_planes:
            continue  # there were fewer hosts when they had to stand together
        host.nodes.append(size)
        placed[size.name] = host
    return placed


def _same_size(node: Node, size: Size) -> bool:
    return (node["role"], node["cpus"], node["memory_gib"]) == (size.role, size.cpus, size.memory_gib)


def usable_hosts(estate: Estate, census: Census, platform: Mapping[str, Any]) -> list[Host]:
    """The ESXi hosts that can carry nodes, by name, with what guests other than our nodes use of them."""
    clusters, own = platform["nodes"]["clusters"], platform["plan"]["reserve"]["of_an_esxi_host"]
    known = [cluster["name"] for cluster in estate["clusters"]]
    unknown = [
        Problem(f"platform.nodes.clusters[{index}]", f"{name!r} is not a cluster of this vCenter", near(name, known))
        for index, name in enumerate(clusters)
        if name not in known
    ]
    if unknown:
        raise DocumentError("platform.yml names what vCenter does not have", unknown)
    used: dict[str, float] = {}
    for guest in census.others:
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


def _choose(size: Size, hosts: Sequence[Host], sizes: Sequence[Size]) -> Host:
    candidates = [host for host in hosts if host.takes(size)]
    apart = min(sum(one.role == "control_plane" for one in sizes), len(hosts))
    if size.role == "control_plane" and sum(bool(host.count(size.role)) for host in hosts) < apart:
        candidates = [host for host in candidates if not host.count(size.role)]
    if candidates:
        return min(candidates, key=lambda host: (host.count(size.role), not host.is_local(size), -host.free, host.name))
    needed = f"{size.memory_gib} GiB ({sum(one.memory_gib for one in sizes)} GiB for all {len(sizes)} nodes)"
    room = "; ".join(f"{host.name} {max(host.free, 0):.1f} GiB of {host.threads} threads" for host in hosts)
    raise CapacityError(
        "the nodes do not fit onto the ESXi hosts",
        [
            Problem(
                f"node {size.name}",
                f"needs {size.cpus} CPUs and {needed}; free is {room}, "
                f"with {sum(len(host.nodes) for host in hosts)} nodes placed beside the guests that run now",
                "smaller or fewer nodes in platform.plan, more platform.nodes.clusters, more hosts, or fewer guests at "
                "a time by platform.estate.include, planned again when those have moved"
                + (" (control planes stand on different hosts)" if size.role == "control_plane" else ""),
            )
        ],
    )


def _survive(hosts: Sequence[Host], lost: int) -> None:
    """With the `lost` hosts that carry most gone, their nodes find room on the rest of their cluster."""
    problems: list[Problem] = []
    for cluster in sorted({host.cluster for host in hosts if host.nodes}):
        own = [host for host in hosts if host.cluster == cluster]
        order = sorted(own, key=lambda host: (-sum(node.memory_gib for node in host.nodes), host.name))
        gone, rest = order[:lost], order[lost:]
        free = [host.free for host in rest]
        for node in sorted((node for host in gone for node in host.nodes), key=lambda node: -node.memory_gib):
            best = max(range(len(free)), key=free.__getitem__, default=None)
            if best is None or free[best] < node.memory_gib:
                names = ", ".join(host.name for host in gone)
                found = f"{node.name} ({node.memory_gib} GiB) finds no room when {names} is lost"
                room = ", ".join(f"{host.name} {host.free:.1f} GiB" for host in rest) or "no other host"
                right = f"smaller nodes, more hosts, or platform.plan.survive.esxi_hosts: 0; free is {room}"
                problems.append(Problem(f"cluster {cluster}", found, right))
                break
            free[best] -= node.memory_gib
    if problems:
        raise CapacityError("the loss of an ESXi host would take nodes with it", problems)


class _Stores:
    """The datastores while disks are put on them."""

    def __init__(self, estate: Estate, wish: str, kept_free: float) -> None:
        self.free = {
            store["name"]: store["free_gib"] - store["capacity_gib"] * kept_free
            for store in estate["datastores"]
            if store["accessible"]
        }
        self.wish = wish
        if wish != "auto" and wish not in self.free:
            problem = Problem("platform.nodes.datastore", f"{wish!r} is not a datastore", near(wish, sorted(self.free)))
            raise DocumentError("platform.yml names what vCenter does not have", [problem])

    def take(self, size: Size, host: Host, kept: str | None) -> str:
        mounted = [name for name in host.datastores if name in self.free and self.wish in ("auto", name)]
        name = kept if kept in mounted else max(mounted, key=lambda one: (self.free[one], one), default=None)
        if name is None or (name != kept and self.free[name] < size.disk_gib):
            free = f"{name} has {self.free[name]:.0f} GiB to give" if name else "it mounts none that can be used"
            found = f"{host.name} has no datastore with {size.disk_gib} GiB: {free}"
            problem = Problem(f"node {size.name}", found, "more space, or a smaller disk_gib")
            raise CapacityError("a disk does not fit", [problem])
        self.free[name] -= size.disk_gib
        return name
