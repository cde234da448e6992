# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The section of platform.yml about nodes: what they are made from, where, under which names and addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .errors import Problem
from .platform_words import ADDRESS, ADDRESS_RANGE, DOMAIN, FREE, LABELS, NAME, address_range
from .schema import EXAMPLES, Check, Field, ListOf, Record, Table, Text, whole

_NODE_NAME = Text(r"[a-z0-9-]*\{:0?[0-9]*d?\}[a-z0-9-]*", "a name with a place for the number")
EXAMPLES[_NODE_NAME.says] = "worker-{:02}"

_NODE = Record(
    {
        "cpus": Field(whole(2, 768), None, "without it, as its role"),
        "memory_gib": Field(whole(4, 24576), None),
        "disk_gib": Field(whole(20, 63488), None),
        "esxi_host": Field(FREE, None),
        "datastore": Field(FREE, None),
        "address": Field(ADDRESS, None),
    }
)

_TAG = Record({"category": Field(FREE), "name": Field(FREE)})

NODES = Record(
    {
        "template": Field(FREE, help="name of the VM template that nodes are cloned from"),
        "library": Field(FREE, None, "content library whose item the template is; without it, a VM of the inventory"),
        "folder": Field(FREE, None, "inventory path, like /DC0/vm/kubernetes; without it, the template's"),
        "datastore": Field(FREE, "auto", "auto: the one with the most room that the ESXi host mounts"),
        "names": Field(
            Record({"control_plane": Field(_NODE_NAME, "cp-{:02}"), "worker": Field(_NODE_NAME, "worker-{:02}")}), {}
        ),
        "ssh": Field(Record({"user": Field(FREE, "ops"), "private_key_file": Field(FREE, None)}), {}),
        "clusters": Field(ListOf(FREE), [], "vSphere clusters that carry nodes; empty: all"),
        "network": Field(FREE, None, "portgroup; without it, the template's"),
        "networks": Field(ListOf(FREE), [], "portgroups of further cards"),
        "tags": Field(ListOf(_TAG), [], "of vSphere, attached to every node"),
        "customization": Field(
            Text(choices=("linux_prep", "guestinfo"), says="a way to customize"),
            "linux_prep",
            "how a clone learns its name and address; guestinfo is read by cloud-init",
        ),
        "userdata_file": Field(FREE, None, "on the controller, user data for cloud-init; needs guestinfo"),
        "addresses": Field(
            Record(
                {
                    "range": Field(ADDRESS_RANGE, None, "without it, DHCP"),
                    "prefix": Field(whole(1, 128), 24),
                    "gateway": Field(ADDRESS, None),
                    "dns": Field(ListOf(ADDRESS), []),
                }
            ),
            {},
        ),
        "domain": Field(DOMAIN, None, "DNS domain of the nodes"),
        "labels": Field(
            Record(
                {
                    "by_name": Field(Table(LABELS, key=NAME), {}),
                    "all_workers": Field(LABELS, {}),
                    "all_control_planes": Field(LABELS, {}),
                }
            ),
            {},
        ),
        "adopt": Field(ListOf(FREE), [], "existing VMs to take over as workers, once nothing of the suite runs there"),
        "by_name": Field(Table(_NODE, key=NAME), {}, "what a single node shall be; the planner decides the rest"),
    }
)


def _addresses(addresses: Any, path: str) -> Iterator[Problem]:
    if addresses.get("range") is None:
        return
    try:
        found = address_range(addresses["range"])
    except ValueError:
        yield Problem(
            f"{path}.range", f"{addresses['range']!r} is not a range", "two IP addresses, like 10.20.8.10-10.20.8.60"
        )
        return
    if not found:
        yield Problem(f"{path}.range", f"{addresses['range']!r} ends before it begins", "the lower address first")
    elif addresses.get("gateway") in found:
        yield Problem(
            f"{path}.gateway", f"{addresses['gateway']} lies in the range of the nodes", "an address outside of it"
        )
    elif addresses.get("gateway") is None:
        yield Problem(f"{path}.gateway", "is missing", "with a range, nodes need their gateway")


def _names_differ(names: Any, path: str) -> Iterator[Problem]:
    if names.get("worker") is not None and names.get("worker") == names.get("control_plane"):
        yield Problem(f"{path}.worker", f"{names['worker']!r} is the name of control planes too", "a name of its own")


def _by_name(nodes: Any, path: str) -> Iterator[Problem]:
    """Addresses that are given to single nodes: each once, and with a gateway."""
    taken: dict[str, str] = {}
    for name, wish in (nodes.get("by_name") or {}).items():
        where, address = f"{path}.by_name.{name}.address", (wish or {}).get("address")
        if address is None:
            continue
        if address in taken:
            yield Problem(where, f"{address} is the address of {taken[address]} too", "an address of its own")
        taken.setdefault(address, name)
        gateway = (nodes.get("addresses") or {}).get("gateway")
        if gateway is None:
            yield Problem(f"{path}.addresses.gateway", "is missing", f"with the address of {name}, nodes need it")
        elif gateway == address:
            yield Problem(where, f"{address} is the gateway", "another address")


def _userdata(nodes: Any, path: str) -> Iterator[Problem]:
    if nodes.get("userdata_file") and nodes.get("customization") == "linux_prep":
        found = "linux_prep, by which no user data reaches a guest"
        yield Problem(f"{path}.customization", found, "guestinfo, or no userdata_file")


CHECKS: dict[str, list[Check]] = {
    "nodes": [_by_name, _userdata],
    "nodes.names": [_names_differ],
    "nodes.addresses": [_addresses],
}
