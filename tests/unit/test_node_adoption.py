# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""VMs that become nodes though Landfall did not make them, and nodes that wait for guests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import CapacityError, ConflictError
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_adoption import obstacles
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_decision import decide
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_vms import Machine, differences, step_of

from .test_node_decision import HOST, OURS, WISH, ground, node

FOREIGN = replace(OURS, site=None, role=None, marks={})
TAKEN_OVER = {"role": (None, "control_plane"), "site": (None, "mall"), "origin": (None, "adopted")}


@pytest.mark.parametrize(
    ("machine", "lacks", "cycle"),
    [
        (FOREIGN, {}, False),
        (replace(FOREIGN, power="off"), {"power": ("off", "on")}, False),
        (replace(FOREIGN, disk_gib=40), {"disk_gib": (40, 50)}, False),
        (replace(FOREIGN, disk_gib=200), {}, False),
        (replace(FOREIGN, cpus=2), {"cpus": (2, 4)}, True),
        (replace(FOREIGN, cpus=2, hot_add=frozenset({"cpus"})), {"cpus": (2, 4)}, False),
        (replace(FOREIGN, cpus=3, cores_per_socket=3, hot_add=frozenset({"cpus"})), {"cpus": (3, 4)}, True),
    ],
)
def test_what_an_adopted_machine_lacks(machine: Machine, lacks: dict[str, Any], cycle: bool) -> None:
    (step,) = decide(replace(WISH, allow_power_cycle=True), [node(adopt=True)], ground(machine))
    assert (step.action, step.lacks, step.power_cycle) == ("adopted", {**TAKEN_OVER, **lacks}, cycle)


@pytest.mark.parametrize(
    ("change", "action"),
    [
        ({"site": "mall", "role": "control_plane"}, "finished"),
        ({"marks": {"site": "mall", "role": "control_plane"}}, "unchanged"),
        ({"marks": {"site": "mall", "role": "control_plane"}, "disk_gib": 200}, "unchanged"),
    ],
)
@pytest.mark.parametrize("adopt", [True, False])
def test_an_adopted_node_is_ours(change: dict[str, Any], action: str, adopt: bool) -> None:
    machine = replace(FOREIGN, adopted=True, **change)
    assert step_of(WISH, node(adopt=adopt), machine).action == action


@pytest.mark.parametrize(
    ("machine", "wanted", "path", "words"),
    [
        (None, {}, "nodes[0].adopt", "there is no virtual machine 'cp-01' to adopt; did you mean cp-02?"),
        (replace(FOREIGN, template=True), {}, "nodes[0].adopt", "is a template"),
        (replace(FOREIGN, marks={"state": "moved"}), {}, "nodes[0].adopt", "is marked as moved"),
        (replace(FOREIGN, disk_gib=0), {"disk_gib": 0}, "nodes[0].adopt", "has no disk"),
        (replace(FOREIGN, obstacles=("raw_disk",)), {}, "nodes[0].adopt", "raw device mapping"),
        (replace(FOREIGN, obstacles=("shared_disk",)), {}, "nodes[0].adopt", "other virtual machines write to"),
        (
            replace(FOREIGN, host_keys=()),
            {},
            "nodes[0].adopt",
            "no SSH host keys; a guest that publishes them in guest",
        ),
        (replace(FOREIGN, host="esx-b"), {}, "nodes[0].esxi_host", "stands on esx-b, in the cluster B; esx-b"),
        (replace(FOREIGN, host="esx-b"), {"esxi_host": "x"}, "nodes[0].esxi_host", "stands on esx-b"),
        (FOREIGN, {"address": "10.0.0.9"}, "nodes[0].address", "runs and has 10.0.0.1, not 10.0.0.9"),
        (replace(FOREIGN, site="other"), {}, "nodes[0].name", "of the site 'other'"),
        (replace(FOREIGN, disk_gib=40, snapshots=True), {}, "nodes[0].disk_gib", "cannot grow below a snapshot"),
        (replace(FOREIGN, cpus=2), {}, "nodes[0]", "cpus 2 -> 4"),
    ],
)
def test_what_forbids_an_adoption(machine: Machine | None, wanted: dict[str, Any], path: str, words: str) -> None:
    hosts = {"esx-1": HOST, "esx-b": replace(HOST, name="esx-b", cluster="B")}
    stands = {"cp-01": machine.host} if machine and machine.host else {}
    guests = frozenset({"cp-02", "db-01"})
    known = ground(*([machine] if machine else []), guests=guests, hosts=hosts, stands_on=stands)
    with pytest.raises(ConflictError) as caught:
        decide(WISH, [node(adopt=True, **wanted)], known)
    (problem,) = caught.value.problems
    assert (problem.path, words in str(problem)) == (path, True), problem


