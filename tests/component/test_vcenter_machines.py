# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What changes VMs in the lab's vCenter: clone, customize, resize, revert, power, destroy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory
from .vcenter_objects import clone, customization, find, finish, machine

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]


@pytest.fixture
def service(vcenter: VCenter) -> Iterator[Any]:
    with vcenter.session() as instance:
        yield instance


def test_a_clone_gets_the_whole_configuration(service: Any) -> None:
    config = vim.vm.ConfigSpec(
        numCPUs=8, memoryMB=16384, numCoresPerSocket=4, annotation="made by a test", cpuHotAddEnabled=True,
        extraConfig=[vim.option.OptionValue(key="guestinfo.x", value="y")],
    )  # fmt: skip
    node = clone(service, "node-a", config=config, customization=customization("node-a", "10.99.0.201"), powerOn=True)
    assert (node.config.hardware.numCPU, node.config.hardware.memoryMB, node.config.hardware.numCoresPerSocket) == (
        8,
        16384,
        4,
    )
    assert node.config.annotation == "made by a test"
    assert node.config.cpuHotAddEnabled
    assert not node.config.memoryHotAddEnabled
    assert {o.key: o.value for o in node.config.extraConfig}["guestinfo.x"] == "y"
    assert node.runtime.powerState == "poweredOn"
    assert (node.guest.hostName, node.guest.ipAddress) == ("node-a", "10.99.0.201")
    assert node.guest.toolsRunningStatus == "guestToolsRunning"
    original = machine(service, "debian-12-node")
    cards = [[d.macAddress for d in vm.config.hardware.device if hasattr(d, "macAddress")] for vm in (node, original)]
    assert len(cards[0]) == len(cards[1]) == 1
    assert cards[0] != cards[1]
    assert node.runtime.host in find(service, vim.ClusterComputeResource)["Prod-A"].host


def test_customization_comes_with_the_next_power_on(service: Any) -> None:
    node = clone(service, "node-b")
    finish(node.CustomizeVM_Task(customization("other-name", "10.99.0.202")))
    assert node.guest.ipAddress is None
    finish(node.PowerOnVM_Task())
    assert (node.guest.hostName, node.guest.ipAddress) == ("other-name", "10.99.0.202")
    finish(node.PowerOffVM_Task())
    assert node.guest.ipAddress is None
    assert node.guest.toolsRunningStatus == "guestToolsNotRunning"
    finish(node.PowerOnVM_Task())
    assert node.guest.ipAddress == "10.99.0.202"


def test_without_customization_the_network_gives_an_address(service: Any) -> None:
    node = clone(service, "node-dhcp", powerOn=True)
    assert node.guest.ipAddress.startswith("10.99.0.1")


@pytest.mark.parametrize("change", [{"numCPUs": 8}, {"numCPUs": 1}])
def test_cpus_of_a_running_guest_are_refused(service: Any, change: dict[str, int]) -> None:
    guest = machine(service, "order-01")
    with pytest.raises(vim.fault.CpuHotPlugNotSupported):
        finish(guest.ReconfigVM_Task(vim.vm.ConfigSpec(**change)))
    assert guest.config.hardware.numCPU == 4


@pytest.mark.parametrize("megabytes", [16384, 4096])
def test_memory_of_a_running_guest_is_refused(service: Any, megabytes: int) -> None:
    guest = machine(service, "order-01")
    with pytest.raises(vim.fault.MemoryHotPlugNotSupported):
        finish(guest.ReconfigVM_Task(vim.vm.ConfigSpec(memoryMB=megabytes)))
    assert guest.config.hardware.memoryMB == 8192


def test_hot_add_where_it_is_allowed(service: Any) -> None:
    allowed = vim.vm.ConfigSpec(cpuHotAddEnabled=True, memoryHotAddEnabled=True)
    node = clone(service, "node-hot", config=allowed, powerOn=True)
    finish(node.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=6, memoryMB=8192)))
    assert (node.summary.config.numCpu, node.summary.config.memorySizeMB) == (6, 8192)
    with pytest.raises(vim.fault.InvalidPowerState):
        finish(node.ReconfigVM_Task(vim.vm.ConfigSpec(cpuHotAddEnabled=False)))


def test_sizes_that_make_no_sense_are_refused(service: Any) -> None:
    node = clone(service, "node-odd")
    for spec in (vim.vm.ConfigSpec(memoryMB=4097), vim.vm.ConfigSpec(numCPUs=3, numCoresPerSocket=2)):
        with pytest.raises(vmodl.fault.InvalidArgument):
            finish(node.ReconfigVM_Task(spec))
    finish(node.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=64)))
    with pytest.raises(vim.fault.NotEnoughCpus):
        finish(node.PowerOnVM_Task())


