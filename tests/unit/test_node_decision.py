# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node lacks and why a list cannot be had, in tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    CapacityError,
    ConflictError,
    LandfallError,
    NotFound,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_decision import decide
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_source import Library, Template
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_vms import (
    Ground,
    Host,
    Machine,
    Node,
    Wish,
    differences,
    step_of,
)

WISH = Wish(site="mall", template="debian", folder="/DC0/vm/k", network="vm-prod")
HOST = Host(
    name="esx-1", cluster="A", threads=16, memory_gib=64, memory_used_gib=20.0, usable=True,
    datastores=frozenset({"ssd"}), networks=frozenset({"vm-prod"}),
)  # fmt: skip
OURS = Machine(
    id="vm-1", name="cp-01", cpus=4, memory_gib=8, disk_gib=50, power="on", template=False, hot_add=frozenset(),
    site="mall", role="control_plane", marks={"site": "mall", "role": "control_plane"}, addresses=("10.0.0.1",),
    host_keys=("ssh-ed25519 A",), uuid="u", tools_running=True,
)  # fmt: skip


def node(name: str = "cp-01", **other: Any) -> Node:
    wanted = {
        "name": name, "role": "control_plane", "cpus": 4, "memory_gib": 8, "disk_gib": 50, "esxi_host": "esx-1",
        "datastore": "ssd", "address": "10.0.0.1", "adopt": False, "disks": [], "waits_for": [], **other,
    }  # fmt: skip
    return cast(Node, wanted)


def ground(*machines: Machine, **other: Any) -> Ground:
    known: dict[str, Any] = {
        "hosts": {"esx-1": HOST}, "free_gib": {"ssd": 500.0}, "networks": frozenset({"vm-prod"}),
        "templates": {"debian": Template(40.0)}, "datacenters": frozenset({"DC0"}),
        "machines": {machine.name: machine for machine in machines}, "addresses": {}, **other,
    }  # fmt: skip
    return Ground(**known)


@pytest.mark.parametrize(
    ("machine", "action", "lacks"),
    [
        (OURS, "unchanged", {}),
        (replace(OURS, power="off"), "powered_on", {"power": ("off", "on")}),
        (replace(OURS, power="suspended"), "powered_on", {"power": ("suspended", "on")}),
        (replace(OURS, disk_gib=40), "resized", {"disk_gib": (40, 50)}),
        (replace(OURS, marks={}, power="off"), "finished", {"role": (None, "control_plane"), "power": ("off", "on")}),
        (replace(OURS, marks={"site": "mall"}), "finished", {"role": (None, "control_plane")}),
        (replace(OURS, site=None, role=None), "unchanged", {}),
    ],
)
def test_what_a_node_lacks(machine: Machine, action: str, lacks: dict[str, Any]) -> None:
    (step,) = decide(WISH, [node()], ground(machine))
    assert (step.action, step.lacks, step.power_cycle) == (action, lacks, False)


@pytest.mark.parametrize(
    ("change", "hot_add", "cycle"),
    [
        ({"cpus": 8}, set(), True),
        ({"cpus": 8}, {"memory_gib"}, True),
        ({"cpus": 8}, {"cpus"}, False),
        ({"cpus": 2}, {"cpus"}, True),
        ({"memory_gib": 16}, {"memory_gib"}, False),
        ({"memory_gib": 4}, {"memory_gib"}, True),
        ({"disk_gib": 90}, set(), False),
    ],
)
def test_when_a_node_must_be_shut_down(change: dict[str, int], hot_add: set[str], cycle: bool) -> None:
    step = step_of(WISH, node(**change), replace(OURS, hot_add=frozenset(hot_add)))
    assert (step.action, step.power_cycle) == ("resized", cycle)
    off = step_of(WISH, node(**change), replace(OURS, hot_add=frozenset(hot_add), power="off"))
    assert off.power_cycle is False


