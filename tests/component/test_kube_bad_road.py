# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Migration, recreation and pruning where one request in ten meets a fault: the same end as on a good road."""

from __future__ import annotations

from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.core.applyset import ApplySet

from tests.component.kube_faults import Faults
from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import config_map, put


def test_a_hand_over_whose_answer_got_lost(kube_server: KubeServer, kube: KubeClient, namespace: str) -> None:
    old = [config_map(namespace, f"c{number}", {"a": "1", "b": "2"}) for number in range(40)]
    kube_server.kubectl("apply", "-f", "-", bodies=old)
    new = [config_map(namespace, f"c{number}", {"a": "1"}) for number in range(40)]
    with Faults(kube_server.kubeconfig, every=4, seed=6) as road, KubeClient.connect(host=road.url) as client:
        assert put(client, *new, migrate=True).summary == "40 configured"
        assert {"429", "503", "reset before", "reset after"} == set(road.met)
    assert put(kube, *new, migrate=True).summary == "40 unchanged"
    assert {str(one["data"]) for one in kube.list("v1", "ConfigMap", namespace)} == {"{'a': '1'}"}


def test_objects_are_made_anew_once(kube_server: KubeServer, kube: KubeClient, namespace: str) -> None:
    old: list[dict[str, Any]] = [
        {**config_map(namespace, f"c{number}", {"a": "1"}), "immutable": True} for number in range(40)
    ]
    put(kube, *old)
    new = [config_map(namespace, f"c{number}", {"a": "2"}) for number in range(40)]
    with Faults(kube_server.kubeconfig, every=10, seed=7) as road, KubeClient.connect(host=road.url) as client:
        assert put(client, *new, recreate=True).summary == "40 recreated"
        assert road.met
    assert put(kube, *new).summary == "40 unchanged"


def test_a_set_is_pruned_to_what_is_wanted(kube_server: KubeServer, kube: KubeClient, namespace: str) -> None:
    applyset = ApplySet("set", namespace)
    bodies = [config_map(namespace, f"c{number}", {"a": "1"}) for number in range(40)]
    with Faults(kube_server.kubeconfig, every=10, seed=8) as road, KubeClient.connect(host=road.url) as client:
        put(client, *bodies, applyset=applyset, prune=True)
        put(client, *bodies[:5], applyset=applyset, prune=True)
        assert road.met
    assert put(kube, *bodies[:5], applyset=applyset, prune=True).summary == "6 unchanged"
    assert len(kube.list("v1", "ConfigMap", namespace)) == 5
