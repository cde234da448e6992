# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client of a Kubernetes API server: plain dictionaries in and out, errors from core."""

from __future__ import annotations

import itertools
import json
import re
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from ..core import api_errors, catalogue
from ..core.catalogue import Catalogue, Resource
from ..core.errors import ConnectionFailed, NotFound, Problem
from ..core.objects import Identity, identity_of
from .kube_access import Access, open_access
from .kube_exec import ExecResult, run_in_pod

try:
    from urllib3.exceptions import HTTPError, SSLError
except ImportError:  # told by open_access

    class HTTPError(Exception):  # type: ignore[no-redef]
        """What urllib3 raises."""

    SSLError = HTTPError  # type: ignore[assignment,misc]


Objects = list[dict[str, Any]]

_JSON = "application/json"
_APPLY = "application/apply-patch+yaml"
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
_PATIENCE_SECONDS = 15.0
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Answer:
    """What the server said: the object or list, or the Status of a refusal."""

    code: int
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.code < 400


class KubeClient:
    """Requests to one cluster; may be used by several threads at once."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._catalogue: Catalogue | None = None
        self._warnings: dict[str, None] = {}

    @classmethod
    def connect(
        cls,
        *,
        kubeconfig: str | None = None,
        context: str | None = None,
        host: str | None = None,
        api_key: str | None = None,
        ca_path: str | None = None,
        verify_ssl: bool = True,
        workers: int = 8,
    ) -> KubeClient:
        """The client that these options, or else the environment, describe. No request is made."""
        return cls(
            open_access(
                kubeconfig=kubeconfig,
                context=context,
                host=host,
                api_key=api_key,
                ca_path=ca_path,
                verify_ssl=verify_ssl,
                workers=workers,
            )
        )

    def __enter__(self) -> KubeClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._access.close()

    @property
    def server(self) -> str:
        return self._access.server

    @property
    def warnings(self) -> list[str]:
        """What the server warned of so far, each once."""
        return list(self._warnings)

    @property
    def catalogue(self) -> Catalogue:
        """The kinds that the server knows; read once."""
        return self._catalogue or self.discover()

    def discover(self) -> Catalogue:
        """The kinds that the server knows now, whatever it knew before."""
        self._catalogue = self._aggregated() or self.discover_one_by_one()
        return self._catalogue

    def _aggregated(self) -> Catalogue | None:
        answers = [self.request("GET", path, accept=_AGGREGATED).body for path in ("/api", "/apis")]
        if all(answer.get("kind") == "APIGroupDiscoveryList" for answer in answers):
            return Catalogue(catalogue.from_aggregated(*answers))
        return None

    def discover_one_by_one(self) -> Catalogue:
        """The same from a server that does not aggregate its discovery (before 1.27)."""
        prefixes = [f"/api/{version}" for version in self.request("GET", "/api").body.get("versions") or []]
        for group in self.request("GET", "/apis").body.get("groups") or []:
            prefixes.extend(f"/apis/{version['groupVersion']}" for version in group["versions"])
        answers = [answer.body for answer in (self.send("GET", prefix) for prefix in prefixes) if answer.ok]
        return Catalogue(one for answer in answers for one in catalogue.from_legacy(answer))

    def resource(self, api_version: str, kind: str) -> Resource:
        """How objects of a kind are addressed."""
        resource = self.catalogue.find(api_version, kind)
        if resource is None:
            found = f"{self.server} does not serve {kind} ({api_version})"
            raise NotFound(found, [Problem(kind, found, self.catalogue.near(api_version, kind))])
        return resource

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> dict[str, Any] | None:
        """One object, or None where there is none."""
        resource = self.resource(api_version, kind)
        identity = Identity("", kind, namespace, name)
        answer = self.send("GET", resource.path(identity))
        if answer.code == 404:
            return None
        return self._checked(answer, str(identity)).body

    def list(self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = "") -> Objects:
        """The objects of a kind, in one namespace or in all of them, that label and field selectors leave."""
        return self.list_with_version(self.resource(api_version, kind), namespace, labels=labels, fields=fields)[0]

    def list_with_version(
        self, resource: Resource, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> tuple[Objects, str]:
        """The objects and the resourceVersion from which a watch goes on."""
        selectors = {"labelSelector": labels, "fieldSelector": fields}
        query = {key: value for key, value in selectors.items() if value}
        answer = self.request("GET", resource.collection(namespace), query=query, what=f"the list of {resource.plural}")
        items = [
            {"apiVersion": resource.api_version, "kind": resource.kind, **item}
            for item in answer.body.get("items") or []
        ]
        return items, str((answer.body.get("metadata") or {}).get("resourceVersion") or "")

    def apply(
        self, body: Mapping[str, Any], *, field_manager: str = "landfall", force: bool = False, dry_run: bool = False
    ) -> dict[str, Any]:
        """Server-side apply of one object; what the server made of it."""
        resource = self.resource(str(body["apiVersion"]), str(body["kind"]))
        answer = self.send_apply(resource, body, field_manager=field_manager, force=force, dry_run=dry_run)
        return self._checked(answer, str(identity_of(body))).body

    def send_apply(
        self, resource: Resource, body: Mapping[str, Any], *, field_manager: str, force: bool, dry_run: bool
    ) -> Answer:
        """Server-side apply whose refusal is an answer, not an error."""
        query = {"fieldManager": field_manager, "force": str(force).lower(), **({"dryRun": "All"} if dry_run else {})}
        return self.send("PATCH", resource.path(identity_of(body)), query=query, body=body, content_type=_APPLY)

    def delete(self, api_version: str, kind: str, name: str, namespace: str = "", *, dry_run: bool = False) -> bool:
        """Delete one object and what it owns; False where it was not there."""
        identity = Identity("", kind, namespace, name)
        # Options in the body make the server ignore those in the query: a dryRun there would delete for real.
        options = {"propagationPolicy": "Background", **({"dryRun": ["All"]} if dry_run else {})}
        body = {"apiVersion": "v1", "kind": "DeleteOptions", **options}
        answer = self.send("DELETE", self.resource(api_version, kind).path(identity), body=body)
        return False if answer.code == 404 else self._checked(answer, str(identity)).ok

    def watch(
        self, resource: Resource, namespace: str, version: str, *, fields: str = "", seconds: float
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Changes since `version` as (ADDED | MODIFIED | DELETED | ERROR, object), for at most `seconds`."""
        query = {
            "watch": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(max(1, round(seconds))),
            **({"fieldSelector": fields} if fields else {}),
        }
        url = f"{self.server}{resource.collection(namespace)}?{urlencode(query)}"
        headers = {**self._access.headers(), "Accept": _JSON}
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

    def exec(
        self, namespace: str, pod: str, command: Sequence[str], *, container: str = "", timeout: float = 60
    ) -> ExecResult:
        """Run a command in a container and wait for its end."""
        return run_in_pod(self._access, namespace, pod, command, container=container, timeout=timeout)

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
        url = f"{self.server}{path}?{urlencode(query)}" if query else f"{self.server}{path}"
        data = None if body is None else json.dumps(body).encode()
        kind = {"Accept": accept, **({"Content-Type": content_type} if data else {})}
        give_up = time.monotonic() + _PATIENCE_SECONDS
        for attempt in itertools.count():
            response, trouble = self._try(method, url, data, {**self._access.headers(), **kind})
            retry_after = response.headers.get("Retry-After") if response else None
            wait = api_errors.wait_before_retry(attempt, response.status if response else None, retry_after)
            if wait is None or time.monotonic() + wait > give_up:
                break
            time.sleep(wait)
        if response is None:
            raise self._unreachable(f"there is no answer: {trouble}")
        self._warnings.update(dict.fromkeys(_WARNING.findall(", ".join(response.headers.getlist("Warning")))))
        if response.status < 400:
            return Answer(response.status, json.loads(response.data) if response.data else {})
        return Answer(response.status, api_errors.status_of(response.data.decode("utf-8", "replace")))

    def _try(self, method: str, url: str, data: bytes | None, headers: dict[str, str]) -> tuple[Any, HTTPError | None]:
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
