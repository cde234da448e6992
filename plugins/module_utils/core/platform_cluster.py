# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sections of platform.yml about the cluster: Kubernetes, storage, policy, monitoring, logging, console."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from .errors import Problem
from .platform_words import ADDRESS, DOMAIN, FREE, NAME, NETWORK, NODE_PORT, PATH
from .schema import EXAMPLES, Check, Field, Flag, ListOf, Record, Text, each, whole

_VERSION = Text(r"1\.(35|36|37)\.[0-9]+", "a version of Kubernetes from 1.35 to 1.37")
EXAMPLES[_VERSION.says] = "1.36.4"

CLUSTER = Record(
    {
        "version": Field(_VERSION, "1.36.4"),
        "bundle": Field(FREE, "/srv/landfall/bundle", "directory of the offline bundle, on the controller"),
        "endpoint": Field(
            Record(
                {
                    "mode": Field(Text(choices=("kube_vip", "external"), says="a kind of endpoint"), "kube_vip"),
                    "address": Field(ADDRESS, help="virtual IP address of the API server"),
                    "port": Field(whole(1, 65535), 6443),
                }
            ),
            {},
        ),
        "pods": Field(NETWORK, "10.244.0.0/16"),
        "pods_per_node": Field(whole(16, 250), 110, "read when the cluster is made; a node has 254 addresses for pods"),
        "services": Field(NETWORK, "10.96.0.0/16"),
        "network": Field(
            Record(
                {
                    "plugin": Field(Text(choices=("flannel", "calico", "cilium"), says="a network plugin"), "flannel"),
                    "backend": Field(Text(choices=("auto", "host-gw", "vxlan"), says="a backend of flannel"), "auto"),
                }
            ),
            {},
        ),
        "registry": Field(
            Record(
                {
                    "mode": Field(
                        Text(choices=("distribution", "external"), says="a kind of registry"), "distribution"
                    ),
                    "host": Field(DOMAIN, "registry.landfall.internal", "its name in the names of images"),
                    "node_port": Field(NODE_PORT, 30500),
                }
            ),
            {},
        ),
    }
)

STORAGE = Record(
    {
        "classes": Field(
            ListOf(
                Record(
                    {
                        "name": Field(NAME),
                        "kind": Field(Text(choices=("local_path", "nfs"), says="a kind of storage")),
                        "default": Field(Flag(), False),
                        "server": Field(FREE, None, "of an nfs class"),
                        "share": Field(PATH, None, "of an nfs class"),
                    }
                ),
                unique="name",
            ),
            [{"name": "local", "kind": "local_path", "default": True}],
        )
    }
)

POLICY = Record(
    {
        "mode": Field(Text(choices=("enforce", "audit"), says="a mode"), "enforce"),
        "host_path_roots": Field(ListOf(PATH), [], "below which pods may mount directories of their node"),
        "registries": Field(ListOf(DOMAIN), [], "from which images may come; empty: any"),
    }
)

MONITORING = Record(
    {
        "enabled": Field(Flag(), True),
        "retention_days": Field(whole(1, 3650), 15),
        "receivers": Field(
            ListOf(
                Record(
                    {
                        "name": Field(NAME),
                        "kind": Field(
                            Text(choices=("wecom", "dingtalk", "email", "webhook"), says="a kind of receiver")
                        ),
                        "url_env": Field(FREE, help="environment variable that holds its address"),
                    }
                ),
                unique="name",
            ),
            [],
        ),
    }
)

LOGGING = Record({"enabled": Field(Flag(), True), "retention_days": Field(whole(1, 3650), 7)})
CONSOLE = Record({"enabled": Field(Flag(), True)})


def _network(text: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def _networks(cluster: Any, path: str) -> Iterator[Problem]:
    known = {name: _network(cluster[name]) for name in ("pods", "services") if cluster.get(name)}
    for name, network in known.items():
        if network is None:
            yield Problem(
                f"{path}.{name}", f"{cluster[name]!r} is not a network", "one without host bits, like 10.244.0.0/16"
            )
    pods, services = known.get("pods"), known.get("services")
    if pods and services and pods.overlaps(services):
        yield Problem(f"{path}.services", f"{services} overlaps with pods, {pods}", "a network of its own")


def _endpoint(cluster: Any, path: str) -> Iterator[Problem]:
    for where, address in each(cluster, "endpoint.address", path):
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            yield Problem(where, f"{address!r} is not an IP address", "like 10.20.8.9")
            continue
        for name in ("pods", "services"):
            network = _network(cluster.get(name))
            if network and found in network:
                yield Problem(where, f"{address} lies in {name}, {network}", "an address of the nodes' network")


def _one_default(storage: Any, path: str) -> Iterator[Problem]:
    defaults = [where for where, one in each(storage, "classes[]", path) if one.get("default")]
    for where in defaults[1:]:
        yield Problem(f"{where}.default", f"{defaults[0]} is the default already", "one default class")


def _nfs(storage: Any, path: str) -> Iterator[Problem]:
    for where, one in each(storage, "classes[]", path):
        for key in ("server", "share"):
            if one.get("kind") == "nfs" and one.get(key) is None:
                yield Problem(f"{where}.{key}", "is missing", "an nfs class needs its server and share")


CHECKS: dict[str, list[Check]] = {"cluster": [_networks, _endpoint], "storage": [_one_default, _nfs]}
