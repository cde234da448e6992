# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nodes in a real API server: labels that are ours, and the wait for those that are not there yet."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_nodes import label, wait_for
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import OperationFailed


def register(kube: KubeClient, name: str) -> None:
    """What a kubelet does first."""
    body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {"kubernetes.io/os": "linux"}}}
    kube.request("POST", "/api/v1/nodes", body=body)


def become_ready(kube: KubeClient, name: str) -> None:
    """What a kubelet does later."""
    status = {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "ready"}]}
    answer = kube.send(
        "PATCH",
        f"/api/v1/nodes/{name}/status",
        body={"status": status},
        content_type="application/strategic-merge-patch+json",
    )
    assert answer.ok


@pytest.fixture
def nodes(kube: KubeClient) -> Iterator[dict[str, dict[str, Any]]]:
    for name in ("n-1", "n-2"):
        register(kube, name)
    yield wait_for(kube, ["n-1", "n-2"], ready=False, timeout=5)
    for name in ("n-1", "n-2"):
        kube.delete("v1", "Node", name)


def labels_of(kube: KubeClient, name: str) -> dict[str, str]:
    node = kube.get("v1", "Node", name)
    assert node is not None
    found: dict[str, str] = node["metadata"]["labels"]
    return found


def test_labels_come_change_and_go_and_others_stay(kube: KubeClient, nodes: dict[str, dict[str, Any]]) -> None:
    def run(wanted: dict[str, dict[str, str]]) -> tuple[str, str]:
        return label(kube, wait_for(kube, ["n-1", "n-2"], ready=False, timeout=5), wanted)

    assert run({"n-1": {"zone": "a", "disk": "ssd"}}) == ("", "n-1: disk=ssd\nn-1: zone=a\n")
    assert labels_of(kube, "n-1") == {"kubernetes.io/os": "linux", "zone": "a", "disk": "ssd"}
    assert run({"n-1": {"zone": "a", "disk": "ssd"}}) == ("", "")
    assert run({"n-1": {"zone": "b"}}) == ("n-1: disk=ssd\nn-1: zone=a\n", "n-1: zone=b\n")
    assert labels_of(kube, "n-1") == {"kubernetes.io/os": "linux", "zone": "b"}
    assert run({"n-1": {}}) == ("n-1: zone=b\n", "")
    assert labels_of(kube, "n-1") == {"kubernetes.io/os": "linux"}
    assert run({"n-1": {}}) == ("", "")


def test_a_check_speaks_of_nodes_that_are_coming_and_writes_nothing(
    kube: KubeClient, nodes: dict[str, dict[str, Any]]
) -> None:
    wanted = {"n-1": {"zone": "a"}, "n-3": {"zone": "b"}, "n-4": {"zone": "c"}}
    before, after = label(kube, nodes, wanted, coming=["n-1", "n-3"])
    assert (before, after) == ("", "n-1: zone=a\nn-3: zone=b\n")
    assert "zone" not in labels_of(kube, "n-1")


def test_a_node_that_is_not_there_is_never_created(kube: KubeClient, nodes: dict[str, dict[str, Any]]) -> None:
    assert label(kube, nodes, {"n-9": {"zone": "a"}}) == ("", "")
    assert kube.get("v1", "Node", "n-9") is None


def test_it_waits_until_the_last_node_is_ready(kube: KubeClient, nodes: dict[str, dict[str, Any]]) -> None:
    become_ready(kube, "n-1")
    later = threading.Timer(1, become_ready, [kube, "n-2"])
    later.start()
    assert {"n-1", "n-2"} <= set(wait_for(kube, ["n-1", "n-2"], ready=True, timeout=20))
    later.join()


def test_a_wait_that_ends_names_who_is_missing(kube: KubeClient, nodes: dict[str, dict[str, Any]]) -> None:
    become_ready(kube, "n-1")
    with pytest.raises(OperationFailed) as caught:
        wait_for(kube, ["n-1", "n-2", "n-3"], ready=True, timeout=0.1)
    assert [problem.path for problem in caught.value.problems] == ["n-2", "n-3"]