def test_a_mark_of_our_site_alone_makes_no_node() -> None:
    (step,) = decide(WISH, [node(adopt=True)], ground(replace(FOREIGN, marks={"site": "mall"})))
    assert (step.action, step.lacks["site"]) == ("adopted", ("mall", "mall"))
    assert step.lacks["origin"] == (None, "adopted"), "it is stamped, so nothing deletes it"


def test_a_name_of_two_cannot_be_adopted() -> None:
    with pytest.raises(ConflictError, match="several virtual machines are named 'cp-01'"):
        decide(WISH, [node(adopt=True)], ground(FOREIGN, twins=frozenset({"cp-01"})))


def test_one_that_is_off_may_get_its_keys_and_its_address_yet() -> None:
    machine = replace(FOREIGN, power="off", host_keys=(), addresses=())
    assert decide(WISH, [node(adopt=True)], ground(machine))[0].action == "adopted"


@pytest.mark.parametrize(
    ("device", "found"),
    [
        ({"_type": "vim.vm.device.VirtualDisk", "backing": {"diskMode": "persistent"}}, ()),
        ({"backing": {"_type": "vim.vm.device.VirtualDisk.RawDiskMappingVer1BackingInfo"}}, ("raw_disk",)),
        ({"backing": {"sharing": "sharingMultiWriter"}}, ("shared_disk",)),
        ({"backing": {"diskMode": "independent_persistent"}}, ()),
    ],
)
def test_which_disks_a_node_cannot_have(device: dict[str, Any], found: tuple[str, ...]) -> None:
    assert obstacles([device]) == found


@pytest.mark.parametrize(
    ("machine", "wanted", "action", "waits"),
    [
        (None, ["goods-01", "order-01"], "waiting", ("goods-01",)),
        (None, ["order-01", "deleted-long-ago"], "created", ()),
        (OURS, ["goods-01"], "unchanged", ()),
        (replace(OURS, marks={}), ["goods-01"], "finished", ()),
        (FOREIGN, ["goods-01"], "waiting", ("goods-01",)),
        (FOREIGN, ["cp-01"], "waiting", ("cp-01",)),
        (replace(FOREIGN, power="off"), ["cp-01"], "waiting", ("cp-01",)),  # off, and still in service
        (replace(FOREIGN, marks={"state": "moved"}), ["cp-01"], "waiting", ("cp-01",)),
        (replace(FOREIGN, power="off", marks={"state": "retired"}), ["cp-01"], "adopted", ()),
    ],
)
def test_for_whom_a_node_waits(machine: Machine | None, wanted: list[str], action: str, waits: tuple[str, ...]) -> None:
    known = ground(*([machine] if machine else []), on=frozenset({"goods-01"}))
    (step,) = decide(WISH, [node(waits_for=wanted, adopt=machine is not None and not machine.is_node())], known)
    assert (step.action, step.waits_for) == (action, waits)


def test_one_that_waits_takes_no_room_yet_and_may_want_the_address_of_whom_it_waits_for() -> None:
    full = {"esx-1": replace(HOST, memory_used_gib=60.0)}
    known = ground(hosts=full, addresses={"10.0.0.1": "goods-01"}, on=frozenset({"goods-01"}))
    (step,) = decide(WISH, [node(waits_for=["goods-01"])], known)
    assert (step.action, differences([step], WISH)) == ("waiting", ({}, {}))
    with pytest.raises(CapacityError, match=r"4\.0 of 64 are free"):
        decide(WISH, [node(waits_for=["order-01"])], ground(hosts=full))
    with pytest.raises(ConflictError, match="is held by db-01"):
        decide(WISH, [node(waits_for=["goods-01"])], ground(on=known.on, addresses={"10.0.0.1": "db-01"}))
