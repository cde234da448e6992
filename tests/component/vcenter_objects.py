# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vCenter's objects through pyVmomi alone, for tests that watch from outside what Landfall's own client did."""

from __future__ import annotations

from typing import Any

from pyVim.task import WaitForTask
from pyVmomi import vim


def find(service: Any, kind: Any) -> dict[str, Any]:
    """All entities of a kind, by name."""
    view = service.content.viewManager.CreateContainerView(service.content.rootFolder, [kind], True)
    try:
        return {entity.name: entity for entity in view.view}
    finally:
        view.Destroy()


def machine(service: Any, name: str) -> Any:
    return find(service, vim.VirtualMachine)[name]


def clone(service: Any, name: str, **options: Any) -> Any:
    """A clone of the node template in Prod-A."""
    location = vim.vm.RelocateSpec(pool=find(service, vim.ClusterComputeResource)["Prod-A"].resourcePool)
    spec = vim.vm.CloneSpec(location=location, **{"powerOn": False, "template": False, **options})
    folder = find(service, vim.Folder)["kubernetes"]
    return finish(machine(service, "debian-12-node").CloneVM_Task(folder=folder, name=name, spec=spec))


def finish(task: Any) -> Any:
    """Wait for a task as pyVmomi's users do; what it made, or its fault."""
    WaitForTask(task)
    return task.info.result


def customization(name: str, address: str) -> Any:
    """Linux host name and one fixed address."""
    adapter = vim.vm.customization.IPSettings(
        ip=vim.vm.customization.FixedIp(ipAddress=address), subnetMask="255.255.255.0", gateway=["10.99.0.1"]
    )
    return vim.vm.customization.Specification(
        identity=vim.vm.customization.LinuxPrep(
            domain="lab.example", hostName=vim.vm.customization.FixedName(name=name)
        ),
        globalIPSettings=vim.vm.customization.GlobalIPSettings(),
        nicSettingMap=[vim.vm.customization.AdapterMapping(adapter=adapter)],
    )
