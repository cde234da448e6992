# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a task may wait for besides: any condition, any field; and claims, which only a real controller binds."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.jmes import compiled
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError, OperationFailed
from ansible_collections.landfall.replatform.plugins.module_utils.core.expect import expectations_of
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import Body, config_map, deployment
from tests.component.kube_pods import Pods


def put(client: KubeClient, *bodies: Body, wait_for: list[Body] | None = None, **options: Any) -> Report:
    expectations, problems = expectations_of(wait_for or [], compiled)
    assert problems == []
    documents = [(f"resources[{index}]", one) for index, one in enumerate(bodies)]
    return apply(client, Wish(documents, **{"wait_timeout": 60, "expectations": expectations, **options}))


def test_a_field_that_somebody_else_sets(kube: KubeClient, namespace: str) -> None:
    def later() -> None:
        time.sleep(1)
        kube.apply(config_map(namespace, "colours", {"done": "yes"}), field_manager="operator")

    operator = threading.Thread(target=later)
    started = time.monotonic()
    operator.start()
    expected = [{"kind": "ConfigMap", "jmespath": "data.done", "value": "yes"}]
    put(kube, config_map(namespace, "colours", {"sky": "blue"}), config_map(namespace, "other", {"done": "yes"}))
    put(kube, config_map(namespace, "colours", {"sky": "blue"}), wait_for=expected)
    assert 0.5 < time.monotonic() - started < 30
    operator.join()
    put(kube, config_map(namespace, "colours", {"sky": "blue"}), wait_for=expected)


def test_time_that_is_over_says_what_was_there(kube: KubeClient, namespace: str) -> None:
    expected = [{"kind": "ConfigMap", "name": "colours", "jmespath": "data.sky", "value": "red"}]
    bodies = [config_map(namespace, "colours", {"sky": "blue"}), config_map(namespace, "other", {})]
    with pytest.raises(OperationFailed) as raised:
        put(kube, *bodies, wait_for=expected, wait_timeout=1)
    [problem] = raised.value.problems
    assert str(problem) == f"ConfigMap {namespace}/colours: data.sky is blue, not red"


@pytest.mark.usefixtures("controllers")
def test_a_condition_is_all_that_is_waited_for_where_that_is_wanted(kube: KubeClient, namespace: str) -> None:
    """A rollout that goes on: by the rule of the kind it is not ready, but it serves."""
    body = deployment(namespace, "shop", replicas=2)
    body["spec"]["strategy"] = {"rollingUpdate": {"maxUnavailable": 0}}
    with Pods(kube, namespace):
        put(kube, body)
    body["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.lab.example/shop:2"
    available = [{"kind": "Deployment", "condition": {"type": "Available", "status": "True"}}]
    put(kube, body, wait=False, wait_for=available)
    with pytest.raises(OperationFailed, match="1 of 2 replicas are new"):
        put(kube, body, wait_for=available, wait_timeout=1)


def test_an_expectation_of_nothing_is_refused_before_anything_is_written(kube: KubeClient, namespace: str) -> None:
    expected = [{"kind": "Deployment", "condition": {"type": "Available", "status": "True"}}]
    with pytest.raises(DocumentError, match=r"wait_for\[0\]: no object of the list is meant"):
        put(kube, config_map(namespace, "colours", {}), wait_for=expected)
    assert kube.get("v1", "ConfigMap", "colours", namespace) is None


def volume(namespace: str, storage_class: str) -> Body:
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": storage_class,
        "hostPath": {"path": "/nowhere"},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"v-{namespace}"}, "spec": spec}


def claim(namespace: str, storage_class: str) -> Body:
    resources = {"requests": {"storage": "1Gi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": storage_class, "resources": resources}
    metadata = {"name": "data", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


def storage_class(name: str, mode: str) -> Body:
    body = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}}
    return {**body, "provisioner": "example.com/none", "volumeBindingMode": mode}


@pytest.mark.usefixtures("controllers")
def test_a_claim_is_ready_when_its_volume_is_bound(kube: KubeClient, namespace: str) -> None:
    put(kube, claim(namespace, f"c-{namespace}"), volume(namespace, f"c-{namespace}"))
    assert kube.get("v1", "PersistentVolumeClaim", "data", namespace)["status"]["phase"] == "Bound"


@pytest.mark.usefixtures("controllers")
def test_a_claim_that_nobody_serves(kube: KubeClient, namespace: str) -> None:
    name = f"early-{namespace}"
    with pytest.raises(OperationFailed, match="its volume is not bound yet"):
        put(kube, storage_class(name, "Immediate"), claim(namespace, name), wait_timeout=2)


def test_a_claim_whose_class_waits_for_a_pod_is_not_waited_for(
    kube_server: KubeServer, kube: KubeClient, namespace: str
) -> None:
    name = f"late-{namespace}"
    started = time.monotonic()
    put(kube, storage_class(name, "WaitForFirstConsumer"), claim(namespace, name))
    assert time.monotonic() - started < 10


def test_who_may_not_see_classes_does_not_wait_for_ever(
    kube_server: KubeServer, kube: KubeClient, namespace: str
) -> None:
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"}
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "roleRef": reference}
    subjects = [{"kind": "User", "name": "tenant"}]
    put(kube, {**binding, "metadata": {"name": "tenant", "namespace": namespace}, "subjects": subjects})
    with KubeClient.connect(kubeconfig=kube_server.kubeconfig_for("tenant")) as tenant:
        assert put(tenant, claim(namespace, "whatever")).changed
