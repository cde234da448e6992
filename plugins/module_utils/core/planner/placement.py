# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where nodes stand that are all made at first: each on an ESXi host with room, roles spread over hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from ..errors import CapacityError, Problem
from ..plan import Node
from .hosts import Host, Size, homeless_after


def place_at_once(
    sizes: Sequence[Size], hosts: Sequence[Host], previous: Mapping[str, Node], *, standing: Set[str], lost: int
) -> dict[str, Host]:
    """Node -> ESXi host, beside all guests that run now. What `previous` settled stays where it can."""
    placed = _stay(sizes, hosts, previous, standing)
    for size in sorted(sizes, key=lambda size: size.host is None):  # those first that have no choice
        if size.name not in placed:
            placed[size.name] = _choose(size, hosts, sizes)
            placed[size.name].put(size)
    problems = homeless_after(hosts, lost)
    if problems:
        raise CapacityError("the loss of an ESXi host would take nodes with it", problems)
    return placed


def _stay(
    sizes: Sequence[Size], hosts: Sequence[Host], previous: Mapping[str, Node], standing: Set[str]
) -> dict[str, Host]:
    """The nodes that stay on the host that the last plan gave them; one that stands there has its room already."""
    by_name = {host.name: host for host in hosts}
    control_planes = sum(size.role == "control_plane" for size in sizes)
    placed: dict[str, Host] = {}
    for size in sizes:
        host = by_name.get(host_before(size, previous) or "")
        if host is None or not (size.name in standing or host.takes(size)):
            continue
        if size.role == "control_plane" and host.count(size.role) and len(hosts) >= control_planes:
            continue  # there were fewer hosts when they had to stand together
        host.put(size)
        placed[size.name] = host
    return placed


def host_before(size: Size, previous: Mapping[str, Node]) -> str | None:
    """The ESXi host that the last plan gave to a node which is still the same, and still wanted there."""
    node = previous.get(size.name)
    if node is None or (node["role"], node["cpus"], node["memory_gib"]) != (size.role, size.cpus, size.memory_gib):
        return None
    return node["esxi_host"] if size.host in (None, node["esxi_host"]) else None


def candidates(size: Size, hosts: Sequence[Host], sizes: Sequence[Size]) -> list[Host]:
    """The hosts with room for a node; control planes stand apart as far as there are hosts."""
    found = [host for host in hosts if host.takes(size)]
    if size.role != "control_plane":
        return found
    apart = min(sum(one.role == size.role for one in sizes), len(hosts))
    if sum(bool(host.count(size.role)) for host in hosts) < apart:
        return [host for host in found if not host.count(size.role)]
    return found


def preference(size: Size, host: Host) -> tuple[int, bool, float, str]:
    """The smaller, the better a host is for a node: few of its role, within a socket, much room."""
    return host.count(size.role), not host.is_local(size), -host.free, host.name


def _choose(size: Size, hosts: Sequence[Host], sizes: Sequence[Size]) -> Host:
    found = candidates(size, hosts, sizes)
    if not found:
        raise does_not_fit(size, hosts, sizes)
    return min(found, key=lambda host: preference(size, host))


def does_not_fit(size: Size, hosts: Sequence[Host], sizes: Sequence[Size]) -> CapacityError:
    """No ESXi host has room for a node."""
    needed = f"{size.memory_gib} GiB ({sum(one.memory_gib for one in sizes)} GiB for all {len(sizes)} nodes)"
    room = "; ".join(f"{host.name} {max(host.free, 0):.1f} GiB of {host.threads} threads" for host in hosts)
    return CapacityError(
        "the nodes do not fit onto the ESXi hosts",
        [
            Problem(
                f"node {size.name}",
                f"needs {size.cpus} CPUs and {needed}; free is {room}, "
                f"with {sum(len(host.nodes) for host in hosts)} nodes placed beside the guests that run now",
                "smaller or fewer nodes in platform.plan, more platform.nodes.clusters, more hosts, or fewer guests at "
                "a time by platform.estate.include, planned again when those have moved"
                + (f", or another platform.nodes.by_name.{size.name}.esxi_host than {size.host}" if size.host else "")
                + (" (control planes stand on different hosts)" if size.role == "control_plane" else ""),
            )
        ],
    )
