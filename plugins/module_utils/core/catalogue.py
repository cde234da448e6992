# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an API server serves: the kinds of its discovery, and those that custom resource definitions will add."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .objects import Identity, Manifest, group_of


@dataclass(frozen=True)
class Resource:
    """One kind in one version, and how to address its objects."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def prefix(self) -> str:
        return f"/api/{self.api_version}" if "/" not in self.api_version else f"/apis/{self.api_version}"

    def collection(self, namespace: str = "") -> str:
        """The path of all its objects, or of those of one namespace."""
        return f"{self.prefix}/namespaces/{namespace}/{self.plural}" if namespace else f"{self.prefix}/{self.plural}"

    def path(self, identity: Identity) -> str:
        """The path of one object."""
        return f"{self.collection(identity.namespace)}/{identity.name}"


class Catalogue:
    """The kinds of a server. `pending` are those that a definition of this very call brings."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = {(one.api_version, one.kind): one for one in resources}
        self.pending: set[tuple[str, str]] = set()

    def __len__(self) -> int:
        return len(self._resources)

    def find(self, api_version: str, kind: str) -> Resource | None:
        return self._resources.get((api_version, kind))

    def preferred(self, group: str, kind: str) -> Resource | None:
        """A kind in the version that the server would rather talk about, which it lists first."""
        return next((one for (version, name), one in self._resources.items() if _is(version, name, group, kind)), None)

    def serves_version(self, api_version: str) -> bool:
        return any(version == api_version for version, _kind in self._resources)

    def with_definitions(self, manifests: Iterable[Manifest]) -> Catalogue:
        """This catalogue and the kinds that the CustomResourceDefinitions among `manifests` will add."""
        coming = [one for manifest in manifests for one in defined_by(manifest.body)]
        both = Catalogue([*self._resources.values(), *coming])
        both.pending = {(one.api_version, one.kind) for one in coming} - set(self._resources)
        return both

    def without_definition(self, definition: Mapping[str, Any]) -> None:
        """What a definition that is not there any more would bring is pending, though discovery still lists it."""
        self.pending.update((one.api_version, one.kind) for one in defined_by(definition))

    def near(self, api_version: str, kind: str) -> str:
        """What was probably meant by a kind that is not served."""
        versions = sorted({version for version, name in self._resources if name.lower() == kind.lower()})
        if versions:
            names = {name for _version, name in self._resources if name.lower() == kind.lower()}
            return f"{min(names)} is served as {', '.join(versions)}"
        kinds = [name for version, name in self._resources if group_of(version) == group_of(api_version)]
        every = [name for _version, name in self._resources]
        close = difflib.get_close_matches(kind, kinds, 3, 0.7) or difflib.get_close_matches(kind, every, 3, 0.7)
        names = {f"{one} ({version})" for version, one in self._resources if one in close}
        if names:
            return f"did you mean {' or '.join(sorted(names))}?"
        return "a kind that the server knows, or its definition beside it"


def _is(version: str, name: str, group: str, kind: str) -> bool:
    return name == kind and group_of(version) == group


def defined_by(body: Mapping[str, Any]) -> list[Resource]:
    """The kinds that a CustomResourceDefinition defines; nothing for any other object."""
    group = group_of(str(body.get("apiVersion")))
    if (group, body.get("kind")) != ("apiextensions.k8s.io", "CustomResourceDefinition"):
        return []
    spec = body.get("spec")
    names = spec.get("names") if isinstance(spec, Mapping) else None
    if not isinstance(spec, Mapping) or not isinstance(names, Mapping):
        return []  # the server will say what is wrong with it
    return [
        Resource(
            f"{spec.get('group')}/{version.get('name')}",
            str(names.get("kind")),
            str(names.get("plural")),
            spec.get("scope") == "Namespaced",
        )
        for version in spec.get("versions") or []
        if version.get("served")
    ]


def from_aggregated(*answers: Mapping[str, Any]) -> list[Resource]:
    """The kinds of the APIGroupDiscoveryList answers of /api and /apis."""
    return [
        Resource(
            f"{group}/{version['version']}" if group else version["version"],
            entry["responseKind"]["kind"],
            entry["resource"],
            entry["scope"] == "Namespaced",
        )
        for answer in answers
        for item in answer.get("items") or []
        for group in [(item.get("metadata") or {}).get("name") or ""]
        for version in item.get("versions") or []
        for entry in version.get("resources") or []
        # an aggregated API that is down is listed without kinds; a few subresources have a kind of their own
        if (entry.get("responseKind") or {}).get("kind")
    ]


def from_legacy(answer: Mapping[str, Any]) -> list[Resource]:
    """The kinds of one APIResourceList, as servers before aggregated discovery answer for each group version."""
    return [
        Resource(str(answer["groupVersion"]), entry["kind"], entry["name"], bool(entry["namespaced"]))
        for entry in answer.get("resources") or []
        if "/" not in entry["name"]
    ]
