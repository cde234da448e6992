# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Node VMs at the lab's vCenter: made, made again, made whole, resized, refused, removed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from pyVmomi import vim

from .vcenter_client import KEY, is_on, marks, problems, publishing_guests, run
from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory
from .vcenter_objects import clone, find, finish, machine

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]


def node(name: str, host: str, number: int, **other: Any) -> dict[str, Any]:
    role = "control_plane" if name.startswith("cp-") else "worker"
    return {
        "name": name, "role": role, "cpus": 8, "memory_gib": 16, "disk_gib": 100, "esxi_host": host,
        "datastore": "ds-b-hdd" if host.startswith("esx-b") else "ds-a-ssd", "address": f"10.99.0.{number}", **other,
    }  # fmt: skip


NODES = [
    node("cp-01", "esx-a1", 10),
    node("cp-02", "esx-a2", 11),
    node("cp-03", "esx-b1", 12),
    node("worker-01", "esx-a3", 13),
    node("worker-02", "esx-b2", 14, cpus=4, labels={"landfall.dev/zone": "prod-b"}),
]


def nodes(vcenter: VCenter, wanted: list[dict[str, Any]], **other: Any) -> dict[str, Any]:
    arguments = {
        "site": "lab", "template": "debian-12-node", "folder": "/DC0/vm/kubernetes/lab", "network": "vm-prod",
        "gateway": "10.99.0.1", "prefix": 24, "dns": ["10.99.0.1"], "wait_timeout": 120, "nodes": wanted, **other,
    }  # fmt: skip
    return run(vcenter, "vsphere_nodes", **arguments)


def actions(result: dict[str, Any]) -> dict[str, str]:
    assert not result["failed"], result["msg"]
    return {one["name"]: one["action"] for one in result["nodes"]}


@pytest.fixture(autouse=True)
def _guests(vcenter: VCenter) -> Iterator[None]:
    """Guests that publish their keys; each test begins without nodes."""
    nodes(vcenter, [], state="absent", confirm=True)
    vcenter.reset_calls()
    with publishing_guests(vcenter):
        yield


