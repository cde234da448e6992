# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""VMs that are taken over as workers: which can be, and which must be drained first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import DocumentError, Problem
from ..estate import Guest
from ..node_settings import COMMANDS
from ..plan import Node
from ..schema import near
from .guests import Census
from .moves import Moves
from .slots import size_of


def adopt(
    census: Census,
    moves: Moves,
    platform: Mapping[str, Any],
    *,
    held: Mapping[str, Sequence[str]],
    lacks: Mapping[str, Sequence[str]],
) -> list[Node]:
    """The VMs of `platform.nodes.adopt` as nodes, or a DocumentError with everything that keeps one from being it."""
    names = platform["nodes"]["adopt"]
    machines = [*census.others, *census.own]
    guests = {guest["name"]: guest for guest in machines}
    counts = Counter(guest["name"] for guest in machines)
    freed = {guest["name"] for several in moves.frees(moves.order) for guest in several}
    left = {source["guest"] for one in moves.services if one["moves"] for source in one["from"]}
    left -= {guest["name"] for guest in census.own}  # what ran there has moved, or it would be no node of ours
    problems: list[Problem] = []
    for index, name in enumerate(names):
        where = f"platform.nodes.adopt[{index}]"
        if name not in guests:
            problems.append(Problem(where, f"{name!r} is not a VM of this vCenter", near(name, sorted(guests))))
        elif counts[name] > 1:
            problems.append(Problem(where, f"{counts[name]} VMs have the name {name}", "a name of its own"))
        else:
            problems += _too_small(where, guests[name], platform)
            problems += _lacks(where, name, lacks.get(name, []))
            problems += _stays(where, name, held, name in left and name not in freed, platform)
    if problems:
        raise DocumentError("these VMs cannot be taken over as nodes", problems)
    return [_as_node(guests[name], [name] if name in left else []) for name in names]


def _too_small(where: str, guest: Guest, platform: Mapping[str, Any]) -> Iterator[Problem]:
    wish = size_of(guest["name"], "worker", platform)
    if guest["cpus"] < wish["cpus"] or guest["memory_gib"] < wish["memory_gib"]:
        found = f"{guest['name']} has {guest['cpus']} CPUs and {guest['memory_gib']:g} GiB"
        yield Problem(where, found, f"at least {wish['cpus']} CPUs and {wish['memory_gib']} GiB, as a worker")
    if guest["disk_gib"] < wish["disk_gib"]:
        found = f"{guest['name']} has a disk of {guest['disk_gib']:g} GiB"
        right = f"at least {wish['disk_gib']} GiB, as a worker, or platform.nodes.by_name.{guest['name']}.disk_gib"
        yield Problem(where, found, right)


def _lacks(where: str, name: str, programs: Sequence[str]) -> Iterator[Problem]:
    if programs:
        packages = ", ".join(COMMANDS.get(one, one) for one in programs)
        found = f"{name} lacks {', '.join(programs)}, which a node needs"
        yield Problem(where, found, f"the packages {packages} there, and assess again")


def _stays(
    where: str, name: str, held: Mapping[str, Sequence[str]], never_free: bool, platform: Mapping[str, Any]
) -> Iterator[Problem]:
    door = platform["suite"]["front_door"]
    if name in held:
        services = ", ".join(sorted(held[name]))
        right = f"a VM that is free after the move, or platform.suite.services.{sorted(held[name])[0]}: moves or ends"
        yield Problem(where, f"{name} stays what it is: {services} stays there", right)
    elif door and door["guest"] == name:
        yield Problem(where, f"{name} stays what it is: the front door", "another VM")
    elif never_free:
        yield Problem(where, f"{name} is never free: it does not count", "platform.estate.include with it")


def _as_node(guest: Guest, waits_for: list[str]) -> Node:
    return {
        "name": guest["name"],
        "role": "worker",
        "cpus": guest["cpus"],
        "memory_gib": int(guest["memory_gib"]),
        "disk_gib": int(guest["disk_gib"]),
        "cluster": guest["cluster"],
        "esxi_host": guest["esxi_host"],
        "datastore": guest["datastores"][0] if guest["datastores"] else "",
        "address": next((one for one in guest["addresses"] if ":" not in one), None),
        "labels": {},
        "adopt": True,
        "waits_for": waits_for,
    }
