# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What `platform.nodes` says of single nodes, held against the nodes and the estate that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import DocumentError, Problem
from ..estate import Estate
from ..schema import near
from .hosts import Host


def check_by_name(names: Sequence[str], hosts: Sequence[Host], estate: Estate, platform: Mapping[str, Any]) -> None:
    """DocumentError with everything that platform.yml says of nodes, hosts or datastores that do not exist."""
    nodes = platform["nodes"]
    problems = [
        Problem(f"{where}.{name}", "is not a node of this plan", near(name, list(names)))
        for where, table in (
            ("platform.nodes.labels.by_name", nodes["labels"]["by_name"]),
            ("platform.nodes.by_name", nodes["by_name"]),
        )
        for name in table
        if name not in names
    ]
    for name, wish in nodes["by_name"].items():
        problems += _of_node(f"platform.nodes.by_name.{name}", name, wish, hosts, estate, nodes["adopt"])
    if problems:
        raise DocumentError("platform.yml says something of nodes that cannot be", problems)


def _of_node(
    where: str, name: str, wish: Mapping[str, Any], hosts: Sequence[Host], estate: Estate, adopt: Sequence[str]
) -> Iterator[Problem]:
    if name in adopt:
        for key in ("esxi_host", "datastore", "address"):
            if wish[key] is not None:
                yield Problem(f"{where}.{key}", f"{name} is taken over as it stands", "nothing; move the VM first")
        return
    by_name = {host.name: host for host in hosts}
    host = by_name.get(wish["esxi_host"])
    if wish["esxi_host"] is not None and host is None:
        found = f"{wish['esxi_host']!r} is not an ESXi host that can carry nodes"
        yield Problem(f"{where}.esxi_host", found, near(wish["esxi_host"], sorted(by_name)))
    store = wish["datastore"]
    known = sorted(one["name"] for one in estate["datastores"] if one["accessible"])
    if store is not None and store not in known:
        yield Problem(f"{where}.datastore", f"{store!r} is not a datastore", near(store, known))
    elif store is not None and host is not None and store not in host.datastores:
        found = f"{host.name} does not mount {store}"
        yield Problem(f"{where}.datastore", found, f"one of {', '.join(host.datastores)}")
