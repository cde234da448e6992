# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests to an API server: asked again where that helps, their refusals in words, its warnings kept."""

from __future__ import annotations

import itertools
import json
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from ..core import api_errors
from ..core.errors import ConnectionFailed, Problem
from .kube_access import Access

try:
    from urllib3.exceptions import HTTPError, SSLError
except ImportError:  # told by open_access

    class HTTPError(Exception):  # type: ignore[no-redef]
        """What urllib3 raises."""

    SSLError = HTTPError  # type: ignore[assignment,misc]


_JSON = "application/json"
_PATIENCE_SECONDS = 15.0
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Answer:
    """What the server said: the object or list, or the Status of a refusal.

    `again` where it was asked before without an answer: it may have done then what it is asked for.
    """

    code: int
    body: dict[str, Any] = field(default_factory=dict)
    again: bool = False

    @property
    def ok(self) -> bool:
        return self.code < 400


class Requests:
    """Sends requests through an open door; may be used by several threads at once."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._warnings: dict[str, None] = {}

    @property
    def server(self) -> str:
        return self._access.server

    @property
    def warnings(self) -> list[str]:
        """What the server warned of so far, each once."""
        return list(self._warnings)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        accept: str = _JSON,
        what: str = "",
    ) -> Answer:
        """One request whose refusal is an error."""
        return self._checked(self.send(method, path, query=query, body=body, accept=accept), what or f"{method} {path}")

    def _checked(self, answer: Answer, what: str) -> Answer:
        if answer.ok:
            return answer
        raise api_errors.meaning(answer.code, answer.body, what)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = _JSON,
        accept: str = _JSON,
    ) -> Answer:
        """One request, asked again where that helps; only what gave no answer raises."""
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": content_type} if data else {}
        response, again = self._exchange(method, path, query, data, {"Accept": accept, **kind})
        if response.status < 400:
            return Answer(response.status, json.loads(response.data) if response.data else {}, again)
        return Answer(response.status, api_errors.status_of(response.data.decode("utf-8", "replace")), again)

    def text(self, path: str, query: Mapping[str, str], what: str) -> str:
        """One GET of plain text, as logs are; a refusal is an error."""
        response, _again = self._exchange("GET", path, query, None, {"Accept": "*/*"})
        text = str(response.data.decode("utf-8", "replace"))
        if response.status >= 400:
            raise api_errors.meaning(response.status, api_errors.status_of(text), what)
        return text

    def changes(self, path: str, query: Mapping[str, str], seconds: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """A watch, for at most `seconds`."""
        query = {**query, "watch": "true", "timeoutSeconds": str(max(1, round(seconds)))}
        url = f"{self.server}{path}?{urlencode(query)}"
        headers = self._access.headers({"Accept": _JSON})
        try:
            response = self._access.pool.request(
                "GET", url, headers=headers, preload_content=False, timeout=seconds + 5
            )
            try:
                for line in response if response.status == 200 else ():
                    event = json.loads(line)
                    yield event["type"], event["object"]
            finally:
                response.close()
        except HTTPError:
            return  # whoever watches lists again, and learns there what is wrong

    def _exchange(
        self, method: str, path: str, query: Mapping[str, str] | None, data: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Any, bool]:
        url = f"{self.server}{path}?{urlencode(query)}" if query else f"{self.server}{path}"
        give_up = time.monotonic() + _PATIENCE_SECONDS
        again = False
        for attempt in itertools.count():
            response, trouble = self._try(method, url, data, self._access.headers(headers))
            retry_after = response.headers.get("Retry-After") if response else None
            wait = api_errors.wait_before_retry(attempt, response.status if response else None, retry_after)
            if wait is None or time.monotonic() + wait > give_up:
                break
            again = again or response is None
            time.sleep(wait)
        if response is None:
            raise self._unreachable(f"there is no answer: {trouble}")
        self._warnings.update(dict.fromkeys(_WARNING.findall(", ".join(response.headers.getlist("Warning")))))
        return response, again

    def _try(
        self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Any, HTTPError | None]:
        try:
            return self._access.pool.request(method, url, body=data, headers=headers), None
        except HTTPError as error:
            # An EOF in the handshake is a server that goes down just now, not a certificate that is wrong.
            if isinstance(error, SSLError) and not isinstance(error.args[0], ssl.SSLEOFError):
                raise self._unreachable(f"TLS fails: {error}") from error
            return None, error

    def _unreachable(self, found: str) -> ConnectionFailed:
        right = "the address of an API server, and its CA in ca_path or in the kubeconfig"
        return ConnectionFailed(f"{self.server} cannot be used", [Problem(self.server, found, right)])
