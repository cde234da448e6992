# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ways to a real API server: what kubeconfigs may say and how several of them add up, proxies, pods, other users."""

from __future__ import annotations

import json
import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients import kube_requests
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    AccessDenied,
    ConnectionFailed,
    DocumentError,
    NotFound,
)
from kubernetes.config import incluster_config

from tests.component.kube_fixture import KubeServer
from tests.component.kube_proxy import Proxy
from tests.component.test_kube_client import edited, service_account_token, who


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever this machine has of its own does not count."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def token(kube: KubeClient, namespace: str) -> str:
    return service_account_token(kube, namespace)


def asks(**options: Any) -> str:
    """Who the API server takes us for."""
    with KubeClient.connect(**options) as client:
        return who(client)


def part(path: Path, **sections: Any) -> str:
    path.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **sections}))
    return str(path)


def context(name: str, cluster: str, user: str) -> dict[str, Any]:
    return {"name": name, "context": {"cluster": cluster, "user": user}}


def test_several_kubeconfigs_add_up(kube_server: KubeServer, token: str, namespace: str, tmp_path: Path) -> None:
    """As kubectl does it: the first file counts that says a thing; files that do not exist are empty."""
    user = {"name": "administrator", "user": {"token": token}}
    first = part(
        tmp_path / "first",
        users=[user],
        contexts=[context("robot", "test", "administrator")],
        **{"current-context": "robot"},
    )
    whole, nowhere = kube_server.kubeconfig, str(tmp_path / "nowhere")
    robot = f"system:serviceaccount:{namespace}:robot"
    assert asks(kubeconfig=os.pathsep.join([nowhere, first, whole])) == robot
    assert asks(kubeconfig=os.pathsep.join([whole, first])) == "administrator"
    assert asks(kubeconfig=os.pathsep.join([whole, first]), context="robot") == "administrator"
    assert asks(kubeconfig=os.pathsep.join(["", first, whole]), context="test") == robot
    with pytest.raises(ConnectionFailed, match="nowhere does not exist"):
        asks(kubeconfig=os.pathsep.join([nowhere, nowhere]))


def test_files_beside_a_kubeconfig(kube_server: KubeServer, token: str, namespace: str, tmp_path: Path) -> None:
    authority, pair = kube_server.authority, kube_server.authority.sign("wang", [])
    (tmp_path / "ca.crt").write_bytes(authority.certificate.read_bytes())
    (tmp_path / "wang.pem").write_bytes(pair.certificate.read_bytes())
    (tmp_path / "wang.key").write_bytes(pair.key.read_bytes())
    (tmp_path / "token").write_text(f"{token}\n")
    cluster = {"server": kube_server.url, "certificate-authority": "ca.crt"}
    users = {"wang": {"client-certificate": "wang.pem", "client-key": "wang.key"}, "robot": {"tokenFile": "token"}}
    path = part(
        tmp_path / "config",
        clusters=[{"name": "test", "cluster": cluster}],
        users=[{"name": name, "user": user} for name, user in users.items()],
        contexts=[context(name, "test", name) for name in users],
    )
    assert asks(kubeconfig=path, context="wang") == "wang"
    assert asks(kubeconfig=path, context="robot") == f"system:serviceaccount:{namespace}:robot"
    with pytest.raises(ConnectionFailed, match="current-context"):
        asks(kubeconfig=path)
    (tmp_path / "wang.key").unlink()
    with pytest.raises(ConnectionFailed, match=r"File does not exist: .*wang\.key"):
        asks(kubeconfig=path, context="wang")


def test_a_certificate_of_the_task(kube_server: KubeServer, token: str, tmp_path: Path) -> None:
    pair = kube_server.authority.sign("li", [])
    both = tmp_path / "both.pem"
    both.write_bytes(pair.certificate.read_bytes() + pair.key.read_bytes())
    mine = {"client_cert": str(pair.certificate), "client_key": str(pair.key)}
    ca = str(kube_server.authority.certificate)
    assert asks(host=kube_server.url, ca_path=ca, **mine) == "li"
    assert asks(host=kube_server.url, ca_path=ca, client_cert=str(both)) == "li"
    assert asks(kubeconfig=kube_server.kubeconfig, **mine) == "li"
    assert asks(kubeconfig=edited(kube_server.kubeconfig, tmp_path / "token", token=token), **mine) == "li"
    with pytest.raises(DocumentError, match="client_key: is given without client_cert"):
        asks(host=kube_server.url, client_key=str(pair.key))


def plugin(*command: str) -> dict[str, Any]:
    version = "client.authentication.k8s.io/v1"
    return {"apiVersion": version, "command": command[0], "args": list(command[1:]), "interactiveMode": "Never"}


def test_a_plugin_that_fails_is_named(kube_server: KubeServer, token: str, namespace: str, tmp_path: Path) -> None:
    broken = edited(kube_server.kubeconfig, tmp_path / "exec", exec=plugin("sh", "-c", "echo no ticket >&2; exit 3"))
    with pytest.raises(ConnectionFailed, match=r"its plugin sh has failed: exec: process returned 3.*no ticket"):
        asks(kubeconfig=broken)
    absent = edited(kube_server.kubeconfig, tmp_path / "absent", exec=plugin("no-such-plugin"))
    with pytest.raises(ConnectionFailed, match="its plugin no-such-plugin has failed"):
        asks(kubeconfig=absent)
    silent = edited(kube_server.kubeconfig, tmp_path / "silent", exec=plugin("echo", "{}"))
    with pytest.raises(ConnectionFailed, match="its plugin echo has failed"):
        asks(kubeconfig=silent)
    assert asks(kubeconfig=broken, api_key=token) == f"system:serviceaccount:{namespace}:robot", "nobody asked it"


