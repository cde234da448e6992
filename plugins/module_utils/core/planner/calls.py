# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who calls whom: established connections, addresses and names in configurations, and Eureka."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..estate import Guest
from ..workloads import Workloads
from .services import OTHER, REGISTRY, Found, Part

_NAMED = re.compile(r"\b(?:lb|https?)://([A-Za-z0-9][A-Za-z0-9_-]*)(?![A-Za-z0-9_.-])(?::([0-9]{1,5}))?")
_OWN = ("localhost", "::1", "0.0.0.0", "::")


@dataclass(frozen=True)
class Directory:
    """Who answers at an address, a port or a name."""

    guests: Mapping[str, str]  # address or host name -> guest
    by_port: Mapping[tuple[str, int], str]  # (guest, port) -> service
    by_guest: Mapping[str, Sequence[str]]  # guest -> its services, without those that are nothing to the suite
    by_name: Mapping[str, str]  # Eureka and Service names, in lower case -> service
    registries: Sequence[str] = field(default_factory=list)

    def at(self, host: str, port: int | None, own_guest: str) -> str | None:
        """The service at `host`:`port` as seen from `own_guest`."""
        host = host.lower().rstrip(".")
        guest = own_guest if host in _OWN or host.startswith("127.") else self.guests.get(host)
        if guest is None:
            return self.by_name.get(host)
        if port:
            # http://goods names port 80, and goods may be the name of a guest as well as of a service
            return self.by_port.get((guest, port)) or self.by_name.get(host)
        services = self.by_guest.get(guest, ())
        return services[0] if len(services) == 1 and guest != own_guest else None


def directory_of(found: Iterable[Found], workloads: Workloads, estate_guests: Iterable[Guest]) -> Directory:
    """The directory of everything that was read."""
    guests: dict[str, str] = {}
    for guest in estate_guests:
        for word in (guest["name"], guest["hostname"], *guest["addresses"]):
            guests.setdefault(str(word or "").lower(), guest["name"])
    for workload in workloads["guests"]:
        hostname = (workload["hostname"] or "").lower()
        for word in (workload["guest"].lower(), hostname, hostname.partition(".")[0], *workload["addresses"]):
            guests[word] = workload["guest"]
    guests.pop("", None)
    by_port: dict[tuple[str, int], str] = {}
    by_guest: dict[str, list[str]] = defaultdict(list)
    by_name: dict[str, str] = {}
    services = list(found)
    for one in services:
        by_name[one.name] = one.name
        for part in one.parts:
            by_port.update({(part.guest, port): one.name for port in part.service["ports"]})
            if one.role != OTHER and one.name not in by_guest[part.guest]:
                by_guest[part.guest].append(one.name)
            runtime = part.service["runtime"]
            if runtime and runtime["application_name"]:
                by_name.setdefault(runtime["application_name"].lower(), one.name)
    for registered in (each for one in services for part in one.parts for each in part.service.get("registry", [])):
        # A service whose name comes from a config server is known by its instances alone.
        instance = by_port.get((guests.get(registered["address"].lower(), ""), registered["port"]))
        if instance is not None:
            by_name.setdefault(registered["application"].lower(), instance)
    registries = [one.name for one in services if one.role == REGISTRY]
    return Directory(guests, by_port, by_guest, by_name, registries)


def calls_of(found: Iterable[Found], directory: Directory) -> dict[str, list[str]]:
    """Service -> the services that it calls."""
    services = list(found)
    calls: dict[str, set[str]] = {one.name: set() for one in services}
    for one in services:
        for part in one.parts:
            calls[one.name] |= called_by(part, directory)
            for peer in part.service["inbound"]:
                # only where one service lives there is it certain who called
                callers = directory.by_guest.get(directory.guests.get(peer["address"].lower(), ""), ())
                if len(callers) == 1:
                    calls[callers[0]].add(one.name)
    return {name: sorted(names - {name}) for name, names in calls.items()}


def called_by(part: Part, directory: Directory) -> set[str]:
    """The services that one service on a guest calls, as far as this guest can tell."""
    service, guest = part.service, part.guest
    called = {directory.at(one["address"], one["port"], guest) for one in service["outbound"]}
    called |= {directory.at(host, port, guest) for host, port in _hosts(part, directory)}
    if service["runtime"] and service["runtime"]["eureka"] and len(directory.registries) == 1:
        called.add(directory.registries[0])
    return {name for name in called if name is not None}


def _hosts(part: Part, directory: Directory) -> Iterator[tuple[str, int | None]]:
    for name, port in _NAMED.findall(part.text):
        # http://goods is goods by Eureka; http://goods-01:8081 is what listens there
        yield name, int(port) if port and name.lower() in directory.guests else None
    for _where, host, port in part.tokens:
        if host.lower() in directory.guests:
            yield host, int(port) if port else None
