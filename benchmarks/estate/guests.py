# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An estate of any size for the lab's vCenter: hosts of forty guests, clusters of ten hosts."""

from __future__ import annotations

from typing import Any

import yaml

from lab.centre.program import ESTATE

_PER_HOST, _HOSTS = 40, 10
_LOADS = ("office", "batch", "idle", "peaky", "steady")


def make(guests: int) -> str:
    """The estate of the lab with its guests, hosts and datastores replaced; text that the vCenter program reads."""
    estate: dict[str, Any] = yaml.safe_load(ESTATE.read_text(encoding="utf-8"))
    hosts = max(2, -(-guests // _PER_HOST))
    names = [f"esx-{number:03}" for number in range(hosts)]
    hardware = {key: value for key, value in estate["clusters"][0]["hosts"][0].items() if key != "name"}
    hardware["memory_gib"] = 1024
    groups = [names[first : first + _HOSTS] for first in range(0, hosts, _HOSTS)]
    estate["clusters"] = [
        {"name": f"Cluster-{number:02}", "hosts": [{"name": name, **hardware} for name in group]}
        for number, group in enumerate(groups)
    ]
    clusters = [one["name"] for one in estate["clusters"]]
    estate["datastores"] = [
        {"name": f"ds-{cluster}", "capacity_gib": 65536, "clusters": [cluster]} for cluster in clusters
    ]
    estate["template"] |= {"host": names[0], "datastore": f"ds-{clusters[0]}"}
    estate["guests"] = [
        _guest(number, names[number % hosts], f"ds-{clusters[number % hosts // _HOSTS]}", estate)
        for number in range(guests)
    ]
    return yaml.dump(estate, Dumper=yaml.CSafeDumper, sort_keys=False)


def _guest(number: int, host: str, datastore: str, estate: dict[str, Any]) -> dict[str, Any]:
    folders, networks = estate["folders"], estate["networks"]
    return {
        "name": f"guest-{number:05}",
        "os": ("debian12", "centos7", "win2019")[number % 3],
        "cpus": 2 + number % 3 * 2,
        "memory_gib": 4 << number % 3,
        "disks_gib": [40, 100][: 1 + number % 2],
        "host": host,
        "datastore": datastore,
        "network": networks[number % len(networks)]["name"],
        "folder": folders[number % len(folders)],
        "load": {"profile": _LOADS[number % len(_LOADS)], "cpu": 0.1, "memory": 0.5},
        "tags": ["production", "web"] if number % 4 else ["test"],
        "attributes": {"owner": f"team-{number % 20}"},
    }
