# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The suite: the services of the plan with whom they call, what is in front of them, and whom they hold on a guest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import CapacityError, Problem
from ..plan import FrontDoor, Plan, Service
from ..schema import each
from ..workloads import Workload, Workloads
from .calls import calls_of, directory_of
from .findings import find_findings, held_by
from .front_door import behind, find_front_door
from .guests import Census
from .packing import Pod
from .requests import tenants_of
from .services import Found, find_services
from .settle import carried_over, settle_calls
from .write import expose_front, write_service


@dataclass(frozen=True)
class Suite:
    """What the planner knows of the services before nodes and waves."""

    services: list[Service]  # those that move, and those that stay and are called by one that moves
    behind: list[str]  # services that the front door passes requests to
    front_door: FrontDoor | None
    front_door_told: Workload | None
    held: dict[str, list[str]]  # guest -> what stays there
    known: set[str]  # every service that was found, planned or not

    def pods(self) -> list[Pod]:
        """Every replica of every service that moves."""
        return [
            Pod(
                one["name"],
                one["requests"]["cpu_millicores"],
                one["requests"]["memory_mib"],
                tuple(sorted(one["node_selector"].items())),
            )
            for one in self.services
            if one["requests"]
            for _replica in range(one["replicas"])
        ]

    def guests(self) -> set[str]:
        """The guests that services move away from."""
        return {source["guest"] for one in self.services if one["moves"] for source in one["from"]}


def plan_suite(workloads: Workloads, platform: Mapping[str, Any], census: Census, previous: Plan | None) -> Suite:
    """The services of the plan, without their waves."""
    guests = {guest["name"]: guest for guest in census.others}
    old = {one["name"]: one for one in previous["services"]} if previous else {}
    marks = {guest["name"]: guest["landfall"].get("state", "") for guest in census.others}
    marks |= {guest["name"]: "moved" for guest in census.own}  # a guest that was drained and taken over
    carried = carried_over(previous, marks)
    found = [one for one in find_services(workloads, platform, census.names) if one.name not in carried]
    directory = directory_of(found, workloads, census.others)
    known = {*carried, *(one.name for one in found)}
    calls = settle_calls(_with_said(calls_of(found, directory), platform, known), old, known)
    tenants, called = tenants_of(found), _called(found, calls, carried)
    findings = find_findings(found, workloads, platform, directory, guests)
    written = [
        write_service(
            one,
            calls=calls[one.name],
            findings=findings.get(one.name, []),
            guests=guests,
            tenants=tenants,
            platform=platform,
            previous=old.get(one.name),
        )
        for one in found
        if one.moves or one.name in called
    ]
    services = sorted([*carried.values(), *written], key=lambda one: one["name"])
    door, told = find_front_door(workloads, guests, platform)
    front = behind(door, told, directory)
    expose_front(services, front, platform, old)
    check_quotas(services, platform)
    return Suite(services, front, door, told, held_by(found, platform), known)


def _called(found: Sequence[Found], calls: Mapping[str, list[str]], carried: Mapping[str, Service]) -> set[str]:
    """What is called by something that moves: of the services that stay, only those are in the plan."""
    callers = [calls[one.name] for one in found if one.moves] + [one["calls"] for one in carried.values()]
    return {name for called in callers for name in called}


def _with_said(calls: Mapping[str, list[str]], platform: Mapping[str, Any], known: set[str]) -> dict[str, list[str]]:
    said = {name: settings["calls"] for name, settings in platform["suite"]["services"].items()}
    return {name: sorted({*called, *(known & set(said.get(name, [])))}) for name, called in calls.items()}


def check_quotas(services: Sequence[Service], platform: Mapping[str, Any]) -> None:
    """CapacityError where a project's quota cannot hold what lands in it."""
    needs: dict[str, tuple[int, int]] = {}
    for one in services:
        if one["requests"]:
            cpu, memory = needs.get(one["namespace"], (0, 0))
            cpu += one["requests"]["cpu_millicores"] * one["replicas"]
            needs[one["namespace"]] = cpu, memory + one["requests"]["memory_mib"] * one["replicas"]
    problems = []
    for where, project in each(dict(platform), "tenancy.workspaces[].projects[]", "platform"):
        cpu, memory = needs.get(project["name"], (0, 0))
        quota = project["quota"]
        for key, needed, unit in (("cpu", cpu / 1000, "cores"), ("memory_gib", memory / 1024, "GiB")):
            if quota[key] is not None and needed > quota[key]:
                found = f"{quota[key]:g}, and the services of {project['name']} request {needed:.2f} {unit}"
                problems.append(Problem(f"{where}.quota.{key}", found, f"at least {needed:.2f}"))
    if problems:
        raise CapacityError("a quota is too small for what lands in it", problems)
