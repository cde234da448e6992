# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small HTTP client for JSON services: one base address, one login, the TLS trust that was asked for."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import ConnectionFailed


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Http:
    """Requests below one base address. Answers of any status are returned; only what gave no answer raises."""

    def __init__(
        self,
        base: str,
        *,
        user: str | None = None,
        password: str | None = None,
        ca_path: str | None = None,
        timeout: float = 30,
    ) -> None:
        self.base = base.rstrip("/")
        self._timeout = timeout
        self._headers: dict[str, str] = {"Accept": "application/json"}
        if user is not None:
            token = base64.b64encode(f"{user}:{password or ''}".encode()).decode()
            self._headers["Authorization"] = f"Basic {token}"
        context = ssl.create_default_context(cafile=ca_path) if self.base.startswith("https:") else None
        # No proxy from the environment: what Landfall configures stands in the site's own network.
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if context is not None:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    def request(self, method: str, path: str, body: Any = None, *, content_type: str = "application/json") -> Response:
        """Send `body` (JSON unless `content_type` says otherwise) and return the answer."""
        data = None
        headers = dict(self._headers)
        if body is not None:
            data = json.dumps(body).encode() if content_type == "application/json" else str(body).encode()
            headers["Content-Type"] = content_type
        request = urllib.request.Request(self.base + path, data=data, method=method, headers=headers)
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return Response(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            return Response(error.code, dict(error.headers), error.read())
        except (urllib.error.URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise ConnectionFailed(f"{self.base} does not answer: {reason}; it should serve {method} {path}") from error
