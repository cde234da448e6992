# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""OpenShift as a target, with a stand-in for it (see openshift_stand_in: no OpenShift was ever asked)."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.clients.openshift import OpenShiftClient
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    AccessDenied,
    ConnectionFailed,
    DocumentError,
    OperationFailed,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import Body, config_map, namespace_object
from tests.component.openshift_stand_in import OpenShift
from tests.component.test_kube_apply_task import Playbook, kube_apply
from tests.component.test_kube_client import service_account_token, who

_numbers = itertools.count(1)


@pytest.fixture
def openshift(kube_server: KubeServer, kube: KubeClient, namespace: str) -> Iterator[OpenShift]:
    """A cluster with one user, wang, who has a password and no rights but those of his projects."""
    token = service_account_token(kube, namespace)
    wang = f"system:serviceaccount:{namespace}:robot"
    with OpenShift(kube_server, {wang: "sesame"}, {token: wang}) as cluster:
        yield cluster


@pytest.fixture
def wang(openshift: OpenShift, kube_server: KubeServer) -> Iterator[OpenShiftClient]:
    [token] = openshift.tokens
    ca = str(kube_server.authority.certificate)
    with OpenShiftClient.connect(host=openshift.url, api_key=token, ca_path=ca) as client:
        yield client


@pytest.fixture
def project() -> str:
    """A name that nobody has used."""
    return f"mall-{os.getpid()}-{next(_numbers)}"


def put(client: KubeClient, *bodies: Body, **options: Any) -> Report:
    return apply(client, Wish([(f"resources[{index}]", one) for index, one in enumerate(bodies)], **options))


def log_in(openshift: OpenShift, server: KubeServer, **options: Any) -> KubeClient:
    [user] = openshift.passwords
    given = {"host": openshift.url, "username": user, "password": "sesame", **options}
    return KubeClient.connect(**{"ca_path": str(server.authority.certificate), **given})


def test_a_password_becomes_a_token(openshift: OpenShift, kube_server: KubeServer) -> None:
    [user] = openshift.passwords
    with log_in(openshift, kube_server) as client:
        assert who(client) == user
    with log_in(openshift, kube_server, kubeconfig=kube_server.kubeconfig) as client:
        assert who(client) == user, "not the administrator of the kubeconfig"
    with log_in(openshift, kube_server, ca_path=None, verify_ssl=False) as client:
        assert who(client) == user


def test_how_a_login_fails(openshift: OpenShift, kube_server: KubeServer) -> None:
    with pytest.raises(AccessDenied, match="it does not know this user with this password") as raised:
        log_in(openshift, kube_server, password="wrong-word")
    assert "wrong-word" not in str(raised.value)
    with pytest.raises(OperationFailed, match="it has no OAuth server"):
        log_in(openshift, kube_server, host=kube_server.url)
    with pytest.raises(ConnectionFailed, match="CERTIFICATE_VERIFY_FAILED"):
        log_in(openshift, kube_server, ca_path=None)
    with pytest.raises(ConnectionFailed, match="its OAuth server gives no answer"):
        log_in(openshift, kube_server, host="https://127.0.0.1:1")
    with pytest.raises(DocumentError, match="username: is given without password"):
        log_in(openshift, kube_server, password=None)
    openshift.road = "http"
    with pytest.raises(OperationFailed, match="is not https"):
        log_in(openshift, kube_server)


@pytest.mark.usefixtures("controllers")
def test_a_namespace_is_asked_for_as_a_project(openshift: OpenShift, wang: OpenShiftClient, project: str) -> None:
    named = namespace_object(project)
    named["metadata"]["annotations"] = {"openshift.io/display-name": "The mall", "openshift.io/description": "shops"}
    bodies = [config_map(project, "colours", {"sky": "blue"}), named]
    assert put(wang, *bodies, check=True).summary == "2 created"
    assert openshift.client.get("v1", "Namespace", project) is None
    assert put(wang, *bodies).summary == "2 created"
    assert put(wang, *bodies).summary == "2 unchanged"
    assert put(wang, *bodies, check=True).summary == "2 unchanged"
    there = openshift.client.get("v1", "Namespace", project) or {}
    assert there["metadata"]["annotations"]["openshift.io/display-name"] == "The mall"
    assert put(wang, named, absent=True, check=True).summary == "1 deleted"
    assert put(wang, named, absent=True, wait_timeout=60).summary == "1 deleted"
    assert openshift.projects(next(iter(openshift.passwords))) == []
    while openshift.client.get("v1", "Namespace", project):
        time.sleep(0.1)
    assert put(wang, named, absent=True).summary == "1 absent"


