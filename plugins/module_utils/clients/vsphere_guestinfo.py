# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tells new nodes who they are, where cloud-init reads it. Their hardware addresses are known once they are cloned."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.cloud_init import guestinfo, metadata
from ..core.node_vms import Step
from .vmomi import vim
from .vsphere import VCenter
from .vsphere_specs import Addressing


def introduce(vcenter: VCenter, steps: Sequence[Step], addressing: Addressing, *, timeout: int) -> None:
    """Before they are switched on: cloud-init looks once for each instance-id."""
    tasks = {}
    for step in steps:
        machine, node = step.machine, step.node
        if machine is None or machine.adopted:
            continue
        said = metadata(
            instance=machine.uuid,
            name=node["name"],
            card=machine.cards[0],
            address=node["address"],
            prefix=addressing.prefix,
            gateway=addressing.gateway,
            dns=addressing.dns,
            domain=addressing.domain,
        )
        keys = guestinfo(said, addressing.userdata)
        spec = vim.vm.ConfigSpec(
            extraConfig=[vim.option.OptionValue(key=key, value=value) for key, value in keys.items()]
        )
        tasks[node["name"]] = vcenter.object("VirtualMachine", machine.id).ReconfigVM_Task(spec)
    vcenter.wait(tasks, what="guestinfo", timeout=timeout)
