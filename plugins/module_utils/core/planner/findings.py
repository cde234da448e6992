# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person should know of a service that moves, and what keeps its guest."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..estate import Guest
from ..workloads import Finding, Workloads
from .calls import Directory
from .rules import accepted, finding, of_service
from .rules_of_guests import of_guest
from .services import CACHE, Found


def find_findings(
    found: Sequence[Found],
    workloads: Workloads,
    platform: Mapping[str, Any],
    directory: Directory,
    guests: Mapping[str, Guest],
) -> dict[str, list[Finding]]:
    """The findings of each service that moves."""
    held = held_by(found, platform)
    told = {one["guest"]: one["findings"] for one in workloads["guests"]}
    accept = platform["plan"]["accept"]
    said = platform["suite"]["services"]
    return {
        one.name: accepted(
            [
                *_hard_coded(one, directory),
                *_builds(one),
                *_ports(one),
                *_stays(one, held),
                *_data(one, said.get(one.name) or {}),
                *of_service(one, directory, said.get(one.name) or {}),
                *(each for guest in one.guests if guest in guests for each in of_guest(guests[guest])),
                *(each for guest in one.guests for each in told.get(guest, []) if each["severity"] != "blocker"),
            ],
            accept,
        )
        for one in found
        if one.moves
    }


def held_by(found: Sequence[Found], platform: Mapping[str, Any]) -> dict[str, list[str]]:
    """Guest -> what stays there, so that the guest does."""
    said = platform["suite"]["services"]
    held: dict[str, list[str]] = {}
    for one in found:
        if not one.moves and not (said.get(one.name) or {}).get("ends"):
            for guest in one.guests:
                held.setdefault(guest, []).append(one.name)
    return held


def _hard_coded(one: Found, directory: Directory) -> Iterable[Finding]:
    """Addresses of other guests that stand in the service's configuration as numbers."""
    findings: dict[tuple[str, str], Finding] = {}
    for part in one.parts:
        for where, host, port in part.tokens:
            if directory.guests.get(host, part.guest) != part.guest and _is_address(host):
                meant = directory.at(host, int(port) if port else None, part.guest)
                where_there = f"{part.guest}:{where}"
                findings[where_there, host] = finding(
                    "warning", "hardcoded_address", where_there, host, meant or directory.guests[host]
                )
    return [findings[key] for key in sorted(findings)]


def _builds(one: Found) -> Iterable[Finding]:
    builds = {part.service["jar"]["sha256"] if part.service["jar"] else None for part in one.parts}
    if len(builds) > 1:
        what = f"{len(builds)} different builds on {', '.join(one.guests)}"
        yield finding("warning", "different_builds", one.name, what, f"the one of {one.parts[0].guest}")


def _ports(one: Found) -> Iterable[Finding]:
    if one.parts[0].port is None:
        yield finding("warning", "no_port", one.name, "listens on no port", f"platform.suite.services.{one.name}.port")


def _stays(one: Found, held: Mapping[str, Sequence[str]]) -> Iterable[Finding]:
    for guest in one.guests:
        for other in held.get(guest, []):
            meant = f"platform.suite.services.{other}: moves or ends"
            yield finding("warning", "guest_stays", guest, f"{other} stays there, so the guest does", meant)


def _data(one: Found, said: Mapping[str, Any]) -> Iterable[Finding]:
    """What lies on the guest and would not be in the pod's volume. A cache hands its keys over itself."""
    if one.role == CACHE:
        return
    keep = {path: True for part in one.parts for path in part.service["data"]}
    keep |= {item["path"]: item["keep"] for item in said.get("data") or []}
    for path in sorted(path for path, kept in keep.items() if kept):
        found = "its files are not brought along: the volume starts empty"
        meant = f"platform.suite.services.{one.name}: moves: false, or keep: false for data that may be lost"
        yield finding("blocker", "data_stays_behind", f"{one.guests[0]}:{path}", found, meant)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