def test_several_projects_at_once(wang: OpenShiftClient, project: str) -> None:
    bodies = [namespace_object(f"{project}-{number}") for number in range(6)]
    assert put(wang, *bodies).summary == "6 created"
    assert put(wang, *bodies).summary == "6 unchanged"


def test_what_is_somebody_else_s(openshift: OpenShift, wang: OpenShiftClient, project: str) -> None:
    put(openshift.client, namespace_object(project))
    with pytest.raises(OperationFailed, match=f'"{project}" already exists'):
        put(wang, namespace_object(project))
    with pytest.raises(DocumentError, match=f"'{project}' does not exist"):
        put(wang, config_map(project, "colours", {}))
    assert put(wang, namespace_object(project), absent=True, wait=False).summary == "1 absent"


def test_labels_are_an_administrator_s(openshift: OpenShift, wang: OpenShiftClient, project: str) -> None:
    labelled = namespace_object(project)
    labelled["metadata"]["labels"] = {"tier": "front"}
    with pytest.raises(AccessDenied, match='cannot patch resource "namespaces"'):
        put(wang, labelled)
    assert put(openshift.client, labelled).summary == "1 configured"
    assert put(wang, labelled).summary == "1 unchanged", "it has what is wanted, whoever wrote it"


def test_a_cluster_that_is_no_openshift(kube_server: KubeServer, namespace: str) -> None:
    """Whoever may see namespaces needs no projects, until one is to be made."""
    with OpenShiftClient.connect(kubeconfig=kube_server.kubeconfig) as client:
        assert put(client, namespace_object(namespace)).summary == "1 unchanged"


def route(namespace: str) -> list[Body]:
    ports = [{"name": "web", "port": 80, "targetPort": 8080}]
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "goods", "namespace": namespace}}
    backend = {"service": {"name": "goods", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    spec = {"rules": [{"host": "goods.example", "http": {"paths": paths}}]}
    named = {"name": "goods", "namespace": namespace}
    ingress = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": named, "spec": spec}
    return [{**service, "spec": {"ports": ports}}, ingress]


@pytest.mark.parametrize("status", ["True", "False"])
def test_routes_in_place_of_ingresses(openshift: OpenShift, wang: OpenShiftClient, project: str, status: str) -> None:
    """A router is played here: it admits the route, or says that somebody else has the host."""
    put(wang, namespace_object(project))
    done = threading.Event()

    def router() -> None:
        path = f"/apis/route.openshift.io/v1/namespaces/{project}/routes/goods"
        reason = {} if status == "True" else {"reason": "HostAlreadyClaimed", "message": "of mall"}
        condition = {"type": "Admitted", "status": status, **reason}
        while not done.wait(0.2):
            body = {"status": {"ingress": [{"conditions": [condition]}]}}
            openshift.client.send("PATCH", f"{path}/status", body=body, content_type="application/merge-patch+json")

    thread = threading.Thread(target=router)
    thread.start()
    try:
        if status == "True":
            assert [one.identity.kind for one in put(wang, *route(project), routes=True).done] == ["Service", "Route"]
            assert put(wang, *route(project), routes=True).summary == "2 unchanged"
        else:
            started = time.monotonic()
            with pytest.raises(OperationFailed, match="HostAlreadyClaimed: of mall"):
                put(wang, *route(project), routes=True, wait_timeout=60)
            assert time.monotonic() - started < 30
    finally:
        done.set()
        thread.join()
    there = openshift.client.get("route.openshift.io/v1", "Route", "goods", project) or {}
    assert there["spec"]["port"] == {"targetPort": "web"}


def test_the_task_logs_in_and_gets_its_project(
    openshift: OpenShift, kube_server: KubeServer, project: str, tmp_path: Path
) -> None:
    playbook = Playbook(tmp_path, "")
    [(user, password)] = openshift.passwords.items()
    task = kube_apply(
        resources=[config_map(project, "colours", {"sky": "blue"}), namespace_object(project), *route(project)],
        host=openshift.url,
        ca_path=str(kube_server.authority.certificate),
        username=user,
        password=password,
        flavour="openshift",
        routes=True,
        wait=False,
    )
    [predicted] = playbook.run(task, arguments=("--check",))
    made, again = playbook.run(task, task)
    assert [one["summary"] for one in (predicted, made, again)] == ["4 created", "4 created", "4 unchanged"]
    assert {one["kind"] for one in made["objects"]} == {"Namespace", "ConfigMap", "Service", "Route"}
