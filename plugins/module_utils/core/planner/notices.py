# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person should know of the plan as a whole: it can be carried out, but not everywhere as one would wish."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..plan import Node, Wave
from ..workloads import Finding
from .guests import Census
from .hosts import Host, Size, memory_used
from .rules import finding
from .stages import stands_after
from .waves import few
from .workers import Workers


def find_warnings(
    census: Census,
    platform: Mapping[str, Any],
    hosts: Sequence[Host],
    nodes: Sequence[Node],
    workers: Workers,
    waves: Sequence[Wave],
) -> list[Finding]:
    """Every warning, sorted."""
    found = [
        *_suspended(census),
        *_spare(workers, platform),
        *_sockets(nodes, hosts),
        *_in_stages(nodes, waves),
        *_crowded(census, platform["plan"]["survive"]["esxi_hosts"], hosts, nodes, waves),
    ]
    return sorted(found, key=lambda one: (one["rule"], one["where"], one["found"]))


def _suspended(census: Census) -> Iterable[Finding]:
    for guest in census.others:
        if guest["name"] in census.looked_at and guest["power_state"] == "suspended":
            meant = "resume it and assess again, or leave it out by estate.guests.select"
            yield finding("warning", "guest_suspended", guest["name"], "nobody can look into it", meant)


def _spare(workers: Workers, platform: Mapping[str, Any]) -> Iterable[Finding]:
    lost = platform["plan"]["survive"]["workers"]
    for name in workers.without_spare:
        found = f"its labels are on {lost} worker{'s' * (lost > 1)} or fewer, and as many may be lost"
        yield finding("warning", "no_spare_node", name, found, "platform.nodes.labels on one more worker")


def _sockets(nodes: Sequence[Node], hosts: Sequence[Host]) -> Iterable[Finding]:
    by_name = {host.name: host for host in hosts}
    for node in nodes:
        host = by_name.get(node["esxi_host"])
        size = Size(node["name"], node["role"], node["cpus"], node["memory_gib"], node["disk_gib"])
        if host is not None and not host.is_local(size):
            found = (
                f"{node['cpus']} CPUs and {node['memory_gib']} GiB; a socket of {host.name} has {host.numa_cpus} cores"
            )
            found += f" and {host.numa_memory:.0f} GiB"
            yield finding("warning", "wider_than_socket", node["name"], found, "smaller nodes, more of them")


def _crowded(
    census: Census, lost: int, hosts: Sequence[Host], nodes: Sequence[Node], waves: Sequence[Wave]
) -> Iterable[Finding]:
    """Clusters where the other guests of a lost host find no room any more beside the nodes, until waves free some."""
    adopted = {node["name"] for node in nodes if node["adopt"]}  # no host counts them as guests
    guests = {guest["name"]: guest for guest in census.others if guest["name"] not in adopted}
    freed: list[dict[str, float]] = []  # GiB of each cluster, wave by wave
    for wave in waves if lost else ():
        freed.append(defaultdict(float))
        for guest in (guests[name] for name in wave["frees"] if name in guests):
            freed[-1][guest["cluster"]] += memory_used(guest)
    for cluster in sorted({node["cluster"] for node in nodes} if lost else ()):
        there = sorted(
            (host for host in hosts if host.cluster == cluster), key=lambda host: (host.memory, host.name), reverse=True
        )
        left = sum(host.memory for host in there[lost:])
        own = [(stands_after(node, waves), node["memory_gib"]) for node in nodes if node["cluster"] == cluster]
        used = [sum(host.used for host in there) + sum(memory for after, memory in own if not after)]
        for number, gone in enumerate(freed, 1):
            used.append(used[-1] - gone[cluster] + sum(memory for after, memory in own if after == number))
        crowded = [after for after, memory in enumerate(used) if memory > left]
        if crowded:
            names, until = ", ".join(host.name for host in there[:lost]), crowded[-1] + 1
            found = f"without {names}, {left:.0f} GiB for {used[crowded[0]]:.0f} GiB of guests and nodes"
            found += (
                f"; after wave {until} it fits" if until < len(used) else f", {used[-1]:.0f} GiB after the last wave"
            )
            meant = "until then, HA cannot start every guest again"
            yield finding("warning", "cluster_crowded", cluster, found, meant)


def _in_stages(nodes: Sequence[Node], waves: Sequence[Wave]) -> Iterable[Finding]:
    """Waves after which nodes are made for which there is no room before."""
    after = {node["name"]: stands_after(node, waves) for node in nodes}
    for wave in waves:
        later = [node for node in nodes if after[node["name"]] == wave["number"]]
        if later:
            guests = sorted({name for node in later for name in node["waits_for"]})
            names = few([node["name"] for node in later])
            found = f"{names} can stand only then, when {few(guests)} {'is' if len(guests) == 1 else 'are'} off"
            meant = "after this wave retire its guests and build again; the next wave needs these nodes"
            yield finding("warning", "nodes_in_stages", f"wave {wave['number']}", found, meant)
