# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client of a Kubernetes API server: plain dictionaries in and out, errors from core."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..core import catalogue
from ..core.catalogue import Catalogue, Resource
from ..core.errors import NotFound, Problem
from ..core.objects import Identity, identity_of
from .kube_access import Access, open_access
from .kube_exec import ExecResult, run_in_pod
from .kube_requests import Answer, Requests

Objects = list[dict[str, Any]]

_PAGE = 500
_APPLY = "application/apply-patch+yaml"
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


class KubeClient(Requests):
    """One cluster; may be used by several threads at once."""

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._catalogue: Catalogue | None = None

    @classmethod
    def connect(cls, *, workers: int = 8, **options: Any) -> KubeClient:
        """The client that these options (of open_access), or else the environment, describe."""
        return cls(open_access(workers=workers, **options))

    def __enter__(self) -> KubeClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._access.close()

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
        return _items(resource, answer), str((answer.body.get("metadata") or {}).get("resourceVersion") or "")

    def pages(self, resource: Resource, namespace: str = "") -> Iterator[tuple[Objects, int]]:
        """The objects of a kind, some at a time, and how many pages are left: nothing grows with their number."""
        what, query = f"the list of {resource.plural}", {"limit": str(_PAGE)}
        while True:
            answer = self.request("GET", resource.collection(namespace), query=query, what=what)
            metadata = answer.body.get("metadata") or {}
            yield _items(resource, answer), -(-int(metadata.get("remainingItemCount") or 0) // _PAGE)
            if not metadata.get("continue"):
                return
            query["continue"] = metadata["continue"]

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

    def delete(
        self, api_version: str, kind: str, name: str, namespace: str = "", *, dry_run: bool = False, uid: str = ""
    ) -> bool:
        """Delete one object and what it owns, with `uid` only that very one; False where it was not there."""
        identity = Identity("", kind, namespace, name)
        # Options in the body make the server ignore those in the query: a dryRun there would delete for real.
        options = {"propagationPolicy": "Background", **({"dryRun": ["All"]} if dry_run else {})}
        only = {"preconditions": {"uid": uid}} if uid else {}
        body = {"apiVersion": "v1", "kind": "DeleteOptions", **options, **only}
        answer = self.send("DELETE", self.resource(api_version, kind).path(identity), body=body)
        # gone, although it was asked for only now: the answer to the first time was lost on its way
        return answer.again if answer.code == 404 else self._checked(answer, str(identity)).ok

    def watch(
        self, resource: Resource, namespace: str, version: str, *, fields: str = "", seconds: float
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Changes since `version` as (ADDED | MODIFIED | DELETED | ERROR, object), for at most `seconds`."""
        query = {"resourceVersion": version, **({"fieldSelector": fields} if fields else {})}
        return self.changes(resource.collection(namespace), query, seconds)

    def exec(
        self, namespace: str, pod: str, command: Sequence[str], *, container: str = "", timeout: float = 60
    ) -> ExecResult:
        """Run a command in a container and wait for its end."""
        return run_in_pod(self._access, namespace, pod, command, container=container, timeout=timeout)


def _items(resource: Resource, answer: Answer) -> Objects:
    kind = {"apiVersion": resource.api_version, "kind": resource.kind}  # which items of a list do not tell
    return [{**kind, **item} for item in answer.body.get("items") or []]
