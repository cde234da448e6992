# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's vCenter is killed and started again: the same estate, under the same references."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyVmomi import vim

from .vcenter_fixture import VCenter, vcenter_factory
from .vcenter_objects import clone, customization, find, finish, machine

__all__ = ["vcenter_factory"]


def everything(service: Any) -> dict[str, tuple[Any, ...]]:
    """What clients would notice if it changed."""
    return {
        vm._moId: (
            vm.name, vm.parent.name, vm.runtime.powerState, vm.runtime.host.name,
            vm.config.uuid, vm.config.instanceUuid,
            vm.config.hardware.numCPU, vm.config.hardware.memoryMB, vm.config.annotation, vm.config.template,
            vm.guest.hostName, vm.guest.ipAddress, vm.guest.toolsRunningStatus, vm.runtime.bootTime,
            sorted((v.key, v.value) for v in vm.customValue), sorted((o.key, o.value) for o in vm.config.extraConfig),
            [d.macAddress for d in vm.config.hardware.device if hasattr(d, "macAddress")],
            [(d.key, d.capacityInKB) for d in vm.config.hardware.device if hasattr(d, "capacityInKB")],
            [n.name for n in vm.network], [d.name for d in vm.datastore],
            [t.name for t in vm.snapshot.rootSnapshotList] if vm.snapshot else [],
            vm.config.tools.pendingCustomization is not None,
        )
        for vm in find(service, vim.VirtualMachine).values()
    }  # fmt: skip


def change(service: Any) -> None:
    """All that Landfall changes in an estate, and a little more."""
    node = clone(
        service, "cp-01", config=vim.vm.ConfigSpec(numCPUs=8, memoryMB=16384, annotation="node"),
        customization=customization("cp-01", "10.99.0.10"), powerOn=True,
    )  # fmt: skip
    clone(service, "cp-02", customization=customization("cp-02", "10.99.0.11"))
    finish(clone(service, "cp-03").Destroy_Task())
    fields = service.content.customFieldsManager
    mark = fields.AddFieldDefinition(name="landfall_state", moType=vim.VirtualMachine)
    fields.SetField(entity=node, key=mark.key, value="made")
    old = machine(service, "web-01")
    fields.SetField(entity=old, key=mark.key, value="retired")
    quarantine = find(service, vim.Folder)["legacy"].CreateFolder("quarantine")
    finish(old.PowerOffVM_Task())
    finish(old.Rename_Task("retired-web-01"))
    finish(quarantine.MoveIntoFolder_Task([old]))
    finish(old.CreateSnapshot_Task(name="before-destroy", memory=False, quiesce=False))
    finish(machine(service, "tob-demo-02").Destroy_Task())
    rule = vim.cluster.AntiAffinityRuleSpec(
        name="landfall-control-planes", enabled=True, vm=[node, machine(service, "cp-02")]
    )
    spec = vim.cluster.ConfigSpecEx(rulesSpec=[vim.cluster.RuleSpec(operation="add", info=rule)])
    finish(find(service, vim.ClusterComputeResource)["Prod-A"].ReconfigureComputeResource_Task(spec, True))


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_an_estate_survives(vcenter_factory: Callable[..., VCenter], end: str) -> None:
    server = vcenter_factory()
    with server.session() as service:
        change(service)
        before = everything(service)
    time.sleep(1.2)  # what the simulator changes by itself is kept within a second
    getattr(server, end)()
    server.start()
    with server.session() as service:
        assert everything(service) == before
        rules = find(service, vim.ClusterComputeResource)["Prod-A"].configurationEx.rule
        assert [(rule.name, sorted(vm.name for vm in rule.vm)) for rule in rules] == [
            ("landfall-control-planes", ["cp-01", "cp-02"])
        ]
        assert find(service, vim.Folder)["quarantine"].parent.name == "legacy"
        finish(machine(service, "cp-02").PowerOnVM_Task())
        assert machine(service, "cp-02").guest.ipAddress == "10.99.0.11"
        fresh = clone(service, "cp-04")
        assert fresh._moId not in before
        for store in find(service, vim.Datastore).values():
            stored = sum(u.committed for vm in store.vm for u in vm.storage.perDatastoreUsage if u.datastore == store)
            assert store.summary.capacity - store.summary.freeSpace == stored
        finish(machine(service, "retired-web-01").snapshot.currentSnapshot.RemoveSnapshot_Task(removeChildren=False))


def test_the_state_of_another_estate_is_refused(vcenter_factory: Callable[..., VCenter], tmp_path: Path) -> None:
    server = vcenter_factory()
    with server.session() as service:
        finish(clone(service, "cp-01").PowerOnVM_Task())
    server.stop()
    estate = yaml.safe_load(server.estate.read_text())
    estate["guests"].pop()
    server.estate = tmp_path / "estate.yml"
    server.estate.write_text(yaml.safe_dump(estate))
    with pytest.raises(RuntimeError, match="the description has changed since; take the lab down first"):
        server.start()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("host", "esx-z9", 'no host "esx-z9"'),
        ("colour", "red", "field colour not found"),
        ("os", "beos", "no operating system"),
    ],
)
def test_a_wrong_estate_is_refused(
    vcenter_factory: Callable[..., VCenter], tmp_path: Path, key: str, value: str, message: str
) -> None:
    estate = yaml.safe_load(Path("lab/estate.yml").read_text())
    estate["guests"][0][key] = value
    path = tmp_path / "estate.yml"
    path.write_text(yaml.safe_dump(estate))
    with pytest.raises(RuntimeError, match=message):
        vcenter_factory(estate=path)
