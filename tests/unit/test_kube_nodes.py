"""The labels that are ours, and when a node can take pods."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import kube_nodes


def node(*, ready: str = "True", labels: dict[str, str] | None = None, ours: tuple[str, ...] = ()) -> dict[str, Any]:
    fields = {"f:metadata": {"f:labels": {f"f:{key}": {} for key in ours}}}
    entry = {
        "manager": kube_nodes.MANAGER,
        "operation": "Apply",
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "w", "labels": labels or {}, "managedFields": [entry] if ours else []},
        "status": {"conditions": [{"type": "Ready", "status": ready, "message": "cni plugin not initialized"}]},
    }


@pytest.mark.parametrize(
    ("found", "wanted", "labelled"),
    [
        (node(), {}, True),
        (node(labels={"zone": "a"}), {}, True),
        (node(labels={"zone": "a"}), {"zone": "a"}, False),
        (node(labels={"zone": "a"}, ours=("zone",)), {"zone": "a"}, True),
        (node(labels={"zone": "b"}, ours=("zone",)), {"zone": "a"}, False),
        (node(labels={"zone": "a", "disk": "ssd"}, ours=("zone", "disk")), {"zone": "a"}, False),
        (node(labels={"zone": "a"}, ours=("zone",)), {}, False),
    ],
)
def test_our_labels_are_exactly_the_wanted_ones(found: dict[str, Any], wanted: dict[str, str], labelled: bool) -> None:
    assert kube_nodes.is_labelled(found, wanted) is labelled


def test_a_diff_speaks_of_our_labels_alone() -> None:
    found = node(labels={"zone": "b", "old": "1", "kubernetes.io/os": "linux"}, ours=("zone", "old"))
    assert kube_nodes.our_labels(found, {"zone": "a"}) == {"zone": "b", "old": "1"}
    assert kube_nodes.lines({"w": {"zone": "a", "disk": "ssd"}, "v": {}}) == "w: disk=ssd\nw: zone=a\n"


@pytest.mark.parametrize(
    ("nodes", "ready", "problems"),
    [
        ({"w": node()}, True, []),
        ({"w": node(ready="False")}, False, []),
        ({"w": node(ready="False")}, True, ["cni plugin not initialized"]),
        ({"w": {"metadata": {"name": "w"}}}, True, ["its kubelet has not reported yet"]),
        ({}, False, ["has not registered"]),
        ({}, True, ["has not registered"]),
    ],
)
def test_what_is_waited_for(nodes: dict[str, Any], ready: bool, problems: list[str]) -> None:
    assert [problem.found for problem in kube_nodes.missing(["w"], nodes, ready=ready)] == problems


def test_a_wait_that_ends_names_every_node() -> None:
    problems = kube_nodes.missing(["v", "w"], {}, ready=True)
    error = str(kube_nodes.too_late(problems, 300, ready=True))
    assert "2 nodes are not ready after 300 s" in error
    assert "v: has not registered" in error
