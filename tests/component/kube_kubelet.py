# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stands in for scheduler and kubelet, which need machines: binds pods to a node, plays their status, has their logs.

The logs reach the client as they always do: through the real API server, which asks this node over TLS.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import LandfallError

from tests.component.kube_certificates import KeyPair

Body = dict[str, Any]
Play = Callable[[Body, float], Body]
"""The status of the only container of a pod that was first seen so many seconds ago."""

RUNNING: Body = {"ready": True, "state": {"running": {}}}
STARTING: Body = {"ready": False, "state": {"running": {}}}


def waiting(reason: str, message: str = "", *, restarts: int = 0) -> Body:
    last = {"lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}} if restarts else {}
    state = {"waiting": {"reason": reason, "message": message}}
    return {"ready": False, "restartCount": restarts, "state": state, **last}


class Kubelet:
    """While it is entered, the pods of one namespace are on its node and live as `play` says."""

    def __init__(self, client: KubeClient, namespace: str, pair: KeyPair, play: Play, log: str = "") -> None:
        self._client, self._namespace, self._play = client, namespace, play
        self.node = f"node-{namespace}"
        self._since: dict[str, float] = {}
        self._told: dict[str, Body] = {}
        self._stop = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                lines = int(parse_qs(url.query).get("tailLines", ["1000"])[0])
                text = "".join(f"{line}\n" for line in log.splitlines()[-lines:]).encode()
                self.send_response(200 if url.path.startswith(f"/containerLogs/{namespace}/") else 404)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_words: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pair.certificate, pair.key)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._threads = [threading.Thread(target=one) for one in (self._server.serve_forever, self._run)]

    def __enter__(self) -> Kubelet:
        self._client.request(
            "POST", "/api/v1/nodes", body={"apiVersion": "v1", "kind": "Node", "metadata": {"name": self.node}}
        )
        port = {"kubeletEndpoint": {"Port": self._server.server_address[1]}}
        addresses = [{"type": "InternalIP", "address": "127.0.0.1"}]
        conditions = [{"type": "Ready", "status": "True"}]
        status = {"addresses": addresses, "daemonEndpoints": port, "conditions": conditions}
        self._patch_status(f"/api/v1/nodes/{self.node}", status)
        # nobody else here takes away what keeps pods from a node that is not ready
        self._patch(f"/api/v1/nodes/{self.node}", {"spec": {"taints": None}})
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()
        self._client.delete("v1", "Node", self.node)

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            with contextlib.suppress(LandfallError):  # a pod went away meanwhile
                for pod in self._client.list("v1", "Pod", self._namespace):
                    self._tend(pod)

    def _tend(self, pod: Body) -> None:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        path = f"/api/v1/namespaces/{self._namespace}/pods/{name}"
        if "deletionTimestamp" in pod["metadata"]:
            self._client.request("DELETE", path, query={"gracePeriodSeconds": "0"})
            return
        if not pod["spec"].get("nodeName"):
            target = {"apiVersion": "v1", "kind": "Node", "name": self.node}
            body = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name}, "target": target}
            self._client.request("POST", f"{path}/binding", body=body)
        since = self._since.setdefault(uid, time.monotonic())
        container = {"name": pod["spec"]["containers"][0]["name"], "image": "x", "imageID": "x", "restartCount": 0}
        container |= self._play(pod, time.monotonic() - since)
        if self._told.get(uid) != container:
            self._told[uid] = container
            ready = {"type": "Ready", "status": str(container["ready"])}
            phase = "Running" if "running" in container["state"] else "Pending"
            status = {"phase": phase, "conditions": [ready], "containerStatuses": [container]}
            self._patch_status(path, status)

    def _patch_status(self, path: str, status: Body) -> None:
        self._patch(f"{path}/status", {"status": status})

    def _patch(self, path: str, body: Body) -> None:
        self._client.send("PATCH", path, body=body, content_type="application/merge-patch+json")
