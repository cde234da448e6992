# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names, addresses and labels of the nodes, and the VMs that are taken over as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import CapacityError, DocumentError, Problem
from ..estate import Estate, Guest
from ..plan import Node
from ..platform_words import address_range
from ..schema import near
from .guests import Census
from .placement import Size, place_nodes


def plan_nodes(
    workers: int, estate: Estate, census: Census, platform: Mapping[str, Any], previous: Mapping[str, Node]
) -> list[Node]:
    """Every node of the cluster, control planes first."""
    adopted = _adopted(census, platform)
    if len(adopted) > workers:
        found = f"{len(adopted)} VMs for {workers} workers"
        problem = Problem(
            "platform.nodes.adopt", found, f"platform.plan.workers.at_least: {len(adopted)}, or fewer VMs"
        )
        raise DocumentError("more VMs are taken over than there are workers", [problem])
    sizes = _sizes("control_plane", platform["plan"]["control_planes"]["count"], platform)
    sizes += _sizes("worker", workers - len(adopted), platform)
    nodes = place_nodes(sizes, estate, census, platform, previous) + adopted
    _give_addresses(nodes, platform["nodes"]["addresses"]["range"], previous)
    _give_labels(nodes, platform["nodes"]["labels"])
    return nodes


def _sizes(role: str, count: int, platform: Mapping[str, Any]) -> list[Size]:
    wish = platform["plan"]["control_planes" if role == "control_plane" else "workers"]
    pattern = platform["nodes"]["names"][role]
    return [
        Size(pattern.format(number), role, wish["cpus"], wish["memory_gib"], wish["disk_gib"])
        for number in range(1, count + 1)
    ]


def _adopted(census: Census, platform: Mapping[str, Any]) -> list[Node]:
    wish = platform["plan"]["workers"]
    guests = {guest["name"]: guest for guest in [*census.others, *census.own]}
    problems: list[Problem] = []
    nodes: list[Node] = []
    for index, name in enumerate(platform["nodes"]["adopt"]):
        where, guest = f"platform.nodes.adopt[{index}]", guests.get(name)
        if guest is None:
            problems.append(Problem(where, f"{name!r} is not a VM of this vCenter", near(name, sorted(guests))))
        elif guest["cpus"] < wish["cpus"] or guest["memory_gib"] < wish["memory_gib"]:
            found = f"{name} has {guest['cpus']} CPUs and {guest['memory_gib']:g} GiB"
            problems.append(
                Problem(where, found, f"at least {wish['cpus']} CPUs and {wish['memory_gib']} GiB, as a worker")
            )
        else:
            nodes.append(_as_node(guest))
    if problems:
        raise DocumentError("these VMs cannot be taken over as nodes", problems)
    return nodes


def _as_node(guest: Guest) -> Node:
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
    }


def _give_addresses(nodes: Sequence[Node], text: str | None, previous: Mapping[str, Node]) -> None:
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
    names = [node["name"] for node in nodes]
    unknown = [
        Problem(f"platform.nodes.labels.by_name.{name}", "is not a node of this plan", near(name, names))
        for name in wish["by_name"]
        if name not in names
    ]
    if unknown:
        raise DocumentError("labels for nodes that do not exist", unknown)
    for node in nodes:
        general = wish["all_control_planes" if node["role"] == "control_plane" else "all_workers"]
        node["labels"] = dict(sorted({**general, **wish["by_name"].get(node["name"], {})}.items()))
