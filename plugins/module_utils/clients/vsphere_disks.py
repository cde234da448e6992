# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How vSphere is told that the disks of a VM grow, and that there are more of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .vmomi import vim

_RESERVED = 7  # the SCSI controller itself


def disk_changes(devices: Sequence[Any], sizes: Sequence[float | None]) -> list[Any]:
    """Changes to these sizes in GiB, in the order of the disks; None: as it is. A disk is sent back whole."""
    disks = [device for device in devices if isinstance(device, vim.vm.device.VirtualDisk)]
    free = _free_units(devices, disks[0].controllerKey)
    changes = []
    for index, size in enumerate(sizes):
        if size is None:
            continue
        if index < len(disks):
            disk = disks[index]
            if disk.capacityInKB == int(size) * 1024**2:
                continue
            change = vim.vm.device.VirtualDeviceSpec(operation="edit", device=disk)
        else:
            disk = _new_disk(disks[0], -1 - index, next(free))
            change = vim.vm.device.VirtualDeviceSpec(operation="add", fileOperation="create", device=disk)
        disk.capacityInKB, disk.capacityInBytes = int(size) * 1024**2, int(size) * 1024**3
        changes.append(change)
    return changes


def _new_disk(first: Any, key: int, unit: int) -> Any:
    """Beside the first one, and thin: the file takes its name and its datastore from the VM."""
    backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(fileName="", diskMode="persistent", thinProvisioned=True)
    return vim.vm.device.VirtualDisk(key=key, controllerKey=first.controllerKey, unitNumber=unit, backing=backing)


def _free_units(devices: Sequence[Any], controller: int) -> Iterator[int]:
    used = {device.unitNumber for device in devices if device.controllerKey == controller}
    return (unit for unit in range(16) if unit != _RESERVED and unit not in used)
