# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one sweep of a vCenter read, as the shapes of estate.yml.

Paths, clusters and names are joined here, in memory, since a question per guest is what makes sweeps slow.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .estate import VERSION, Cluster, Datastore, Estate, EsxiHost, Guest, Network, VCenter
from .special_devices import special_devices
from .vsphere_tree import NETWORKS, Record, Tree, ancestors, name_of, names_of, of_type, path_of

MARK = "landfall."
HOST_KEYS = "guestinfo.ssh.hostkeys"
_HOST_KEYS = f'config.extraConfig["{HOST_KEYS}"]'
_GIB = 1024.0**3

# Leaf properties only: a whole `config` or `summary` costs ten times the bytes of all of these together.
PROPERTIES: Mapping[str, Sequence[str]] = {
    "Datacenter": ("name", "parent"),
    "Folder": ("name", "parent"),
    "VirtualApp": ("name", "parent", "parentFolder"),
    "ComputeResource": ("name", "parent", "configurationEx"),
    "HostSystem": (
        "name",
        "parent",
        "datastore",
        "runtime.inMaintenanceMode",
        "runtime.powerState",
        "summary.hardware.cpuMhz",
        "summary.hardware.memorySize",
        "summary.hardware.numCpuCores",
        "summary.hardware.numCpuPkgs",
        "summary.hardware.numCpuThreads",
        "summary.quickStats.overallCpuUsage",
        "summary.quickStats.overallMemoryUsage",
    ),
    "Datastore": ("name", "summary.accessible", "summary.capacity", "summary.freeSpace"),
    "Network": ("name",),
    "VirtualMachine": (
        "name",
        "parent",
        "parentVApp",
        "config.annotation",
        "config.cpuHotAddEnabled",
        "config.guestFullName",
        "config.guestId",
        "config.hardware.memoryMB",
        "config.hardware.numCPU",
        "config.hardware.numCoresPerSocket",
        "config.instanceUuid",
        "config.memoryHotAddEnabled",
        "config.template",
        _HOST_KEYS,
        "customValue",
        "datastore",
        "guest.hostName",
        "guest.ipAddress",
        "guest.net",
        "guest.toolsRunningStatus",
        "guest.toolsVersionStatus2",
        "network",
        "runtime.connectionState",
        "runtime.host",
        "runtime.powerState",
        "snapshot.rootSnapshotList",
        "summary.storage.committed",
        "summary.storage.uncommitted",
    ),
}
DEVICES = "config.hardware.device"  # by far the largest property: read on request


def estate(
    records: Iterable[Record],
    *,
    vcenter: VCenter,
    attributes: Mapping[int, str],
    tags: Mapping[str, Sequence[str]],
) -> tuple[Estate, dict[str, str]]:
    """The estate, and the vSphere id of each guest by its instance UUID (statistics are asked by id).

    `attributes` names custom attributes by their key, `tags` the tags of a guest by its vSphere id.
    """
    tree = {record["id"]: record for record in records}
    guests = []
    ids = {}
    for record in tree.values():
        if record["type"] == "VirtualMachine":
            guest = _guest(record, tree, attributes, tags)
            guests.append(guest)
            ids[guest["uuid"]] = record["id"]
    return {
        "version": VERSION,
        "vcenter": vcenter,
        "clusters": _sorted(_cluster(r, tree) for r in of_type(tree, "ComputeResource", "ClusterComputeResource")),
        "esxi_hosts": _sorted(_host(r, tree) for r in of_type(tree, "HostSystem")),
        "datastores": _sorted(_datastore(r) for r in of_type(tree, "Datastore")),
        "networks": _sorted(_network(r) for r in of_type(tree, *NETWORKS)),
        "guests": sorted(guests, key=lambda guest: (guest["name"], guest["uuid"])),
    }, ids


def select(guests: Iterable[Guest], include: Callable[[Guest], bool], exclude: Callable[[Guest], bool]) -> list[Guest]:
    return [guest for guest in guests if include(guest) and not exclude(guest)]


_POWER = {"poweredOn": "on", "poweredOff": "off", "suspended": "suspended"}


def _guest(record: Record, tree: Tree, attributes: Mapping[int, str], tags: Mapping[str, Sequence[str]]) -> Guest:
    get = record["properties"].get
    host = tree.get(get("runtime.host") or "")
    values = {
        attributes[item["key"]]: str(item["value"])
        for item in get("customValue") or []
        if item["key"] in attributes and item.get("value")  # vSphere cannot unset a value, only empty it
    }
    keys = (get(_HOST_KEYS) or {}).get("value") or ""
    folder = path_of(record, tree).rsplit("/", 1)[0]
    devices = get(DEVICES)
    guest: Guest = {
        "name": name_of(record),
        # An inaccessible guest has no configuration: its id keeps it apart from the others.
        "uuid": str(get("config.instanceUuid") or record["id"]),
        "datacenter": next((name_of(r) for r in ancestors(record, tree) if r["type"] == "Datacenter"), ""),
        "folder": folder,
        "cluster": _cluster_of(host, tree),
        "esxi_host": name_of(host) if host else "",
        "power_state": _POWER.get(str(get("runtime.powerState")), "off"),
        "template": bool(get("config.template")),
        "connection_state": str(get("runtime.connectionState") or "unknown"),
        "guest_os": str(get("config.guestFullName") or ""),
        "guest_id": str(get("config.guestId") or ""),
        "hostname": get("guest.hostName") or None,
        "addresses": _addresses(get("guest.ipAddress"), get("guest.net") or []),
        "tools": _tools(get("guest.toolsRunningStatus"), get("guest.toolsVersionStatus2")),
        "cpus": int(get("config.hardware.numCPU") or 0),
        "cores_per_socket": int(get("config.hardware.numCoresPerSocket") or 1),
        "memory_gib": _round(int(get("config.hardware.memoryMB") or 0) / 1024),
        "disk_gib": _disk(devices, get),
        "cpu_hot_add": bool(get("config.cpuHotAddEnabled")),
        "memory_hot_add": bool(get("config.memoryHotAddEnabled")),
        "snapshots": _snapshots(get("snapshot.rootSnapshotList") or []),
        "raw_device_mappings": _raw_mappings(devices),
        "datastores": names_of(get("datastore"), tree),
        "networks": names_of(get("network"), tree),
        "tags": sorted(tags.get(record["id"], ())),
        "attributes": {key: values[key] for key in sorted(values) if not key.startswith(MARK)},
        "landfall": {key[len(MARK) :]: values[key] for key in sorted(values) if key.startswith(MARK)},
        "annotation": str(get("config.annotation") or ""),
        "host_keys": host_keys(keys),
        "statistics": {},
    }
    special = special_devices(devices or [])
    if special:
        guest["special_devices"] = special
    return guest


