# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads where node VMs are to stand: one sweep of names, and the details of the few VMs that bear a node's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..core import sweep
from ..core.node_adoption import obstacles
from ..core.node_source import Template
from ..core.node_vms import ADOPTED, Ground, Host, Machine, Wish
from ..core.vsphere_tree import NETWORKS, Record, Tree, name_of, names_of, of_type, path_of
from .vsphere import VCenter
from .vsphere_estate import attribute_names
from .vsphere_library import find_template
from .vsphere_tags import read_tags

# In a VM's configuration: that of a clone from its first moment.
STAMPS = {name: f"landfall.{name}" for name in ("site", "role", "node", "origin")}
_GIB = 1024.0**3
_PROPERTIES: dict[str, Sequence[str]] = {
    "Datacenter": ("name", "parent"),
    "Folder": ("name", "parent"),
    "ComputeResource": ("name", "parent", "resourcePool"),
    "HostSystem": (
        "name",
        "parent",
        "datastore",
        "network",
        "runtime.connectionState",
        "runtime.inMaintenanceMode",
        "runtime.powerState",
        "summary.hardware.memorySize",
        "summary.hardware.numCpuThreads",
        "summary.quickStats.overallMemoryUsage",
    ),
    "Datastore": ("name", "summary.accessible", "summary.freeSpace"),
    "Network": ("name",),
    "VirtualMachine": ("name", "parent", "config.template", "guest.ipAddress", "runtime.powerState"),
}
_DETAILS = (
    "name",
    "config.cpuHotAddEnabled",
    "config.hardware.device",
    "config.hardware.memoryMB",
    "config.hardware.numCPU",
    "config.hardware.numCoresPerSocket",
    "config.instanceUuid",
    "config.memoryHotAddEnabled",
    "config.template",
    *(f'config.extraConfig["{key}"]' for key in (*STAMPS.values(), sweep.HOST_KEYS)),
    "customValue",
    "guest.ipAddress",
    "guest.net",
    "guest.toolsRunningStatus",
    "rootSnapshot",
    "runtime.host",
    "runtime.powerState",
)


@dataclass(frozen=True)
class Handles:
    """The vSphere ids behind the names of a Ground."""

    hosts: Mapping[str, str]
    pools: Mapping[str, str]  # of a host's cluster
    clusters: Mapping[str, tuple[str, str]]  # of a host: type and id of its cluster
    datastores: Mapping[str, str]
    networks: Mapping[str, tuple[str, str]]  # type and id
    templates: Mapping[str, str]
    folders: Mapping[str, str]  # by inventory path
    fields: dict[str, int] = field(default_factory=dict)  # keys of custom attributes, by name


def read_ground(vcenter: VCenter, names: Collection[str], wish: Wish) -> tuple[Ground, Handles]:
    """What a decision on the nodes `names` has to know."""
    tree = {record["id"]: record for record in vcenter.sweep(_PROPERTIES)}
    machines = [record for record in tree.values() if record["type"] == "VirtualMachine"]
    templates = {name_of(r): r["id"] for r in machines if r["properties"].get("config.template")}
    guests = [record for record in machines if record["id"] not in templates.values()]
    found = find_template(vcenter.endpoint, wish.library, wish.template) if wish.library else None
    if found is not None:
        there = found.template and found.template in templates.values()
        templates = {wish.template: found.template} if found.template and there else {}
    near = [r["id"] for r in machines if name_of(r) in names or r["id"] == templates.get(wish.template)]
    fields = attribute_names(vcenter)
    details = _details(vcenter, near, fields)
    by_id = {machine.id: machine for machine in details}
    categories, tags = read_tags(vcenter.endpoint, wish.tags, list(by_id)) if wish.tags else ({}, {})
    twice = Counter(name_of(record) for record in machines)
    ground = Ground(
        hosts={host.name: host for host in (_host(r, tree) for r in of_type(tree, "HostSystem"))},
        free_gib={
            name_of(r): int(r["properties"].get("summary.freeSpace") or 0) / _GIB
            for r in of_type(tree, "Datastore")
            if r["properties"].get("summary.accessible")
        },
        networks=frozenset(name_of(r) for r in of_type(tree, *NETWORKS)),
        templates={name: _template(by_id.get(item)) for name, item in templates.items()},
        datacenters=frozenset(name_of(r) for r in of_type(tree, "Datacenter")),
        machines={m.name: _named(m, tree, tags) for m in details if m.name in names},
        stands_on={m.name: name_of(tree[m.host]) for m in details if m.host in tree},
        addresses={
            r["properties"]["guest.ipAddress"]: name_of(r) for r in machines if r["properties"].get("guest.ipAddress")
        },
        guests=frozenset(name_of(r) for r in guests),
        on=frozenset(name_of(r) for r in guests if r["properties"].get("runtime.powerState") == "poweredOn"),
        library=found.library if found is not None else None,
        categories=categories,
        twins=frozenset(name for name in names if twice[name] > 1),
    )
    return ground, _handles(tree, templates, {name: key for key, name in fields.items()})


def machines_of_site(vcenter: VCenter, site: str) -> list[Machine]:
    """Every VM that carries the marks or the stamp of this site."""
    stamp = f'config.extraConfig["{STAMPS["site"]}"]'
    fields = attribute_names(vcenter)
    mark = next((key for key, name in fields.items() if name == sweep.MARK + "site"), None)

    def ours(record: Record) -> bool:
        values = {item["key"]: item.get("value") for item in record["properties"].get("customValue") or []}
        stamped = (record["properties"].get(stamp) or {}).get("value")
        return bool(mark is not None and values.get(mark) == site) or stamped == site

    found = [r["id"] for r in vcenter.sweep({"VirtualMachine": ("name", stamp, "customValue")}) if ours(r)]
    return sorted(_details(vcenter, found, fields), key=lambda machine: machine.name)


