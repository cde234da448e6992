# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kubernetes objects as somebody wrote them: read, named, and every problem of the writing found at once."""

from __future__ import annotations

import base64
import binascii
import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import Problem

Document = tuple[str, Any]
"""A parsed YAML document and where it stood: `resources[3]`, `flannel.yml, document 2`."""


@dataclass(frozen=True, order=True)
class Identity:
    """What makes an object one and the same; the version it is written in does not."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Manifest:
    """One object as it is wanted."""

    identity: Identity
    api_version: str
    body: dict[str, Any]
    where: str


def group_of(api_version: str) -> str:
    """`apps` of `apps/v1`; empty for the core group."""
    return api_version.rpartition("/")[0]


def identity_of(body: Mapping[str, Any]) -> Identity:
    """The identity of an object that the server returned, or that `read` accepted."""
    metadata = body.get("metadata") or {}
    return Identity(
        group_of(str(body.get("apiVersion") or "")),
        str(body.get("kind") or ""),
        str(metadata.get("namespace") or ""),
        str(metadata.get("name") or ""),
    )


def plain(value: Any) -> Any:
    """`value` as a deep copy out of plain JSON types: what people meant by Ansible's and YAML's own ones."""
    return json.loads(json.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()  # YAML read a date where Kubernetes wants text
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)  # a decrypted vault value of ansible-core before 2.19


def read(documents: Iterable[Document]) -> tuple[list[Manifest], list[Problem]]:
    """The objects of `documents`, Lists taken apart and stringData folded into data; and everything wrong with them."""
    manifests: list[Manifest] = []
    problems: list[Problem] = []
    for where, document in documents:
        for place, body in _apart(where, document):
            found = list(_wrong(place, body))
            problems.extend(found)
            if not found:
                whole = plain(body)
                problems.extend(_fold_string_data(place, whole))
                manifests.append(Manifest(identity_of(whole), whole["apiVersion"], whole, place))
    return manifests, [*problems, *duplicates(manifests)]


def duplicates(manifests: Iterable[Manifest]) -> list[Problem]:
    """Objects that stand there twice: which of the two should win, nobody can know."""
    seen: dict[Identity, str] = {}
    problems = []
    for manifest in manifests:
        if manifest.identity in seen:
            found = f"{manifest.identity} stands at {seen[manifest.identity]} already"
            problems.append(Problem(manifest.where, found, "each object once"))
        seen.setdefault(manifest.identity, manifest.where)
    return problems


def _apart(where: str, document: Any) -> list[Document]:
    if document is None:
        return []
    if isinstance(document, Mapping) and isinstance(document.get("items"), list):
        kind = document.get("kind")
        if isinstance(kind, str) and kind.endswith("List"):
            return [(f"{where}.items[{index}]", item) for index, item in enumerate(document["items"])]
    return [(where, document)]


def _wrong(where: str, body: Any) -> Iterable[Problem]:
    if not isinstance(body, Mapping):
        yield Problem(where, "is not an object", "a mapping with apiVersion, kind and metadata")
        return
    for key in ("apiVersion", "kind"):
        if not isinstance(body.get(key), str) or not body[key]:
            yield Problem(f"{where}.{key}", _lacks(body.get(key), "text"), "each object has one")
    metadata = body.get("metadata")
    if not isinstance(metadata, Mapping):
        yield Problem(f"{where}.metadata", _lacks(metadata, "a mapping"), "a mapping with name")
        return
    if not isinstance(metadata.get("name"), str) or not metadata["name"]:
        right = "a name" + ("; what generateName makes is new each time" if metadata.get("generateName") else "")
        yield Problem(f"{where}.metadata.name", _lacks(metadata.get("name"), "text"), right)
    if not isinstance(metadata.get("namespace", ""), str):
        yield Problem(f"{where}.metadata.namespace", "is not text", "the name of a namespace")
    for key in ("labels", "annotations"):
        values = metadata.get(key)
        if not isinstance(values, (Mapping, type(None))):
            yield Problem(f"{where}.metadata.{key}", "is not a mapping", "names with texts")
        for name, value in values.items() if isinstance(values, Mapping) else ():
            if not isinstance(value, str):
                yield Problem(f"{where}.metadata.{key}.{name}", f"{value!r} is not text", "text, in quotes")


def _lacks(value: Any, kind: str) -> str:
    return "is missing" if value in (None, "") else f"is not {kind}"


def _fold_string_data(where: str, body: dict[str, Any]) -> list[Problem]:
    """Move stringData of a Secret into data: the server would keep a key that is taken out of stringData for ever."""
    if body["kind"] != "Secret" or body["apiVersion"] != "v1":
        return []
    problems = [
        Problem(f"{where}.{part}", "is not a mapping", "keys with values")
        for part in ("data", "stringData")
        if body.get(part) and not isinstance(body[part], dict)
    ]
    if problems:
        return problems
    texts = body.pop("stringData", None) or {}
    data = body.get("data") or {}
    for key, value in texts.items():
        if isinstance(value, str):
            data[key] = base64.b64encode(value.encode()).decode()
        else:
            problems.append(Problem(f"{where}.stringData.{key}", "is not text", "text, in quotes"))
    for key, value in data.items():
        if not _is_base64(value):
            problems.append(Problem(f"{where}.data.{key}", "is not base64", "base64, or the plain text in stringData"))
    if data:
        body["data"] = data
    return problems


def _is_base64(value: Any) -> bool:
    try:  # in lines too, as many tools write it
        return isinstance(value, str) and base64.b64decode("".join(value.splitlines()), validate=True) is not None
    except (binascii.Error, ValueError):
        return False