def host_keys(text: str) -> list[str]:
    """Public SSH host keys as guestinfo has them, one `type base64` a line; whatever else stands there is no key."""
    found = (line.split()[:2] for line in text.splitlines())
    return sorted(" ".join(key) for key in found if len(key) == 2 and key[0].startswith(("ssh-", "ecdsa-", "sk-")))


def _host(record: Record, tree: Tree) -> EsxiHost:
    get = record["properties"].get
    return {
        "name": name_of(record),
        "cluster": _cluster_of(record, tree),
        "sockets": int(get("summary.hardware.numCpuPkgs") or 0),
        "cores": int(get("summary.hardware.numCpuCores") or 0),
        "threads": int(get("summary.hardware.numCpuThreads") or 0),
        "cpu_mhz": int(get("summary.hardware.cpuMhz") or 0),
        "memory_gib": _round(int(get("summary.hardware.memorySize") or 0) / _GIB),
        "cpu_used_mhz": int(get("summary.quickStats.overallCpuUsage") or 0),
        "memory_used_gib": _round(int(get("summary.quickStats.overallMemoryUsage") or 0) / 1024),
        "power_state": _POWER.get(str(get("runtime.powerState")), str(get("runtime.powerState") or "unknown")),
        "in_maintenance": bool(get("runtime.inMaintenanceMode")),
        "datastores": names_of(get("datastore"), tree),
    }


def _cluster(record: Record, tree: Tree) -> Cluster:
    configuration = record["properties"].get("configurationEx") or {}
    return {
        "name": name_of(record),
        "datacenter": next((name_of(r) for r in ancestors(record, tree) if r["type"] == "Datacenter"), ""),
        "drs": bool((configuration.get("drsConfig") or {}).get("enabled")),
        "ha": bool((configuration.get("dasConfig") or {}).get("enabled")),
    }


def _datastore(record: Record) -> Datastore:
    get = record["properties"].get
    return {
        "name": name_of(record),
        "capacity_gib": _round(int(get("summary.capacity") or 0) / _GIB),
        "free_gib": _round(int(get("summary.freeSpace") or 0) / _GIB),
        "accessible": bool(get("summary.accessible")),
    }


def _network(record: Record) -> Network:
    return {"name": name_of(record), "kind": NETWORKS[record["type"]]}


def _cluster_of(host: Record | None, tree: Tree) -> str:
    parent = tree.get(host["properties"].get("parent") or "") if host else None
    return name_of(parent) if parent else ""


def _addresses(primary: str | None, cards: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every address that another machine could use, the one that vSphere calls the guest's first."""
    found = [primary] if primary else []
    found += [address for card in cards for address in card.get("ipAddress") or []]
    return [address for address in dict.fromkeys(found) if _reachable(address)]


def _reachable(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_link_local or address.is_loopback or address.is_unspecified)


def _tools(running: str | None, version: str | None) -> str:
    if running == "guestToolsRunning":
        return "running"
    return "not_installed" if version in (None, "guestToolsNotInstalled") else "not_running"


def _disk(devices: Sequence[Mapping[str, Any]] | None, get: Callable[[str], Any]) -> float:
    """GiB of virtual disk; without the devices, what the datastores hold and have promised for the guest."""
    if devices is None:
        return _round(
            (int(get("summary.storage.committed") or 0) + int(get("summary.storage.uncommitted") or 0)) / _GIB
        )
    return _round(sum(int(device.get("capacityInKB") or 0) for device in devices) / 1024**2)


def _raw_mappings(devices: Sequence[Mapping[str, Any]] | None) -> int | None:
    if devices is None:
        return None
    return sum(1 for device in devices if "lunUuid" in (device.get("backing") or {}))


def _snapshots(roots: Sequence[Mapping[str, Any]]) -> int:
    return sum(1 + _snapshots(root.get("childSnapshotList") or []) for root in roots)


def _sorted(items: Iterable[Any]) -> list[Any]:
    return sorted(items, key=lambda item: item["name"])


def _round(value: float) -> float:
    """Two decimals are what a person reads, and keep the file still where nothing happened."""
    return round(value, 2)
