# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The nodes of a cluster as objects: the labels that are ours, and whether a node can take pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import OperationFailed, Problem
from .owned import applied_already

MANAGER = "landfall-nodes"
Body = Mapping[str, Any]


def body_of(name: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """What we apply to a node: its name and our labels. Labels that are left out leave the node, others' stay."""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": dict(sorted(labels.items()))}}


def is_labelled(node: Body, labels: Mapping[str, str]) -> bool:
    """Whether exactly these labels are ours on this node."""
    if labels:
        return applied_already(body_of(_name(node), labels), node, MANAGER)
    return not any(entry.get("manager") == MANAGER for entry in node["metadata"].get("managedFields") or [])


def trouble(node: Body | None) -> str:
    """Why this node cannot take pods; nothing, where it can."""
    if node is None:
        return "has not registered"
    conditions = (node.get("status") or {}).get("conditions") or []
    ready: Body = next((one for one in conditions if one.get("type") == "Ready"), {})
    if ready.get("status") == "True":
        return ""
    return str(ready.get("message") or "its kubelet has not reported yet")


def missing(names: Sequence[str], nodes: Mapping[str, Body], *, ready: bool) -> list[Problem]:
    """The nodes that are not what they should be (registered, or ready), each with its reason."""
    problems = []
    for name in names:
        node = nodes.get(name)
        why = trouble(node) if ready or node is None else ""
        if why:
            problems.append(Problem(name, why, "look at `journalctl -u kubelet` there"))
    return problems


def too_late(problems: Sequence[Problem], seconds: float, *, ready: bool) -> OperationFailed:
    """The error of a wait that ended."""
    what = "ready" if ready else "registered"
    return OperationFailed(f"{len(problems)} nodes are not {what} after {seconds:.0f} s", list(problems))


def lines(labels: Mapping[str, Mapping[str, str]]) -> str:
    """A line per label, for a diff."""
    return "".join(
        f"{name}: {key}={value}\n" for name in sorted(labels) for key, value in sorted((labels[name] or {}).items())
    )


def our_labels(node: Body, wanted: Mapping[str, str]) -> dict[str, str]:
    """The labels that a diff speaks of: ours, and those that shall be ours."""
    have = node["metadata"].get("labels") or {}
    keys = set(wanted)
    for entry in node["metadata"].get("managedFields") or []:
        if entry.get("manager") == MANAGER:
            fields = (entry.get("fieldsV1") or {}).get("f:metadata", {}).get("f:labels", {})
            keys |= {key[2:] for key in fields if key.startswith("f:")}
    return {key: have[key] for key in keys if key in have}


def _name(node: Body) -> str:
    return str(node["metadata"]["name"])
