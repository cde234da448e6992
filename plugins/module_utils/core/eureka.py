# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Eureka registry says, and who of it is in the cluster."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import DocumentError, Problem
from .plan import Plan
from .plan import Service as Planned
from .workloads import Registration

UP, OUT_OF_SERVICE = "UP", "OUT_OF_SERVICE"


@dataclass(frozen=True)
class Instance:
    """One registered instance, as callers see it."""

    application: str
    identity: str
    host: str
    status: str


@dataclass(frozen=True)
class Member:
    """A planned service that registers: its name there, and the host that its pods give."""

    name: str
    namespace: str
    application: str
    cluster_host: str

    def pods(self, instances: Iterable[Instance]) -> list[Instance]:
        return [one for one in instances if one.application == self.application and one.host == self.cluster_host]

    def guests(self, instances: Iterable[Instance]) -> list[Instance]:
        return [one for one in instances if one.application == self.application and one.host != self.cluster_host]


def instances_of(body: Any) -> list[Instance]:
    """The instances in an answer of `/eureka/apps`. Where there is one of something, it may not be a list."""
    found = []
    for application in _listed(((body or {}).get("applications") or {}).get("application")):
        for one in _listed(application.get("instance")):
            identity = str(one.get("instanceId") or one.get("hostName"))
            found.append(Instance(str(application["name"]), identity, str(one["hostName"]), str(one["status"])))
    return found


def registrations(text: str) -> list[Registration] | None:
    """The same as workloads.yml keeps it: where each answers and nothing else that it told of itself.

    None for an answer of another shape, such as the page of a login."""
    found: list[Registration] = []
    try:
        for application in _listed(((json.loads(text) or {}).get("applications") or {}).get("application")):
            for one in _listed(application.get("instance")):
                address, port = str(one.get("ipAddr") or one["hostName"]), int(one["port"]["$"])
                name, status = str(application["name"]), str(one["status"])
                found.append({"application": name, "address": address, "port": port, "status": status})
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return sorted(found, key=lambda one: (one["application"], one["address"], one["port"]))


def members(plan: Plan, names: Sequence[str]) -> list[Member]:
    """Those of the planned services `names` (or all) that move and register. The registry is not its own client."""
    unknown = sorted(set(names) - {one["name"] for one in plan["services"]})
    if unknown:
        problems = [
            Problem(f"services: {name}", "is not in the plan", "the name of a planned service") for name in unknown
        ]
        raise DocumentError("not in the plan", problems)
    return [
        Member(one["name"], one["namespace"], _application(one), f"{one['name']}.{one['namespace']}.svc")
        for one in plan["services"]
        if one["moves"] and one["role"] != "registry" and (not names or one["name"] in names)
        if one["runtime"] and one["runtime"]["eureka"]
    ]


def registry(plan: Plan) -> Planned | None:
    """The registry itself, where the plan has one."""
    return next((one for one in plan["services"] if one["role"] == "registry"), None)


def to_drain(wanted: Iterable[Member], instances: Sequence[Instance]) -> list[Instance]:
    """The instances on guests that callers still use."""
    return [one for member in wanted for one in member.guests(instances) if one.status == UP]


def to_restore(wanted: Iterable[Member], instances: Sequence[Instance]) -> list[Instance]:
    """The instances on guests that were taken out of service."""
    return [one for member in wanted for one in member.guests(instances) if one.status == OUT_OF_SERVICE]


def without_pods(wanted: Iterable[Member], instances: Sequence[Instance]) -> list[str]:
    """The services of which callers see no pod yet."""
    return [one.name for one in wanted if not any(pod.status == UP for pod in one.pods(instances))]


def _application(planned: Planned) -> str:
    runtime = planned["runtime"]
    return str((runtime and runtime["application_name"]) or planned["name"]).upper()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
