# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one field manager owns of an object: the part of it that we wrote, and so the part that we compare and show.

The server keeps the set of owned fields (fieldsV1) as a tree with three kinds of keys: `f:<name>` is a key of a
mapping, `k:{…}` an item of a list with these keys, `v:<value>` an item of a set. An empty tree is a leaf: a value
owned as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, Any]

_ABSENT: Any = object()
_NOT_OWNED = {"apiVersion", "kind"}  # what names an object belongs to nobody
_NOT_OWNED_METADATA = {"name", "namespace"}


def fields_of(body: Mapping[str, Any], manager: str) -> Fields:
    """The fields of `body` that `manager` applied; empty where it never did."""
    entries = [entry.get("fieldsV1") or {} for entry in _entries(body, manager)]
    return entries[0] if len(entries) == 1 else union_all(entries)


def _entries(body: Mapping[str, Any], manager: str) -> list[Mapping[str, Any]]:
    return [
        entry
        for entry in (body.get("metadata") or {}).get("managedFields") or []
        if entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource")
    ]


def union_all(trees: list[Fields]) -> Fields:
    """The fields that are in any of `trees`."""
    whole: dict[str, Any] = {}
    for tree in trees:
        whole = union(whole, tree)
    return whole


def union(one: Fields, other: Fields) -> dict[str, Any]:
    """The fields that are in `one` or in `other`."""
    both = dict(one)
    for key, fields in other.items():
        both[key] = union(both[key], fields) if key in both else fields
    return both


def minus(one: Fields, other: Fields) -> dict[str, Any]:
    """The fields that are in `one` and not in `other`; an element of which `other` has no part at all is a leaf."""
    left: dict[str, Any] = {}
    for key, tree in one.items():
        if key not in other:
            # who owns the element itself takes all of it away, what has come in by a default as well
            left[key] = {} if "." in tree else minus(tree, {})
        elif rest := minus({name: part for name, part in tree.items() if name != "."}, other[key]):
            left[key] = rest
    return left


def without(value: Any, fields: Fields) -> Any:
    """`value` without the elements that the leaves of `fields` name."""
    inner = {key: tree for key, tree in fields.items() if key != "."}
    if isinstance(value, Mapping):
        kept = {name: (part, inner.get(f"f:{name}")) for name, part in value.items()}
        return {
            name: part if tree is None else without(part, tree)
            for name, (part, tree) in kept.items()
            if tree is None or tree
        }
    if isinstance(value, list):
        found = [(item, next((tree for key, tree in inner.items() if _is(item, key)), None)) for item in value]
        return [item if tree is None else without(item, tree) for item, tree in found if tree is None or tree]
    return value


def project(value: Any, fields: Fields) -> Any:
    """The part of `value` that `fields` name; what is not there is left out."""
    return _project(value, fields) if fields else {}


def _project(value: Any, fields: Fields) -> Any:
    inner = {key: tree for key, tree in fields.items() if key != "."}
    if not inner:
        return value
    if isinstance(value, Mapping):
        parts = {
            key[2:]: _project(value[key[2:]], tree)
            for key, tree in inner.items()
            if key.startswith("f:") and key[2:] in value
        }
        return {name: part for name, part in parts.items() if part is not _ABSENT}
    if isinstance(value, list):
        picked = [_project_item(item, inner) for item in value]
        return [item for item in picked if item is not _ABSENT]
    return value


def _project_item(item: Any, fields: Fields) -> Any:
    for key, tree in fields.items():
        if key.startswith("v:") and _same(item, json.loads(key[2:])):
            return item
        if key.startswith("k:") and isinstance(item, Mapping):
            keys = json.loads(key[2:])
            if _has(item, keys):
                part = _project(item, tree)
                return {**keys, **part} if isinstance(part, Mapping) else part
    return _ABSENT


