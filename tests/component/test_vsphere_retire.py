# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Guests at the lab's vCenter: marked, shut down, brought back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from pyVmomi import vim

from .vcenter_client import is_on, marks, problems, run
from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory
from .vcenter_objects import clone, find, finish, machine

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]

GUESTS = ["goods-01", "web-01"]


def retire(vcenter: VCenter, state: str, guests: list[str] | None = None, **other: Any) -> dict[str, Any]:
    return run(vcenter, "vsphere_retire", guests=guests or GUESTS, state=state, **other)


@pytest.fixture(autouse=True)
def _restored(vcenter: VCenter) -> Iterator[None]:
    yield
    retire(vcenter, "restored")


def test_a_mark_is_written_once(vcenter: VCenter) -> None:
    check = retire(vcenter, "marked", mark="moving", wave=2, check=True)
    with vcenter.session() as service:
        assert "landfall.state" not in marks(service, machine(service, "goods-01"))
    first = retire(vcenter, "marked", mark="moving", wave=2)
    assert first["diff"] == check["diff"]
    assert yaml.safe_load(first["diff"]["after"])["goods-01"] == {"state": "moving", "wave": "2"}
    with vcenter.session() as service:
        written = marks(service, machine(service, "goods-01"))
        assert (written["landfall.state"], written["landfall.wave"]) == ("moving", "2")
        assert written["owner"] == "goods-team"
    again = retire(vcenter, "marked", mark="moving", wave=2)
    assert again["changed"] is False
    assert [one["since"] for one in again["guests"]] == [one["since"] for one in first["guests"]]
    estate = run(vcenter, "vsphere_estate_info", tags=False)
    assert estate["begun"] == GUESTS


def test_down_and_back(vcenter: VCenter) -> None:
    retire(vcenter, "marked", mark="moved", wave=1)
    check = retire(vcenter, "shut_down", check=True)
    down = retire(vcenter, "shut_down")
    assert down["diff"] == check["diff"]
    assert [one["action"] for one in down["guests"]] == ["shut_down", "shut_down"]
    assert vcenter.calls()["ShutdownGuest"] == 2
    assert vcenter.calls().get("PowerOffVM_Task", 0) == 0
    assert vcenter.machines()["goods-01"]["power"] == "poweredOff"
    assert retire(vcenter, "shut_down")["changed"] is False
    with vcenter.session() as service:
        assert marks(service, machine(service, "goods-01"))["landfall.wave"] == "1"

    assert retire(vcenter, "restored", check=True)["changed"]
    back = retire(vcenter, "restored")
    assert [one["action"] for one in back["guests"]] == ["restored", "restored"]
    assert retire(vcenter, "restored")["changed"] is False
    with vcenter.session() as service:
        goods = machine(service, "goods-01")
        assert is_on(goods)
        assert not [name for name in marks(service, goods) if name.startswith("landfall.")]


def test_a_guest_that_does_not_listen_loses_its_power(vcenter: VCenter) -> None:
    vcenter.fault("ShutdownGuest", object="web-01", count=1, fault="ToolsUnavailable")
    assert retire(vcenter, "shut_down")["changed"]
    assert vcenter.calls()["PowerOffVM_Task"] == 1
    assert vcenter.machines()["web-01"]["power"] == "poweredOff"


def test_a_guest_that_was_off_before_stays_off(vcenter: VCenter) -> None:
    retire(vcenter, "marked", ["tob-demo-02"], mark="moving")
    assert retire(vcenter, "restored", ["tob-demo-02"])["guests"][0]["power"] == "off"
    assert vcenter.machines()["tob-demo-02"]["power"] == "poweredOff"


def test_what_is_no_guest_is_refused_before_anything_changes(vcenter: VCenter) -> None:
    with vcenter.session() as service:
        manager = service.content.customFieldsManager
        keys = {field.name: field.key for field in manager.field}
        role = keys.get("landfall.role") or manager.AddCustomFieldDef("landfall.role", vim.VirtualMachine).key
        manager.SetField(machine(service, "mq-01"), role, "worker")
        told = problems(retire(vcenter, "shut_down", ["goods-01", "debian-12-node", "nobody-01", "mq-01"]))
        manager.SetField(machine(service, "mq-01"), role, "")
    assert told["guests[1]"].startswith("debian-12-node is a template")
    assert told["guests[2]"].startswith("there is no virtual machine 'nobody-01'")
    assert told["guests[3]"].startswith("mq-01 is a node of a cluster")
    assert vcenter.machines()["goods-01"]["power"] == "poweredOn"


def test_a_guest_that_somebody_talks_to_stays(vcenter: VCenter) -> None:
    peer = {"address": "10.99.0.30", "port": 80, "source": "socket"}
    told = {"guest": "web-01", "reachable": True, "services": [{"name": "nginx", "inbound": [peer]}]}
    result = problems(retire(vcenter, "shut_down", workloads=[told]))
    assert result["guests[1]"].startswith("10.99.0.30 talks to nginx on web-01, port 80")
    assert vcenter.machines()["goods-01"]["power"] == "poweredOn"
    assert retire(vcenter, "shut_down", workloads=[told], ignored_ports=[80], check=True)["changed"]


