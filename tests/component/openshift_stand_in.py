# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stands in for OpenShift, which nobody can start in a test: a small server in front of a real Kubernetes API server.

Projects, ProjectRequests and Routes are plain custom resources here. The front plays what OpenShift makes of them, as
its documentation tells it: users log in with a password (OAuth), see their own projects only, and get new ones on
request. Everything else is passed on to the real API server, which knows users by their tokens and decides as always.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_access import open_access

from tests.component.kube_fixture import KubeServer

Body = dict[str, Any]

PROJECTS = "/apis/project.openshift.io/v1/projects"
REQUESTS = "/apis/project.openshift.io/v1/projectrequests"
_OWNER = "openshift.io/requester"


def _definition(group: str, kind: str, plural: str, scope: str) -> Body:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    if kind == "Route":
        version["subresources"] = {"status": {}}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    spec = {"group": group, "scope": scope, "names": names, "versions": [version]}
    approved = {"api-approved.kubernetes.io": "unapproved, a stand-in for a test"}
    metadata = {"name": f"{plural}.{group}", "annotations": approved}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": spec,
    }


DEFINITIONS = [
    _definition("project.openshift.io", "Project", "projects", "Cluster"),
    _definition("project.openshift.io", "ProjectRequest", "projectrequests", "Cluster"),
    _definition("route.openshift.io", "Route", "routes", "Namespaced"),
]
_MEMBER = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "stand-in-member"},
    "rules": [
        {"apiGroups": [""], "resources": ["configmaps", "services"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
        {"apiGroups": ["route.openshift.io"], "resources": ["routes"], "verbs": ["*"]},
    ],
}


class OpenShift:
    """While it is entered, `url` is a cluster whose users are `passwords` and whose tokens are `tokens`."""

    def __init__(self, server: KubeServer, passwords: dict[str, str], tokens: dict[str, str]) -> None:
        self.passwords, self.tokens, self.road = passwords, tokens, "https"
        self.client = KubeClient.connect(kubeconfig=server.kubeconfig)
        self._access = open_access(host=server.url, ca_path=str(server.authority.certificate))
        stand_in = self

        class Handler(_Handler):
            cluster = stand_in

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(server.authority.server.certificate, server.authority.server.key)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"https://{self.address}"

    def __enter__(self) -> OpenShift:
        for body in [*DEFINITIONS, _MEMBER]:
            self.client.apply(body, field_manager="test")
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._access.close()

    def projects(self, user: str) -> list[Body]:
        self.client.discover()
        every = self.client.list("project.openshift.io/v1", "Project")
        return [one for one in every if one["metadata"]["annotations"][_OWNER] == user]

    def make_project(self, user: str, request: Body) -> tuple[int, Body]:
        """A project on request: its namespace, and the right to work there."""
        name = request["metadata"]["name"]
        if self.client.get("v1", "Namespace", name):
            message = f'project.project.openshift.io "{name}" already exists'
            return 409, {"kind": "Status", "reason": "AlreadyExists", "message": message}
        words = {"display-name": request.get("displayName", ""), "description": request.get("description", "")}
        annotations = {_OWNER: user, **{f"openshift.io/{key}": text for key, text in words.items()}}
        metadata = {"name": name, "annotations": annotations}
        self.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, field_manager="openshift")
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "stand-in-member"}
        binding = {"kind": "RoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1", "roleRef": reference}
        subjects = [{"kind": "User", "name": user}]
        named = {"metadata": {"name": "member", "namespace": name}, "subjects": subjects}
        self.client.apply({**binding, **named}, field_manager="openshift")
        project = {"apiVersion": "project.openshift.io/v1", "kind": "Project", "metadata": metadata}
        return 201, self.client.apply(project, field_manager="openshift")

    def delete_project(self, user: str, name: str) -> tuple[int, Body]:
        if name not in {one["metadata"]["name"] for one in self.projects(user)}:
            return 403, {"kind": "Status", "message": f'User "{user}" cannot delete resource "projects"'}
        self.client.delete("v1", "Namespace", name)
        self.client.delete("project.openshift.io/v1", "Project", name)
        return 200, {"kind": "Status", "status": "Success"}

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        answer = self._access.pool.request(method, self._access.server + path, body=body, headers=headers)
        return answer.status, answer.data, str(answer.headers.get("Content-Type"))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cluster: OpenShift

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        user = self.cluster.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "), "")
        if url.path == "/.well-known/oauth-authorization-server":
            road = f"{self.cluster.road}://{self.cluster.address}/oauth"
            self._say(200, {"authorization_endpoint": f"{road}/authorize", "token_endpoint": f"{road}/token"})
        elif url.path == "/oauth/authorize":
            self._authorize()
        elif url.path == "/oauth/token":
            code = parse_qs(body.decode())["code"][0]
            token = next(token for token, who in self.cluster.tokens.items() if who == code.removeprefix("code-of-"))
            self._say(200, {"access_token": token, "expires_in": 86400, "scope": "user:full", "token_type": "Bearer"})
        elif user and (self.command, url.path) == ("POST", REQUESTS):
            self._say(*self.cluster.make_project(user, json.loads(body)))
        elif user and (self.command, url.path) == ("GET", PROJECTS):
            self._say(200, {"kind": "ProjectList", "metadata": {}, "items": self.cluster.projects(user)})
        elif user and self.command == "DELETE" and url.path.startswith(f"{PROJECTS}/"):
            self._say(*self.cluster.delete_project(user, url.path.rpartition("/")[2]))
        else:
            kept = ("Accept", "Authorization", "Content-Type")
            headers = {name: self.headers[name] for name in kept if name in self.headers}
            self._answer(*self.cluster.forward(self.command, self.path, headers, body))

    do_GET = do_PATCH = do_DELETE = do_POST = _handle

    def _authorize(self) -> None:
        """What OpenShift does for clients that are no browsers: a password in the header, a code in the Location."""
        given = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        user, _colon, password = given.rpartition(":")  # names of service accounts have colons
        asked = parse_qs(urlsplit(self.path).query)
        if "X-Csrf-Token" not in self.headers or asked["client_id"] != ["openshift-challenging-client"]:
            self._say(400, {})
        elif self.cluster.passwords.get(user) != password:
            self._say(401, {})
        else:
            self.send_response(302)
            self.send_header("Location", f"{self.cluster.url}/oauth/token/implicit?code=code-of-{user}&state=1")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _say(self, status: int, body: Body) -> None:
        self._answer(status, json.dumps(body).encode(), "application/json")

    def _answer(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""
