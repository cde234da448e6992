# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a list of nodes cannot be had: everything at once, before anything is touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Sized
from typing import Any

from .errors import CapacityError, ConflictError, LandfallError, NotFound, Problem
from .node_adoption import against_adoption
from .node_disks import against_disks, new_gib, too_many
from .node_source import without_source
from .node_tags import against_tags, without_tags
from .node_vms import SIZES, Ground, Node, Step, Wish, held_back, is_adoption, step_of


def decide(wish: Wish, nodes: Sequence[Node], ground: Ground) -> list[Step]:
    """One step per node; one error with everything that forbids them."""
    steps = [held_back(step_of(wish, node, ground.machines.get(node["name"])), ground) for node in nodes]
    refusals: list[tuple[type[LandfallError], Problem]] = []
    refusals += [(NotFound, problem) for problem in _unknown(wish, steps, ground)]
    refusals += [(ConflictError, problem) for problem in _taken(wish, steps, ground)]
    refusals += [(CapacityError, problem) for problem in _short(wish, steps, ground)]
    if refusals:
        raise refusals[0][0](
            "These nodes cannot be had; nothing was changed:", [problem for _kind, problem in refusals]
        )
    return steps


def _unknown(wish: Wish, steps: Sequence[Step], ground: Ground) -> list[Problem]:
    problems = list(without_source(wish.template, wish.library, ground.library, ground.templates))
    problems += without_tags(wish.tags, ground.categories)
    parts = wish.folder.strip("/").split("/")
    if len(parts) < 2 or parts[0] not in ground.datacenters or parts[1] != "vm":
        known = " or ".join(f"/{name}/vm/…" for name in sorted(ground.datacenters))
        problems.append(Problem("folder", f"{wish.folder!r} lies in no datacenter", f"a path such as {known}"))
    networks = {"network": wish.network, **{f"networks[{i}]": name for i, name in enumerate(wish.networks)}}
    for path, name in networks.items():
        if name not in ground.networks:
            problems.append(_missing(path, "network", name, ground.networks))
    for index, step in enumerate(steps):
        node = step.node
        if step.machine is not None or node["adopt"]:
            continue  # where it stands is DRS's business by now
        host = ground.hosts.get(node["esxi_host"])
        if host is None:
            problems.append(_missing(f"nodes[{index}].esxi_host", "ESXi host", node["esxi_host"], ground.hosts))
            continue
        at = f"{node['name']}: ESXi host {host.name}"
        if not host.usable:
            right = "a host that is on and not in maintenance mode"
            problems.append(Problem(f"nodes[{index}].esxi_host", f"{at} takes no VM now", right))
        if node["datastore"] not in host.datastores:
            problems.append(
                _missing(f"nodes[{index}].datastore", f"datastore of {host.name}", node["datastore"], host.datastores)
            )
        for path, name in networks.items():
            if name in ground.networks and name not in host.networks:
                problems.append(Problem(path, f"{at} does not reach {name!r}", f"one of {_list(host.networks)}"))
    return problems


def _taken(wish: Wish, steps: Sequence[Step], ground: Ground) -> list[Problem]:
    problems = list(_twice([step.node for step in steps]))
    for index, step in enumerate(steps):
        node, machine = step.node, ground.machines.get(step.node["name"])
        path = f"nodes[{index}]"
        if node["adopt"] and (machine is None or is_adoption(wish, node, machine)):
            problems += against_adoption(node, machine, ground, path)
        elif machine is not None and machine.owner() != wish.site:
            whose = f"of the site {machine.owner()!r}" if machine.owner() else "that Landfall did not make"
            problems.append(Problem(f"{path}.name", f"{node['name']} is a VM {whose}", "a name that is free"))
            continue
        elif machine is not None and machine.is_copy():
            found = f"{node['name']} is a copy of the node {machine.stamped}, or that node under another name"
            problems.append(Problem(f"{path}.name", found, "a name that is free"))
            continue
        problems += too_many(step, path)
        holder = ground.addresses.get(node["address"]) if node["address"] else None
        if holder not in (None, node["name"], *step.waits_for):
            problems.append(Problem(f"{path}.address", f"{node['address']} is held by {holder}", "a free address"))
        if machine is None:
            continue
        role = machine.marks.get("role") or machine.role
        if role not in (None, node["role"]):
            problems.append(Problem(f"{path}.role", f"{node['name']} is a {role}", f"{role}, or another name"))
        problems += against_disks(step, machine, path)
        problems += against_tags(node["name"], machine.tags, wish.tags, ground.categories)
        if step.power_cycle and not wish.allow_power_cycle:
            changes = ", ".join(
                f"{name} {old:g} -> {new:g}" for name, (old, new) in step.lacks.items() if name in SIZES
            )
            right = "allow_power_cycle: true lets it be shut down for it, one node after the other"
            problems.append(Problem(path, f"{node['name']} is on and cannot take {changes} while it runs", right))
    return problems


