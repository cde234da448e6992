# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""VMs that are there become nodes at the lab's vCenter, and are given back; nodes wait for guests that are on."""

from __future__ import annotations

from typing import Any

import yaml
from pyVmomi import vim

from .test_vsphere_nodes import NODES, _guests, actions, node, nodes
from .vcenter_client import KEY, is_on, marks, problems, run
from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory
from .vcenter_objects import clone, customization, find, finish, machine

__all__ = ["_guests", "quiet_vcenter", "vcenter", "vcenter_factory"]

WORKER = node("worker-01", "esx-a3", 13, cpus=4, memory_gib=8, disk_gib=40, adopt=True)
STAMP = ("landfall.site", "landfall.role", "landfall.origin")


def stamp(vm: Any) -> dict[str, str]:
    return {option.key: option.value for option in vm.config.extraConfig if option.key in STAMP}


def somebodys_machine(service: Any, name: str, address: str) -> Any:
    """Of 2 CPUs, 4 GiB and a disk of 40 GiB, off; Landfall knows nothing of it."""
    return clone(service, name, customization=customization(name, address))


def test_a_machine_that_is_there_becomes_a_node_and_is_given_back(vcenter: VCenter) -> None:
    with vcenter.session() as service:
        somebodys_machine(service, "worker-01", "10.99.0.13")
        folder = machine(service, "worker-01").parent.name
        try:
            check = nodes(vcenter, [WORKER], check=True)
            assert stamp(machine(service, "worker-01")) == {}
            made = nodes(vcenter, [WORKER])
            assert actions(made) == actions(check) == {"worker-01": "adopted"}
            assert made["diff"] == check["diff"]
            assert yaml.safe_load(made["diff"]["before"])["worker-01"] == {
                "cpus": 2, "memory_gib": 4.0, "role": None, "power": "off", "site": None, "origin": None,
            }  # fmt: skip
            assert yaml.safe_load(made["diff"]["after"])["worker-01"] == {
                "cpus": 4, "memory_gib": 8, "role": "worker", "power": "on", "site": "lab", "origin": "adopted",
            }  # fmt: skip
            (one,) = made["nodes"]
            assert (one["address"], one["host_keys"], one["role"]) == ("10.99.0.13", [KEY], "worker")
            vm = machine(service, "worker-01")
            assert stamp(vm) == dict(zip(STAMP, ("lab", "worker", "adopted"), strict=True))
            assert marks(service, vm) == {
                "landfall.site": "lab", "landfall.role": "worker", "landfall.origin": "adopted",
            }  # fmt: skip
            assert (vm.config.hardware.numCPU, vm.config.hardware.memoryMB, vm.parent.name) == (4, 8192, folder)
            assert nodes(vcenter, [WORKER])["changed"] is False

            given = nodes(vcenter, [], state="absent", check=True)
            assert actions(given) == {"worker-01": "released"}
            assert actions(nodes(vcenter, [], state="absent")) == {"worker-01": "released"}, "nothing is deleted"
            vm = machine(service, "worker-01")
            assert (is_on(vm), stamp(vm), marks(service, vm)) == (True, {}, {})
            assert nodes(vcenter, [], state="absent", confirm=True)["changed"] is False
        finally:
            remove(service, "worker-01")


def test_clones_go_and_adopted_ones_stay(vcenter: VCenter) -> None:
    with vcenter.session() as service:
        somebodys_machine(service, "worker-01", "10.99.0.13")
        try:
            assert actions(nodes(vcenter, [NODES[0], WORKER])) == {"cp-01": "created", "worker-01": "adopted"}
            refused = nodes(vcenter, [], state="absent")
            assert "cp-01 would be deleted" in refused["msg"]
            gone = nodes(vcenter, [], state="absent", confirm=True)
            assert actions(gone) == {"cp-01": "removed", "worker-01": "released"}
            assert yaml.safe_load(gone["diff"]["after"]) == {"cp-01": "absent", "worker-01": {"site": None}}
            assert "cp-01" not in vcenter.machines()
            assert is_on(machine(service, "worker-01"))
        finally:
            remove(service, "worker-01")