def test_two_of_one_name_are_nobody(vcenter: VCenter) -> None:
    with vcenter.session() as service:
        goods = machine(service, "goods-01")
        folder = next(f for f in goods.parent.parent.childEntity if f.name == "office")
        twin = finish(goods.CloneVM_Task(folder, "goods-01", vim.vm.CloneSpec(location=vim.vm.RelocateSpec())))
        try:
            assert problems(retire(vcenter, "marked"))["guests[0]"].startswith("2 virtual machines are named")
        finally:
            finish(twin.Destroy_Task())


def test_who_may_only_look_may_not_mark(vcenter: VCenter) -> None:
    result = retire(vcenter, "marked", username=vcenter.read_only_user)
    assert "may not" in result["msg"]
    assert "a role with that privilege is needed" in result["msg"]


@pytest.fixture
def old_guest(vcenter: VCenter) -> Iterator[str]:
    """A guest that was retired three weeks ago."""
    with vcenter.session() as service:
        clone(service, "old-01")
    retire(vcenter, "shut_down", ["old-01"])
    _retired_since(vcenter, "old-01", datetime.now(timezone.utc) - timedelta(days=21))
    yield "old-01"
    with vcenter.session() as service:
        left = find(service, vim.VirtualMachine).get("old-01")
        if left is not None:
            if is_on(left):
                finish(left.PowerOffVM_Task())
            finish(left.Destroy_Task())


def _retired_since(vcenter: VCenter, name: str, since: datetime) -> None:
    with vcenter.session() as service:
        manager = service.content.customFieldsManager
        key = next(field.key for field in manager.field if field.name == "landfall.since")
        manager.SetField(machine(service, name), key, since.strftime("%Y-%m-%dT%H:%M:%SZ"))


def test_after_the_quarantine_it_is_deleted(vcenter: VCenter, old_guest: str) -> None:
    told = problems(retire(vcenter, "deleted", [old_guest], quarantine_days=22, confirm=True))
    assert "is in quarantine until" in told["guests[0]"]
    assert "confirm: true" in retire(vcenter, "deleted", [old_guest])["msg"]
    check = retire(vcenter, "deleted", [old_guest], check=True)
    assert old_guest in vcenter.machines()
    done = retire(vcenter, "deleted", [old_guest], confirm=True)
    assert (done["diff"], done["changed"]) == (check["diff"], True)
    assert done["guests"][0]["action"] == "deleted"
    assert old_guest not in vcenter.machines()
    again = retire(vcenter, "deleted", [old_guest], confirm=True)
    assert (again["changed"], again["guests"][0]["action"]) == (False, "absent")


def test_who_was_switched_on_again_stays(vcenter: VCenter, old_guest: str) -> None:
    with vcenter.session() as service:
        finish(machine(service, old_guest).PowerOnVM_Task())
    told = problems(retire(vcenter, "deleted", [old_guest, "goods-01"], confirm=True))
    assert told["guests[0]"].startswith("old-01 is on: somebody needs it again")
    assert told["guests[1]"].startswith("goods-01 is in service")
    retire(vcenter, "shut_down", [old_guest])
    told = problems(retire(vcenter, "deleted", [old_guest], confirm=True))
    assert "is in quarantine until" in told["guests[0]"], "it begins anew"


def test_it_can_be_brought_back_until_then(vcenter: VCenter, old_guest: str) -> None:
    assert retire(vcenter, "restored", [old_guest])["guests"][0]["power"] == "on"
    assert "is in service" in problems(retire(vcenter, "deleted", [old_guest], confirm=True))["guests[0]"]


def test_a_disk_that_another_machine_uses_holds_it_back(vcenter: VCenter, old_guest: str) -> None:
    with vcenter.session() as service:
        other, own = machine(service, "mq-01"), machine(service, old_guest)
        file = next(d for d in own.config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk)).backing.fileName
        backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(fileName=file, diskMode="persistent")
        controller = next(d for d in other.config.hardware.device if isinstance(d, vim.vm.device.VirtualSCSIController))
        added = vim.vm.device.VirtualDisk(key=-1, controllerKey=controller.key, unitNumber=9, backing=backing)
        change = vim.vm.device.VirtualDeviceSpec(operation="add", device=added)
        finish(other.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[change])))
        try:
            told = problems(retire(vcenter, "deleted", [old_guest], confirm=True))
            assert told["guests[0]"].startswith("old-01 has disks that mq-01 stands on")
        finally:
            disk = next(d for d in other.config.hardware.device if getattr(d.backing, "fileName", None) == file)
            gone = vim.vm.device.VirtualDeviceSpec(operation="remove", device=disk)
            finish(other.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[gone])))
    assert old_guest in vcenter.machines()