def differs(before: Mapping[str, Any], after: Mapping[str, Any], manager: str) -> bool:
    """Whether `manager`'s write made a difference: to the fields it owns, or to their values.

    Nothing else counts: not the resourceVersion, not the status, not what other managers did in the meantime.
    """
    old, new = fields_of(before, manager), fields_of(after, manager)
    return _shape(old) != _shape(new) or not _same(project(before, new), project(after, new))


def _shape(fields: Fields) -> dict[str, Any]:
    return {key: _shape(tree) for key, tree in fields.items()}


def both_sides(before: Mapping[str, Any], after: Mapping[str, Any], manager: str) -> tuple[Any, Any]:
    """What a diff shows: every field that `manager` owned or owns now, as it was and as it is."""
    fields = union(fields_of(before, manager), fields_of(after, manager))
    return project(before, fields), project(after, fields)


def is_leaving(live: Mapping[str, Any]) -> bool:
    """Whether an object has been deleted, and only waits for its finalizers or for its pods to end."""
    return bool((live.get("metadata") or {}).get("deletionTimestamp"))


def applied_already(wanted: Mapping[str, Any], live: Mapping[str, Any], manager: str) -> bool:
    """Whether applying `wanted` once more could change nothing.

    True only where that is certain: `manager` owns exactly the fields that `wanted` names, in the version it is
    written in, and each has the value that `wanted` gives it. Then the server would answer with the object that it has,
    so the request can be saved. Anything else (a quantity in another unit, say) is False, and the server decides.
    """
    if is_leaving(live):
        return False
    mine = {key: value for key, value in wanted.items() if key not in _NOT_OWNED}
    metadata = {key: value for key, value in (wanted.get("metadata") or {}).items() if key not in _NOT_OWNED_METADATA}
    mine.pop("metadata", None)
    if metadata:
        mine["metadata"] = metadata
    entries = _entries(live, manager)
    if not entries:
        return not mine  # the server keeps no entry for who only wants an object to exist
    if len(entries) != 1 or entries[0].get("apiVersion") != wanted.get("apiVersion"):
        return False
    return _certain(mine, live, entries[0].get("fieldsV1") or {})


def _certain(wanted: Any, live: Any, fields: Fields) -> bool:
    inner = {key: tree for key, tree in fields.items() if key != "."}
    if not inner:
        return _same(wanted, live)
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        names = {key[2:] for key in inner if key.startswith("f:")}
        return (
            len(names) == len(inner)
            and names == set(wanted)
            and all(name in live and _certain(wanted[name], live[name], inner[f"f:{name}"]) for name in names)
        )
    if isinstance(wanted, list) and isinstance(live, list):
        return len(inner) == len(wanted) and _certain_items(wanted, live, inner)
    return False


def _certain_items(wanted: list[Any], live: list[Any], fields: Fields) -> bool:
    """Whether each item of `wanted` is one of `fields`, has its value in `live`, and comes there in the same order."""
    left = dict(fields)
    last = -1
    for item in wanted:
        key = next((one for one in left if _means(item, one)), None)
        if key is None:
            return False
        position = next((number for number, there in enumerate(live) if _is(there, key)), -1)
        if position <= last or (key.startswith("k:") and not _certain(item, live[position], left[key])):
            return False
        last = position
        del left[key]
    return not left


def _means(item: Any, key: str) -> bool:
    """Whether an item that somebody wrote may be the one of `key`: keys that it leaves out have a default."""
    if key.startswith("v:"):
        return _same(item, json.loads(key[2:]))
    if not key.startswith("k:") or not isinstance(item, Mapping):
        return False
    return all(name not in item or _same(item[name], value) for name, value in json.loads(key[2:]).items())


def _is(item: Any, key: str) -> bool:
    if key.startswith("v:"):
        return _same(item, json.loads(key[2:]))
    return isinstance(item, Mapping) and _has(item, json.loads(key[2:]))


def _has(item: Mapping[str, Any], keys: Mapping[str, Any]) -> bool:
    return all(_same(item.get(name, _ABSENT), value) for name, value in keys.items())


def _same(one: Any, other: Any) -> bool:
    """Equality as JSON means it: 1 is not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
