# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules over one service: what worked on its guest and will not, or not as it is, in a pod."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..platform_suite import JRES
from ..workloads import Finding
from .calls import Directory
from .services import APPLICATION, REGISTRY, Found, Part

FIRST_CONTAINER_JAVA = 8  # older ones see the memory of the whole node, https://bugs.openjdk.org/browse/JDK-8146115

_HERE = re.compile(r"(?<![\w.-])(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]):([0-9]{1,5})(?![0-9])", re.IGNORECASE)
_MAC = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])")
_STANDARD_OUTPUT = ("nohup.out", "catalina.out")  # what a pod's log has anyway


def finding(severity: str, rule: str, where: str, found: str, meant: str | None) -> Finding:
    return {"rule": rule, "severity": severity, "where": where, "found": found, "meant": meant}


def accepted(found: Iterable[Finding], accept: Sequence[str]) -> list[Finding]:
    """The findings; a blocker that a person has accepted (`rule:where`) is a warning."""
    taken = set(accept)
    return [
        {**one, "severity": "warning"}
        if f"{one['rule']}:{one['where']}" in taken and one["severity"] == "blocker"
        else one
        for one in found
    ]


def jre_of(java: int | None) -> int:
    """The JRE of the bundle that runs what was made for `java`."""
    wanted = java or 0
    return next((jre for jre in JRES if jre >= wanted), wanted)


def of_service(one: Found, directory: Directory, said: Mapping[str, Any]) -> Iterable[Finding]:
    """What a person should know of a service that moves, each once; `said` is what platform.yml has of it."""
    found: list[Finding] = []
    for part in one.parts:
        found += [
            *_here(one, part, directory),
            *_mac_address(part),
            *_logs(part),
            *_port(one, part),
            *_java(one, part, said.get("java")),
            *_war(one, part),
        ]
    told = {(each["rule"], each["where"], each["found"]): each for each in found}
    return [told[key] for key in sorted(told)]


def _here(one: Found, part: Part, directory: Directory) -> Iterable[Finding]:
    """What it reaches at localhost and is another service, which a pod does not have beside it."""
    for where, line in part.lines if _HERE.search(part.text) else ():
        for port in _HERE.findall(line):
            callee = directory.by_port.get((part.guest, int(port)))
            if callee is not None and callee != one.name:
                meant = f"{callee}, by a setting that says so"
                yield finding("warning", "localhost_dependency", f"{part.guest}:{where}", f"localhost:{port}", meant)


def _mac_address(part: Part) -> Iterable[Finding]:
    for where, line in part.lines if _MAC.search(part.text) else ():
        match = _MAC.search(line)
        if match:
            meant = "a licence that holds to a network card does not hold in a pod, which gets another with each start"
            yield finding("warning", "mac_address", f"{part.guest}:{where}", match.group(), meant)


def _logs(part: Part) -> Iterable[Finding]:
    """Files that it writes beneath the directory that it was started in: in a pod they are gone with it."""
    start = part.service["working_directory"].rstrip("/")
    for path in part.service["logs"]:
        name = path.rpartition("/")[2]
        if start and path.startswith(f"{start}/") and name not in _STANDARD_OUTPUT:
            meant = "logs to standard output, or platform.suite.services: data, where they must be kept"
            yield finding("warning", "writes_working_directory", f"{part.guest}:{start}", path, meant)


def _port(one: Found, part: Part) -> Iterable[Finding]:
    port = part.port
    if one.role in (APPLICATION, REGISTRY) and port is not None and port < 1024:
        meant = "a port above 1023: pods run without root"
        yield finding("warning", "privileged_port", one.name, f"listens on {port}", meant)


def _java(one: Found, part: Part, wanted: int | None) -> Iterable[Finding]:
    """`wanted` is the Java that people chose, which lets a service go that no image was meant for."""
    runtime = part.service["runtime"]
    if one.role not in (APPLICATION, REGISTRY) or runtime is None:
        return
    java = runtime["java"]
    given = wanted or jre_of(java)
    other = f"platform.suite.services.{one.name}.java, once it was tried, or moves: false"
    if java is None:
        if not wanted:
            told = f"nothing tells its Java; it gets {given}"
            yield finding("warning", "java_unknown", one.name, told, "try it first")
    elif java < FIRST_CONTAINER_JAVA and not wanted:
        found = f"Java {java} does not see the limits of a container"
        yield finding("blocker", "java_too_old", one.name, found, f"at least Java {FIRST_CONTAINER_JAVA}: {other}")
    elif java > JRES[-1] and not wanted:
        found = f"runs on Java {java}, and the bundle has {', '.join(map(str, JRES))}"
        yield finding("blocker", "java_too_new", one.name, found, other)
    elif java != given:
        meant = "try it first: what was taken out of Java since is missing there"
        if given < java:
            meant = "try it first: what was built for a newer Java does not start there"
        yield finding("warning", "java_changes", one.name, f"runs on Java {java}, its image has {given}", meant)


def _war(one: Found, part: Part) -> Iterable[Finding]:
    if part.service["kind"] == "tomcat":
        meant = f"a jar of Spring Boot, or platform.suite.services.{one.name}.moves: false"
        yield finding("blocker", "war_in_tomcat", one.name, "no image is made of what a Tomcat serves", meant)
