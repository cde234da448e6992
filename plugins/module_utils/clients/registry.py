# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A container registry, by the distribution API: what it has, and how something gets into it. No daemon is needed."""

from __future__ import annotations

import base64
import http.client
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import urlencode, urlsplit

from ..core.errors import AccessDenied, ConnectionFailed, OperationFailed
from ..core.image import MANIFEST, Blob, Image

_CHUNK = 1 << 20
_PARALLEL = 4
_PATIENCE_SECONDS = 20.0

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where the bytes of a blob lie: a part of a file."""

    path: Path
    offset: int
    size: int


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Registry:
    """One registry. Every request has its own connection, so uploads can run side by side."""

    def __init__(
        self,
        url: str,
        *,
        user: str | None = None,
        password: str | None = None,
        ca_path: str | None = None,
        timeout: float = 60,
    ) -> None:
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        self._secure, self._host = parts.scheme == "https", parts.netloc
        self._context = ssl.create_default_context(cafile=ca_path) if self._secure else None
        self._timeout = timeout
        self._headers: dict[str, str] = {}
        if user is not None:
            self._headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password or ''}".encode()).decode()

    def manifest_digest(self, repository: str, reference: str) -> str | None:
        """The digest of an image, None where there is none of that name."""
        path = f"/v2/{repository}/manifests/{reference}"
        answer = _patiently(lambda: self._ask("HEAD", path, {"Accept": MANIFEST}))
        if answer.status == 404:
            return None
        self._expect(answer, 200, f"tell whether {repository}:{reference} is there")
        return answer.headers["docker-content-digest"]

    def push(
        self, repository: str, tag: str, image: Image, places: Mapping[str, Place], *, mount_from: str | None = None
    ) -> int:
        """Bring `image` in: the blobs that are missing, then its manifest. Returns how many blobs were sent."""

        def bring(blob: Blob) -> bool:
            return _patiently(lambda: self._bring(repository, blob, places[blob.digest], mount_from))

        with ThreadPoolExecutor(_PARALLEL) as pool:
            # a layer may occur twice in an image, and must not be sent twice at the same time
            sent = sum(pool.map(bring, {blob.digest: blob for blob in image.layers}.values()))
        sent += _patiently(lambda: self._name(repository, tag, image))
        return sent

    def _name(self, repository: str, tag: str, image: Image) -> bool:
        """Bring the configuration and the manifest in; whether the configuration was sent."""
        lacks = not self._has(repository, image.config_blob)
        if lacks:
            self._upload(repository, image.config_blob, image.config)
        path = f"/v2/{repository}/manifests/{tag}"
        answer = self._ask("PUT", path, {"Content-Type": MANIFEST}, image.manifest)
        self._expect(answer, 201, f"take the manifest of {repository}:{tag}")
        return lacks

    def _has(self, repository: str, blob: Blob) -> bool:
        answer = self._ask("HEAD", f"/v2/{repository}/blobs/{blob.digest}")
        if answer.status == 404:
            return False
        self._expect(answer, 200, f"tell whether {repository} has {blob.digest}")
        return True

    def _bring(self, repository: str, blob: Blob, place: Place, mount_from: str | None) -> bool:
        if self._has(repository, blob):
            return False
        if mount_from and mount_from != repository:
            query = urlencode({"mount": blob.digest, "from": mount_from})
            answer = self._ask("POST", f"/v2/{repository}/blobs/uploads/?{query}", {"Content-Length": "0"})
            if answer.status == 201:
                return False
            self._upload(repository, blob, place, answer)
        else:
            self._upload(repository, blob, place)
        return True

    def _upload(self, repository: str, blob: Blob, content: Place | bytes, begun: Answer | None = None) -> None:
        begun = begun or self._ask("POST", f"/v2/{repository}/blobs/uploads/", {"Content-Length": "0"})
        self._expect(begun, 202, f"begin an upload to {repository}")
        location = urlsplit(begun.headers["location"])
        query = f"{location.query}&" if location.query else ""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(blob.size)}
        path = f"{location.path}?{query}{urlencode({'digest': blob.digest})}"
        body = content if isinstance(content, bytes) else _read(content)
        self._expect(self._ask("PUT", path, headers, body), 201, f"take {blob.digest} of {repository}")

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
    ) -> Answer:
        connection: http.client.HTTPConnection
        if self._context is not None:
            connection = http.client.HTTPSConnection(self._host, timeout=self._timeout, context=self._context)
        else:
            connection = http.client.HTTPConnection(self._host, timeout=self._timeout)
        try:
            connection.request(method, path, body=body, headers={**self._headers, **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionFailed(
                f"{self.url}: {error}; a registry that serves the distribution API should answer {method} {path}"
            ) from error
        finally:
            connection.close()

    def _expect(self, answer: Answer, status: int, what: str) -> None:
        if answer.status == status:
            return
        if answer.status in (401, 403):
            raise AccessDenied(f"{self.url} refuses to {what} ({answer.status}); it takes a user who may push")
        said = answer.body[:200].decode("utf-8", "replace").strip()
        raise OperationFailed(f"{self.url} should {what}, but answered {answer.status}: {said}")


def _patiently(ask: Callable[[], T]) -> T:
    """What may be asked again, asked again: an address that moves from one node to the next is away for seconds."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except ConnectionFailed:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def _read(place: Place) -> Iterator[bytes]:
    stream: IO[bytes]
    with place.path.open("rb") as stream:
        stream.seek(place.offset)
        left = place.size
        while left > 0:
            chunk = stream.read(min(_CHUNK, left))
            if not chunk:
                raise OSError(f"{place.path} ended {left} bytes too early")
            left -= len(chunk)
            yield chunk