def _twice(nodes: Sequence[Node]) -> Iterator[Problem]:
    for key in ("name", "address"):
        seen: set[str] = set()
        for index, node in enumerate(nodes):
            value = node[key]
            if value is not None and value in seen:
                yield Problem(f"nodes[{index}].{key}", f"{value} stands in the list twice", "one node for each")
            seen.add(str(value))


def _short(wish: Wish, steps: Sequence[Step], ground: Ground) -> list[Problem]:
    """What does not fit: memory is counted in full, since a node uses what it has."""
    problems = []
    memory: dict[str, dict[str, float]] = defaultdict(dict)  # what is still to be taken, by host and node
    disk: dict[str, dict[str, float]] = defaultdict(dict)
    template_gib = ground.templates[wish.template].disk_gib if wish.template in ground.templates else 0
    for index, step in enumerate(steps):
        node, host = step.node, ground.hosts.get(step.node["esxi_host"])
        if step.action == "waiting" or (node["adopt"] and step.machine is None):
            continue  # a later run counts it, or it cannot be
        if host is not None and node["cpus"] > host.threads:
            found = f"{node['name']} wants {node['cpus']} CPUs, {host.name} has {host.threads}"
            problems.append(Problem(f"nodes[{index}].cpus", found, "at most as many as its host has threads"))
        if step.machine is None and node["disk_gib"] < template_gib:
            found = f"{node['name']} wants {node['disk_gib']} GiB, the template's disk has {template_gib:g}"
            problems.append(Problem(f"nodes[{index}].disk_gib", found, "at least that: a disk cannot shrink"))
        running = step.machine is not None and step.machine.power == "on"
        memory[node["esxi_host"]][node["name"]] = node["memory_gib"] - (
            _found(step, "memory_gib", node) if running else 0
        )
        disk[node["datastore"]][node["name"]] = new_gib(step)
    for name, group in memory.items():
        host, wanted = ground.hosts.get(name), sum(group.values())
        free = max(0.0, host.memory_gib - host.memory_used_gib) if host else 0.0
        if host is not None and wanted > free:
            found = (
                f"{_list(group)} {_want(group)} {wanted:g} GiB of memory, {free:.1f} of {host.memory_gib:g} are free"
            )
            problems.append(Problem(f"ESXi host {name}", found, "smaller or fewer nodes there, or guests moved off it"))
    for name, group in disk.items():
        wanted = sum(group.values())
        if name in ground.free_gib and wanted > ground.free_gib[name]:
            found = f"{_list(group)} {_want(group)} {wanted:g} GiB, {ground.free_gib[name]:.0f} are free"
            problems.append(Problem(f"datastore {name}", found, "smaller or fewer disks there, or another datastore"))
    return problems


def _found(step: Step, name: str, node: Node) -> float:
    """What the machine has of it already: what it lacks says so, else it has what is wanted."""
    return float(step.lacks[name][0] if name in step.lacks else node[name])  # type: ignore[literal-required]


def _missing(path: str, kind: str, name: str, known: Any) -> Problem:
    return Problem(
        path, f"there is no {kind} {name!r}", f"one of {_list(known)}" if known else f"the vCenter shows no {kind}"
    )


def _want(group: Sized) -> str:
    return "wants" if len(group) == 1 else "want"


def _list(names: Any) -> str:
    return ", ".join(sorted(names))
