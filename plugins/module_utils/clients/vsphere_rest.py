# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""vCenter's REST interface, for what is no part of SOAP: tags and content libraries."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..core.errors import AccessDenied, ConnectionFailed, OperationFailed
from .vsphere_endpoint import Endpoint, PinnedConnection

_ROOT = "/rest"
_SESSION = "/com/vmware/cis/session"

Ask = Callable[..., Any]  # method, path below the root, body: the value of the answer


class _Rest:
    """Requests over one verified connection."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._connection = PinnedConnection(endpoint.hostname, endpoint.port, **endpoint.arguments())
        self._headers = {"Accept": "application/json", "Content-Type": "application/json"}

    def login(self) -> None:
        try:
            self._connection.connect()
        except OSError as error:
            raise ConnectionFailed(f"{self._endpoint} does not answer on its REST interface: {error}") from error
        user = f"{self._endpoint.username}:{self._endpoint.password}".encode()
        self._headers["Authorization"] = "Basic " + base64.b64encode(user).decode()
        token = self.ask("POST", _SESSION)
        del self._headers["Authorization"]
        self._headers["vmware-api-session-id"] = token

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        payload = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, _ROOT + path, payload, self._headers)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionFailed(f"{self._endpoint} does not answer {method} {_ROOT}{path}: {error}") from error
        if answer.status in (401, 403):
            raise AccessDenied(f"{self._endpoint} refuses {self._endpoint.username} {method} {_ROOT}{path}")
        if answer.status >= 300:
            raise OperationFailed(f"{self._endpoint} answers {answer.status} to {method} {_ROOT}{path}")
        return json.loads(text)["value"] if text else None

    def logout(self) -> None:
        try:
            if "vmware-api-session-id" in self._headers:
                self.ask("DELETE", _SESSION)
        finally:
            self._connection.close()


@contextmanager
def rest_session(endpoint: Endpoint) -> Iterator[Ask]:
    rest = _Rest(endpoint)
    try:
        rest.login()
        yield rest.ask
    finally:
        rest.logout()