def test_a_plugin_that_gives_a_certificate(kube_server: KubeServer, tmp_path: Path) -> None:
    pair = kube_server.authority.sign("zhao", [])
    status = {"clientCertificateData": pair.certificate.read_text(), "clientKeyData": pair.key.read_text()}
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    (tmp_path / "credential.json").write_text(json.dumps(credential))
    cat = plugin("cat", str(tmp_path / "credential.json"))
    assert asks(kubeconfig=edited(kube_server.kubeconfig, tmp_path / "exec", exec=cat)) == "zhao"


def groups(client: KubeClient) -> list[str]:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = client.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=body)
    return list(answer.body["status"]["userInfo"].get("groups") or [])


def test_acting_as_somebody_else(kube_server: KubeServer, tmp_path: Path) -> None:
    with KubeClient.connect(
        kubeconfig=kube_server.kubeconfig, impersonate_user="li", impersonate_groups=["sellers", "buyers"]
    ) as client:
        assert who(client) == "li"
        assert {"sellers", "buyers"} <= set(groups(client))
    document = yaml.safe_load(Path(kube_server.kubeconfig).read_text())
    document["users"][0]["user"] |= {"as": "wang", "as-groups": ["a", "b"]}
    path = part(tmp_path / "as", **document)
    with KubeClient.connect(kubeconfig=path) as client:
        assert who(client) == "wang"
        assert {"a", "b"} <= set(groups(client))
    assert asks(kubeconfig=path, impersonate_user="li") == "li"
    with pytest.raises(AccessDenied, match='User "nobody" cannot impersonate'):
        asks(kubeconfig=kube_server.kubeconfig_for("nobody"), impersonate_user="li")


def test_a_proxy(kube_server: KubeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kube_requests, "_PATIENCE_SECONDS", 0)
    document = yaml.safe_load(Path(kube_server.kubeconfig).read_text())
    with Proxy("fox", "hidden-word") as refused, Proxy("fox", "word") as proxy:
        assert asks(kubeconfig=kube_server.kubeconfig, proxy=proxy.url) == "administrator"
        document["clusters"][0]["cluster"]["proxy-url"] = proxy.url
        assert asks(kubeconfig=part(tmp_path / "proxied", **document)) == "administrator"
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert asks(kubeconfig=kube_server.kubeconfig) == "administrator"
        assert proxy.tunnels == [kube_server.url.removeprefix("https://")] * 3
        assert asks(kubeconfig=kube_server.kubeconfig, no_proxy="127.0.0.1,example.com") == "administrator"
        assert asks(kubeconfig=kube_server.kubeconfig, proxy=proxy.url, no_proxy="127.0.0.1") == "administrator"
        assert len(proxy.tunnels) == 3
        with (
            KubeClient.connect(kubeconfig=kube_server.kubeconfig, proxy=proxy.url) as client,
            pytest.raises(NotFound, match='pods "none" not found'),
        ):
            client.exec("default", "none", ["true"])
        assert proxy.tunnels[-1] == kube_server.url.removeprefix("https://"), "exec goes the same way"
        assert len(proxy.tunnels) == 4
        with pytest.raises(ConnectionFailed, match="407") as raised:
            asks(kubeconfig=kube_server.kubeconfig, proxy=refused.url.replace("fox", "dog"))
        assert "hidden-word" not in str(raised.value)
    with pytest.raises(ConnectionFailed, match="there is no answer"):
        asks(kubeconfig=kube_server.kubeconfig, proxy=proxy.url)
    with pytest.raises(ConnectionFailed, match=r"no way through the proxy proxy\.example"):
        asks(kubeconfig=kube_server.kubeconfig, proxy="socks5://proxy.example:1080")


def test_in_a_pod(
    kube_server: KubeServer, token: str, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(kube_server.port))
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(kube_server.authority.certificate))
    with pytest.raises(ConnectionFailed, match="service account of this pod cannot be used: Service token file"):
        asks()
    (tmp_path / "token").write_text(f"{token}\n")
    assert asks() == f"system:serviceaccount:{namespace}:robot"
    assert asks(kubeconfig=kube_server.kubeconfig) == "administrator", "a kubeconfig counts first"


def test_the_name_of_the_server(kube_server: KubeServer) -> None:
    assert asks(kubeconfig=kube_server.kubeconfig, tls_server_name="localhost") == "administrator"
    with pytest.raises(ConnectionFailed, match=r"TLS fails: .*elsewhere"):
        asks(kubeconfig=kube_server.kubeconfig, tls_server_name="elsewhere.example")


def test_the_kubeconfig_of_the_home_directory(kube_server: KubeServer, tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed, match="no cluster is named"):
        asks()
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text(Path(kube_server.kubeconfig).read_text())
    assert asks() == "administrator"
    assert asks(kubeconfig=f"{tmp_path}/nowhere{os.pathsep}~/.kube/config") == "administrator"


@pytest.mark.parametrize("text", ["hello", "[1]", "users: 3", "contexts: [{}]", "\x00"])
def test_what_is_no_kubeconfig(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(ConnectionFailed, match="config cannot be used"):
        asks(kubeconfig=str(tmp_path / "config"))


def test_a_server_whose_certificate_has_expired(kube_server: KubeServer, tmp_path: Path) -> None:
    """Nobody but the client can tell it; so a server of the test's own, which only shows that certificate."""
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair = kube_server.authority.sign("old-server", [], server=True, days=-1)
    tls.load_cert_chain(pair.certificate, pair.key)
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    ca = str(kube_server.authority.certificate)
    with pytest.raises(ConnectionFailed, match=r"TLS fails: .*certificate has expired"):
        asks(host=f"https://127.0.0.1:{server.server_address[1]}", api_key="x", ca_path=ca)
    thread.join()
    server.server_close()
