# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Taking over what client-side tools wrote (the real kubectl; kubernetes.core by the requests that it makes)."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_files import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    ConflictError,
    FieldConflict,
    OperationFailed,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import identity_of
from hypothesis import given, settings

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import config_map, deployment, put
from tests.component.test_kube_property import _PAIRS, _RULES, _in

Body = dict[str, Any]
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def by_kubectl(server: KubeServer, client: KubeClient, body: Body) -> None:
    server.kubectl("apply", "-f", "-", bodies=[body])


def by_kubernetes_core(server: KubeServer, client: KubeClient, body: Body) -> None:
    """A create that names no manager, with the annotation: what its module sends with `apply: true`."""
    annotations = {LAST_APPLIED: json.dumps(body)}
    body = {**body, "metadata": {**body["metadata"], "annotations": annotations}}
    resource = client.resource(body["apiVersion"], body["kind"])
    path = resource.collection(body["metadata"]["namespace"])
    client.request("POST", path, query={"fieldManager": "OpenAPI-Generator"}, body=body)


TOOLS = pytest.mark.parametrize("by_tool", [by_kubectl, by_kubernetes_core])


def edited(namespace: str) -> tuple[Body, Body]:
    """A Deployment as a client-side tool wrote it, and as it is wanted now: less of it, and another image."""
    old, new = deployment(namespace, "shop", replicas=3), deployment(namespace, "shop", replicas=3)
    old["spec"]["revisionHistoryLimit"] = 4
    old["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "ssd"}
    container = new["spec"]["template"]["spec"]["containers"][0]
    container["image"] = "registry.lab.example/shop:2"
    container["env"] = container["env"][:1]
    container["ports"] = container["ports"][:1]
    del new["spec"]["replicas"]
    return old, new


@TOOLS
def test_without_it_removed_fields_stay(
    kube_server: KubeServer, kube: KubeClient, namespace: str, by_tool: Any
) -> None:
    """Why it is there: force takes the fields that are named, and leaves the others behind for ever."""
    old, new = edited(namespace)
    by_tool(kube_server, kube, old)
    with pytest.raises(ConflictError) as raised:
        put(kube, new, wait=False)
    assert {one.right for one in raised.value.problems} == {"leave the field out, or take it with on_conflict: migrate"}
    put(kube, new, force=True, wait=False)
    assert kube.get("apps/v1", "Deployment", "shop", namespace)["spec"]["replicas"] == 3


@TOOLS
def test_removed_fields_go_and_the_prediction_is_exact(
    kube_server: KubeServer, kube: KubeClient, namespace: str, by_tool: Any
) -> None:
    old, new = edited(namespace)
    by_tool(kube_server, kube, old)
    predicted = put(kube, new, migrate=True, check=True)
    assert LAST_APPLIED in kube.get("apps/v1", "Deployment", "shop", namespace)["metadata"]["annotations"]
    report = put(kube, new, migrate=True, wait=False)
    assert predicted.summary == report.summary == "1 configured"
    assert predicted.diff(to_yaml) == report.diff(to_yaml)
    live = kube.get("apps/v1", "Deployment", "shop", namespace)
    container = live["spec"]["template"]["spec"]["containers"][0]
    assert (live["spec"]["replicas"], live["spec"]["revisionHistoryLimit"]) == (1, 10), "the server's defaults again"
    assert "nodeSelector" not in live["spec"]["template"]["spec"]
    assert container["image"] == "registry.lab.example/shop:2"
    assert [one["name"] for one in container["env"]] == ["B"]
    assert [one["containerPort"] for one in container["ports"]] == [8080]
    assert LAST_APPLIED not in live["metadata"].get("annotations", {})
    assert [(one["manager"], one["operation"]) for one in live["metadata"]["managedFields"]] == [("landfall", "Apply")]
    again = put(kube, new, migrate=True, wait=False)
    assert again.summary == "1 unchanged"
    assert put(kube, new, migrate=True, check=True).summary == "1 unchanged"


@TOOLS
def test_an_object_that_is_as_wanted_changes_hands_once(
    kube_server: KubeServer, kube: KubeClient, namespace: str, by_tool: Any
) -> None:
    body = config_map(namespace, "colours", {"sky": "blue", "sea": "green"})
    by_tool(kube_server, kube, body)
    assert put(kube, body, migrate=True, check=True).summary == "1 configured"
    assert put(kube, body, migrate=True).summary == "1 configured"
    assert put(kube, body, migrate=True).summary == "1 unchanged"
    assert put(kube, config_map(namespace, "colours", {"sky": "blue"})).summary == "1 configured"
    assert kube.get("v1", "ConfigMap", "colours", namespace)["data"] == {"sky": "blue"}


def test_who_is_no_client_side_tool_is_left_alone(kube_server: KubeServer, kube: KubeClient, namespace: str) -> None:
    body = config_map(namespace, "colours", {"sky": "blue", "sea": "green"})
    by_kubectl(kube_server, kube, body)
    patch = json.dumps({"data": {"sea": "grey", "sun": "yellow"}})
    kube_server.kubectl("-n", namespace, "patch", "configmap", "colours", "--type=merge", "-p", patch)
    wanted = config_map(namespace, "colours", {"sky": "red", "sea": "green"})
    for check in (True, False):
        with pytest.raises(ConflictError) as raised:
            put(kube, wanted, migrate=True, check=check)
        [problem] = raised.value.problems
        assert isinstance(problem, FieldConflict)
        assert problem.facts == {
            "object": f"ConfigMap {namespace}/colours",
            "field": ".data.sea",
            "manager": "kubectl-patch",
        }
    wanted = config_map(namespace, "colours", {"sky": "red"})
    predicted = put(kube, wanted, migrate=True, check=True)
    assert put(kube, wanted, migrate=True).diff(to_yaml) == predicted.diff(to_yaml)
    assert kube.get("v1", "ConfigMap", "colours", namespace)["data"] == {"sky": "red", "sea": "grey", "sun": "yellow"}


def test_what_cannot_be_changed_or_is_wrong_is_predicted_as_such(
    kube_server: KubeServer, kube: KubeClient, namespace: str
) -> None:
    old = deployment(namespace, "shop")
    by_kubectl(kube_server, kube, old)
    new, wrong = deployment(namespace, "shop"), deployment(namespace, "shop")
    new["spec"]["selector"]["matchLabels"] = {"app": "other"}
    new["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    wrong["spec"]["replicas"] = -1
    for check in (True, False):
        with pytest.raises(OperationFailed, match="must be greater than or equal to 0"):
            put(kube, wrong, migrate=True, check=check)
        with pytest.raises(OperationFailed, match="recreate: true deletes it"):
            put(kube, new, migrate=True, check=check)
    by_kubectl(kube_server, kube, {**old, "metadata": {**old["metadata"], "annotations": {"again": "theirs"}}})
    predicted = put(kube, new, migrate=True, recreate=True, check=True)
    assert predicted.summary == put(kube, new, migrate=True, recreate=True, wait=False).summary == "1 recreated"


def test_a_prediction_while_somebody_writes(kube_server: KubeServer, kube: KubeClient, namespace: str) -> None:
    old, new = edited(namespace)
    by_kubectl(kube_server, kube, old)
    stop = threading.Event()

    def controller() -> None:
        mine = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop", "namespace": namespace}}
        number = 0
        while not stop.is_set():
            mine["metadata"]["annotations"] = {"turn": str(number := number + 1)}
            kube.apply(mine, field_manager="controller")

    thread = threading.Thread(target=controller)
    thread.start()
    try:
        told = [put(kube, new, migrate=True, check=True, wait=False).summary for _attempt in range(30)]
    finally:
        stop.set()
        thread.join()
    assert set(told) == {"1 configured"}


def test_somebody_who_writes_meanwhile_loses_nothing(kube_server: KubeServer, kube: KubeClient, namespace: str) -> None:
    bodies = [config_map(namespace, f"c{number}", {"sky": "blue", "sea": "green"}) for number in range(20)]
    kube_server.kubectl("apply", "-f", "-", bodies=bodies)
    stop, written = threading.Event(), dict.fromkeys(range(20), 0)

    def churn() -> None:
        while not stop.is_set():
            for number in written:
                written[number] += 1
                other = config_map(namespace, f"c{number}", {"seen": str(written[number])})
                kube.apply(other, field_manager="somebody")

    writer = threading.Thread(target=churn)
    writer.start()
    try:
        wanted = [config_map(namespace, f"c{number}", {"sky": "blue"}) for number in range(20)]
        assert put(kube, *wanted, migrate=True).summary == "20 configured"
    finally:
        stop.set()
        writer.join()
    assert put(kube, *wanted, migrate=True).summary == "20 unchanged"
    for number, count in written.items():
        assert kube.get("v1", "ConfigMap", f"c{number}", namespace)["data"] == {"sky": "blue", "seen": str(count)}


@settings(_RULES, max_examples=100)
@given(pair=_PAIRS)
def test_generated_objects_are_taken_over_as_predicted(
    kube: KubeClient, namespace: str, pair: tuple[Body, Body]
) -> None:
    old, new = (_in(namespace, one) for one in pair)
    resource = kube.resource(old["apiVersion"], old["kind"])
    path = resource.path(identity_of(old))
    kube.send("PATCH", path, body={"metadata": {"finalizers": []}}, content_type="application/merge-patch+json")
    kube.delete(old["apiVersion"], old["kind"], "generated", namespace)
    kube.request("POST", resource.collection(namespace), query={"fieldManager": "OpenAPI-Generator"}, body=old)
    predicted = put(kube, new, migrate=True, check=True)
    done = put(kube, new, migrate=True, wait=False)
    assert predicted.summary == done.summary == "1 configured"
    assert predicted.diff(to_yaml) == done.diff(to_yaml)
    assert put(kube, new, migrate=True, wait=False).summary == "1 unchanged"