def read_machines(vcenter: VCenter, ids: Iterable[str], fields: Mapping[int, str]) -> dict[str, Machine]:
    """These VMs as they are now, by name."""
    return {machine.name: machine for machine in _details(vcenter, ids, fields)}


def _details(vcenter: VCenter, ids: Iterable[str], fields: Mapping[int, str]) -> list[Machine]:
    handles = [vcenter.object("VirtualMachine", item) for item in ids]
    return [machine_of(record, fields) for record in vcenter.read(handles, _DETAILS).values()]


def machine_of(record: Record, fields: Mapping[int, str]) -> Machine:
    get = record["properties"].get
    # By their keys, which follow controller and unit: in the order in which a guest and its people count them.
    devices = sorted(get("config.hardware.device") or [], key=lambda device: int(device["key"]))
    cards = [device for device in devices if "macAddress" in device]
    disks = [int(device["capacityInKB"]) / 1024**2 for device in devices if "capacityInKB" in device]
    marks = {
        fields[item["key"]][len(sweep.MARK) :]: str(item["value"])
        for item in get("customValue") or []
        if fields.get(item["key"], "").startswith(sweep.MARK) and item.get("value")
    }
    hot = {"cpus": get("config.cpuHotAddEnabled"), "memory_gib": get("config.memoryHotAddEnabled")}
    addresses = [get("guest.ipAddress"), *(a for card in get("guest.net") or [] for a in card.get("ipAddress") or [])]
    return Machine(
        id=record["id"],
        name=name_of(record),
        cpus=int(get("config.hardware.numCPU") or 0),
        memory_gib=int(get("config.hardware.memoryMB") or 0) / 1024,
        disk_gib=disks[0] if disks else 0.0,
        power={"poweredOn": "on", "poweredOff": "off"}.get(str(get("runtime.powerState")), "suspended"),
        template=bool(get("config.template")),
        hot_add=frozenset(name for name, enabled in hot.items() if enabled),
        site=_extra(record, STAMPS["site"]),
        role=_extra(record, STAMPS["role"]),
        stamped=_extra(record, STAMPS["node"]),
        marks=marks,
        addresses=tuple(dict.fromkeys(address for address in addresses if address)),
        host_keys=tuple(sweep.host_keys(_extra(record, sweep.HOST_KEYS) or "")),
        uuid=str(get("config.instanceUuid") or ""),
        tools_running=get("guest.toolsRunningStatus") == "guestToolsRunning",
        adopted=ADOPTED in (marks.get("origin"), _extra(record, STAMPS["origin"])),
        cores_per_socket=int(get("config.hardware.numCoresPerSocket") or 1),
        obstacles=obstacles(devices),
        disks=tuple(disks[1:]),
        host=get("runtime.host"),
        cards=tuple(str(card["macAddress"]) for card in cards),
        networks=tuple(_network_of(card) for card in cards[1:]),
        snapshots=bool(get("rootSnapshot")),
    )


def _named(machine: Machine, tree: Tree, tags: Mapping[str, frozenset[str]]) -> Machine:
    """With what only the names of the whole vCenter tell."""
    networks = tuple(name_of(tree[item]) if item in tree else item for item in machine.networks)
    return replace(machine, networks=networks, tags=tags.get(machine.id, machine.tags))


def _network_of(card: Mapping[str, Any]) -> str:
    backing = card.get("backing") or {}
    return str((backing.get("port") or {}).get("portgroupKey") or backing.get("network") or "")


def _template(machine: Machine | None) -> Template:
    """Of those that nobody asked for, the name is enough."""
    return Template(machine.disk_gib, len(machine.cards)) if machine is not None else Template(0.0)


def _extra(record: Record, key: str) -> str | None:
    return (record["properties"].get(f'config.extraConfig["{key}"]') or {}).get("value") or None


def _host(record: Record, tree: Tree) -> Host:
    get = record["properties"].get
    parent = str(get("parent"))
    return Host(
        name=name_of(record),
        cluster=name_of(tree[parent]) if parent in tree else "",
        threads=int(get("summary.hardware.numCpuThreads") or 0),
        memory_gib=int(get("summary.hardware.memorySize") or 0) / _GIB,
        memory_used_gib=int(get("summary.quickStats.overallMemoryUsage") or 0) / 1024,
        usable=get("runtime.connectionState") == "connected"
        and get("runtime.powerState") == "poweredOn"
        and not get("runtime.inMaintenanceMode"),
        datastores=frozenset(names_of(get("datastore"), tree)),
        networks=frozenset(names_of(get("network"), tree)),
    )


def _handles(tree: Tree, templates: Mapping[str, str], fields: dict[str, int]) -> Handles:
    hosts = list(of_type(tree, "HostSystem"))
    parents = {name_of(r): tree[r["properties"]["parent"]] for r in hosts if r["properties"].get("parent") in tree}
    return Handles(
        hosts={name_of(r): r["id"] for r in hosts},
        pools={name: str(parent["properties"].get("resourcePool")) for name, parent in parents.items()},
        clusters={name: (parent["type"], parent["id"]) for name, parent in parents.items()},
        datastores={name_of(r): r["id"] for r in of_type(tree, "Datastore")},
        networks={name_of(r): (r["type"], r["id"]) for r in of_type(tree, *NETWORKS)},
        templates=templates,
        folders={path_of(r, tree): r["id"] for r in of_type(tree, "Folder") if r["properties"].get("parent")},
        fields=fields,
    )
