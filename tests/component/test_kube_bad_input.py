# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bad input: told clearly, everything at once, and before anything is written."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients import kube_requests
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_files import documents_of
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    AccessDenied,
    ConnectionFailed,
    DocumentError,
    LandfallError,
)

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import config_map, custom, definition, deployment, namespace_object, put, shop

Body = dict[str, Any]


def changed(body: Body, path: str, value: Any) -> Body:
    """A copy of `body` with another value at a.b.0.c."""
    copied = copy.deepcopy(body)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner: Any = copied
    for step in steps:
        inner = inner[step]
    inner[last] = value
    return copied


POD = "spec.template.spec"
WRONG = [
    ("spec.replcas", 2, ".spec.replcas: is no field that is known there; did you mean replicas?"),
    ("spec.replicas", "two", ".spec.replicas: is text; a number"),
    ("spec.replicas", True, ".spec.replicas: is true or false; a number"),
    ("spec.paused", "true", ".spec.paused: is text; true or false"),
    (f"{POD}.containers.0.image", 7, ".spec.template.spec.containers[0].image: is a number; text"),
    (f"{POD}.containers.0.args", "--one", ".spec.template.spec.containers[0].args: is text; a list"),
    (f"{POD}.containers.0.ports.0.port", 1, ".ports[0].port: is no field that is known there; a field that it has"),
    (f"{POD}.containers.0.env.1.name", "B", ".env[1]: has the same name as another; each once"),
    (f"{POD}.containers.0.resources", [], ".resources: is a list; a mapping"),
    ("metadata.labells", {}, ".metadata.labells: is no field that is known there; did you mean labels?"),
    ("sepc", {}, ".sepc: is no field that is known there; did you mean spec?"),
]


@pytest.mark.parametrize(("path", "value", "told"), WRONG)
def test_what_is_told_beforehand_the_server_would_refuse(
    kube: KubeClient, namespace: str, path: str, value: Any, told: str
) -> None:
    bad = changed(deployment(namespace, "bad"), path, value)
    for check in (True, False):
        with pytest.raises(DocumentError) as raised:
            put(kube, config_map(namespace, "first", {"a": "1"}), bad, check=check)
        [problem] = raised.value.problems
        assert str(problem).startswith("resources[1]")
        assert str(problem).endswith(told)
    assert kube.get("v1", "ConfigMap", "first", namespace) is None
    with pytest.raises(LandfallError):
        put(kube, bad, wait=False)


def test_what_comes_with_the_call_is_held_against_its_own_definition(kube: KubeClient, namespace: str) -> None:
    """Neither the namespace nor the kind is there, so no dry run could tell."""
    put(kube, definition("berths"), absent=True)  # another test may have left it
    name = f"{namespace}-new"
    bodies = [
        custom(name, "good", {"size": 3, "ropes": ["a"]}),
        custom(name, "bad", {"sizee": 3, "ropes": "a"}),
        changed(deployment(name, "bad"), "spec.replcas", 1),
        definition("berths"),
        namespace_object(name),
    ]
    with pytest.raises(DocumentError) as raised:
        put(kube, *bodies)
    assert [str(one) for one in raised.value.problems] == [
        "resources[1].spec.sizee: is no field that is known there; did you mean size?",
        "resources[1].spec.ropes: is text; a list",
        "resources[2].spec.replcas: is no field that is known there; did you mean replicas?",
    ]
    assert kube.get("v1", "Namespace", name) is None


def test_all_kinds_of_problems_come_at_once(kube: KubeClient, namespace: str) -> None:
    bad = changed(deployment(namespace, "bad"), "spec.replcas", 1)
    with pytest.raises(DocumentError) as raised:
        put(kube, {**bad, "kind": "Deploymint"}, bad, bad, config_map("", "x", {}), "text")
    assert sorted(one.path for one in raised.value.problems) == [
        "resources[0].kind",
        "resources[1].spec.replcas",
        "resources[2]",
        "resources[2].spec.replcas",
        "resources[3].metadata.namespace",
        "resources[4]",
    ]


def test_one_bad_object_among_ten_thousand(kube: KubeClient, namespace: str) -> None:
    bodies = [config_map(namespace, f"c{number}", {"a": "1"}) for number in range(10_000)]
    bodies[7_777]["dota"] = bodies[7_777].pop("data")
    started = time.monotonic()
    with pytest.raises(DocumentError) as raised:
        put(kube, *bodies)
    assert [str(one) for one in raised.value.problems] == [
        "resources[7777].dota: is no field that is known there; did you mean data?"
    ]
    assert kube.list("v1", "ConfigMap", namespace) == []
    assert time.monotonic() - started < 30


