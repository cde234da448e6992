# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs: the services found on the guests, merged by name, with what each is and whether it moves."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..platform_words import label_name
from ..workloads import Service, Workload, Workloads

REGISTRY, APPLICATION, FRONTEND, CACHE, DATABASE, OTHER = (
    "registry",
    "application",
    "frontend",
    "cache",
    "database",
    "other",
)
MOVES = (REGISTRY, APPLICATION, FRONTEND, CACHE)
DATABASES = ("mariadb", "mysql", "postgresql", "mongodb", "oracle", "sqlserver", "elasticsearch")
PORTS = {"redis": 6379, "mariadb": 3306, "mysql": 3306, "postgresql": 5432, "nginx": 80}

_COUNTER = re.compile(r"[-_.]?[0-9]+$")
_GENERIC_ROOTS = ("", "html", "www", "web", "dist", "public", "htdocs", "static")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(?::[0-9]{1,5})?")
_COMMENT = ("#", ";", "//", "<!--")
_SERVER_PORT = (
    re.compile(r"^-D?-?server\.port=([0-9]+)$"),
    re.compile(r"^\s*server\.port\s*[=:]\s*([0-9]+)\s*$", re.MULTILINE),
    re.compile(r"^server:\s*\n(?:[ \t]+.*\n)*?[ \t]+port:\s*([0-9]+)\s*$", re.MULTILINE),
)
_CONNECTOR = re.compile(r'<Connector\b(?![^>]*\bAJP)[^>]*?\bport="([0-9]+)"')


@dataclass(frozen=True)
class Part:
    """One guest's share of a service."""

    guest: str
    address: str
    service: Service

    @cached_property
    def lines(self) -> list[tuple[str, str]]:
        """(where, line) of everything that configures it."""
        return list(_lines_of(self.service))

    @cached_property
    def text(self) -> str:
        """All of these lines, for what is seldom found: one search is quicker than thousands."""
        return "\n".join(line for _where, line in self.lines)

    @cached_property
    def tokens(self) -> list[tuple[str, str, str]]:
        """(where, host, port) of every word there that may be a machine; the port is "" where none stands behind it."""
        return [
            (where, host, port)
            for where, line in self.lines
            for host, _colon, port in (token.partition(":") for token in _TOKEN.findall(line))
        ]

    @cached_property
    def port(self) -> int | None:
        """The port that it is called at."""
        return port_of(self.service)


@dataclass(frozen=True)
class Found:
    """A service over all of its guests."""

    name: str
    kind: str
    role: str
    parts: tuple[Part, ...]
    moves: bool

    @property
    def first(self) -> Service:
        return self.parts[0].service

    @property
    def guests(self) -> list[str]:
        return sorted({part.guest for part in self.parts})


def role_of(service: Service) -> str:
    """What a service is to the suite."""
    runtime = service["runtime"]
    if service["kind"] in ("jvm", "tomcat"):
        return REGISTRY if runtime and runtime["eureka_server"] else APPLICATION
    if service["kind"] == "redis":
        return CACHE
    if service["kind"] in DATABASES:
        return DATABASE
    if service["kind"] == "nginx" and service["document_root"]:
        return FRONTEND
    return OTHER


def find_services(workloads: Workloads, platform: Mapping[str, Any], counted: frozenset[str]) -> list[Found]:
    """Every service of every guest that was read, but the front door's own; by name."""
    front_door = (platform["suite"]["front_door"] or {}).get("guest")
    groups: dict[tuple[str, str, str], list[Part]] = defaultdict(list)
    shared = _shared_stores(workloads)
    for workload in sorted(workloads["guests"], key=lambda one: one["guest"]):
        for service in sorted(workload["services"], key=lambda one: (one["name"], one["ports"], one["command"])):
            if workload["guest"] == front_door and service["kind"] in ("nginx", "haproxy"):
                continue
            role = role_of(service)
            name = _name(service, role, workload["guest"], shared)
            groups[name, role, service["kind"]].append(Part(workload["guest"], address_of(workload), service))
    found: dict[str, Found] = {}
    for name, role, kind in sorted(groups):
        parts = tuple(groups[name, role, kind])
        own_name = name if name not in found else label_name(f"{name}-{kind}")
        found[own_name] = Found(own_name, kind, role, parts, _moves(own_name, role, parts, platform, counted))
    return [found[name] for name in sorted(found)]