def test_five_nodes_out_of_one_template(vcenter: VCenter) -> None:
    check = nodes(vcenter, NODES, check=True)
    assert set(actions(check).values()) == {"created"}
    assert not {"cp-01", "worker-02"} & set(vcenter.machines())

    made = nodes(vcenter, NODES)
    assert actions(made) == actions(check)
    assert (made["changed"], made["diff"]) == (check["changed"], check["diff"])
    assert yaml.safe_load(made["diff"]["before"]) == {one["name"]: "absent" for one in NODES}
    assert yaml.safe_load(made["diff"]["after"])["worker-02"]["cpus"] == 4
    first = made["nodes"][0]
    assert (first["address"], first["host_keys"], first["role"]) == ("10.99.0.10", [KEY], "control_plane")
    assert {"names": ["10.99.0.14"], "keys": [KEY]} in made["known_hosts"]

    with vcenter.session() as service:
        cp = machine(service, "cp-01")
        assert (cp.config.hardware.numCPU, cp.config.hardware.memoryMB) == (8, 16384)
        assert [d.capacityInKB // 1024**2 for d in cp.config.hardware.device if hasattr(d, "capacityInKB")] == [100]
        assert (cp.guest.hostName, cp.guest.ipAddress, is_on(cp)) == ("cp-01", "10.99.0.10", True)
        assert cp.parent.name == "lab"
        assert cp.config.instanceUuid == first["uuid"]
        assert marks(service, cp) == {"landfall.role": "control_plane", "landfall.site": "lab"}
        assert machine(service, "cp-03").runtime.host.name == "esx-b1"
        clusters = find(service, vim.ClusterComputeResource)
        (rule,) = clusters["Prod-A"].configurationEx.rule
        assert (rule.name, rule.enabled) == ("landfall-lab-control-planes", True)
        assert {vm.name for vm in rule.vm} == {"cp-01", "cp-02"}
        assert not clusters["Prod-B"].configurationEx.rule, "one control plane needs no rule"

    vcenter.reset_calls()
    again = nodes(vcenter, NODES)
    assert (again["changed"], set(actions(again).values())) == (False, {"unchanged"})
    assert again["known_hosts"] == made["known_hosts"]
    own = {"CreateContainerView", "RetrievePropertiesEx", "DestroyView", "RetrieveServiceContent", "Login", "Logout"}
    assert {"CloneVM_Task", "ReconfigVM_Task", "SetField", "PowerOnVM_Task"}.isdisjoint(vcenter.calls())
    assert own <= set(vcenter.calls())
    assert nodes(vcenter, NODES, check=True)["changed"] is False


def test_everything_that_forbids_a_list_at_once(vcenter: VCenter) -> None:
    wanted = [
        node("cp-01", "esx-a9", 10),
        node("goods-01", "esx-a2", 11),
        node("cp-03", "esx-b1", 23, datastore="ds-a-ssd"),
        node("cp-03", "esx-b1", 15),
        node("worker-01", "esx-a3", 16, disk_gib=20),
    ]
    result = nodes(vcenter, wanted, template="debian-11-node", network="vm-production", folder="/DC1/vm/kubernetes")
    told = problems(result)
    assert told["template"] == "there is no template 'debian-11-node'; one of debian-12-node"
    assert "vm-enterprise, vm-office, vm-prod" in told["network"]
    assert "/DC0/vm/…" in told["folder"]
    assert "one of esx-a1, esx-a2" in told["nodes[0].esxi_host"]
    assert "VM that Landfall did not make" in told["nodes[1].name"]
    assert "10.99.0.23 is held by goods-01" in told["nodes[2].address"]
    assert told["nodes[2].datastore"].endswith("one of ds-b-hdd")
    assert "twice" in told["nodes[3].name"]
    assert "CloneVM_Task" not in vcenter.calls()
    too_small = nodes(vcenter, [node("worker-01", "esx-a3", 16, disk_gib=20)])
    assert "the template's disk has 40" in problems(too_small)["nodes[0].disk_gib"]


def test_what_does_not_fit_is_told_with_its_numbers(vcenter: VCenter) -> None:
    wanted = [node(f"worker-0{i}", "esx-b2", 10 + i, memory_gib=30, disk_gib=4000) for i in (1, 2, 3)]
    told = problems(nodes(vcenter, wanted))
    assert told["ESXi host esx-b2"].startswith("worker-01, worker-02, worker-03 want 90 GiB of memory, ")
    assert "of 96 are free" in told["ESXi host esx-b2"]
    assert told["datastore ds-b-hdd"].startswith("worker-01, worker-02, worker-03 want 12000 GiB, 59")
    assert "esx-b2 has 24" in problems(nodes(vcenter, [node("worker-01", "esx-b2", 11, cpus=32)]))["nodes[0].cpus"]
    assert not {one["name"] for one in wanted} & set(vcenter.machines())


def test_a_run_that_died_after_the_clone_is_finished(vcenter: VCenter) -> None:
    vcenter.fault("ReconfigVM_Task", object="cp-01", count=1, fault="GenericVmConfigFault", task=True)
    broken = nodes(vcenter, NODES[:2])
    assert "the resize failed: cp-01" in broken["msg"]
    with vcenter.session() as service:
        assert not is_on(machine(service, "cp-01"))
        assert marks(service, machine(service, "cp-01")) == {}
    check = nodes(vcenter, NODES[:2], check=True)
    finished = nodes(vcenter, NODES[:2])
    assert actions(finished) == actions(check) == {"cp-01": "finished", "cp-02": "finished"}
    assert finished["diff"] == check["diff"]
    assert nodes(vcenter, NODES[:2])["changed"] is False


def test_a_run_that_died_before_the_power_came_is_finished(vcenter: VCenter) -> None:
    vcenter.fault("PowerOnVM_Task", object="cp-02", count=1, fault="NotEnoughCpus")
    assert nodes(vcenter, NODES[:2])["failed"]
    finished = nodes(vcenter, NODES[:2])
    assert finished["changed"]
    assert actions(finished)["cp-02"] == "powered_on"
    assert all(one["host_keys"] for one in finished["nodes"])


def test_disks_behind_the_first_are_added_and_grow(vcenter: VCenter) -> None:
    def wanted(*sizes: int) -> list[dict[str, Any]]:
        return [{**NODES[0], "disks": [{"size_gib": size} for size in sizes]}]

    def found() -> list[int]:
        with vcenter.session() as service:
            hardware = machine(service, "cp-01").config.hardware
            disks = [device for device in hardware.device if hasattr(device, "capacityInKB")]
            return [disk.capacityInKB // 1024**2 for disk in sorted(disks, key=lambda disk: disk.unitNumber)]

    check = nodes(vcenter, wanted(20, 30), check=True)
    made = nodes(vcenter, wanted(20, 30))
    assert made["diff"] == check["diff"]
    assert found() == [100, 20, 30]
    assert nodes(vcenter, wanted(20, 30))["changed"] is False
    assert nodes(vcenter, wanted(20))["changed"] is False, "what else it has is left alone"
    check = nodes(vcenter, wanted(25, 30, 10), check=True)
    grown = nodes(vcenter, wanted(25, 30, 10))
    assert actions(grown) == actions(check) == {"cp-01": "resized"}
    assert grown["diff"] == check["diff"]
    assert yaml.safe_load(grown["diff"]["after"]) == {"cp-01": {"disks": [25, 30, 10]}}
    assert found() == [100, 25, 30, 10]
    assert nodes(vcenter, wanted(25, 30, 10))["changed"] is False
    assert "cannot shrink" in problems(nodes(vcenter, wanted(25, 20)))["nodes[0].disks[1]"]


def test_nodes_carry_tags(vcenter: VCenter) -> None:
    tags = [{"category": "purpose", "name": "infrastructure"}, {"category": "stage", "name": "production"}]
    check = nodes(vcenter, NODES[:2], tags=tags[:1], check=True)
    made = nodes(vcenter, NODES[:2], tags=tags[:1])
    assert actions(made) == actions(check) == {"cp-01": "created", "cp-02": "created"}
    assert made["diff"] == check["diff"]
    assert nodes(vcenter, NODES[:2], tags=tags[:1])["changed"] is False
    check = nodes(vcenter, NODES[:2], tags=tags, check=True)
    more = nodes(vcenter, NODES[:2], tags=tags)
    assert actions(more) == actions(check) == {"cp-01": "tagged", "cp-02": "tagged"}
    assert yaml.safe_load(more["diff"]["before"])["cp-02"] == {"tags": ["purpose/infrastructure"]}
    assert yaml.safe_load(more["diff"]["after"])["cp-02"] == {"tags": ["purpose/infrastructure", "stage/production"]}
    assert nodes(vcenter, NODES[:2], tags=tags)["changed"] is False
    estate = run(vcenter, "vsphere_estate_info")["estate"]
    found = {one["name"]: sorted(one["tags"]) for one in estate["guests"] if one["name"].startswith("cp-")}
    assert found == {"cp-01": ["infrastructure", "production"], "cp-02": ["infrastructure", "production"]}


def test_tags_that_cannot_be_attached(vcenter: VCenter) -> None:
    def told(category: str, name: str) -> dict[str, str]:
        return problems(nodes(vcenter, NODES[:1], tags=[{"category": category, "name": name}]))

    assert "did you mean purpose?" in told("purposes", "web")["tags[0].category"]
    assert "did you mean windows?" in told("purpose", "window")["tags[0].name"]
    assert "CloneVM_Task" not in vcenter.calls()
    nodes(vcenter, NODES[:1], tags=[{"category": "stage", "name": "test"}])
    assert "cp-01 carries stage/test" in told("stage", "production")["tags[0]"]


USERDATA = "#cloud-config\nssh_authorized_keys: [a key that nobody prints]\n"


def test_cloud_init_tells_a_guest_who_it_is(vcenter: VCenter) -> None:
    wanted = [NODES[0], {**NODES[3], "address": None}]
    how: dict[str, Any] = {"customization": "guestinfo", "userdata": USERDATA}
    check = nodes(vcenter, wanted, check=True, **how)
    made = nodes(vcenter, wanted, **how)
    assert actions(made) == actions(check) == {"cp-01": "created", "worker-01": "created"}
    assert made["diff"] == check["diff"]
    assert "nobody prints" not in str(made)
    with vcenter.session() as service:
        cp = machine(service, "cp-01")
        keys = {option.key: option.value for option in cp.config.extraConfig}
        said = json.loads(base64.b64decode(keys["guestinfo.metadata"]))
        (card,) = [device.macAddress for device in cp.config.hardware.device if hasattr(device, "macAddress")]
        assert said["instance-id"] == cp.config.instanceUuid
        assert said["network"]["ethernets"]["node"]["match"] == {"macaddress": card}
        assert base64.b64decode(keys["guestinfo.userdata"]).decode() == USERDATA
        assert keys["guestinfo.metadata.encoding"] == keys["guestinfo.userdata.encoding"] == "base64"
        assert (cp.guest.hostName, cp.guest.ipAddress) == ("cp-01", "10.99.0.10"), "as the guest has read it"
        worker = machine(service, "worker-01")
        assert (worker.guest.hostName, worker.guest.ipAddress) == ("worker-01", made["nodes"][1]["address"])
    assert nodes(vcenter, wanted, **how)["changed"] is False
    assert nodes(vcenter, wanted, customization="guestinfo", userdata="#!/bin/sh")["changed"] is False


def test_a_run_that_died_before_cloud_init_was_told_is_finished(vcenter: VCenter) -> None:
    # the first reconfiguration of a clone grows its disk
    vcenter.fault("ReconfigVM_Task", object="cp-01", skip=1, count=1, fault="GenericVmConfigFault", task=True)
    assert "guestinfo failed: cp-01" in nodes(vcenter, NODES[:1], customization="guestinfo")["msg"]
    with vcenter.session() as service:
        assert not is_on(machine(service, "cp-01")), "a guest reads it at its first start only"
    assert actions(nodes(vcenter, NODES[:1], customization="guestinfo")) == {"cp-01": "finished"}
    assert vcenter.machines()["cp-01"]["address"] == "10.99.0.10"


def test_user_data_that_no_guest_would_read(vcenter: VCenter) -> None:
    refused = nodes(vcenter, NODES[:1], customization="guestinfo", userdata="packages: [etcd]")
    assert problems(refused)["userdata"].startswith("cloud-init would not know what it is; #cloud-config")
    assert "takes no user data" in problems(nodes(vcenter, NODES[:1], userdata=USERDATA))["userdata"]


def test_further_cards_hang_on_further_networks(vcenter: VCenter) -> None:
    def found() -> list[str]:
        with vcenter.session() as service:
            names = {group.key: name for name, group in find(service, vim.DistributedVirtualPortgroup).items()}
            cards = [one for one in machine(service, "cp-01").config.hardware.device if hasattr(one, "macAddress")]
            return [names[card.backing.port.portgroupKey] for card in sorted(cards, key=lambda card: card.key)]

    check = nodes(vcenter, NODES[:1], networks=["vm-office"], check=True)
    made = nodes(vcenter, NODES[:1], networks=["vm-office"])
    assert actions(made) == actions(check) == {"cp-01": "created"}
    assert made["diff"] == check["diff"]
    assert found() == ["vm-prod", "vm-office"]
    assert made["nodes"][0]["address"] == "10.99.0.10"
    assert nodes(vcenter, NODES[:1], networks=["vm-office"])["changed"] is False
    more = {"networks": ["vm-enterprise", "vm-office"]}
    check = nodes(vcenter, NODES[:1], **more, check=True)
    done = nodes(vcenter, NODES[:1], **more)
    assert actions(done) == actions(check) == {"cp-01": "connected"}
    assert yaml.safe_load(done["diff"]["before"]) == {"cp-01": {"networks": ["vm-office"]}}
    assert yaml.safe_load(done["diff"]["after"]) == {"cp-01": {"networks": ["vm-enterprise", "vm-office"]}}
    assert found() == ["vm-prod", "vm-enterprise", "vm-office"]
    assert {"PowerOffVM_Task", "ShutdownGuest"}.isdisjoint(vcenter.calls())
    assert nodes(vcenter, NODES[:1], **more)["changed"] is False
    assert nodes(vcenter, NODES[:1])["changed"] is False, "what else it has is left alone"


def test_a_template_out_of_a_content_library(vcenter: VCenter) -> None:
    wanted = {"wanted": NODES[:1], "library": "node-images", "template": "debian-12"}
    check = nodes(vcenter, **wanted, check=True)
    made = nodes(vcenter, **wanted)
    assert actions(made) == actions(check) == {"cp-01": "created"}
    assert made["diff"] == check["diff"]
    assert yaml.safe_load(made["diff"]["after"])["cp-01"]["library"] == "node-images"
    assert made["nodes"][0]["address"] == "10.99.0.10"
    assert nodes(vcenter, **wanted)["changed"] is False


def test_a_clone_out_of_a_library_is_known_after_a_run_that_died(vcenter: VCenter) -> None:
    wanted = {"wanted": NODES[:1], "library": "node-images", "template": "debian-12"}
    vcenter.fault("ReconfigVM_Task", object="cp-01", count=1, fault="GenericVmConfigFault", task=True)
    assert "the resize failed: cp-01" in nodes(vcenter, **wanted)["msg"]
    assert actions(nodes(vcenter, **wanted)) == {"cp-01": "finished"}


def test_what_a_content_library_has_not(vcenter: VCenter) -> None:
    def told(library: str, template: str) -> dict[str, str]:
        return problems(nodes(vcenter, NODES[:1], library=library, template=template))

    assert "did you mean node-images?" in told("node-image", "debian-12")["library"]
    assert "has no item 'debian-13'; did you mean debian-12?" in told("node-images", "debian-13")["template"]
    assert "is of the type ovf" in told("node-images", "debian-12-ova")["template"]


def test_a_name_that_somebody_else_has_taken(vcenter: VCenter) -> None:
    with vcenter.session() as service:
        foreign = clone(service, "cp-01")
        try:
            told = problems(nodes(vcenter, NODES[:1]))
            assert told["nodes[0].name"].startswith("cp-01 is a VM that Landfall did not make")
            nodes(vcenter, [], state="absent", confirm=True)
            assert foreign.name == "cp-01"
        finally:
            finish(foreign.Destroy_Task())


def test_a_node_of_another_site_is_not_ours(vcenter: VCenter) -> None:
    nodes(vcenter, NODES[:1], site="other")
    told = problems(nodes(vcenter, NODES[:1]))
    assert "of the site 'other'" in told["nodes[0].name"]
    assert nodes(vcenter, [], state="absent", confirm=True)["changed"] is False
    assert "cp-01" in vcenter.machines()
    assert nodes(vcenter, [], state="absent", confirm=True, site="other")["changed"]


def test_a_resize_needs_the_power_off_or_a_word(vcenter: VCenter) -> None:
    nodes(vcenter, NODES[:1])
    larger = [{**NODES[0], "cpus": 10, "memory_gib": 24, "disk_gib": 120}]
    told = problems(nodes(vcenter, larger))
    assert "cpus 8 -> 10, memory_gib 16 -> 24" in told["nodes[0]"]
    assert "allow_power_cycle: true" in told["nodes[0]"]

    check = nodes(vcenter, larger, allow_power_cycle=True, check=True)
    done = nodes(vcenter, larger, allow_power_cycle=True)
    assert actions(done) == actions(check) == {"cp-01": "resized"}
    assert done["diff"] == check["diff"]
    assert yaml.safe_load(done["diff"]["after"]) == {
        "cp-01": {"cpus": 10, "memory_gib": 24, "disk_gib": 120, "power_cycle": True}
    }
    assert vcenter.calls()["ShutdownGuest"] == 1, "through the tools, not by the plug"
    with vcenter.session() as service:
        cp = machine(service, "cp-01")
        assert (cp.config.hardware.numCPU, cp.config.hardware.memoryMB, is_on(cp)) == (10, 24576, True)
    assert nodes(vcenter, larger)["changed"] is False


def test_hot_add_needs_no_power_cycle(vcenter: VCenter) -> None:
    nodes(vcenter, NODES[:1])
    with vcenter.session() as service:
        cp = machine(service, "cp-01")
        finish(cp.PowerOffVM_Task())
        finish(cp.ReconfigVM_Task(vim.vm.ConfigSpec(cpuHotAddEnabled=True, memoryHotAddEnabled=True)))
        finish(cp.PowerOnVM_Task())
    vcenter.reset_calls()
    assert actions(nodes(vcenter, [{**NODES[0], "cpus": 10, "disk_gib": 110}])) == {"cp-01": "resized"}
    assert {"PowerOffVM_Task", "ShutdownGuest"}.isdisjoint(vcenter.calls())
    fewer = nodes(vcenter, [{**NODES[0], "cpus": 4, "disk_gib": 110}])
    assert "cpus 10 -> 4" in problems(fewer)["nodes[0]"]
    smaller = nodes(vcenter, [{**NODES[0], "cpus": 10, "disk_gib": 100}])
    assert "a disk cannot shrink" in problems(smaller)["nodes[0].disk_gib"]


def test_a_node_that_was_switched_off_comes_back(vcenter: VCenter) -> None:
    nodes(vcenter, NODES[:1])
    with vcenter.session() as service:
        finish(machine(service, "cp-01").PowerOffVM_Task())
    assert actions(nodes(vcenter, NODES[:1], check=True)) == {"cp-01": "powered_on"}
    assert actions(nodes(vcenter, NODES[:1])) == {"cp-01": "powered_on"}
    assert nodes(vcenter, NODES[:1])["changed"] is False


def test_removing_takes_a_word_and_only_our_own(vcenter: VCenter) -> None:
    nodes(vcenter, NODES[:3])
    refused = nodes(vcenter, [], state="absent")
    assert "cp-01, cp-02, cp-03 would be deleted" in refused["msg"]
    assert nodes(vcenter, [], state="absent", check=True)["changed"]
    assert "cp-01" in vcenter.machines()

    assert actions(nodes(vcenter, [NODES[0]], state="absent", confirm=True)) == {"cp-01": "removed"}
    before = set(vcenter.machines())
    assert nodes(vcenter, [], state="absent", confirm=True)["changed"]
    assert before - set(vcenter.machines()) == {"cp-02", "cp-03"}
    assert nodes(vcenter, [], state="absent", confirm=True)["changed"] is False
    with vcenter.session() as service:
        assert not find(service, vim.ClusterComputeResource)["Prod-A"].configurationEx.rule


def test_a_marked_guest_is_never_removed_as_a_node(vcenter: VCenter) -> None:
    run(vcenter, "vsphere_retire", guests=["goods-01"], mark="moving", wave=1)
    with vcenter.session() as service:
        manager = service.content.customFieldsManager
        keys = {field.name: field.key for field in manager.field}
        site = keys.get("landfall.site") or manager.AddCustomFieldDef("landfall.site", vim.VirtualMachine).key
        manager.SetField(machine(service, "goods-01"), site, "lab")
    assert nodes(vcenter, [], state="absent", confirm=True)["changed"] is False
    assert "goods-01" in vcenter.machines()
    run(vcenter, "vsphere_retire", guests=["goods-01"], state="restored")


def test_no_keys_from_the_guest_is_told_as_such(vcenter: VCenter) -> None:
    result = nodes(vcenter, [{**NODES[0], "name": "silent-01"}], wait_timeout=3)
    assert "silent-01 has published no SSH host keys" in result["msg"]
