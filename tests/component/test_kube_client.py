# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client against a real API server: every way in, every way not to get in, and a bad road."""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients import kube_requests
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_exec import exit_code
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    AccessDenied,
    ConnectionFailed,
    NotFound,
    OperationFailed,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import config_map


def test_both_discoveries_find_the_same_kinds(kube: KubeClient) -> None:
    one, other = kube.discover(), kube.discover_one_by_one()
    assert len(one) > 50
    assert one._resources == other._resources


def test_objects_come_and_go(kube: KubeClient, namespace: str) -> None:
    body = config_map(namespace, "colours", {"sky": "blue"})
    body["metadata"]["labels"] = {"app": "shop"}
    assert kube.get("v1", "ConfigMap", "colours", namespace) is None
    assert kube.apply(body, dry_run=True)["data"] == {"sky": "blue"}
    assert kube.get("v1", "ConfigMap", "colours", namespace) is None
    kube.apply(body)
    assert kube.get("v1", "ConfigMap", "colours", namespace)["data"] == {"sky": "blue"}
    assert [one["metadata"]["name"] for one in kube.list("v1", "ConfigMap", namespace, labels="app=shop")] == [
        "colours"
    ]
    assert kube.delete("v1", "ConfigMap", "colours", namespace, dry_run=True)
    assert kube.delete("v1", "ConfigMap", "colours", namespace)
    assert not kube.delete("v1", "ConfigMap", "colours", namespace)


def test_a_kind_that_is_not_served(kube: KubeClient) -> None:
    with pytest.raises(NotFound, match=r"did you mean ConfigMap \(v1\)"):
        kube.get("v1", "ConfigMop", "x", "default")


def edited(kubeconfig: str, to: Path, **user: Any) -> str:
    """A kubeconfig with another user in it."""
    document = yaml.safe_load(Path(kubeconfig).read_text())
    document["users"][0]["user"] = user
    to.write_text(yaml.safe_dump(document))
    return str(to)


def test_no_key_is_left_behind(kube_server: KubeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for _time in range(2):
        with KubeClient.connect(kubeconfig=kube_server.kubeconfig) as client:
            assert client.get("v1", "Namespace", "default")
            assert list(tmp_path.iterdir()) == []


def service_account_token(kube: KubeClient, namespace: str) -> str:
    kube.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot", "namespace": namespace}})
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/robot/token"
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    return str(kube.request("POST", path, body=body).body["status"]["token"])


def who(client: KubeClient) -> str:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = client.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=body)
    return str(answer.body["status"]["userInfo"]["username"])


def test_every_way_in(kube_server: KubeServer, kube: KubeClient, namespace: str, tmp_path: Path) -> None:
    token, robot = service_account_token(kube, namespace), f"system:serviceaccount:{namespace}:robot"
    ca = str(kube_server.authority.certificate)
    with KubeClient.connect(kubeconfig=kube_server.kubeconfig_for("wang")) as client:
        assert who(client) == "wang"
    with KubeClient.connect(host=kube_server.url, api_key=token, ca_path=ca) as client:
        assert who(client) == robot
    with KubeClient.connect(kubeconfig=kube_server.kubeconfig, api_key=token) as client:
        assert who(client) == robot, "what the task says counts more than what the kubeconfig says"
    with KubeClient.connect(kubeconfig=edited(kube_server.kubeconfig, tmp_path / "token", token=token)) as client:
        assert who(client) == robot
    with KubeClient.connect(host=kube_server.url, api_key=token, verify_ssl=False) as client:
        assert who(client) == robot
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": token},
    }
    (tmp_path / "credential.json").write_text(json.dumps(credential))
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "cat",
        "args": [str(tmp_path / "credential.json")],
        "interactiveMode": "Never",
    }
    with KubeClient.connect(kubeconfig=edited(kube_server.kubeconfig, tmp_path / "exec", exec=plugin)) as client:
        assert who(client) == robot


def test_every_way_not_to_get_in(kube_server: KubeServer, tmp_path: Path) -> None:
    pair = kube_server.authority.sign("late", ["system:masters"], days=-1)
    data = {"client-certificate-data": pair.certificate_data, "client-key-data": pair.key_data}
    expired = edited(kube_server.kubeconfig, tmp_path / "late", **data)
    with KubeClient.connect(kubeconfig=expired) as client, pytest.raises(AccessDenied, match="has not expired"):
        client.discover()
    with (
        KubeClient.connect(host=kube_server.url, api_key="wrong", verify_ssl=False) as client,
        pytest.raises(AccessDenied, match="does not know these credentials"),
    ):
        client.discover()
    with (
        KubeClient.connect(host=kube_server.url) as client,
        pytest.raises(ConnectionFailed, match="CERTIFICATE_VERIFY"),
    ):
        client.discover()
    broken = tmp_path / "broken"
    for text in ("clusters: [", "{}", "a: b"):
        broken.write_text(text)
        with pytest.raises(ConnectionFailed, match=r"kubeconfig: .*broken cannot be used"):
            KubeClient.connect(kubeconfig=str(broken))
    with pytest.raises(ConnectionFailed, match="cannot be used"):
        KubeClient.connect(kubeconfig=kube_server.kubeconfig, context="elsewhere")
    with pytest.raises(ConnectionFailed, match="does not exist"):
        KubeClient.connect(kubeconfig=str(tmp_path / "nowhere"))
    rubbish = base64.b64encode(b"no certificate").decode()
    wrong = edited(kube_server.kubeconfig, tmp_path / "pem", **{**data, "client-certificate-data": rubbish})
    with pytest.raises(ConnectionFailed, match="certificates cannot be read"):
        KubeClient.connect(kubeconfig=wrong)


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kube_requests, "_PATIENCE_SECONDS", 1)
    with (
        KubeClient.connect(host="https://127.0.0.1:1", api_key="x", verify_ssl=False) as client,
        pytest.raises(ConnectionFailed, match=r"https://127\.0\.0\.1:1: there is no answer: .*Connection refused"),
    ):
        client.discover()


def test_who_may_not_is_told_what(kube_server: KubeServer) -> None:
    with KubeClient.connect(kubeconfig=kube_server.kubeconfig_for("nobody")) as client:
        with pytest.raises(AccessDenied, match='User "nobody" cannot list resource "secrets"'):
            client.list("v1", "Secret", "default")
        with pytest.raises(AccessDenied, match='User "nobody" cannot get resource "configmaps"'):
            apply(client, Wish([("x", config_map("default", "x", {}))]))


def test_exec_says_which_pod_is_missing(kube: KubeClient, namespace: str) -> None:
    with pytest.raises(NotFound, match='pods "none" not found'):
        kube.exec(namespace, "none", ["true"])


def test_the_exit_code_of_an_exec() -> None:
    causes = {"causes": [{"reason": "ExitCode", "message": "3"}]}
    assert exit_code({"status": "Success"}) == 0
    assert exit_code({"status": "Failure", "reason": "NonZeroExitCode", "details": causes}) == 3
    with pytest.raises(OperationFailed, match="no such program"):
        exit_code({"status": "Failure", "message": "no such program"})
