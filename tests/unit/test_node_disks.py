# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Disks behind the first one: added, grown, never shrunk, never taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import CapacityError, ConflictError
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_decision import decide
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_disks import new_gib
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_vms import differences

from .test_node_decision import OURS, WISH, ground, node


def disks(*sizes: int) -> dict[str, Any]:
    return {"disks": [{"size_gib": size} for size in sizes]}


@pytest.mark.parametrize(
    ("found", "wanted", "lacks", "new"),
    [
        ((), (), None, 0),
        ((), (20, 30), ([], [20, 30]), 50),
        ((20.0,), (20, 30), ([20], [20, 30]), 30),
        ((20.0, 30.0), (25, 30), ([20, 30], [25, 30]), 5),
        ((20.0, 30.0), (20,), None, 0),
        ((20.0, 30.0), (), None, 0),
    ],
)
def test_which_disks_a_node_lacks(found: tuple[float, ...], wanted: tuple[int, ...], lacks: Any, new: float) -> None:
    (step,) = decide(WISH, [node(**disks(*wanted))], ground(replace(OURS, disks=found)))
    assert (step.lacks.get("disks"), step.action) == (lacks, "resized" if lacks else "unchanged")
    assert (step.power_cycle, new_gib(step)) == (False, new)


@pytest.mark.parametrize(
    ("found", "wanted", "snapshots", "path", "words"),
    [
        ((20.0,), (10,), False, "nodes[0].disks[0]", "disk 2 of cp-01 has 20 GiB; at least that"),
        ((20.0, 30.0), (20, 10), False, "nodes[0].disks[1]", "disk 3 of cp-01 has 30 GiB"),
        ((20.0,), (40,), True, "nodes[0].disks[0]", "cannot grow below a snapshot"),
        ((), (1,) * 15, False, "nodes[0].disks", "more than 14 disks"),
    ],
)
def test_what_no_disk_does(
    found: tuple[float, ...], wanted: tuple[int, ...], snapshots: bool, path: str, words: str
) -> None:
    machine = replace(OURS, disks=found, snapshots=snapshots)
    with pytest.raises(ConflictError) as caught:
        decide(WISH, [node(**disks(*wanted))], ground(machine))
    (problem,) = caught.value.problems
    assert (problem.path, words in str(problem)) == (path, True), problem


def test_a_new_node_is_refused_too_many_disks() -> None:
    with pytest.raises(ConflictError, match="more than 14 disks"):
        decide(WISH, [node(**disks(*([1] * 15)))], ground())


def test_a_snapshot_does_not_keep_a_disk_from_being_added() -> None:
    machine = replace(OURS, snapshots=True)
    assert decide(WISH, [node(**disks(20))], ground(machine))[0].action == "resized"


def test_an_adopted_machine_keeps_its_larger_disks() -> None:
    machine = replace(OURS, site=None, role=None, marks={}, disk_gib=80, disks=(200.0,))
    (step,) = decide(WISH, [node(adopt=True, **disks(100, 10))], ground(machine))
    assert step.lacks["disks"] == ([200], [200, 10])
    assert "disk_gib" not in step.lacks


def test_all_disks_take_room() -> None:
    with pytest.raises(CapacityError, match="cp-01 wants 510 GiB, 500 are free"):
        decide(WISH, [node(**disks(400, 60))], ground())
    _before, after = differences(decide(WISH, [node(**disks(20, 30))], ground()), WISH)
    assert after["cp-01"]["disks"] == [20, 30]
