# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""vCenter's objects as they were read, and the tree that they hang in: names, paths, parents, without a question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

NETWORKS = {"Network": "network", "DistributedVirtualPortgroup": "portgroup", "OpaqueNetwork": "opaque"}


class Record(TypedDict):
    """One object: its type, its id and the properties that were asked for, as plain values."""

    type: str
    id: str
    properties: dict[str, Any]


Tree = Mapping[str, Record]


def path_of(record: Record, tree: Tree) -> str:
    """The inventory path of an object, names as vSphere encodes them (`%2f` is a slash inside a name)."""
    parts = [str(record["properties"].get("name") or "")]
    for parent in ancestors(record, tree):
        if parent["type"] != "ComputeResource" and parent["properties"].get("parent"):  # the root folder has no name
            parts.append(str(parent["properties"]["name"]))
    return "/" + "/".join(reversed(parts))


def ancestors(record: Record, tree: Tree) -> Iterator[Record]:
    """The parents of an object, the nearest first. A guest in a vApp hangs below the folder of that vApp."""
    seen = {record["id"]}
    while True:
        properties = record["properties"]
        above = properties.get("parentFolder") or properties.get("parent") or properties.get("parentVApp") or ""
        if above in seen or above not in tree:
            return
        seen.add(above)
        record = tree[above]
        yield record


def name_of(record: Record) -> str:
    """A name as people see it: vSphere stores slashes, backslashes and percent signs of names encoded."""
    name = str(record["properties"].get("name") or "")
    for code, character in (("%2f", "/"), ("%2F", "/"), ("%5c", "\\"), ("%5C", "\\"), ("%25", "%")):
        name = name.replace(code, character)
    return name


def names_of(ids: Sequence[str] | None, tree: Tree) -> list[str]:
    return sorted({name_of(tree[item]) for item in ids or [] if item in tree})


def of_type(tree: Tree, *types: str) -> list[Record]:
    return [record for record in tree.values() if record["type"] in types]
