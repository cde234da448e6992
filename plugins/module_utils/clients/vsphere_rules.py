# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The DRS rule that keeps control planes on different ESXi hosts: one per cluster that has two of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..core.node_vms import Step
from .vmomi import vim
from .vsphere import VCenter
from .vsphere_ground import Handles


def keep_apart(
    vcenter: VCenter, steps: Sequence[Step], ids: Mapping[str, str], site: str, handles: Handles, *, timeout: int
) -> None:
    """Write the rules that are missing. `ids`: the vSphere id of each node."""
    tasks = {}
    for (kind, cluster), members, existing in _missing(vcenter, steps, ids, site, handles):
        rule = vim.cluster.AntiAffinityRuleSpec(
            name=_name(site), enabled=True, vm=[vcenter.object("VirtualMachine", member) for member in sorted(members)]
        )
        if existing:
            rule.key = existing["key"]
        spec = vim.cluster.RuleSpec(operation="edit" if existing else "add", info=rule)
        tasks[cluster] = _reconfigure(vcenter, kind, cluster, spec)
    vcenter.wait(tasks, what=f"the DRS rule {_name(site)}", timeout=timeout)


def are_apart(vcenter: VCenter, steps: Sequence[Step], ids: Mapping[str, str], site: str, handles: Handles) -> bool:
    """Whether every rule is as it should be."""
    return not any(True for _rule in _missing(vcenter, steps, ids, site, handles))


def let_go(vcenter: VCenter, site: str, *, timeout: int) -> None:
    """Remove the rules of a site whose nodes are gone."""
    tasks = {}
    for record in vcenter.sweep({"ComputeResource": ("configurationEx",)}):
        existing = _rule(record["properties"], site)
        if existing:
            spec = vim.cluster.RuleSpec(operation="remove", removeKey=existing["key"])
            tasks[record["id"]] = _reconfigure(vcenter, record["type"], record["id"], spec)
    vcenter.wait(tasks, what=f"removing the DRS rule {_name(site)}", timeout=timeout)


def _missing(
    vcenter: VCenter, steps: Sequence[Step], ids: Mapping[str, str], site: str, handles: Handles
) -> Iterator[tuple[tuple[str, str], set[str], Mapping[str, Any] | None]]:
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for step in steps:
        cluster = handles.clusters.get(step.node["esxi_host"])
        if step.node["role"] == "control_plane" and cluster is not None and cluster[0] == "ClusterComputeResource":
            groups[cluster].add(ids[step.node["name"]])
    for cluster, members in groups.items():
        if len(members) < 2:
            continue
        (record,) = vcenter.read([vcenter.object(*cluster)], ("configurationEx",)).values()
        existing = _rule(record["properties"], site)
        if not (existing and existing.get("enabled") and set(existing.get("vm") or []) == members):
            yield cluster, members, existing


def _rule(properties: Mapping[str, Any], site: str) -> Mapping[str, Any] | None:
    rules = (properties.get("configurationEx") or {}).get("rule") or []
    return next((rule for rule in rules if rule.get("name") == _name(site)), None)


def _name(site: str) -> str:
    return f"landfall-{site}-control-planes"


def _reconfigure(vcenter: VCenter, kind: str, cluster: str, spec: Any) -> Any:
    return vcenter.object(kind, cluster).ReconfigureComputeResource_Task(
        vim.cluster.ConfigSpecEx(rulesSpec=[spec]), True
    )