def test_revert_brings_the_hardware_back_and_powers_off(service: Any) -> None:
    node = clone(service, "node-revert")
    finish(node.CreateSnapshot_Task(name="before", memory=False, quiesce=False))
    finish(node.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=4, memoryMB=8192, annotation="changed")))
    finish(node.PowerOnVM_Task())
    finish(node.snapshot.currentSnapshot.RevertToSnapshot_Task())
    assert node.runtime.powerState == "poweredOff"
    assert (node.config.hardware.numCPU, node.config.hardware.memoryMB, node.config.annotation) == (2, 4096, None)
    finish(node.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=4)))
    finish(node.RevertToCurrentSnapshot_Task())
    assert node.summary.config.numCpu == 2
    finish(node.RemoveAllSnapshots_Task())
    assert node.snapshot is None


def test_power_states(service: Any) -> None:
    node = clone(service, "node-power", powerOn=True)
    with pytest.raises(vim.fault.InvalidPowerState):
        finish(node.PowerOnVM_Task())
    first = node.runtime.bootTime
    finish(node.ResetVM_Task())
    assert node.runtime.bootTime > first
    node.RebootGuest()
    finish(node.SuspendVM_Task())
    assert node.runtime.powerState == "suspended"
    finish(node.PowerOnVM_Task())
    with pytest.raises(vim.fault.InvalidPowerState):
        finish(node.Destroy_Task())
    node.ShutdownGuest()
    deadline = time.monotonic() + 10
    while node.runtime.powerState != "poweredOff":
        assert time.monotonic() < deadline
    with pytest.raises(vim.fault.InvalidPowerState):
        node.ShutdownGuest()


def test_shutdown_needs_tools(service: Any) -> None:
    with pytest.raises(vim.fault.ToolsUnavailable):
        machine(service, "appliance-hsm").ShutdownGuest()


def test_destroy_frees_name_host_and_datastore(service: Any) -> None:
    node = clone(service, "node-gone")
    host = node.runtime.host
    with pytest.raises(vim.fault.DuplicateName) as twice:
        clone(service, "node-gone")
    assert twice.value.msg == "The name 'node-gone' already exists."
    finish(node.Destroy_Task())
    assert "node-gone" not in find(service, vim.VirtualMachine)
    assert node not in host.vm
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        node.PowerOnVM_Task()
    assert clone(service, "node-gone").name == "node-gone"


def test_a_clone_goes_where_it_is_told(service: Any) -> None:
    hosts, clusters = find(service, vim.HostSystem), find(service, vim.ClusterComputeResource)
    template, folder = machine(service, "debian-12-node"), find(service, vim.Folder)["kubernetes"]
    location = vim.vm.RelocateSpec(
        pool=clusters["Prod-B"].resourcePool, host=hosts["esx-b2"], datastore=find(service, vim.Datastore)["ds-b-hdd"]
    )
    spec = vim.vm.CloneSpec(location=location, powerOn=False, template=False)
    node = finish(template.CloneVM_Task(folder=folder, name="node-b2", spec=spec))
    assert (node.runtime.host.name, node.datastore[0].name) == ("esx-b2", "ds-b-hdd")
    assert node in hosts["esx-b2"].vm
    spec.location.host = hosts["esx-a1"]
    with pytest.raises(Exception, match=r"spec\.location\.host"):
        finish(template.CloneVM_Task(folder=folder, name="node-b3", spec=spec))
    finish(node.RelocateVM_Task(vim.vm.RelocateSpec(host=hosts["esx-b1"])))
    assert node in hosts["esx-b1"].vm
    assert node not in hosts["esx-b2"].vm


def test_running_tasks_have_names_that_clients_know(vcenter: VCenter, service: Any) -> None:
    vcenter.fault("CloneVM_Task", delay=0.5, task=True)
    folder = find(service, vim.Folder)["kubernetes"]
    location = vim.vm.RelocateSpec(pool=find(service, vim.ClusterComputeResource)["Prod-A"].resourcePool)
    spec = vim.vm.CloneSpec(location=location, powerOn=False, template=False)
    task = machine(service, "debian-12-node").CloneVM_Task(folder=folder, name="node-slow", spec=spec)
    assert task.info.state == "running"
    assert task.info.name.info.wsdlName == "CloneVM_Task"
    finish(task)
    rename = machine(service, "node-slow").Rename_Task("node-slow-2")
    finish(rename)
    assert rename.info.name.info.wsdlName == "Rename_Task"
