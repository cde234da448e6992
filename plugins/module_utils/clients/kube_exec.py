# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a command in a container, over the WebSocket protocol of the API server."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from ..core import api_errors
from ..core.errors import ConnectionFailed, OperationFailed, Problem
from .kube_access import Access

_STDOUT, _STDERR, _ERROR = 1, 2, 3


@dataclass(frozen=True)
class ExecResult:
    code: int
    stdout: str
    stderr: str


def run_in_pod(
    access: Access, namespace: str, pod: str, command: Sequence[str], *, container: str = "", timeout: float = 60
) -> ExecResult:
    """Run `command` in a pod; its exit code and what it wrote."""
    import websocket  # a dependency of the kubernetes package; few tasks need it, and none should wait for its import

    what = f"exec in pod {namespace}/{pod}"
    query = [("stdout", "true"), ("stderr", "true"), *(("command", word) for word in command)]
    if container:
        query.append(("container", container))
    server = "ws" + access.server.removeprefix("http")
    url = f"{server}/api/v1/namespaces/{namespace}/pods/{pod}/exec?{urlencode(query)}"
    # the handshake is checked by the same context as every other request
    tls: dict[str, Any] = {"context": access.tls or ssl.create_default_context()}
    if access.server_name:
        tls["server_hostname"] = access.server_name
    channels = {_STDOUT: bytearray(), _STDERR: bytearray(), _ERROR: bytearray()}
    deadline = time.monotonic() + timeout
    try:
        socket = websocket.create_connection(
            url,
            header=[f"{name}: {value}" for name, value in access.headers().items()],
            subprotocols=["v4.channel.k8s.io"],
            sslopt=tls,
            timeout=timeout,
            **_proxy_of(access),
        )
        try:
            while frame := socket.recv_data()[1]:
                if frame[0] in channels:
                    channels[frame[0]] += frame[1:]
                if channels[_ERROR]:
                    break
                if time.monotonic() > deadline:
                    raise OperationFailed(f"{what} did not end within {timeout:g} seconds")
                socket.settimeout(max(0.1, deadline - time.monotonic()))
        finally:
            socket.close()
    except websocket.WebSocketBadStatusException as error:
        status = api_errors.status_of((error.resp_body or b"").decode("utf-8", "replace"))
        raise api_errors.meaning(error.status_code, status, what) from error
    except websocket.WebSocketTimeoutException as error:
        raise OperationFailed(f"{what} did not end within {timeout:g} seconds") from error
    except (websocket.WebSocketException, OSError) as error:
        raise ConnectionFailed(f"{what} broke off", [Problem(what, str(error), "")]) from error
    text = {channel: bytes(data).decode("utf-8", "replace") for channel, data in channels.items()}
    return ExecResult(exit_code(json.loads(text[_ERROR] or "{}")), text[_STDOUT], text[_STDERR])


def _proxy_of(access: Access) -> dict[str, Any]:
    """The way through a proxy, in the words of this library; it would look for one of its own otherwise."""
    if not access.proxy:
        return {"http_no_proxy": ["*"]}
    url = urlsplit(access.proxy)
    who = (unquote(url.username), unquote(url.password or "")) if url.username else None
    where = {"http_proxy_host": url.hostname, "http_proxy_port": url.port or 80, "proxy_type": "http"}
    # some name, since an empty list means that of the environment, which has been asked already
    return {**where, "http_proxy_auth": who, "http_no_proxy": ["nobody.invalid"]}


def exit_code(status: dict[str, Any]) -> int:
    """The exit code in the Status that ends an exec."""
    if status.get("status") == "Success":
        return 0
    for cause in (status.get("details") or {}).get("causes") or []:
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    raise OperationFailed(str(status.get("message") or "the connection ended without an exit code"))
