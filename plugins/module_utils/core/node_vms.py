# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each node VM lacks.

A node is ours where it carries our site: as a stamp in its configuration, which a clone has from its first moment, or
as custom attribute, which is set when it is whole. So the half-made clone of a killed run is known, and finished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any, TypedDict

from .node_source import Library, Template
from .node_tags import Category, Tag, in_words

SIZES = ("cpus", "memory_gib", "disk_gib")


ADOPTED = "adopted"  # the origin of a node that was there before Landfall: it is given back, never deleted


class Disk(TypedDict):
    """A disk of a node behind its first one."""

    size_gib: int


class Node(TypedDict):
    """A node as the module takes it: of the plan, or of somebody's own list."""

    name: str
    role: str  # control_plane | worker
    cpus: int
    memory_gib: int
    disk_gib: int
    esxi_host: str
    datastore: str
    address: str | None  # None: DHCP decides
    adopt: bool  # a VM of this name exists, and becomes the node
    disks: list[Disk]
    waits_for: list[str]  # guests that must be off before it is made: their memory is what it gets


@dataclass(frozen=True)
class Host:
    """What an ESXi host offers a node. `networks` are the port groups that it reaches."""

    name: str
    cluster: str
    threads: int
    memory_gib: float
    memory_used_gib: float
    usable: bool  # on, and not in maintenance mode
    datastores: frozenset[str]
    networks: frozenset[str]


@dataclass(frozen=True)
class Machine:
    """A VM that bears the name of a node. `site` and `role` are our stamp, `marks` our custom attributes."""

    id: str
    name: str
    cpus: int
    memory_gib: float
    disk_gib: float  # of its first disk, the one that grows
    power: str  # on | off | suspended
    template: bool
    hot_add: frozenset[str]  # of cpus, memory_gib
    site: str | None
    role: str | None
    marks: Mapping[str, str]
    addresses: tuple[str, ...]
    host_keys: tuple[str, ...]
    uuid: str
    tools_running: bool
    adopted: bool = False
    cores_per_socket: int = 1
    obstacles: tuple[str, ...] = ()  # kinds of disks that tie it to other machines
    snapshots: bool = False
    tags: frozenset[str] = frozenset()  # category/name, of the categories that are wanted
    networks: tuple[str, ...] = ()  # names of the networks of the cards behind the first
    host: str | None = None  # vSphere id of the ESXi host that it stands on
    cards: tuple[str, ...] = ()  # hardware addresses of its network cards
    disks: tuple[float, ...] = ()  # GiB of those behind the first
    stamped: str | None = None  # the name of the node that the stamp was made for

    def is_copy(self) -> bool:
        """Whether people cloned it from a node, whose stamp came along. Or they renamed the node; nobody can tell."""
        return self.stamped not in (None, "", self.name)

    def owner(self) -> str | None:
        return self.marks.get("site") or self.site

    def is_node(self) -> bool:
        return bool(self.marks.get("role") or self.role)


@dataclass(frozen=True)
class Ground:
    """What stands where nodes are to be: the names that exist, and what the nodes' own names mean already."""

    hosts: Mapping[str, Host]
    free_gib: Mapping[str, float]  # of each accessible datastore
    networks: frozenset[str]
    templates: Mapping[str, Template]  # of the library, where the nodes come out of one
    datacenters: frozenset[str]
    machines: Mapping[str, Machine]
    addresses: Mapping[str, str]  # address -> the VM that has it
    guests: frozenset[str] = frozenset()  # every VM that is no template
    on: frozenset[str] = frozenset()  # those that are on
    twins: frozenset[str] = frozenset()  # names of nodes that several VMs bear
    stands_on: Mapping[str, str] = field(default_factory=dict)  # ESXi hosts of the machines
    library: Library | None = None  # the one that was asked for
    categories: Mapping[str, Category] = field(default_factory=dict)  # of tags, where some are wanted


@dataclass(frozen=True)
class Wish:
    """What all nodes of one call have in common."""

    site: str
    template: str
    folder: str
    network: str
    allow_power_cycle: bool = False
    library: str | None = None
    tags: Sequence[Tag] = ()
    networks: Sequence[str] = ()  # of the cards behind the first


@dataclass(frozen=True)
class Step:
    """What one node lacks. `lacks` names the fields that differ: what is found, and what is wanted."""

    node: Node
    machine: Machine | None
    action: str  # created | adopted | waiting | finished | resized | connected | powered_on | tagged | unchanged
    lacks: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    power_cycle: bool = False
    waits_for: tuple[str, ...] = ()  # guests that are still on