def address_of(workload: Workload) -> str:
    """The address that others reach a guest by."""
    usable = [one for one in workload["addresses"] if not one.startswith(("127.", "169.254.", "fe80:", "::1"))]
    plain = [one for one in usable if ":" not in one]
    return (plain or usable or [""])[0]


def port_of(service: Service) -> int | None:
    """The port that a service is called at."""
    ports = sorted(service["ports"])
    wanted = PORTS.get(service["kind"])
    if service["kind"] == "jvm":
        wanted = _configured_port(service)
    if service["kind"] == "tomcat":
        wanted = next((port for port in _connectors(service) if port in ports), None)
    return wanted if wanted in ports else ports[0] if ports else None


def _configured_port(service: Service) -> int | None:
    texts = [*service["flags"], *service["arguments"], *(one["content"] for one in service["configuration"])]
    for pattern in _SERVER_PORT:
        for text in texts:
            match = pattern.search(text)
            if match:
                return int(match.group(1))
    port = service["environment"].get("SERVER_PORT", "")
    return int(port) if port.isdigit() else None


def _connectors(service: Service) -> list[int]:
    """The HTTP ports of a Tomcat's server.xml; what is commented out there listens nowhere."""
    return [int(port) for one in service["configuration"] for port in _CONNECTOR.findall(one["content"])]


def _lines_of(service: Service) -> Iterator[tuple[str, str]]:
    for one in service["configuration"]:
        for number, line in enumerate(one["content"].splitlines(), 1):
            if not line.lstrip().startswith(_COMMENT):
                yield f"{one['path']}:{number}", line
    for flag in (*service["flags"], *service["arguments"]):
        yield "command line", flag
    for key, value in sorted(service["environment"].items()):
        yield f"environment {key}", value


def base_name(guest: str) -> str:
    """A guest's name without its counter: order-01 is one of `order`."""
    return _COUNTER.sub("", guest) or guest


def _shared_stores(workloads: Workloads) -> dict[str, bool]:
    """Per kind, whether its guests are of one name (redis-01, redis-02), so that they are one service."""
    bases: dict[str, set[str]] = defaultdict(set)
    for workload in workloads["guests"]:
        for service in workload["services"]:
            bases[service["kind"]].add(base_name(workload["guest"]))
    return {kind: len(names) == 1 for kind, names in bases.items()}


def _name(service: Service, role: str, guest: str, shared: Mapping[str, bool]) -> str:
    if role == REGISTRY:
        name = "eureka"
    elif role == FRONTEND:
        root = posixpath.basename((service["document_root"] or "").rstrip("/"))
        name = base_name(guest) if root in _GENERIC_ROOTS else root
        name = name if name.endswith("web") else f"{name}-web"
    elif role in (CACHE, DATABASE):
        # several stores of one kind hold different data unless their guests' names say that they are one
        name = service["kind"] if shared[service["kind"]] else base_name(guest)
    else:
        name = service["name"]
    label = label_name(name) or label_name(base_name(guest)) or "service"
    return label if label[0].isalpha() else f"s-{label}"


def _moves(name: str, role: str, parts: tuple[Part, ...], platform: Mapping[str, Any], counted: frozenset[str]) -> bool:
    settings = platform["suite"]["services"].get(name) or {}
    if settings.get("moves") is not None:
        return bool(settings["moves"])
    whole = all(part.guest in counted for part in parts)
    # What lies in a Tomcat stays there: no image is made of a war.
    made_of_jar = role != APPLICATION or all(part.service["jar"] and part.service["kind"] == "jvm" for part in parts)
    return role in MOVES and whole and made_of_jar
