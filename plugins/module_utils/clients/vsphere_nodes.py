# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The node VMs of a site, there or gone: read, decide, and only then act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.cloud_init import against_userdata
from ..core.errors import ConflictError, DocumentError, Problem
from ..core.node_decision import decide
from ..core.node_vms import Machine, Node, Step, Wish, differences
from .vsphere import VCenter
from .vsphere_adoption import give_back
from .vsphere_estate import attribute_names
from .vsphere_ground import machines_of_site, read_ground
from .vsphere_rules import are_apart, let_go
from .vsphere_specs import Addressing
from .vsphere_stages import build, destroy, is_reachable


@dataclass(frozen=True)
class Made:
    """What was done, or would be."""

    changed: bool
    before: dict[str, Any]
    after: dict[str, Any]
    machines: list[dict[str, Any]]
    warnings: list[str] = field(default_factory=list)


def make_nodes(vcenter: VCenter, parameters: Mapping[str, Any], *, check_mode: bool) -> Made:
    """Every node of the list as it should be. Refuses the whole list before anything is touched."""
    nodes: list[Node] = parameters["nodes"]
    wish = Wish(**{name: parameters[name] for name in Wish.__dataclass_fields__})
    addressing = Addressing(**{name: parameters[name] for name in Addressing.__dataclass_fields__})
    _check_addressing(nodes, addressing)
    ground, handles = read_ground(vcenter, {node["name"] for node in nodes}, wish)
    steps = decide(wish, nodes, ground)
    apart = parameters["control_plane_anti_affinity"]
    before, after = differences(steps, wish)
    now = [step for step in steps if step.action != "waiting"]
    machines = {step.node["name"]: step.machine for step in now if step.machine is not None}
    if apart and len(machines) == len(now):
        ids = {name: machine.id for name, machine in machines.items()}
        if not are_apart(vcenter, now, ids, wish.site, handles):
            before["control_planes"], after["control_planes"] = "anywhere", "kept on different ESXi hosts"
    # A run that was killed while it waited has changed everything, and left the wait to this one.
    ready = not after and all(is_reachable(machines[step.node["name"]], step.node["address"]) for step in now)
    if not (check_mode or ready):
        tags = {f"{name}/{tag}": key for name, one in ground.categories.items() for tag, key in one.tags.items()}
        machines = build(
            vcenter, now, wish, addressing, handles, tags, anti_affinity=apart, timeout=parameters["wait_timeout"]
        )
    return Made(bool(after), before, after, [_result(step, machines.get(step.node["name"])) for step in steps])


def remove_nodes(vcenter: VCenter, parameters: Mapping[str, Any], *, check_mode: bool) -> Made:
    """Nodes of the site deleted, and nothing else; those that were adopted are given back as they are."""
    site, wanted = parameters["site"], {node["name"] for node in parameters["nodes"]}
    stamped = [m for m in machines_of_site(vcenter, site) if m.is_node() and (not wanted or m.name in wanted)]
    machines = [machine for machine in stamped if not machine.is_copy()]
    _check_whose(machines, site)
    adopted = [machine for machine in machines if machine.adopted]
    ours = [machine for machine in machines if not machine.adopted]
    if ours and not (parameters["confirm"] or check_mode):
        names = ", ".join(machine.name for machine in ours)
        raise DocumentError(f"{names} would be deleted with all they hold; confirm: true says that this is meant")
    if machines and not check_mode:
        destroy(vcenter, ours, timeout=parameters["wait_timeout"])
        fields = {name: key for key, name in attribute_names(vcenter).items()}
        give_back(vcenter, adopted, fields, timeout=parameters["wait_timeout"])
        if not wanted:
            let_go(vcenter, site, timeout=parameters["wait_timeout"])
    before: dict[str, Any] = {m.name: {"cpus": m.cpus, "memory_gib": m.memory_gib, "power": m.power} for m in ours}
    before |= {machine.name: {"site": site} for machine in adopted}
    after = {machine.name: {"site": None} if machine.adopted else "absent" for machine in machines}
    gone = [{**_facts(m), "waits_for": [], "action": "released" if m.adopted else "removed"} for m in machines]
    copies = [
        f"{m.name} bears the stamp of the node {m.stamped}: a copy of it, or it was renamed; it is left alone"
        for m in stamped
        if m.is_copy()
    ]
    return Made(bool(machines), before, after, gone, copies)


def _check_whose(machines: Sequence[Machine], site: str) -> None:
    names = Counter(machine.name for machine in machines)
    problems = [
        Problem(m.name, f"is marked by the site {m.owner()!r}", "leave it alone") for m in machines if m.owner() != site
    ] + [
        Problem(name, f"is the name of {count} VMs with this stamp", "rename the copy")
        for name, count in names.items()
        if count > 1
    ]
    if problems:
        raise ConflictError("Of these VMs it is not certain that they are nodes of this site:", problems)


def _check_addressing(nodes: Sequence[Node], addressing: Addressing) -> None:
    if any(node["address"] and not node["adopt"] for node in nodes) and not addressing.gateway:
        raise DocumentError("nodes with fixed addresses need a gateway; give one, or let DHCP address them")
    problems = list(against_userdata(addressing.userdata, addressing.customization))
    if problems:
        raise DocumentError("The guests would not be what is asked; nothing was changed:", problems)


def _result(step: Step, machine: Machine | None) -> dict[str, Any]:
    facts = _facts(machine) if machine is not None else {"name": step.node["name"], "uuid": "", "host_keys": []}
    address = step.node["address"] or (machine.addresses[0] if machine is not None and machine.addresses else None)
    wanted = {"role": step.node["role"], "address": address, "waits_for": list(step.waits_for)}
    return {**facts, **wanted, "action": step.action}


def _facts(machine: Machine) -> dict[str, Any]:
    return {
        "name": machine.name,
        "role": machine.marks.get("role") or machine.role,
        "address": machine.addresses[0] if machine.addresses else None,
        "uuid": machine.uuid,
        "host_keys": list(machine.host_keys),
    }