@pytest.mark.parametrize(
    ("nodes", "found", "kind", "path", "words"),
    [
        ([node()], {"templates": {}}, NotFound, "template", "there is no template 'debian'"),
        ([node()], {"templates": {"debian": Template(40.0, cards=0)}}, NotFound, "template", "has no network card"),
        ([node()], {"datacenters": frozenset({"DC1"})}, NotFound, "folder", "/DC1/vm/…"),
        ([node()], {"networks": frozenset()}, NotFound, "network", "the vCenter shows no network"),
        ([node(esxi_host="esx-9")], {}, NotFound, "nodes[0].esxi_host", "one of esx-1"),
        ([node(datastore="hdd")], {}, NotFound, "nodes[0].datastore", "one of ssd"),
        (
            [node()],
            {"hosts": {"esx-1": replace(HOST, usable=False)}},
            NotFound,
            "nodes[0].esxi_host",
            "takes no VM now",
        ),
        ([node()], {"hosts": {"esx-1": replace(HOST, networks=frozenset())}}, NotFound, "network", "does not reach"),
        ([node()], {"addresses": {"10.0.0.1": "db-01"}}, ConflictError, "nodes[0].address", "is held by db-01"),
        ([node(), node("cp-02")], {}, ConflictError, "nodes[1].address", "twice"),
        ([node(cpus=17)], {}, CapacityError, "nodes[0].cpus", "esx-1 has 16"),
        ([node(disk_gib=30)], {}, CapacityError, "nodes[0].disk_gib", "the template's disk has 40"),
        ([node(memory_gib=45)], {}, CapacityError, "ESXi host esx-1", "cp-01 wants 45 GiB of memory, 44.0 of 64"),
        ([node(disk_gib=501)], {}, CapacityError, "datastore ssd", "cp-01 wants 501 GiB, 500 are free"),
    ],
)
def test_what_forbids_a_node(
    nodes: list[Node], found: dict[str, Any], kind: type[LandfallError], path: str, words: str
) -> None:
    with pytest.raises(kind) as caught:
        decide(WISH, nodes, ground(**found))
    (problem,) = caught.value.problems
    assert problem.path == path
    assert words in str(problem)


@pytest.mark.parametrize(
    ("machine", "path", "words"),
    [
        (replace(OURS, site=None, marks={}), "nodes[0].name", "that Landfall did not make"),
        (replace(OURS, site="other", marks={}), "nodes[0].name", "of the site 'other'"),
        (replace(OURS, marks={"site": "mall", "role": "worker"}), "nodes[0].role", "is a worker"),
        (replace(OURS, stamped="cp-03"), "nodes[0].name", "is a copy of the node cp-03"),
        (replace(OURS, disk_gib=60), "nodes[0].disk_gib", "a disk cannot shrink"),
        (replace(OURS, cpus=2), "nodes[0]", "cpus 2 -> 4"),
    ],
)
def test_what_forbids_a_name(machine: Machine, path: str, words: str) -> None:
    with pytest.raises(ConflictError) as caught:
        decide(WISH, [node()], ground(machine))
    (problem,) = caught.value.problems
    assert (problem.path, words in str(problem)) == (path, True)


@pytest.mark.parametrize(
    ("library", "path", "words"),
    [
        (Library(None, {}, ("images", "isos")), "library", "no content library 'imgs'; did you mean images?"),
        (Library("imgs", {"debian-12": "vm-template"}), "template", "has no item 'debian'; did you mean debian-12?"),
        (Library("imgs", {"debian": "ovf"}), "template", "is of the type ovf; one of the type vm-template"),
        (Library("imgs", {"debian": "vm-template"}), "template", "there is no template 'debian'"),
    ],
)
def test_what_a_library_cannot_give(library: Library, path: str, words: str) -> None:
    with pytest.raises(NotFound) as caught:
        decide(replace(WISH, library="imgs"), [node()], ground(templates={}, library=library))
    (problem,) = caught.value.problems
    assert (problem.path, words in str(problem)) == (path, True), problem


