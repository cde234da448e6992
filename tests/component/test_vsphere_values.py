# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers of a vCenter, read by us and by pyVmomi: the same values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients import vsphere
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vmomi import vim
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere_values import plain
from ansible_collections.landfall.replatform.plugins.module_utils.core import sweep

from .vcenter_client import connection
from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]

WHOLE: dict[str, Sequence[str]] = {
    "VirtualMachine": ("config", "summary", "guest", "runtime", "snapshot", "layoutEx", "environmentBrowser"),
    "HostSystem": ("config", "summary", "hardware", "runtime"),
    "ClusterComputeResource": ("configurationEx", "summary"),
    "Datastore": ("info", "summary", "host"),
}


def _both(session: Any, kind: str, paths: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    ids = [record["id"] for record in session.sweep({kind: ("name",)})]
    objects = [session.object(kind, one) for one in ids]
    theirs = session.read(objects, paths, raw=True)
    for record in theirs.values():
        record["properties"] = {name: plain(value) for name, value in record["properties"].items()}
    return session.read(objects, paths), theirs


@pytest.mark.parametrize("kind", WHOLE)
def test_whole_structures(vcenter: VCenter, kind: str) -> None:
    with vsphere.connect(connection(vcenter, thumbprint=None)) as session:
        ours, theirs = _both(session, kind, WHOLE[kind])
    assert ours == theirs
    assert ours, "nothing to compare"


def test_what_a_sweep_asks_for(vcenter: VCenter) -> None:
    with vsphere.connect(connection(vcenter, thumbprint=None)) as session:
        ours, theirs = _both(session, "VirtualMachine", (*sweep.PROPERTIES["VirtualMachine"], sweep.DEVICES))
    assert ours == theirs
    assert any(record["properties"].get("guest.net") for record in ours.values())
    assert any(record["properties"].get("customValue") for record in ours.values())


def test_a_task_that_failed(vcenter: VCenter) -> None:
    with vsphere.connect(connection(vcenter, thumbprint=None)) as session:
        some = next(session.sweep({"VirtualMachine": ("name",)}))
        task = session.object("VirtualMachine", some["id"]).ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=-1))
        session.watch(
            {"it": task},
            ("info.state",),
            lambda _key, record: record["properties"]["info.state"] == "error",
            timeout=10,
        )
        (ours,) = session.read([task], ("info",)).values()
        (theirs,) = session.read([task], ("info",), raw=True).values()
    ours, theirs = ours["properties"]["info"], plain(theirs["properties"]["info"])
    assert (ours.pop("name"), type(theirs.pop("name")).__name__) == ("ReconfigVM_Task", "ManagedMethod")
    assert ours == theirs
    assert ours["error"]["_type"] == "vmodl.fault.InvalidArgument"
