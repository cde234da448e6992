# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nodes and guests have in common: the power, and our marks on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..core.sweep import MARK
from ..core.vsphere_tree import Record
from .vmomi import vim, vmodl
from .vsphere import VCenter


class Powered(Protocol):
    """A VM as it was read."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def power(self) -> str: ...
    @property
    def tools_running(self) -> bool: ...


def power_on(vcenter: VCenter, machines: Sequence[Powered], *, timeout: int) -> None:
    tasks = {machine.name: vcenter.object("VirtualMachine", machine.id).PowerOnVM_Task() for machine in machines}
    vcenter.wait(tasks, what="switching on", timeout=timeout)


def power_off(vcenter: VCenter, machines: Sequence[Powered], *, timeout: int, patience: int = 120) -> None:
    """Shut these down through their tools; what has none, or does not end within `patience`, is switched off."""
    handles = {machine.name: vcenter.object("VirtualMachine", machine.id) for machine in machines}
    asked = {}
    for machine in machines:
        if machine.tools_running and machine.power == "on":
            try:
                handles[machine.name].ShutdownGuest()
                asked[machine.name] = handles[machine.name]
            except (vim.fault.ToolsUnavailable, vmodl.fault.NotSupported):
                continue  # the tools have gone since; the power will
    ended = vcenter.watch(asked, ("runtime.powerState",), _is_off, timeout=min(patience, timeout)) if asked else {}
    tasks = {m.name: handles[m.name].PowerOffVM_Task() for m in machines if m.name not in ended and m.power != "off"}
    vcenter.wait(tasks, what="switching off", timeout=timeout)


def _is_off(_name: str, record: Record) -> bool:
    return record["properties"].get("runtime.powerState") == "poweredOff"


def set_marks(vcenter: VCenter, machine: str, marks: Mapping[str, str], fields: dict[str, int]) -> None:
    """Write custom attributes `landfall.<key>` of a VM; an attribute that this vCenter lacks is defined first."""
    manager = vcenter.content.customFieldsManager
    for key, value in marks.items():
        name = MARK + key
        if name not in fields:
            fields[name] = int(manager.AddCustomFieldDef(name, vim.VirtualMachine).key)
        manager.SetField(vcenter.object("VirtualMachine", machine), fields[name], value)
