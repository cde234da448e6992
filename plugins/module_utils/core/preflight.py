# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site must have before anything changes: the document held against the names that are really there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .errors import LandfallError, Problem
from .schema import near


def of_error(error: LandfallError, path: str) -> list[Problem]:
    """The problems that an error carries; the error itself as one where it carries none."""
    return error.problems or [Problem(path, error.message, "")]


def vcenter(platform: Mapping[str, Any], names: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """What `nodes` names and the vCenter does not have. `names`: kind (template, network …) → what there is."""
    nodes = platform["nodes"]
    wanted: list[tuple[str, str, Iterable[str]]] = [
        ("template", "nodes.template", [nodes["template"]]),
        ("network", "nodes.network", [nodes["network"]]),
        ("cluster", "nodes.clusters", nodes["clusters"]),
        ("datastore", "nodes.datastore", [nodes["datastore"]]),
    ]
    for kind, path, found in wanted:
        for name in found:
            if name and name != "auto" and name not in names[kind]:
                there = sorted(names[kind])
                yield Problem(f"platform.{path}", f"the vCenter has no {kind} '{name}'", near(name, there))


def bundle(version: str, entries: Iterable[Mapping[str, Any]]) -> Iterator[Problem]:
    """What the install of this Kubernetes needs and the bundle does not hold."""
    held: dict[str, set[str]] = {}
    for entry in entries:
        held.setdefault(entry["name"], set()).add(entry["version"].removeprefix("v"))
    for name in ("kubeadm", "kubelet", "kubectl"):
        if version not in held.get(name, set()):
            there = ", ".join(sorted(held.get(name, set()))) or "none"
            yield Problem(
                "platform.cluster.bundle", f"no {name} {version} (it holds {there})", f"a bundle for {version}"
            )
    for name in ("containerd", "cni-plugins"):
        if name not in held:
            yield Problem("platform.cluster.bundle", f"no {name}", "a bundle that 'bundle' made whole")
