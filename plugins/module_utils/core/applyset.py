# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sets of objects that belong together, so that who is left out of the list can be found: ApplySets (KEP-3659).

A parent Secret names the kinds and namespaces of the set; each member carries the set's identity as a label. Other
tools that follow the specification, kubectl among them, read the same sets.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .errors import Problem
from .objects import Identity, Manifest

Body = dict[str, Any]
Kind = tuple[str, str]
"""A group and a kind."""

TOOLING = "landfall/v1.0.0"  # the version of what we write into a set, not of the collection

_DOMAIN = "applyset.kubernetes.io"
_ID, PART_OF = f"{_DOMAIN}/id", f"{_DOMAIN}/part-of"
_TOOLING, _KINDS = f"{_DOMAIN}/tooling", f"{_DOMAIN}/contains-group-kinds"
_NAMESPACES = f"{_DOMAIN}/additional-namespaces"


@dataclass(frozen=True)
class Scope:
    """Where members of a set are looked for."""

    kinds: frozenset[Kind] = frozenset()
    namespaces: frozenset[str] = frozenset()

    def __or__(self, other: Scope) -> Scope:
        return Scope(self.kinds | other.kinds, self.namespaces | other.namespaces)


def scope_of(manifests: Iterable[Manifest]) -> Scope:
    identities = [manifest.identity for manifest in manifests]
    return Scope(
        frozenset((one.group, one.kind) for one in identities),
        frozenset(one.namespace for one in identities if one.namespace),
    )


@dataclass(frozen=True)
class ApplySet:
    """A set, by the name of its parent and the tool that keeps it."""

    name: str
    namespace: str
    tooling: str = TOOLING

    @property
    def parent(self) -> Identity:
        return Identity("", "Secret", self.namespace, self.name)

    @property
    def id(self) -> str:
        digest = hashlib.sha256(f"{self.name}.{self.namespace}.Secret.".encode()).digest()
        return f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"

    @property
    def tool(self) -> str:
        """The tool without its version."""
        return _tool(self.tooling)

    @property
    def manager(self) -> str:
        """The field manager of the parent."""
        return f"{self.tool}-applyset"

    @property
    def selector(self) -> str:
        return f"{PART_OF}={self.id}"

    def member(self, manifest: Manifest) -> Manifest:
        """`manifest` as a member of this set."""
        metadata = manifest.body["metadata"]
        labels = {**(metadata.get("labels") or {}), PART_OF: self.id}
        return replace(manifest, body={**manifest.body, "metadata": {**metadata, "labels": labels}})

    def wrong_members(self, manifests: Iterable[Manifest], live: Mapping[Identity, Body]) -> list[Problem]:
        """Objects that belong to another set already: two sets would take them from each other for ever."""
        problems = []
        for manifest in manifests:
            labels = (live.get(manifest.identity, {}).get("metadata") or {}).get("labels") or {}
            other = labels.get(PART_OF)
            if other not in (None, self.id):
                right = "take it out of the other set, or take it with on_conflict: force"
                problems.append(Problem(manifest.where, f"{manifest.identity} is in another set, {other}", right))
        return problems

    def wrong_parent(self, parent: Mapping[str, Any] | None) -> list[Problem]:
        """Why this set cannot be kept; `parent` is the Secret that is there."""
        if parent is None:
            return []
        where, metadata = str(self.parent), parent.get("metadata") or {}
        labels, notes = metadata.get("labels") or {}, metadata.get("annotations") or {}
        if _ID not in labels or _TOOLING not in notes:
            return [Problem(where, "is there and is no set", "a name that is free")]
        if labels[_ID] != self.id:
            return [Problem(where, f"has the identity of another set, {labels[_ID]}", self.id)]
        tool = _tool(notes[_TOOLING])
        if tool != self.tool:
            right = f"leave the set to {tool}; who shall keep it as well says applyset.tooling: {notes[_TOOLING]}"
            return [Problem(where, f"is kept by {tool}", right)]
        return []

    def scope(self, parent: Mapping[str, Any] | None) -> Scope:
        """Where the parent says that members are."""
        notes = ((parent or {}).get("metadata") or {}).get("annotations") or {}
        return Scope(
            frozenset(_kind(one) for one in _words(notes.get(_KINDS))),
            frozenset(_words(notes.get(_NAMESPACES))) | ({self.namespace} if parent else set()),
        )

    def body(self, scope: Scope) -> Body:
        """The parent of a set whose members are in `scope`."""
        notes = {
            _TOOLING: self.tooling,
            _KINDS: ",".join(sorted(f"{kind}.{group}" if group else kind for group, kind in scope.kinds)),
            _NAMESPACES: ",".join(sorted(scope.namespaces - {self.namespace})),
        }
        metadata = {"name": self.name, "namespace": self.namespace, "labels": {_ID: self.id}, "annotations": notes}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}

    def is_said_by(self, parent: Mapping[str, Any] | None, scope: Scope) -> bool:
        """Whether the parent says exactly `scope`; the version of its tool does not matter."""
        return parent is not None and self.facts(parent) == self.facts(self.body(scope))

    def facts(self, parent: Mapping[str, Any]) -> Body:
        """What is ours of a parent, without the version of the tool."""
        metadata = parent.get("metadata") or {}
        labels, notes = metadata.get("labels") or {}, metadata.get("annotations") or {}
        said = {key: notes[key] for key in (_KINDS, _NAMESPACES) if key in notes}
        return {"metadata": {"labels": {_ID: labels.get(_ID)}, "annotations": said}}


def is_left_over(body: Mapping[str, Any]) -> bool:
    """Whether a member that is not in the list any more is to be deleted; what has an owner goes with that."""
    metadata = body.get("metadata") or {}
    owned = any(one.get("controller") for one in metadata.get("ownerReferences") or [])
    return not owned and "deletionTimestamp" not in metadata


def _tool(tooling: str) -> str:
    return tooling.rpartition("/")[0] or tooling


def _kind(text: str) -> Kind:
    kind, _dot, group = text.partition(".")
    return group, kind


def _words(text: Any) -> list[str]:
    return [word for word in str(text or "").split(",") if word]
