# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The front door: the nginx or HAProxy on a VM that browsers talk to, and what stands behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import DocumentError, Problem
from ..estate import Guest
from ..plan import FrontDoor
from ..schema import near
from ..workloads import Service, Workload, Workloads
from .calls import Directory, called_by
from .services import Part, address_of

_NAMES_UPSTREAMS = {
    "nginx": re.compile(r"^\s*(upstream\s|proxy_pass\s|server\s+[A-Za-z0-9.-]+:[0-9])", re.MULTILINE),
    "haproxy": re.compile(r"^\s*(backend|listen|server)\s", re.MULTILINE),
}


def find_front_door(
    workloads: Workloads, guests: Mapping[str, Guest], platform: Mapping[str, Any]
) -> tuple[FrontDoor | None, Workload | None]:
    """The front door that the document names, and what its guest told; without a workload it could not be read."""
    wish = platform["suite"]["front_door"]
    if wish is None:
        return None, None
    if wish["guest"] not in guests:
        found = f"{wish['guest']!r} is not a guest of this vCenter"
        problem = Problem("platform.suite.front_door.guest", found, near(wish["guest"], sorted(guests)))
        raise DocumentError("the front door does not exist", [problem])
    workload = next((one for one in workloads["guests"] if one["guest"] == wish["guest"] and one["reachable"]), None)
    addresses = guests[wish["guest"]]["addresses"]
    address = address_of(workload) if workload else next((one for one in addresses if ":" not in one), "")
    door: FrontDoor = {
        "kind": wish["kind"],
        "guest": wish["guest"],
        "address": address,
        "configuration": wish["configuration"] or _files(workload, wish["kind"]),
    }
    return door, workload


def behind(door: FrontDoor | None, workload: Workload | None, directory: Directory) -> list[str]:
    """The services that the front door passes requests to."""
    if door is None or workload is None:
        return []
    called: set[str] = set()
    for service in _doors(workload, door["kind"]):
        called |= called_by(Part(workload["guest"], "", service), directory)
    return sorted(called)


def _doors(workload: Workload, kind: str) -> list[Service]:
    return [service for service in workload["services"] if service["kind"] == kind]


def _files(workload: Workload | None, kind: str) -> list[str]:
    files = {
        one["path"]
        for service in (_doors(workload, kind) if workload else [])
        for one in service["configuration"]
        if _NAMES_UPSTREAMS[kind].search(one["content"])
    }
    return sorted(files)