def step_of(wish: Wish, node: Node, machine: Machine | None) -> Step:
    """What `node` lacks, where `machine` bears its name now."""
    taken_over = machine is not None and is_adoption(wish, node, machine)
    if machine is None or not (taken_over or machine.owner() == wish.site):
        return Step(node, None, "created")
    lacks: dict[str, tuple[Any, Any]] = {}
    for name, found in (("cpus", machine.cpus), ("memory_gib", machine.memory_gib), ("disk_gib", machine.disk_gib)):
        if found != node[name]:  # type: ignore[literal-required]
            lacks[name] = (found, node[name])  # type: ignore[literal-required]
    if machine.disk_gib > node["disk_gib"] and (taken_over or machine.adopted):
        del lacks["disk_gib"]  # it came with that disk
    wanted = (disk["size_gib"] for disk in node["disks"])
    disks = [max(sizes) for sizes in zip_longest(machine.disks, wanted, fillvalue=0)]
    if disks != list(machine.disks):
        lacks["disks"] = (list(machine.disks), disks)
    resized = bool(lacks)
    cold = {name for name in ("cpus", "memory_gib") if name in lacks and not _hot(machine, name, lacks[name])}
    whole = machine.marks.get("role") == node["role"] and machine.marks.get("site") == wish.site
    if not whole:
        lacks["role"] = (machine.marks.get("role"), node["role"])
    if machine.power != "on":
        lacks["power"] = (machine.power, "on")
    if taken_over:
        lacks["site"] = (machine.owner(), wish.site)
        lacks["origin"] = (None, ADOPTED)
    if not (taken_over or machine.adopted or list(machine.networks[: len(wish.networks)]) == list(wish.networks)):
        lacks["networks"] = (list(machine.networks), [*wish.networks, *machine.networks[len(wish.networks) :]])
    untagged = set(in_words(wish.tags)) - machine.tags
    action = "tagged" if untagged else "unchanged"
    if lacks:
        action = "resized" if resized else "connected" if "networks" in lacks else "powered_on"
    if untagged:
        lacks["tags"] = (sorted(machine.tags), sorted(machine.tags | untagged))
    if not whole:
        action = ADOPTED if taken_over else "finished"
    return Step(node, machine, action, lacks, power_cycle=bool(cold) and machine.power == "on")


def is_adoption(wish: Wish, node: Node, machine: Machine) -> bool:
    """Whether a VM that is no node yet is to become one. A mark of our site alone makes no node of it."""
    return node["adopt"] and not machine.is_node() and machine.owner() in (None, wish.site)


def _hot(machine: Machine, name: str, change: tuple[Any, Any]) -> bool:
    whole_sockets = name != "cpus" or change[1] % machine.cores_per_socket == 0
    return name in machine.hot_add and change[1] > change[0] and whole_sockets


def held_back(step: Step, ground: Ground) -> Step:
    """The step, or that it waits: for guests that are on yet, and whose memory its node is to have."""
    drained = step.machine is not None and step.machine.marks.get("state") == "retired"
    waits_for = tuple(
        guest
        for guest in step.node["waits_for"]
        if guest in ground.on or (guest == step.node["name"] and not drained)  # off is not yet out of service
    )
    if step.action in ("created", ADOPTED) and waits_for:
        return replace(step, action="waiting", waits_for=waits_for)
    return step


def differences(steps: Sequence[Step], wish: Wish) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after of what changes, node by node."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in steps:
        node = step.node
        if step.action == "waiting":
            continue
        if step.machine is None:
            before[node["name"]] = "absent"
            after[node["name"]] = {
                **{name: node[name] for name in ("role", *SIZES, "esxi_host", "datastore", "address")},  # type: ignore[literal-required]
                **({"disks": [disk["size_gib"] for disk in node["disks"]]} if node["disks"] else {}),
                "folder": wish.folder,
                "network": wish.network,
                **({"networks": list(wish.networks)} if wish.networks else {}),
                **({"tags": in_words(wish.tags)} if wish.tags else {}),
                **({"library": wish.library} if wish.library else {}),
                "template": wish.template,
                "power": "on",
            }
        elif step.lacks:
            before[node["name"]] = {name: old for name, (old, _new) in step.lacks.items()}
            after[node["name"]] = {name: new for name, (_old, new) in step.lacks.items()}
            if step.power_cycle:
                after[node["name"]]["power_cycle"] = True
    return before, after
