# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a VM that is there already cannot be taken over as a node. That Landfall did not make it is no reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .errors import Problem
from .node_vms import Ground, Machine, Node
from .schema import near
from .special_devices import SHARED_DISK, special_devices
from .sweep import HOST_KEYS

RAW_DISK = "raw_disk"
_IN_WORDS = {
    RAW_DISK: "a raw device mapping, which nobody can resize or move from here",
    SHARED_DISK: "a disk that other virtual machines write to",
}


def obstacles(devices: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The kinds of disks among `devices` that a node cannot have."""
    raw = any("RawDisk" in str((device.get("backing") or {}).get("_type", "")) for device in devices)
    return (RAW_DISK,) * raw + (SHARED_DISK,) * (SHARED_DISK in special_devices(devices))


def against_adoption(node: Node, machine: Machine | None, ground: Ground, path: str) -> Iterator[Problem]:
    """Every reason at once."""
    name = node["name"]
    if machine is None:
        known = near(name, sorted(ground.guests))
        yield Problem(f"{path}.adopt", f"there is no virtual machine {name!r} to adopt", f"{known}, or adopt: false")
        return
    if machine.template:
        yield Problem(f"{path}.adopt", f"{name} is a template", "a virtual machine")
        return
    if name in ground.twins:
        yield Problem(f"{path}.adopt", f"several virtual machines are named {name!r}", "a name of one")
    if machine.marks.get("state") and name not in node["waits_for"]:
        found = f"{name} is marked as {machine.marks['state']}: it is on its way out of service"
        yield Problem(f"{path}.adopt", found, f"a guest that vsphere_retire has restored, or waits_for: [{name}]")
    if not machine.disk_gib:
        yield Problem(f"{path}.adopt", f"{name} has no disk", "a virtual machine with a disk of its own")
    for word in machine.obstacles:
        yield Problem(f"{path}.adopt", f"{name} has {_IN_WORDS[word]}", "a virtual machine whose disks are its own")
    stands, planned = (ground.hosts.get(host) for host in (ground.stands_on.get(name, ""), node["esxi_host"]))
    if stands is not None and (planned is None or planned.cluster != stands.cluster):
        found = f"{name} stands on {stands.name}, in the cluster {stands.cluster}"
        yield Problem(f"{path}.esxi_host", found, f"{stands.name}: it is not moved")
    if machine.power != "on":
        return  # what its guest says is seen when it runs
    if not machine.host_keys:
        right = f"a guest that publishes them in {HOST_KEYS} when it starts, see the role nodes"
        yield Problem(f"{path}.adopt", f"{name} runs and has published no SSH host keys", right)
    if node["address"] is not None and node["address"] not in machine.addresses:
        shown = ", ".join(machine.addresses) or "none"
        right = "an address that it has, or none: it keeps its network"
        yield Problem(f"{path}.address", f"{name} runs and has {shown}, not {node['address']}", right)
