# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client against a real API server."""

from __future__ import annotations

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient


def test_both_discoveries_find_the_same_kinds(kube: KubeClient) -> None:
    one, other = kube.discover(), kube.discover_one_by_one()
    assert len(one) > 50
    assert one._resources == other._resources


def test_objects_come_and_go(kube: KubeClient, namespace: str) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "colours", "namespace": namespace, "labels": {"app": "shop"}},
        "data": {"sky": "blue"},
    }
    assert kube.get("v1", "ConfigMap", "colours", namespace) is None
    kube.apply(body)
    assert kube.get("v1", "ConfigMap", "colours", namespace)["data"] == {"sky": "blue"}
    assert [one["metadata"]["name"] for one in kube.list("v1", "ConfigMap", namespace, labels="app=shop")] == [
        "colours"
    ]
    assert kube.delete("v1", "ConfigMap", "colours", namespace)
    assert not kube.delete("v1", "ConfigMap", "colours", namespace)
