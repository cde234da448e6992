# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the page shows, as data: every guest with what becomes of it, every ESXi host with what stands on it.

Nothing is taken over that a person may have written freely (annotations, attributes, configurations): secrets hide
there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..estate import Estate, EsxiHost, Guest
from ..plan import Node, Plan
from ..planner.guests import NODE_ROLES
from ..planner.hosts import memory_used
from ..planner.requests import cpu_usage, usages
from ..workloads import Finding, Workloads
from .markup import Text

FATES = {
    "freed": Text("free afterwards", "之后空出"),
    "emptied": Text("services move, guest stays", "服务迁走，虚拟机留下"),
    "stays": Text("stays", "原地不动"),
    "blocked": Text("blocked", "受阻"),
    "node": Text("node of the cluster", "集群节点"),
    "template": Text("template", "模板"),
}


@dataclass(frozen=True)
class GuestView:
    """A guest, with what the plan means for it."""

    guest: Guest
    fate: str  # a key of FATES
    services: list[str]
    wave: int | None  # the one that frees it
    cpu_p95: float | None  # cores
    memory_seen: float | None  # GiB, the most that was seen


@dataclass(frozen=True)
class HostView:
    """An ESXi host: GiB of memory that guests take which stay, guests take which go, and nodes are given."""

    host: EsxiHost
    staying: float
    leaving: float
    nodes: list[Node]


@dataclass(frozen=True)
class Coverage:
    """How well the numbers stand: of so many guests that are on, how many have which statistics."""

    running: int
    month: int
    day: int  # and no month
    without: int
    asked: int  # guests that were asked over SSH
    answered: int


@dataclass(frozen=True)
class Report:
    """All that the page shows."""

    title: str
    estate: Estate
    plan: Plan
    guests: list[GuestView]
    hosts: list[HostView]
    findings: list[Finding]  # blockers first
    coverage: Coverage


def make_report(title: str, estate: Estate, workloads: Workloads, plan: Plan) -> Report:
    """The page's data out of the documents."""
    guests = _guests(estate, workloads, plan)
    return Report(
        title=title or plan_title(estate),
        estate=estate,
        plan=plan,
        guests=guests,
        hosts=_hosts(estate, guests, plan),
        findings=_findings(plan),
        coverage=_coverage(estate, workloads),
    )


def plan_title(estate: Estate) -> str:
    """What the report is called where nobody gave it a name."""
    return estate["vcenter"]["host"]


def _guests(estate: Estate, workloads: Workloads, plan: Plan) -> list[GuestView]:
    services = _services(workloads, plan)
    moving = {source["guest"] for one in plan["services"] if one["moves"] for source in one["from"]}
    freed = {name: wave["number"] for wave in plan["waves"] for name in wave["frees"]}
    blocked = _blocked(plan)
    adopted = {node["name"] for node in plan["nodes"] if node.get("adopt")}
    views = []
    for guest in sorted(estate["guests"], key=lambda one: (one["name"], one["uuid"])):
        name = guest["name"]
        used = cpu_usage(guest, "p95", 0.0)
        seen = [usage["memory_gib"]["maximum"] for usage in usages(guest)]
        views.append(
            GuestView(
                guest=guest,
                fate=_fate(guest, freed, moving, blocked, adopted),
                services=sorted(services.get(name, ())),
                wave=freed.get(name),
                cpu_p95=used[0] if used else None,
                memory_seen=max((one for one in seen if one is not None), default=None),
            )
        )
    return views


def _blocked(plan: Plan) -> set[str]:
    """The guests that a blocker names, or whose services one names."""
    named = {one["where"] for one in plan["blockers"]}
    return named | {source["guest"] for one in plan["services"] if one["name"] in named for source in one["from"]}


def _services(workloads: Workloads, plan: Plan) -> dict[str, set[str]]:
    """Guest -> what runs there, by the plan's name where the plan has it."""
    services: dict[str, set[str]] = {}
    planned: set[tuple[str, str | None]] = set()
    for one in plan["services"]:
        for source in one["from"]:
            services.setdefault(source["guest"], set()).add(one["name"])
            planned.add((source["guest"], source["unit"] or source["script"]))
    for workload in workloads["guests"]:
        for service in workload["services"]:
            if (workload["guest"], service["unit"] or service["script"]) not in planned:
                services.setdefault(workload["guest"], set()).add(service["name"])
    return services


def _fate(guest: Guest, freed: Mapping[str, int], moving: set[str], blocked: set[str], adopted: set[str]) -> str:
    name = guest["name"]
    if guest["template"]:
        return "template"
    if guest["landfall"].get("role") in NODE_ROLES:
        return "node"
    if name in blocked:
        return "blocked"
    if name in adopted:
        return "node"
    if name in freed or guest["landfall"].get("state") == "retired":
        return "freed"
    return "emptied" if name in moving else "stays"


def _hosts(estate: Estate, guests: list[GuestView], plan: Plan) -> list[HostView]:
    staying: dict[str, float] = {}
    leaving: dict[str, float] = {}
    for view in guests:
        if view.fate not in ("template", "node"):
            side = leaving if view.fate == "freed" else staying
            where = view.guest["esxi_host"]
            side[where] = side.get(where, 0.0) + memory_used(view.guest)
    return [
        HostView(
            host=host,
            staying=staying.get(host["name"], 0.0),
            leaving=leaving.get(host["name"], 0.0),
            nodes=[node for node in plan["nodes"] if node["esxi_host"] == host["name"]],
        )
        for host in sorted(estate["esxi_hosts"], key=lambda one: (one["cluster"], one["name"]))
    ]


def _findings(plan: Plan) -> list[Finding]:
    """Those of the plan and of its services, each once, by how much they matter; it has their blockers too."""
    order = {"blocker": 0, "warning": 1}
    found = [*plan["blockers"], *plan.get("warnings", [])]  # a frozen plan may be older than its warnings
    found += [each for one in plan["services"] for each in one["findings"] if each["severity"] != "blocker"]
    unique = {(order.get(one["severity"], 2), one["rule"], one["where"], one["found"]): one for one in found}
    return [unique[key] for key in sorted(unique)]


def _coverage(estate: Estate, workloads: Workloads) -> Coverage:
    running = [one for one in estate["guests"] if one["power_state"] == "on" and not one["template"]]
    month = sum(_measured(one, "month") for one in running)
    day = sum(_measured(one, "day") and not _measured(one, "month") for one in running)
    return Coverage(
        running=len(running),
        month=month,
        day=day,
        without=len(running) - month - day,
        asked=len(workloads["guests"]),
        answered=sum(one["reachable"] for one in workloads["guests"]),
    )


def _measured(guest: Guest, interval: str) -> bool:
    usage = guest["statistics"].get(interval)
    return isinstance(usage, dict) and usage["cpu_cores"]["samples"] > 0