@pytest.mark.parametrize(
    ("found", "wanted", "action", "lacks"),
    [
        ((), ["storage"], "connected", ([], ["storage"])),
        (("office",), ["storage"], "connected", (["office"], ["storage"])),
        (("storage", "backup"), ["storage"], "unchanged", None),
        (("office", "backup"), ["storage"], "connected", (["office", "backup"], ["storage", "backup"])),
        (("storage",), [], "unchanged", None),
    ],
)
def test_which_networks_a_node_lacks(found: tuple[str, ...], wanted: list[str], action: str, lacks: Any) -> None:
    known = ground(replace(OURS, networks=found), networks=frozenset({"vm-prod", "storage"}))
    (step,) = decide(replace(WISH, networks=wanted), [node()], known)
    assert (step.action, step.lacks.get("networks")) == (action, lacks)
    (adopted,) = decide(
        replace(WISH, networks=wanted),
        [node()],
        ground(replace(OURS, networks=found, adopted=True), networks=known.networks),
    )
    assert adopted.action == "unchanged", "it keeps its cards"


def test_a_further_network_must_be_within_reach() -> None:
    wish = replace(WISH, networks=["storage", "strage"])
    with pytest.raises(NotFound) as caught:
        decide(wish, [node()], ground(networks=frozenset({"vm-prod", "storage"})))
    assert [problem.path for problem in caught.value.problems] == ["networks[1]", "networks[0]"]


def test_nodes_of_one_host_count_together() -> None:
    wanted = [node(f"w-{i}", address=f"10.0.0.{i}", memory_gib=15) for i in range(3)]
    with pytest.raises(CapacityError, match=r"w-0, w-1, w-2 want 45 GiB"):
        decide(WISH, wanted, ground())
    assert len(decide(WISH, wanted[:2], ground())) == 2


def test_what_runs_already_has_its_memory() -> None:
    full = replace(HOST, memory_used_gib=60.0)
    assert decide(WISH, [node()], ground(OURS, hosts={"esx-1": full}))[0].action == "unchanged"
    grown = replace(WISH, allow_power_cycle=True)
    with pytest.raises(CapacityError, match=r"cp-01 wants 8 GiB of memory, 4\.0 of 64 are free"):
        decide(grown, [node(memory_gib=16)], ground(OURS, hosts={"esx-1": full}))


def test_an_existing_node_may_stand_anywhere() -> None:
    (step,) = decide(WISH, [node(esxi_host="gone", datastore="gone")], ground(OURS))
    assert step.action == "unchanged", "DRS has moved it since"


def test_dhcp_needs_no_address_and_takes_none() -> None:
    nodes = [node(address=None), node("cp-02", address=None)]
    assert [step.action for step in decide(WISH, nodes, ground())] == ["created", "created"]


def test_everything_at_once() -> None:
    with pytest.raises(NotFound) as caught:
        decide(WISH, [node(cpus=99, esxi_host="x"), node(cpus=99)], ground(templates={}, addresses={"10.0.0.1": "db"}))
    paths = [problem.path for problem in caught.value.problems]
    assert paths == [
        "template", "nodes[0].esxi_host", "nodes[1].name", "nodes[1].address", "nodes[0].address", "nodes[1].address",
        "nodes[1].cpus",
    ]  # fmt: skip


def test_differences_are_told_by_node() -> None:
    wish = replace(WISH, allow_power_cycle=True)
    before, after = differences(decide(wish, [node(cpus=6), node("w", address="10.0.0.2")], ground(OURS)), wish)
    assert before == {"cp-01": {"cpus": 4}, "w": "absent"}
    assert after["cp-01"] == {"cpus": 6, "power_cycle": True}
    assert (after["w"]["folder"], after["w"]["power"]) == ("/DC0/vm/k", "on")