def test_nothing_that_is_right_is_called_wrong(kube: KubeClient, namespace: str) -> None:
    """Odd ways to write what the server takes: units, names of ports, empty and null values, open mappings."""
    odd = deployment(namespace, "odd")
    container = odd["spec"]["template"]["spec"]["containers"][0]
    container["resources"] = {"requests": {"cpu": 1, "memory": "1Gi"}, "limits": {"cpu": 1.5}}
    container["livenessProbe"] = {"httpGet": {"port": "main", "path": "/"}}
    container["readinessProbe"] = {"httpGet": {"port": 8080}}
    container["securityContext"] = None
    odd["spec"]["strategy"] = {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 1}}
    odd["metadata"]["creationTimestamp"] = None
    odd["status"] = {}
    free = definition("crates")
    schema = free["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    schema["any"] = {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
        "properties": {"a": {"type": "string"}},
    }
    schema["either"] = {"x-kubernetes-int-or-string": True}
    schema["map"] = {"type": "object", "additionalProperties": {"type": "integer"}}
    schema["pod"] = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "x-kubernetes-preserve-unknown-fields": True,
    }
    schema["size"]["default"] = 3
    inner = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"anything": 1}}
    spec = {"any": {"b": [1, "x"]}, "either": "a", "map": {"x": 1}, "pod": inner, "size": None}
    crate = {**custom(namespace, "one", spec), "kind": "Crate"}
    assert put(kube, odd, free, crate, *shop(namespace, 1), wait=False).summary == "13 created"
    put(kube, free, absent=True)


def test_what_is_no_object_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("a: [")
    (tmp_path / "b.yml").write_text("a: b: c")
    with pytest.raises(DocumentError) as raised:
        documents_of(None, str(tmp_path))
    assert [problem.path for problem in raised.value.problems] == ["a.yml", "b.yml"]
    with pytest.raises(DocumentError, match="is neither a list nor text"):
        documents_of(5, None)


def test_a_namespace_that_is_missing_and_a_kind_that_is_nearly_right(kube: KubeClient, namespace: str) -> None:
    with pytest.raises(DocumentError) as raised:
        put(kube, config_map("nowhere", "x", {}), config_map(namespace, "y", {}))
    assert "'nowhere' does not exist" in str(raised.value)
    with pytest.raises(DocumentError, match=r"did you mean ConfigMap \(v1\)"):
        put(kube, {**config_map(namespace, "y", {}), "kind": "Configmaps"})


def with_user(kubeconfig: str, to: Path, **user: Any) -> str:
    document = yaml.safe_load(Path(kubeconfig).read_text())
    document["users"][0]["user"] = user
    to.write_text(yaml.safe_dump(document))
    return str(to)


def test_who_is_not_let_in_learns_it_before_anything_else(
    kube_server: KubeServer, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = config_map(namespace, "x", {})
    late = kube_server.authority.sign("too-late", ["system:masters"], days=-1)
    data = {"client-certificate-data": late.certificate_data, "client-key-data": late.key_data}
    expired = with_user(kube_server.kubeconfig, tmp_path / "late", **data)
    with KubeClient.connect(kubeconfig=expired) as client, pytest.raises(AccessDenied, match="has not expired"):
        put(client, body)
    robot = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot", "namespace": namespace}}
    with KubeClient.connect(kubeconfig=kube_server.kubeconfig) as client:
        put(client, robot)
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/robot"
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        token = client.request("POST", f"{path}/token", body=request).body["status"]["token"]
        client.delete("v1", "ServiceAccount", "robot", namespace)  # ends its tokens at once
    stale = with_user(kube_server.kubeconfig, tmp_path / "token", token=token)
    with KubeClient.connect(kubeconfig=stale) as client, pytest.raises(AccessDenied, match="has not expired"):
        put(client, body)
    monkeypatch.setattr(kube_requests, "_PATIENCE_SECONDS", 1)
    with (
        KubeClient.connect(host="https://127.0.0.1:1", api_key="x", verify_ssl=False) as client,
        pytest.raises(ConnectionFailed, match="there is no answer"),
    ):
        put(client, body)
