# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Raw properties as estate.yml: paths, odd guests, what vCenter does not tell."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import sweep
from ansible_collections.landfall.replatform.plugins.module_utils.core.estate import Estate
from ansible_collections.landfall.replatform.plugins.module_utils.core.vsphere_tree import Record

GIB = 1024**3


def record(kind: str, identity: str, **properties: Any) -> Record:
    return {"type": kind, "id": identity, "properties": {k.replace("__", "."): v for k, v in properties.items()}}


GROUND = [
    record("Folder", "group-d1", name="Datacenters"),
    record("Datacenter", "dc-1", name="DC0", parent="group-d1"),
    record("Folder", "group-v1", name="vm", parent="dc-1"),
    record("Folder", "group-v2", name="mall%2fold", parent="group-v1"),
    record("Folder", "group-h1", name="host", parent="dc-1"),
    record("VirtualApp", "resgroup-v1", name="shop", parent="resgroup-1", parentFolder="group-v2"),
    record(
        "ClusterComputeResource", "domain-c1", name="Prod-A", parent="group-h1",
        configurationEx={"drsConfig": {"enabled": True}, "dasConfig": {"enabled": False}},
    ),
    record("ComputeResource", "domain-s1", name="esx-x", parent="group-h1", configurationEx={}),
    record(
        "HostSystem", "host-1", name="esx-a1", parent="domain-c1", datastore=["ds-1"], runtime__powerState="poweredOn",
        summary__hardware__cpuMhz=2700, summary__hardware__memorySize=192 * GIB, summary__hardware__numCpuCores=24,
        summary__hardware__numCpuPkgs=2, summary__hardware__numCpuThreads=48,
        summary__quickStats__overallMemoryUsage=40960,
    ),
    record("Datastore", "ds-1", name="ssd", summary__capacity=100 * GIB, summary__freeSpace=GIB // 3),
    record("DistributedVirtualPortgroup", "dvpg-1", name="vm-prod"),
]  # fmt: skip


def swept(*guests: Record, **other: Any) -> Estate:
    about = {"host": "vc", "instance_uuid": "u", "version": "8.0.3"}
    arguments = {"attributes": {1: "owner", 2: "landfall.state", 3: "landfall.wave"}, "tags": {}, **other}
    estate, _ids = sweep.estate([*GROUND, *guests], vcenter=about, **arguments)  # type: ignore[arg-type]
    return estate


def guest(**properties: Any) -> Record:
    known = {
        "name": "goods-01", "parent": "group-v2", "runtime__host": "host-1", "runtime__powerState": "poweredOn",
        "config__instanceUuid": "uuid-1", "config__hardware__memoryMB": 8192, "config__hardware__numCPU": 4,
    }  # fmt: skip
    return record("VirtualMachine", "vm-1", **{**known, **properties})


def told(**properties: Any) -> dict[str, Any]:
    (one,) = swept(guest(**properties))["guests"]
    return dict(one)


def test_paths_and_clusters_come_out_of_the_tree() -> None:
    one = told(datastore=["ds-1", "ds-gone"], network=["dvpg-1"])
    assert (one["folder"], one["datacenter"]) == ("/DC0/vm/mall%2fold", "DC0")
    assert (one["cluster"], one["esxi_host"]) == ("Prod-A", "esx-a1")
    assert (one["datastores"], one["networks"]) == (["ssd"], ["vm-prod"])


def test_a_guest_of_a_vapp_hangs_in_the_folder_of_that_vapp() -> None:
    one = told(parent=None, parentVApp="resgroup-v1")
    assert (one["folder"], one["datacenter"]) == ("/DC0/vm/mall%2fold/shop", "DC0")


def test_hosts_clusters_datastores() -> None:
    estate = swept()
    assert [(one["name"], one["drs"], one["ha"]) for one in estate["clusters"]] == [
        ("Prod-A", True, False), ("esx-x", False, False),
    ]  # fmt: skip
    (host,) = estate["esxi_hosts"]
    assert (host["cluster"], host["memory_gib"], host["memory_used_gib"], host["threads"]) == ("Prod-A", 192, 40, 48)
    assert estate["datastores"][0]["free_gib"] == 0.33
    assert estate["networks"] == [{"name": "vm-prod", "kind": "portgroup"}]


def test_names_are_told_as_people_see_them() -> None:
    assert told(name="a%2fb%5cc%25")["name"] == "a/b\\c%"
    assert told(name="客户-01")["name"] == "客户-01"


def test_marks_are_apart_from_the_customers_attributes() -> None:
    values = [
        {"key": 1, "value": "goods-team"}, {"key": 2, "value": "moving"}, {"key": 3, "value": ""},
        {"key": 99, "value": "of another kind of object"},
    ]  # fmt: skip
    one = told(customValue=values)
    assert one["attributes"] == {"owner": "goods-team"}
    assert one["landfall"] == {"state": "moving"}, "an empty mark is none: vSphere cannot unset one"


def test_a_guest_that_nothing_is_known_of() -> None:
    lost = record("VirtualMachine", "vm-9", name="lost", runtime__connectionState="inaccessible")
    (one,) = swept(lost)["guests"]
    assert (one["uuid"], one["connection_state"], one["folder"], one["cluster"]) == ("vm-9", "inaccessible", "", "")
    assert one["power_state"] == "off", "nobody can say that it runs"
    assert (one["cpus"], one["memory_gib"], one["addresses"], one["hostname"]) == (0, 0, [], None)
    assert one["tools"] == "not_installed"


@pytest.mark.parametrize(
    ("running", "version", "tools"),
    [
        ("guestToolsRunning", "guestToolsCurrent", "running"),
        ("guestToolsNotRunning", "guestToolsUnmanaged", "not_running"),
        ("guestToolsNotRunning", "guestToolsNotInstalled", "not_installed"),
        (None, None, "not_installed"),
    ],
)
def test_tools(running: str | None, version: str | None, tools: str) -> None:
    assert told(guest__toolsRunningStatus=running, guest__toolsVersionStatus2=version)["tools"] == tools


def test_addresses_that_others_can_use_the_first_one_first() -> None:
    cards = [{"ipAddress": ["fe80::1", "10.0.0.9", "10.0.0.8"]}, {"ipAddress": ["169.254.1.1", "2001:db8::5"]}, {}]
    one = told(guest__ipAddress="10.0.0.8", guest__net=cards)
    assert one["addresses"] == ["10.0.0.8", "10.0.0.9", "2001:db8::5"]


def test_disks_with_and_without_the_devices() -> None:
    sizes = {"summary__storage__committed": 10 * GIB, "summary__storage__uncommitted": 31 * GIB}
    without = told(**sizes)
    assert (without["disk_gib"], without["raw_device_mappings"]) == (41, None)
    devices = [
        {"_type": "vim.vm.device.VirtualDisk", "capacityInKB": 40 * 1024**2, "backing": {"fileName": "x"}},
        {"_type": "vim.vm.device.VirtualDisk", "capacityInKB": 1024**2, "backing": {"lunUuid": "naa.1"}},
        {"_type": "vim.vm.device.VirtualVmxnet3"},
    ]
    one = told(**{**sizes, "config__hardware__device": devices})
    assert (one["disk_gib"], one["raw_device_mappings"]) == (41, 1)


def test_snapshots_of_snapshots() -> None:
    tree = [{"childSnapshotList": [{"childSnapshotList": []}, {}]}, {}]
    assert told(snapshot__rootSnapshotList=tree)["snapshots"] == 4


def test_host_keys_and_what_is_none() -> None:
    text = "ssh-rsa AAAAB3 root@x\n\nssh-ed25519 AAAAC3\nnonsense\necdsa-sha2-nistp256 AAAAE2 c d\n"
    assert sweep.host_keys(text) == ["ecdsa-sha2-nistp256 AAAAE2", "ssh-ed25519 AAAAC3", "ssh-rsa AAAAB3"]
    value = {'config.extraConfig["guestinfo.ssh.hostkeys"]': {"value": text}}
    one = guest()
    one["properties"].update(value)
    assert len(swept(one)["guests"][0]["host_keys"]) == 3


def test_duplicate_names_stay_two_guests_in_a_settled_order() -> None:
    first, second = guest(), guest(config__instanceUuid="uuid-0")
    second["id"] = "vm-2"
    assert [one["uuid"] for one in swept(first, second)["guests"]] == ["uuid-0", "uuid-1"]
    assert swept(first, second) == swept(second, first)


def test_tags_are_sorted_and_by_id() -> None:
    (one,) = swept(guest(), tags={"vm-1": ["production", "cache"], "vm-2": ["x"]})["guests"]
    assert one["tags"] == ["cache", "production"]
