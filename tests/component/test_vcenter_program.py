# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's vCenter as pyVmomi sees it: the estate, complete and consistent, through lazy attributes too."""

from __future__ import annotations

import json
import ssl
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from pyVmomi import vim

from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory
from .vcenter_objects import find, machine

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]
GIB = 1 << 30


@pytest.fixture
def service(vcenter: VCenter) -> Iterator[Any]:
    with vcenter.session() as instance:
        yield instance


@pytest.mark.parametrize(("user", "password"), [(None, "wrong"), ("somebody@vsphere.local", None)])
def test_login_is_refused(vcenter: VCenter, user: str | None, password: str | None) -> None:
    with (
        pytest.raises(vim.fault.InvalidLogin),
        vcenter.session(user=user or vcenter.user, password=password or vcenter.password),
    ):
        pass


def test_lazy_attributes_of_everything(service: Any) -> None:
    assert service.content.about.apiVersion == "8.0.3.0"
    assert service.content.rootFolder.parent is None
    for vm in find(service, vim.VirtualMachine).values():
        assert vm.runtime.powerState in ("poweredOn", "poweredOff", "suspended")
        assert vm.summary.config.name == vm.name == vm.config.name
        assert vm.summary.runtime.host == vm.runtime.host
        assert vm.runtime.host.name.startswith("esx-")
        assert vm.config.guestFullName != vm.config.guestId
        assert vm.environmentBrowser
        assert vm.snapshot is None or vm.snapshot.rootSnapshotList


def test_the_estate_is_as_described(service: Any) -> None:
    machines = find(service, vim.VirtualMachine)
    assert len(machines) == 61
    states = [vm.runtime.powerState for vm in machines.values()]
    assert (states.count("poweredOff"), states.count("suspended")) == (5, 1)
    order = machines["order-01"]
    assert (order.config.hardware.numCPU, order.config.hardware.memoryMB) == (4, 8192)
    assert (order.guest.hostName, order.guest.ipAddress) == ("order-01", "10.99.0.25")
    assert order.guest.net[0].network == "vm-prod"
    assert order.guest.net[0].ipConfig.ipAddress[0].prefixLength == 24
    assert order.guest.net[0].macAddress == order.config.hardware.device[-1].macAddress
    assert machines["erp-db-01"].config.guestFullName.startswith("Microsoft Windows Server 2016")
    assert machines["appliance-hsm"].guest.toolsStatus == "toolsNotInstalled"
    assert machines["appliance-hsm"].guest.ipAddress is None
    raw = machines["erp-db-01"].config.hardware.device
    assert any(
        isinstance(getattr(d, "backing", None), vim.vm.device.VirtualDisk.RawDiskMappingVer1BackingInfo) for d in raw
    )
    tree = machines["gitlab-01"].snapshot.rootSnapshotList[0]
    assert [tree.name, tree.childSnapshotList[0].name] == ["before-upgrade-13.2", "before-upgrade-14.0"]
    template = machines["debian-12-node"]
    assert template.config.template
    assert not template.config.cpuHotAddEnabled


def test_hosts_have_their_own_hardware_and_carry_their_guests(service: Any) -> None:
    hosts = find(service, vim.HostSystem)
    hardware = {name: host.hardware for name, host in hosts.items()}
    assert {n: (h.cpuInfo.numCpuPackages, h.cpuInfo.numCpuCores, h.memorySize // GIB) for n, h in hardware.items()} == {
        "esx-a1": (2, 24, 192), "esx-a2": (2, 24, 192), "esx-a3": (2, 16, 128), "esx-a4": (1, 16, 128),
        "esx-b1": (2, 20, 128), "esx-b2": (1, 12, 96),
    }  # fmt: skip
    for host in hosts.values():
        guests = [vm.summary.quickStats for vm in host.vm if vm.runtime.powerState == "poweredOn"]
        assert host.summary.quickStats.overallCpuUsage == 280 + sum(q.overallCpuUsage for q in guests)
        assert host.summary.quickStats.overallMemoryUsage == 4096 + sum(q.hostMemoryUsage for q in guests)
        assert (
            host.summary.quickStats.overallCpuUsage < host.summary.hardware.cpuMhz * host.summary.hardware.numCpuCores
        )
    cluster = find(service, vim.ClusterComputeResource)["Prod-A"]
    assert cluster.summary.totalMemory == 640 * GIB
    assert cluster.summary.numCpuCores == 80
    assert cluster.configurationEx.drsConfig.enabled


def test_datastores_lose_what_guests_store(service: Any) -> None:
    for name, store in find(service, vim.Datastore).items():
        stored = sum(u.committed for vm in store.vm for u in vm.storage.perDatastoreUsage if u.datastore == store)
        assert store.summary.capacity - store.summary.freeSpace == stored > 0, name


def test_custom_attributes_and_folders(service: Any) -> None:
    keys = {field.key: field.name for field in service.content.customFieldsManager.field}
    values = {keys[v.key]: v.value for v in machine(service, "order-01").customValue}
    assert values == {"owner": "order-team", "business_line": "mall-trade"}
    assert {"legacy", "enterprise", "office", "templates", "kubernetes"} <= find(service, vim.Folder).keys()
    assert machine(service, "order-01").parent.name == "legacy"


def test_tags_over_rest(vcenter: VCenter, service: Any) -> None:
    order = machine(service, "db-01")
    context = ssl.create_default_context(cafile=str(vcenter.ca_path))
    base = f"https://{vcenter.host}:{vcenter.port}/rest/com/vmware/cis"

    def call(method: str, path: str, body: object = None, **headers: str) -> Any:
        request = urllib.request.Request(
            base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers},
        )
        with urllib.request.urlopen(request, context=context) as answer:
            return json.load(answer)["value"]

    basic = "Basic " + b64encode(f"{vcenter.user}:{vcenter.password}".encode()).decode()
    session = {"vmware-api-session-id": call("POST", "/session", Authorization=basic)}
    attached = call(
        "POST",
        "/tagging/tag-association?~action=list-attached-tags-on-objects",
        {"object_ids": [{"id": order._moId, "type": "VirtualMachine"}]},
        **session,
    )
    names = {call("GET", f"/tagging/tag/id:{tag}", **session)["name"] for tag in attached[0]["tag_ids"]}
    assert names == {"database", "production", "keep-on-vm"}
