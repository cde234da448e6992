# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""VMs that were there before Landfall: taken over as nodes, and given back as they are.

The stamp comes first and says where they come from, so no later run takes one for a clone that it may delete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..core.node_vms import ADOPTED, Machine, Step
from .vmomi import vim
from .vsphere import VCenter
from .vsphere_ground import STAMPS
from .vsphere_power import set_marks


def take_over(vcenter: VCenter, steps: Sequence[Step], site: str, *, timeout: int) -> None:
    """Stamp these; what else a node has comes by the stages that are for all."""
    stamps = (
        (step.machine, {"site": site, "role": step.node["role"], "node": step.machine.name, "origin": ADOPTED})
        for step in steps
        if step.machine is not None
    )
    _stamp(vcenter, stamps, what="the take-over", timeout=timeout)


def give_back(vcenter: VCenter, machines: Sequence[Machine], fields: dict[str, int], *, timeout: int) -> None:
    """Take stamp and marks away, and nothing else. The origin goes last: until then it protects the VM."""
    for machine in machines:
        set_marks(vcenter, machine.id, {key: "" for key in ("site", "role") if machine.marks.get(key)}, fields)
    gone = dict.fromkeys(STAMPS, "")  # an empty value removes a key
    _stamp(vcenter, ((machine, gone) for machine in machines), what="the return", timeout=timeout)
    for machine in machines:
        set_marks(vcenter, machine.id, {key: "" for key in ("origin",) if machine.marks.get(key)}, fields)


def _stamp(vcenter: VCenter, stamps: Iterable[tuple[Machine, Mapping[str, str]]], *, what: str, timeout: int) -> None:
    tasks = {}
    for machine, values in stamps:
        options = [vim.option.OptionValue(key=STAMPS[name], value=value) for name, value in values.items()]
        vm = vcenter.object("VirtualMachine", machine.id)
        tasks[machine.name] = vm.ReconfigVM_Task(vim.vm.ConfigSpec(extraConfig=options))
    vcenter.wait(tasks, what=what, timeout=timeout)
