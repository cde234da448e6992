# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fields that a kind does not have, and values that a field cannot take: what no server would apply.

Read from the server's own OpenAPI, and from definitions of the same call. Only what the server is certain to refuse is
a problem here; what a value may be besides its type is for the server to say.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import Problem
from .objects import Manifest, group_of

Schema = Mapping[str, Any]

_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "object": ((dict,), "a mapping"),
    "array": ((list,), "a list"),
    "string": ((str,), "text"),
    "boolean": ((bool,), "true or false"),
    "integer": ((int, float), "a number"),
    "number": ((int, float), "a number"),
}
_NAMES = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
_OPEN = "x-kubernetes-preserve-unknown-fields"
_ANY: Schema = {}
_HEAD: Schema = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}


class Declarations:
    """The schemas of one version of one group."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas: Schema = (document.get("components") or {}).get("schemas") or {}
        self._kinds = {
            (str(one["kind"]), str(one["group"])): schema
            for schema in self._schemas.values()
            for one in schema.get("x-kubernetes-group-version-kind") or []
        }

    def problems(self, manifest: Manifest) -> list[Problem]:
        """What is wrong with `manifest`; nothing for a kind that is not here."""
        schema = self._kinds.get((manifest.identity.kind, manifest.identity.group))
        return list(self._wrong(manifest.body, schema, manifest.where)) if schema else []

    def _wrong(self, value: Any, schema: Schema, where: str) -> Iterator[Problem]:
        schema = self._resolved(schema)
        kind = schema.get("type")
        if value is None or kind not in _TYPES or schema.get("x-kubernetes-int-or-string") or "oneOf" in schema:
            return
        types, right = _TYPES[kind]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            yield Problem(where, f"is {_NAMES.get(type(value), 'something else')}", right)
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield from self._wrong_field(key, inner, schema, where)
        elif isinstance(value, list):
            items = self._resolved(schema.get("items") or _ANY)
            for number, item in enumerate(value):
                yield from self._wrong(item, items, f"{where}[{number}]")
            yield from _doubles(value, schema, items, where)

    def _wrong_field(self, key: str, value: Any, schema: Schema, where: str) -> Iterator[Problem]:
        fields, others = schema.get("properties") or {}, schema.get("additionalProperties")
        if key in fields:
            yield from self._wrong(value, fields[key], f"{where}.{key}")
        elif isinstance(others, Mapping):
            yield from self._wrong(value, others, f"{where}.{key}")
        elif fields and not others and not schema.get(_OPEN) and not _is_embedded(schema, key):
            near = difflib.get_close_matches(key, fields, 2, 0.7)
            right = f"did you mean {' or '.join(near)}?" if near else "a field that it has"
            yield Problem(f"{where}.{key}", "is no field that is known there", right)

    def _resolved(self, schema: Schema) -> Schema:
        while True:
            several = schema.get("allOf") or []
            reference = schema.get("$ref") or (several[0].get("$ref") if len(several) == 1 else None)
            if not reference:
                return schema
            schema = self._schemas.get(reference.rpartition("/")[2]) or _ANY


def _is_embedded(schema: Schema, key: str) -> bool:
    return bool(schema.get("x-kubernetes-embedded-resource")) and key in _HEAD


def _doubles(value: list[Any], schema: Schema, items: Schema, where: str) -> Iterator[Problem]:
    """Items of a list that are the same item to the server."""
    keys = schema.get("x-kubernetes-list-map-keys") if schema.get("x-kubernetes-list-type") == "map" else None
    fields = items.get("properties") or {}
    seen: set[tuple[str, ...]] = set()
    for number, item in enumerate(value) if keys else ():
        if isinstance(item, dict):
            name = tuple(repr(item.get(key, (fields.get(key) or {}).get("default"))) for key in keys or ())
            if name in seen:
                yield Problem(f"{where}[{number}]", f"has the same {' and '.join(keys or ())} as another", "each once")
            seen.add(name)


def of_definition(body: Mapping[str, Any], api_version: str) -> Declarations:
    """The declarations that a CustomResourceDefinition brings for `api_version`."""
    spec = body["spec"]
    version = next(one for one in spec["versions"] if f"{spec.get('group')}/{one.get('name')}" == api_version)
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    whole = {
        **schema,
        "properties": {**(schema.get("properties") or {}), **_HEAD} if schema.get("properties") else {},
        "x-kubernetes-group-version-kind": [{"group": group_of(api_version), "kind": spec["names"].get("kind")}],
    }
    return Declarations({"components": {"schemas": {"it": whole}}})
