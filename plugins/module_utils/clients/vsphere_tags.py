# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which tags hang on which guest. No part of SOAP: vCenter's REST interface is asked, for many guests at once."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..core.errors import AccessDenied, ConnectionFailed, OperationFailed
from .vsphere_endpoint import Endpoint, PinnedConnection

_BATCH = 2000  # guests per question; an answer may not pass vCenter's 7 MB
_ROOT = "/rest/com/vmware/cis"


def tags_of(endpoint: Endpoint, guests: Sequence[str]) -> dict[str, list[str]]:
    """The names of the tags of these guests (vSphere ids): one question per 2,000 guests, one per tag in use."""
    attached: dict[str, list[str]] = {}
    with _session(endpoint) as ask:
        for start in range(0, len(guests), _BATCH):
            objects = [{"id": guest, "type": "VirtualMachine"} for guest in guests[start : start + _BATCH]]
            answer = ask(
                "POST", "/tagging/tag-association?~action=list-attached-tags-on-objects", {"object_ids": objects}
            )
            attached.update({item["object_id"]["id"]: item["tag_ids"] or [] for item in answer or []})
        used = sorted({tag for tags in attached.values() for tag in tags})
        names = {tag: str(ask("GET", f"/tagging/tag/id:{tag}")["name"]) for tag in used}
    return {guest: [names[tag] for tag in tags] for guest, tags in attached.items()}


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
            raise ConnectionFailed(f"{self._endpoint} does not answer for its tags: {error}") from error
        user = f"{self._endpoint.username}:{self._endpoint.password}".encode()
        self._headers["Authorization"] = "Basic " + base64.b64encode(user).decode()
        token = self.ask("POST", "/session")
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
            raise AccessDenied(f"{self._endpoint} refuses {self._endpoint.username} the tags ({method} {_ROOT}{path})")
        if answer.status >= 300:
            raise OperationFailed(f"{self._endpoint} answers {answer.status} to {method} {_ROOT}{path}")
        return json.loads(text)["value"] if text else None

    def logout(self) -> None:
        try:
            if "vmware-api-session-id" in self._headers:
                self.ask("DELETE", "/session")
        finally:
            self._connection.close()


@contextmanager
def _session(endpoint: Endpoint) -> Iterator[Any]:
    rest = _Rest(endpoint)
    try:
        rest.login()
        yield rest.ask
    finally:
        rest.logout()
