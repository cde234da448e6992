# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules in a real API server: what each refuses and allows, where, and that the probes tell when they hold."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import AccessDenied, LandfallError
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_section
from ansible_collections.landfall.replatform.plugins.module_utils.core.policy import probes, render
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_fixture import KubeServer

Body = dict[str, Any]
POLICY = {"mode": "enforce", "host_path_roots": ["/srv/data"], "registries": ["registry.lab.example"]}


def put(client: KubeClient, *bodies: Body, check: bool = False) -> Report:
    return apply(client, Wish([("test", one) for one in bodies], check=check, wait=False))


def in_effect(client: KubeClient, policy: Body) -> None:
    """Write the rules and wait as the role does: until each probe is refused by its rule."""
    section = parse_section("policy", policy)
    put(client, *render(section))
    deadline = time.monotonic() + 30
    told = "nothing was refused"
    while time.monotonic() < deadline:
        try:
            put(client, *probes(section), check=True)
        except LandfallError as error:
            told = str(error)
            refused = [one.found for one in error.problems if one.found.startswith("policy landfall-")]
            if len(refused) == len(probes(section)):
                return
        time.sleep(0.2)
    pytest.fail(f"not in effect: {told}")


@pytest.fixture(scope="module")
def rules(kube_server: KubeServer) -> None:
    with KubeClient.connect(kubeconfig=kube_server.kubeconfig) as client:
        in_effect(client, POLICY)


@pytest.fixture
def project(rules: None, kube: KubeClient, namespace: str) -> str:
    """A namespace of a workspace with node ports."""
    metadata = {
        "name": namespace,
        "labels": {"landfall.dev/workspace": "mall"},
        "annotations": {"landfall.dev/node-ports": "30300-30399"},
    }
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, field_manager="test")
    body = pod_in(namespace, hostNetwork=True)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:  # until the server has seen the label
        try:
            put(kube, body, check=True)
        except AccessDenied:
            return namespace
    pytest.fail("the label does not switch the rules on")


def pod_in(namespace: str, container: Body | None = None, **spec: Any) -> Body:
    first = {"name": "main", "image": "registry.lab.example/shop:1", **(container or {})}
    metadata = {"name": "tried", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [first], **spec}}


def _volume(path: str) -> list[Body]:
    return [{"name": "host", "hostPath": {"path": path}}]


def _sidecar(image: str) -> list[Body]:
    return [{"name": "first", "image": image}]


@pytest.mark.parametrize(
    ("container", "spec", "refused"),
    [
        ({}, {}, None),
        ({}, {"hostNetwork": False}, None),
        ({}, {"hostNetwork": True}, "host-network"),
        ({"ports": [{"containerPort": 80}]}, {}, None),
        ({"ports": [{"containerPort": 80, "hostPort": 80}]}, {}, "host-network"),
        ({}, {"hostPID": True}, "host-processes"),
        ({}, {"hostIPC": True}, "host-processes"),
        ({}, {"volumes": _volume("/srv/data")}, None),
        ({}, {"volumes": _volume("/srv/data/shop")}, None),
        ({}, {"volumes": [{"name": "none", "emptyDir": {}}]}, None),
        ({}, {"volumes": _volume("/srv/database")}, "host-paths"),
        ({}, {"volumes": _volume("/")}, "host-paths"),
        ({}, {"volumes": _volume("/etc")}, "host-paths"),
        ({"image": "docker.io/library/redis:7"}, {}, "registries"),
        ({"image": "redis:7"}, {}, "registries"),
        ({"image": "registry.lab.example.evil.example/shop:1"}, {}, "registries"),
        ({}, {"initContainers": _sidecar("registry.lab.example/first:1")}, None),
        ({}, {"initContainers": _sidecar("busybox:1")}, "registries"),
    ],
)
def test_pods(kube: KubeClient, project: str, container: Body, spec: Body, refused: str | None) -> None:
    body = pod_in(project, container, **spec)
    for one in (body, _deployment(body), _cron_job(body)):
        if refused is None:
            put(kube, one, check=True)
        else:
            with pytest.raises(AccessDenied) as raised:
                put(kube, one, check=True)
            [problem] = raised.value.problems
            policy = f"landfall-{refused}"
            assert problem.found.startswith(f"policy {policy} (binding {policy}) refuses it: ")


