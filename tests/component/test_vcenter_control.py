# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The control port of the lab's vCenter: faults on demand, counted calls and sessions; and who may only look."""

from __future__ import annotations

import http.client
import time
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory
from .vcenter_objects import clone, find, finish, machine

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]


@pytest.fixture
def service(vcenter: VCenter) -> Iterator[Any]:
    with vcenter.session() as instance:
        yield instance


def test_a_fault_meets_as_many_calls_as_asked(vcenter: VCenter, service: Any) -> None:
    vcenter.fault("CurrentTime", fault="HostConnectFault", count=1, skip=1)
    assert service.CurrentTime()
    with pytest.raises(vim.fault.HostConnectFault):
        service.CurrentTime()
    assert service.CurrentTime()
    assert vcenter.control("GET", "/faults")[0]["hits"] == 1


def test_a_delay_delays_and_nothing_else(vcenter: VCenter, service: Any) -> None:
    vcenter.fault("CurrentTime", delay=0.3, count=1)
    begin = time.monotonic()
    assert service.CurrentTime()
    assert time.monotonic() - begin >= 0.3


def test_a_connection_can_be_cut(vcenter: VCenter, service: Any) -> None:
    vcenter.fault("CurrentTime", fault="connection")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        service.CurrentTime()
    vcenter.clear_faults()
    assert service.CurrentTime()


def test_a_task_can_fail_where_the_call_succeeds(vcenter: VCenter, service: Any) -> None:
    vcenter.fault("CloneVM_Task", fault="NoDiskSpace", count=1, task=True)
    with pytest.raises(vim.fault.NoDiskSpace):
        clone(service, "node-full")
    assert "node-full" not in find(service, vim.VirtualMachine)
    assert clone(service, "node-full").name == "node-full"


def test_a_fault_can_be_for_one_machine(vcenter: VCenter, service: Any) -> None:
    first, second = clone(service, "node-one"), clone(service, "node-two")
    vcenter.fault("PowerOnVM_Task", fault="InsufficientMemoryResourcesFault", object="node-one", task=True)
    finish(second.PowerOnVM_Task())
    with pytest.raises(vim.fault.InsufficientMemoryResourcesFault):
        finish(first.PowerOnVM_Task())


@pytest.mark.parametrize(
    "rule", [{"method": "X", "fault": "NoSuchThing"}, {"fault": "NoPermission"}, {"method": "X", "typo": 1}]
)
def test_a_rule_that_means_nothing_is_refused(vcenter: VCenter, rule: dict[str, object]) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        vcenter.control("POST", "/faults", rule)
    refused.value.close()
    assert refused.value.code == 400


def test_calls_are_counted_by_method(vcenter: VCenter, service: Any) -> None:
    vcenter.reset_calls()
    service.CurrentTime()
    service.CurrentTime()
    assert vcenter.calls()["CurrentTime"] == 2


def test_sessions_come_and_go(vcenter: VCenter) -> None:
    before = len(vcenter.sessions())
    with vcenter.session():
        assert [one["user"] for one in vcenter.sessions()].count(vcenter.user) == before + 1
    assert len(vcenter.sessions()) == before


def test_the_second_user_may_only_look(vcenter: VCenter) -> None:
    with vcenter.session(user=vcenter.read_only_user) as service:
        guest = machine(service, "redis-01")
        assert guest.runtime.powerState == "poweredOn"
        with pytest.raises(vim.fault.NoPermission) as refused:
            guest.PowerOffVM_Task()
        assert refused.value.privilegeId == "VirtualMachine.Interact.PowerOff"
        assert guest.runtime.powerState == "poweredOn"


def test_an_unknown_object_is_said_to_be_gone(service: Any) -> None:
    gone = vim.VirtualMachine("vm-999999", service._stub)
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        gone.PowerOnVM_Task()
