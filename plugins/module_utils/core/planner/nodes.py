# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The nodes: where and when they stand, their names, addresses and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import CapacityError, DocumentError, Problem
from ..estate import Estate
from ..plan import Node
from ..platform_words import address_range
from .adoption import adopt
from .by_name import check_by_name
from .datastores import Datastores
from .ground import Ground
from .guests import Census
from .hosts import Host, Size
from .moves import Moves
from .placement import place_at_once
from .slots import size_of
from .stages import Holds, Staged, in_stages


@dataclass(frozen=True)
class Site:
    """What the nodes come into."""

    estate: Estate
    census: Census
    hosts: Sequence[Host]  # those that may carry nodes
    held: Mapping[str, Sequence[str]]  # guest -> what stays there
    lacks: Mapping[str, Sequence[str]]  # guest -> programs of a node that it has not, as far as guests were looked into
    previous: Mapping[str, Node]


def plan_nodes(
    workers: int, holds: Holds, moves: Moves, site: Site, platform: Mapping[str, Any]
) -> tuple[list[Node], Staged]:
    """Every node of the cluster, control planes first; and the waves, which are smaller where workers come later."""
    adopted = adopt(site.census, moves, platform, held=site.held, lacks=site.lacks)
    if len(adopted) > workers:
        found = f"{len(adopted)} VMs for {workers} workers"
        problem = Problem(
            "platform.nodes.adopt", found, f"platform.plan.workers.at_least: {len(adopted)}, or fewer VMs"
        )
        raise DocumentError("more VMs are taken over than there are workers", [problem])
    sizes = _sizes("control_plane", platform["plan"]["control_planes"]["count"], platform)
    sizes += _sizes("worker", workers - len(adopted), platform)
    names = [*(size.name for size in sizes), *(node["name"] for node in adopted)]
    check_by_name(names, site.hosts, site.estate, platform)
    placed, waits_for, staged = _place(sizes, adopted, holds, moves, site, platform)
    nodes = _write(sizes, placed, waits_for, site, platform) + adopted
    _give_addresses(nodes, platform, site.previous)
    _give_labels(nodes, platform["nodes"]["labels"])
    return nodes, staged


def _sizes(role: str, count: int, platform: Mapping[str, Any]) -> list[Size]:
    names = [platform["nodes"]["names"][role].format(number) for number in range(1, count + 1)]
    by_name = platform["nodes"]["by_name"]
    return [
        Size(name, role, **size_of(name, role, platform), host=(by_name.get(name) or {}).get("esxi_host"))
        for name in names
    ]


def _place(
    sizes: Sequence[Size], adopted: Sequence[Node], holds: Holds, moves: Moves, site: Site, platform: Mapping[str, Any]
) -> tuple[dict[str, Host], dict[str, list[str]], Staged]:
    """Node -> ESXi host, node -> guests that it waits for, and the waves: all nodes at once, or else in stages."""
    survive = platform["plan"]["survive"]
    standing = {guest["name"] for guest in site.census.own}
    drained = [node["name"] for node in adopted if node["waits_for"]]
    crowded: CapacityError | None = None
    try:
        hosts = _with_adopted(site.hosts, adopted)
        placed = place_at_once(sizes, hosts, site.previous, standing=standing, lost=survive["esxi_hosts"])
        if not drained:
            return placed, {}, Staged(moves.order, frozenset())
    except CapacityError as error:
        crowded = error
    try:
        hosts = _with_adopted(site.hosts, adopted)
        ground = Ground(sizes, hosts, site.previous, standing=standing, lost=survive["esxi_hosts"])
        idle = [node["name"] for node in adopted if not node["waits_for"]]
        staged = in_stages(moves, ground, holds, drained=drained, idle=idle, spare=survive["workers"])
    except CapacityError as error:
        if crowded is None:
            raise
        at_first = {problem.path for problem in crowded.problems}
        later = [problem for problem in error.problems if problem.path not in at_first]
        raise CapacityError(crowded.message, [*crowded.problems, *later]) from error
    return ground.placed, ground.waits_for, staged


def _with_adopted(hosts: Sequence[Host], adopted: Sequence[Node]) -> list[Host]:
    """The hosts with the VMs that are taken over as what they will be."""
    fresh = {host.name: host.without_nodes() for host in hosts}
    for node in adopted:
        if node["esxi_host"] in fresh:
            size = Size(node["name"], node["role"], node["cpus"], node["memory_gib"], node["disk_gib"])
            fresh[node["esxi_host"]].put(size)
    return list(fresh.values())


def _write(
    sizes: Sequence[Size],
    placed: Mapping[str, Host],
    waits_for: Mapping[str, list[str]],
    site: Site,
    platform: Mapping[str, Any],
) -> list[Node]:
    wish, by_name = platform["nodes"]["datastore"], platform["nodes"]["by_name"]
    stores = Datastores(site.estate, wish, platform["plan"]["reserve"]["of_a_datastore"])
    nodes: list[Node] = []
    for size in sizes:
        host, before = placed[size.name], site.previous.get(size.name)
        kept = before["datastore"] if before and before["esxi_host"] == host.name else None
        nodes.append(
            {
                "name": size.name,
                "role": size.role,
                "cpus": size.cpus,
                "memory_gib": size.memory_gib,
                "disk_gib": size.disk_gib,
                "cluster": host.cluster,
                "esxi_host": host.name,
                "datastore": stores.take(size, host, kept, (by_name.get(size.name) or {}).get("datastore")),
                "address": None,
                "labels": {},
                "adopt": False,
                "waits_for": waits_for.get(size.name, []),
            }
        )
    return nodes


def _give_addresses(nodes: Sequence[Node], platform: Mapping[str, Any], previous: Mapping[str, Node]) -> None:
    text, by_name = platform["nodes"]["addresses"]["range"], platform["nodes"]["by_name"]
    for node in nodes:
        node["address"] = node["address"] or (by_name.get(node["name"]) or {}).get("address")
    if text is None:
        return
    addresses = address_range(text)
    known, taken = set(addresses), {node["address"] for node in nodes if node["address"]}
    waiting = []
    for node in nodes:
        before = previous[node["name"]]["address"] if node["name"] in previous else None
        if node["address"] is None and before in known and before not in taken:
            node["address"] = before
            taken.add(before)
        elif node["address"] is None:
            waiting.append(node)
    free = [address for address in addresses if address not in taken]
    if len(free) < len(waiting):
        found = f"{text} has {len(addresses)} addresses for {len(nodes)} nodes"
        problem = Problem("platform.nodes.addresses.range", found, f"at least {len(nodes)}")
        raise CapacityError("there are more nodes than addresses", [problem])
    for node, address in zip(waiting, free, strict=False):
        node["address"] = address


def _give_labels(nodes: Sequence[Node], wish: Mapping[str, Any]) -> None:
    for node in nodes:
        general = wish["all_control_planes" if node["role"] == "control_plane" else "all_workers"]
        node["labels"] = dict(sorted({**general, **wish["by_name"].get(node["name"], {})}.items()))
