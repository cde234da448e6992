# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What vSphere is told about a node: how to clone it, how to resize it, who it is on the network."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.node_vms import Node, Step, Wish
from .vmomi import vim
from .vsphere import VCenter
from .vsphere_devices import connections, devices
from .vsphere_disks import disk_changes
from .vsphere_ground import STAMPS, Handles


@dataclass(frozen=True)
class Addressing:
    """How the guests learn who they are, and what their network cards have in common."""

    customization: str  # linux_prep | guestinfo
    userdata: str | None
    prefix: int
    gateway: str | None
    dns: Sequence[str]
    domain: str


def clone_spec(
    vcenter: VCenter, node: Node, wish: Wish, addressing: Addressing, handles: Handles, cards: Sequence[Any]
) -> Any:
    """A clone that is off, of the right size but for its disk, stamped with our site, and knows its address."""
    host = node["esxi_host"]
    # The origin too: a template that was made of an adopted VM carries that VM's.
    stamps = {"site": wish.site, "role": node["role"], "node": node["name"], "origin": "cloned"}
    return vim.vm.CloneSpec(
        location=vim.vm.RelocateSpec(
            pool=vcenter.object("ResourcePool", handles.pools[host]),
            host=vcenter.object("HostSystem", handles.hosts[host]),
            datastore=vcenter.object("Datastore", handles.datastores[node["datastore"]]),
        ),
        config=vim.vm.ConfigSpec(
            numCPUs=node["cpus"],
            numCoresPerSocket=1,  # any number of CPUs divides by it, also when one is added later
            memoryMB=node["memory_gib"] * 1024,
            extraConfig=[vim.option.OptionValue(key=STAMPS[name], value=value) for name, value in stamps.items()],
            deviceChange=connections(
                vcenter, cards, [handles.networks[name] for name in (wish.network, *wish.networks)]
            ),
        ),
        customization=_linux_prep(node, addressing, max(len(cards), 1 + len(wish.networks)))
        if addressing.customization == "linux_prep"
        else None,
        powerOn=False,
        template=False,
    )


def resize_spec(vcenter: VCenter, step: Step) -> Any:
    """What a step lacks in size."""
    sizes = {name: new for name, (_old, new) in step.lacks.items()}
    spec = vim.vm.ConfigSpec()
    if "cpus" in sizes:
        spec.numCPUs = sizes["cpus"]
        if step.machine is not None and sizes["cpus"] % step.machine.cores_per_socket:
            spec.numCoresPerSocket = 1  # vSphere has no part of a socket
    if "memory_gib" in sizes:
        spec.memoryMB = sizes["memory_gib"] * 1024
    if {"disk_gib", "disks"} & set(sizes) and step.machine is not None:
        disks = [sizes.get("disk_gib"), *sizes.get("disks", ())]
        spec.deviceChange = disk_changes(devices(vcenter, step.machine.id), disks)
    return spec


def _linux_prep(node: Node, addressing: Addressing, cards: int) -> Any:
    custom = vim.vm.customization
    settings = [custom.IPSettings(ip=custom.DhcpIpGenerator())]
    if node["address"] is not None:
        network = ipaddress.ip_network(f"{node['address']}/{addressing.prefix}", strict=False)
        settings = [
            custom.IPSettings(
                ip=custom.FixedIp(ipAddress=node["address"]),
                subnetMask=str(network.netmask),
                gateway=[addressing.gateway],
                dnsServerList=list(addressing.dns),
            )
        ]
    # vSphere wants a setting for each card; those behind the first are none of our business.
    settings += [custom.IPSettings(ip=custom.DhcpIpGenerator()) for _card in range(cards - 1)]
    return custom.Specification(
        identity=custom.LinuxPrep(
            hostName=custom.FixedName(name=node["name"]), domain=addressing.domain, hwClockUTC=True
        ),
        globalIPSettings=custom.GlobalIPSettings(dnsServerList=list(addressing.dns), dnsSuffixList=[addressing.domain]),
        nicSettingMap=[custom.AdapterMapping(adapter=setting) for setting in settings],
    )
