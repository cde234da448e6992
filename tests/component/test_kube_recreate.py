# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects that must be made anew: only where it is asked for, only where they can be, never where data would go."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_files import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    AccessDenied,
    OperationFailed,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import identity_of

from tests.component.kube_objects import definition, deny, deployment, put, secret

Body = dict[str, Any]


def selector(namespace: str) -> tuple[Body, Body]:
    old, new = deployment(namespace, "x"), deployment(namespace, "x")
    new["spec"]["selector"]["matchLabels"] = {"app": "other"}
    new["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    return old, new


def stateful_set(namespace: str, **more: Any) -> tuple[Body, Body]:
    pod = deployment(namespace, "x")["spec"]["template"]
    spec = {"selector": {"matchLabels": {"app": "x"}}, "serviceName": "a", "template": pod, "replicas": 0, **more}
    old = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "x", "namespace": namespace}}
    return {**old, "spec": spec}, {**old, "spec": {**spec, "serviceName": "b"}}


def job(namespace: str) -> tuple[Body, Body]:
    container = {"name": "main", "image": "registry.lab.example/x:1"}
    old = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "x", "namespace": namespace},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
    }
    new = copy.deepcopy(old)
    new["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.lab.example/x:2"
    return old, new


def service(namespace: str) -> tuple[Body, Body]:
    old = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x", "namespace": namespace}}
    return {**old, "spec": {"ports": [{"port": 80}]}}, {**old, "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}


def sealed(namespace: str) -> tuple[Body, Body]:
    return {**secret(namespace, "x", {"a": "one-1"}), "immutable": True}, secret(namespace, "x", {"a": "two-2"})


def role_binding(namespace: str) -> tuple[Body, Body]:
    group = "rbac.authorization.k8s.io"
    old = {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "x", "namespace": namespace},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "view"},
    }
    return old, {**old, "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "edit"}}


def uid(client: KubeClient, body: Body) -> str:
    there = client.get(body["apiVersion"], body["kind"], "x", body["metadata"].get("namespace", ""))
    return str(there["metadata"]["uid"]) if there else "gone"


@pytest.mark.parametrize("make", [selector, stateful_set, job, service, sealed, role_binding])
def test_an_object_is_made_anew_only_when_asked(
    kube: KubeClient, namespace: str, make: Callable[[str], tuple[Body, Body]]
) -> None:
    old, new = make(namespace)
    put(kube, old, wait=False)
    before = uid(kube, old)
    for check in (True, False):
        with pytest.raises(OperationFailed, match="recreate: true deletes it and makes it anew"):
            put(kube, new, check=check, wait=False)
    predicted = put(kube, new, recreate=True, check=True)
    assert uid(kube, old) == before
    report = put(kube, new, recreate=True, wait=False)
    assert predicted.summary == report.summary == "1 recreated"
    assert uid(kube, old) not in ("gone", before)
    assert predicted.diff(to_yaml) == report.diff(to_yaml)
    assert put(kube, new, recreate=True, wait=False).summary == "1 unchanged"


def claim(namespace: str) -> tuple[Body, Body]:
    old = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "x", "namespace": namespace}}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "a"}
    return {**old, "spec": spec}, {**old, "spec": {**spec, "storageClassName": "b"}}


def volume(namespace: str) -> tuple[Body, Body]:
    old = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "x"}}
    spec = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/a"}}
    return {**old, "spec": spec}, {**old, "spec": {**spec, "hostPath": {"path": "/b"}}}


def with_volumes(namespace: str) -> tuple[Body, Body]:
    return stateful_set(namespace, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Delete"})


def kind(namespace: str) -> tuple[Body, Body]:
    old = definition("anchors")
    new = copy.deepcopy(old)
    new["spec"]["scope"] = "Cluster"
    return old, new


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (claim, "its data would go with it"),
        (volume, "its data could go with it"),
        (with_volumes, "its volumes would go with it"),
        (kind, "every object of its kind would go with it"),
    ],
)
def test_what_holds_data_is_never_deleted_for_it(
    kube: KubeClient, namespace: str, make: Callable[[str], tuple[Body, Body]], why: str
) -> None:
    old, new = make(namespace)
    put(kube, old, wait=False)
    for check in (True, False):
        with pytest.raises(OperationFailed, match=f"it is never deleted for this: {why}"):
            put(kube, new, recreate=True, check=check, wait=False)
    name = old["metadata"]["name"]
    live = kube.get(old["apiVersion"], old["kind"], name, old["metadata"].get("namespace", ""))
    assert "deletionTimestamp" not in live["metadata"]


def test_what_would_be_refused_anyway_is_not_deleted(kube: KubeClient, namespace: str) -> None:
    old, new = selector(namespace)
    new["spec"]["template"]["spec"]["containers"][0]["name"] = "Not_a_name"
    put(kube, old, wait=False)
    before = uid(kube, old)
    with pytest.raises(OperationFailed, match="Not_a_name"):
        put(kube, new, recreate=True, wait=False)
    assert uid(kube, old) == before


def test_what_no_policy_lets_in_is_not_deleted(kube: KubeClient, namespace: str) -> None:
    old, new = selector(namespace)
    put(kube, old, wait=False)
    before = uid(kube, old)
    put(kube, *deny(namespace, "apps", "deployments", "'never' in object.metadata.labels"))
    new["metadata"]["labels"] = {"never": "x"}
    for check in (True, False):
        with pytest.raises(AccessDenied, match=f"policy {namespace}-deny"):
            put(kube, new, recreate=True, check=check, wait=False)
    assert uid(kube, old) == before


def test_a_finalizer_is_waited_for_and_named(kube: KubeClient, namespace: str) -> None:
    old, new = sealed(namespace)
    old["metadata"]["finalizers"] = ["landfall.dev/test"]
    put(kube, old)
    with pytest.raises(OperationFailed, match=r"still there, finalizers: landfall.dev/test"):
        put(kube, new, recreate=True, wait_timeout=1)
    path = kube.resource("v1", "Secret").path(identity_of(old))
    free = {"metadata": {"finalizers": None}}
    kube.send("PATCH", path, body=free, content_type="application/merge-patch+json")
    put(kube, old)
    release = {"body": free, "content_type": "application/merge-patch+json"}
    threading.Timer(0.5, kube.send, ["PATCH", path], release).start()
    assert put(kube, new, recreate=True, wait_timeout=20).summary == "1 recreated"
