# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person should know of a guest that was looked into, or could not be."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from .discovery_guest import Seen
from .discovery_services import Candidate, unclaimed
from .workloads import Finding, Service, Workload


def unreadable(guest: str, addresses: Sequence[str], reason: str, right: str) -> Workload:
    """A guest that could not be read: a finding that stands in the way of whatever runs there."""
    return {
        "guest": guest,
        "addresses": list(addresses),
        "hostname": None,
        "reachable": False,
        "services": [],
        "findings": [_finding("unreadable_guest", "blocker", guest, reason, right)],
    }


def findings(guest: str, seen: Seen, found: Iterable[tuple[Candidate, Service]]) -> list[Finding]:
    """Of a guest that told."""
    result = [] if seen.privileged else [_not_privileged(guest, seen)]
    for one, service in found:
        result += [*_start(guest, service), *_applications(guest, one, service), *_registry(guest, service)]
    return sorted(result, key=lambda one: (one["rule"], one["found"]))


def _not_privileged(guest: str, seen: Seen) -> Finding:
    hidden = ", ".join(map(str, unclaimed(seen)))
    found = "only the processes of the login's own user could be looked into"
    found += f"; who listens on port {hidden} is not known" if hidden else ""
    return _finding(
        "not_privileged", "warning", guest, found, "sudo without a password for that user, or ansible_become"
    )


def _start(guest: str, service: Service) -> Iterator[Finding]:
    if service["kind"] != "other" and service["unit"] is None and service["script"] is None:
        found = f"nothing was found that starts {service['name']}: {_STARTERS}"
        meant = (
            "it is ended by its port; who ends it keeps it from starting again, and starts it where a wave is undone"
        )
        yield _finding("unknown_start", "warning", guest, found, meant)


_STARTERS = "no unit, no program of supervisord, no script that has its path"


def _applications(guest: str, one: Candidate, service: Service) -> Iterator[Finding]:
    paths = [path.removesuffix("/WEB-INF").removesuffix(".war") for path in one.process.applications]
    if paths:
        names = ", ".join(sorted({posixpath.basename(path) for path in paths}))
        meant = "a jar of Spring Boot for each that shall move; a Tomcat stays on its guest"
        yield _finding("web_applications", "information", guest, f"{service['name']}, a Tomcat, serves {names}", meant)


def _registry(guest: str, service: Service) -> Iterator[Finding]:
    if service["runtime"] and service["runtime"]["eureka_server"] and "registry" not in service:
        found = f"{service['name']} did not tell on the guest which instances are registered"
        meant = "/eureka/apps without a login, and curl or wget there; calls are told by connections and settings alone"
        yield _finding("registry_unreadable", "information", guest, found, meant)


def _finding(rule: str, severity: str, guest: str, found: str, meant: str) -> Finding:
    return {"rule": rule, "severity": severity, "where": guest, "found": found, "meant": meant}
