# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people clone from a node carries its stamp, as all settings of a VM; it is no node for all that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pyVmomi import vim

from .test_vsphere_nodes import NODES, actions, nodes
from .vcenter_client import problems, publishing_guests
from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory
from .vcenter_objects import find, finish, machine

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]


@pytest.fixture(autouse=True)
def _guests(vcenter: VCenter) -> Iterator[None]:
    with publishing_guests(vcenter):
        nodes(vcenter, NODES[:1])
        yield
    nodes(vcenter, [], state="absent", confirm=True)


def copy_of(service: Any, name: str, copy: str, *, folder: str = "kubernetes", template: bool = False) -> Any:
    node = machine(service, name)
    pool = find(service, vim.ClusterComputeResource)["Prod-A"].resourcePool
    spec = vim.vm.CloneSpec(location=vim.vm.RelocateSpec(pool=pool), powerOn=False, template=template)
    made = finish(node.CloneVM_Task(folder=find(service, vim.Folder)[folder], name=copy, spec=spec))
    stamp = {one.key: one.value for one in made.config.extraConfig}
    assert (stamp["landfall.site"], stamp["landfall.node"]) == ("lab", "cp-01")
    return made


@pytest.mark.parametrize("template", [False, True], ids=["a VM", "a template"])
def test_a_copy_of_a_node_is_left_alone(vcenter: VCenter, template: bool) -> None:
    with vcenter.session() as service:
        copy = copy_of(service, "cp-01", "cp-01-before-upgrade", template=template)
        try:
            assert nodes(vcenter, NODES[:1])["changed"] is False
            gone = nodes(vcenter, [], state="absent", confirm=True)
            assert actions(gone) == {"cp-01": "removed"}
            assert "cp-01-before-upgrade bears the stamp of the node cp-01: a copy" in str(gone["warnings"])
            assert copy.name == "cp-01-before-upgrade"
        finally:
            finish(copy.Destroy_Task())


def test_a_copy_is_no_node_that_is_wanted(vcenter: VCenter) -> None:
    with vcenter.session() as service:
        copy = copy_of(service, "cp-01", "cp-02")
        try:
            told = problems(nodes(vcenter, NODES[:2]))
            assert told["nodes[1].name"].startswith("cp-02 is a copy of the node cp-01")
        finally:
            finish(copy.Destroy_Task())


def test_of_two_with_the_same_name_none_is_removed(vcenter: VCenter) -> None:
    with vcenter.session() as service:
        copy = copy_of(service, "cp-01", "cp-01", folder="office")
        try:
            told = problems(nodes(vcenter, [], state="absent", confirm=True))
            assert told["cp-01"] == "is the name of 2 VMs with this stamp; rename the copy"
            assert list(vcenter.machines()).count("cp-01") == 1, "the lab lists names once"
        finally:
            finish(copy.Destroy_Task())