def _deployment(pod: Body) -> Body:
    labels = {"app": "tried"}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod["spec"]}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": pod["metadata"], "spec": spec}


def _cron_job(pod: Body) -> Body:
    template = {"spec": {"template": {"spec": {**pod["spec"], "restartPolicy": "Never"}}}}
    spec = {"schedule": "0 3 * * *", "jobTemplate": template}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": pod["metadata"], "spec": spec}


def _node_ports(kind: str, *ports: int) -> Body:
    several = [{"name": f"p{port}", "port": 80 + number, "nodePort": port} for number, port in enumerate(ports)]
    return {"type": kind, "ports": several}


@pytest.mark.parametrize(
    ("spec", "allowed"),
    [
        ({"ports": [{"port": 80}]}, True),
        (_node_ports("NodePort", 30300), True),
        (_node_ports("NodePort", 30399), True),
        (_node_ports("NodePort", 30400), False),
        (_node_ports("NodePort", 30300, 32000), False),
        (_node_ports("LoadBalancer", 31000), False),
        ({"type": "ExternalName", "externalName": "x.example"}, True),
    ],
)
def test_services(kube: KubeClient, project: str, spec: Body, allowed: bool) -> None:
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "tried", "namespace": project}, "spec": spec}
    if allowed:
        put(kube, body, check=True)
    else:
        with pytest.raises(AccessDenied, match="policy landfall-node-ports"):
            put(kube, body, check=True)


def test_a_workspace_without_range_has_no_node_ports(kube: KubeClient, project: str) -> None:
    metadata = {"name": project, "labels": {"landfall.dev/workspace": "mall"}}
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, field_manager="test")
    spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30300}]}
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "tried", "namespace": project}, "spec": spec}
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            put(kube, body, check=True)
        except AccessDenied:
            return
    pytest.fail("the node port is allowed")


def test_other_namespaces_are_left_alone(kube: KubeClient, rules: None, namespace: str) -> None:
    put(kube, pod_in(namespace, hostNetwork=True, volumes=_volume("/etc")), check=True)


def test_what_was_there_before_can_still_be_taken_down(kube: KubeClient, project: str, namespace: str) -> None:
    """A pod that breaks a rule loses its finalizers, though it could not be made any more."""
    plain = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": project}}
    kube.apply(plain, field_manager="test")
    body = pod_in(project, hostNetwork=True)
    body["metadata"]["finalizers"] = ["landfall.dev/test"]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            put(kube, body)
            break
        except AccessDenied:
            time.sleep(0.1)
    labelled = {**plain, "metadata": {"name": project, "labels": {"landfall.dev/workspace": "mall"}}}
    kube.apply(labelled, field_manager="test")
    del body["metadata"]["finalizers"]
    assert put(kube, body).summary == "1 configured"


def test_audit_warns_and_lets_pass(kube: KubeClient, project: str) -> None:
    section = parse_section("policy", {**POLICY, "mode": "audit"})
    assert probes(section) == []
    put(kube, *render(section))
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                report = put(kube, pod_in(project, hostNetwork=True), check=True)
            except AccessDenied:
                time.sleep(0.1)
                continue
            if report.warnings:
                break
        assert any("landfall-host-network" in warning for warning in report.warnings)
    finally:
        in_effect(kube, POLICY)


def test_an_empty_rule_replaces_the_one_before(kube: KubeClient, project: str) -> None:
    try:
        in_effect(kube, {"mode": "enforce", "host_path_roots": ["/"], "registries": []})
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                put(kube, pod_in(project, {"image": "redis:7"}, volumes=_volume("/etc")), check=True)
                return
            except AccessDenied:
                time.sleep(0.1)
        pytest.fail("the old rule still holds")
    finally:
        in_effect(kube, POLICY)
