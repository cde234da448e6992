# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The virtual devices of a VM, and how its network cards come to hang on the right networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .vmomi import vim
from .vsphere import VCenter

_DEVICE = "config.hardware.device"


def devices(vcenter: VCenter, machine: str) -> list[Any]:
    """The virtual devices of a VM, as vSphere's own structures, in the order of their keys."""
    (record,) = vcenter.read([vcenter.object("VirtualMachine", machine)], [_DEVICE], raw=True).values()
    return sorted(record["properties"].get(_DEVICE) or [], key=lambda device: int(device.key))


def cards_of(vcenter: VCenter, machine: str) -> list[Any]:
    return [device for device in devices(vcenter, machine) if isinstance(device, vim.vm.device.VirtualEthernetCard)]


def connections(vcenter: VCenter, cards: Sequence[Any], networks: Sequence[tuple[str, str]]) -> list[Any]:
    """Changes that put each card on its network (type and id), in their order; a card that is missing is added."""
    changes = []
    for index, network in enumerate(networks):
        if index >= len(cards):
            card = vim.vm.device.VirtualVmxnet3(key=-1 - index, backing=_backing(vcenter, network))
            changes.append(vim.vm.device.VirtualDeviceSpec(operation="add", device=card))
        elif not _hangs_on(cards[index], network[1]):
            card = cards[index]
            card.backing = _backing(vcenter, network)
            changes.append(vim.vm.device.VirtualDeviceSpec(operation="edit", device=card))
    return changes


def _hangs_on(card: Any, network: str) -> bool:
    port, plain = getattr(card.backing, "port", None), getattr(card.backing, "network", None)
    return getattr(port, "portgroupKey", None) == network or (plain is not None and plain._moId == network)


def _backing(vcenter: VCenter, network: tuple[str, str]) -> Any:
    kind, identity = network
    if kind != "DistributedVirtualPortgroup":
        handle = vcenter.object(kind, identity)
        (record,) = vcenter.read([handle], ("name",)).values()
        name = record["properties"]["name"]
        return vim.vm.device.VirtualEthernetCard.NetworkBackingInfo(deviceName=name, network=handle)
    group = vim.dvs.DistributedVirtualPortgroup(identity, vcenter.stub)
    # raw: a switch may be of VMware or of somebody else, and is asked for as the type that it has
    (record,) = vcenter.read([group], ("key", "config.distributedVirtualSwitch"), raw=True).values()
    (found,) = vcenter.read([record["properties"]["config.distributedVirtualSwitch"]], ("uuid",)).values()
    port = vim.dvs.PortConnection(portgroupKey=record["properties"]["key"], switchUuid=found["properties"]["uuid"])
    return vim.vm.device.VirtualEthernetCard.DistributedVirtualPortBackingInfo(port=port)