def test_an_adoption_that_broke_off_is_finished_and_still_protected(vcenter: VCenter) -> None:
    with vcenter.session() as service:
        somebodys_machine(service, "worker-01", "10.99.0.13")
        try:
            vcenter.fault(
                "ReconfigVM_Task", object="worker-01", skip=1, count=1, fault="GenericVmConfigFault", task=True
            )
            assert "the resize failed" in nodes(vcenter, [WORKER])["msg"]
            assert stamp(machine(service, "worker-01"))["landfall.origin"] == "adopted"
            assert marks(service, machine(service, "worker-01")) == {}
            assert actions(nodes(vcenter, [WORKER])) == {"worker-01": "finished"}
            assert actions(nodes(vcenter, [], state="absent", confirm=True)) == {"worker-01": "released"}
        finally:
            remove(service, "worker-01")


def test_everything_that_forbids_an_adoption_at_once(vcenter: VCenter) -> None:
    run(vcenter, "vsphere_retire", guests=["web-01"], mark="moving", wave=1)
    wanted = [
        node("goods-1", "esx-a3", 40, adopt=True),
        node("debian-12-node", "esx-a1", 41, adopt=True),
        {**node("goods-01", "esx-b1", 42, cpus=4, memory_gib=8), "adopt": True},
        {**node("web-01", "esx-a4", 29, cpus=2, memory_gib=4), "adopt": True},
    ]
    refused = nodes(vcenter, wanted)
    run(vcenter, "vsphere_retire", guests=["web-01"], state="restored")
    told = problems(refused)
    assert told["nodes[0].adopt"].endswith("did you mean goods-01?, or adopt: false")
    assert "is a template" in told["nodes[1].adopt"]
    assert "goods-01 runs and has published no SSH host keys" in told["nodes[2].adopt"]
    assert "goods-01 runs and has 10.99.0.23, not 10.99.0.42" in told["nodes[2].address"]
    assert told["nodes[2].esxi_host"].startswith("goods-01 stands on esx-a3, in the cluster Prod-A")
    said = [one["found"] for one in refused["problems"] if one["path"] == "nodes[3].adopt"]
    assert any("web-01 is marked as moving" in one for one in said)
    assert any("published no SSH host keys" in one for one in said)
    assert "ReconfigVM_Task" not in vcenter.calls()


def test_a_node_waits_until_its_guest_is_off(vcenter: VCenter) -> None:
    wanted = [NODES[0], {**NODES[1], "waits_for": ["promo-01", "deleted-long-ago"]}]
    made = nodes(vcenter, wanted)
    assert actions(made) == {"cp-01": "created", "cp-02": "waiting"}
    assert list(yaml.safe_load(made["diff"]["after"])) == ["cp-01"]
    waiting = made["nodes"][1]
    assert (waiting["waits_for"], waiting["uuid"], waiting["host_keys"]) == (["promo-01"], "", [])
    assert [one["names"] for one in made["known_hosts"]] == [["10.99.0.10"]]
    again = nodes(vcenter, wanted)
    assert (again["changed"], actions(again)) == (False, {"cp-01": "unchanged", "cp-02": "waiting"})
    with vcenter.session() as service:
        assert not find(service, vim.ClusterComputeResource)["Prod-A"].configurationEx.rule
        finish(machine(service, "promo-01").PowerOffVM_Task())
        try:
            check = nodes(vcenter, wanted, check=True)
            assert actions(check) == actions(nodes(vcenter, wanted)) == {"cp-01": "unchanged", "cp-02": "created"}
        finally:
            finish(machine(service, "promo-01").PowerOnVM_Task())
        assert find(service, vim.ClusterComputeResource)["Prod-A"].configurationEx.rule, "both are there now"
    assert nodes(vcenter, wanted)["changed"] is False, "a node that exists waits for nobody"


def remove(service: Any, name: str) -> None:
    vm = machine(service, name)
    if is_on(vm):
        finish(vm.PowerOffVM_Task())
    finish(vm.Destroy_Task())
