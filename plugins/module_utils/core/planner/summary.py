# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the plan comes to, as numbers and as lines for people."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from ..estate import Guest
from ..plan import Node, Plan, Service, Wave
from ..workloads import Finding
from .duration import all_minutes
from .hosts import memory_used
from .requests import cpu_usage
from .settle import settle_number
from .stages import stands_after
from .waves import A_FEW, few
from .workers import Workers


def summarize(
    *,
    counted: Sequence[Guest],
    moving: Sequence[Guest],
    freed: Sequence[str],
    services: Sequence[Service],
    nodes: Sequence[Node],
    workers: Workers,
    platform: Mapping[str, Any],
    previous: Mapping[str, Any],
    waves: Sequence[Wave],
) -> dict[str, object]:
    """Before, after and saved, over the guests whose services move."""
    wish = platform["plan"]
    used = _used(moving, wish["requests"]["cpu"])
    before_used = (previous.get("before") or {}).get("used") or {}
    requested = [(one["requests"], one["replicas"]) for one in services if one["requests"]]
    free = set(freed)
    gone = [guest for guest in moving if guest["name"] in free]
    cpus, memory = _given(gone)
    new = [node for node in nodes if not node["adopt"]]
    return {
        "guests": len(counted),
        "guests_moving": len(moving),
        "guests_freed": len(freed),
        "services": {
            "moving": sum(one["moves"] for one in services),
            "staying": sum(not one["moves"] for one in services),
        },
        "before": {
            "cpus": _given(moving)[0],
            "memory_gib": _given(moving)[1],
            "used": {key: settle_number(value, before_used.get(key)) for key, value in used.items()},
        },
        "after": {
            "nodes": len(nodes),
            "cpus": sum(node["cpus"] for node in nodes),
            "memory_gib": sum(node["memory_gib"] for node in nodes),
            "requested": {
                "cpu": round(sum(one["cpu_millicores"] * count for one, count in requested) / 1000, 2),
                "memory_gib": round(sum(one["memory_mib"] * count for one, count in requested) / 1024, 2),
            },
        },
        "saved": {
            "guests": len(gone) - len(new),
            "cpus": cpus - sum(node["cpus"] for node in new),
            "memory_gib": round(memory - sum(node["memory_gib"] for node in new), 1),
            "operating_systems_memory_gib": round((len(gone) - len(new)) * wish["operating_system_gib"], 1),
        },
        "minutes": all_minutes(len(nodes), [wave["minutes"] for wave in waves], wish["time"]),
        "bound": {"workers": workers.bound, "by": workers.bound_by, "with_lost": workers.with_lost},
        "workers": {
            "planned": workers.planned,
            "size": {key: wish["workers"][key] for key in ("cpus", "memory_gib")},
            "needed": workers.needed,
            "over_bound": workers.over_bound,
            "asked": {key: wish["workers"][key] for key in ("at_least", "at_most")},
        },
    }


def _given(guests: Sequence[Guest]) -> tuple[int, float]:
    return sum(guest["cpus"] for guest in guests), round(sum(guest["memory_gib"] for guest in guests), 1)


def _used(guests: Sequence[Guest], measure: str) -> dict[str, float]:
    cpu = [usage[0] for guest in guests if (usage := cpu_usage(guest, measure, 0.0)) is not None]
    return {f"cpu_{measure}": round(sum(cpu), 1), "memory_max_gib": round(sum(map(memory_used, guests)), 1)}


def lines(plan: Plan) -> list[str]:
    """The plan on one screen."""
    summary: Any = plan["summary"]
    before, after, saved = (summary[key] for key in ("before", "after", "saved"))
    staying = [one["name"] for one in plan["services"] if not one["moves"]]
    text = [
        f"Guests   {summary['guests']} count, {summary['guests_moving']} have services that move, "
        f"{summary['guests_freed']} are free afterwards",
        f"Before   {before['cpus']} CPUs, {before['memory_gib']:g} GiB "
        f"(used: {', '.join(f'{key} {value:g}' for key, value in before['used'].items())})",
        f"After    {after['nodes']} nodes, {after['cpus']} CPUs, {after['memory_gib']} GiB "
        f"(requested: {after['requested']['cpu']:g} cores, {after['requested']['memory_gib']:g} GiB)",
        f"Saved    {saved['guests']} machines, {saved['cpus']} CPUs, {saved['memory_gib']:g} GiB",
        _workers(summary),
        f"Time     {_hours(summary['minutes']['build'])} to build, {_hours(summary['minutes']['waves'])} for the waves",
        "",
        *_nodes(plan),
        "",
        *_table(
            ["wave", "services", "frees", "because"], [_wave(plan, number) for number in range(len(plan["waves"]))]
        ),
    ]
    if staying:
        text += ["", f"Staying where they are: {', '.join(staying)}"]
    for title, findings in (("Blockers", plan["blockers"]), ("Warnings", plan.get("warnings", []))):
        if findings:
            text += ["", f"{title} ({len(findings)}):"]
            text += _findings(findings)
    return text


def _nodes(plan: Plan) -> list[str]:
    """The nodes; when each stands only where that is not the same for all."""
    after = [stands_after(node, plan["waves"]) for node in plan["nodes"]]
    head = ["node", "size", "ESXi host", "datastore", "address"]
    rows = [
        [
            node["name"],
            f"{node['cpus']} CPUs {node['memory_gib']} GiB {node['disk_gib']} GiB",
            f"{node['cluster']}/{node['esxi_host']}",
            node["datastore"],
            node["address"] or "DHCP",
        ]
        for node in plan["nodes"]
    ]
    if any(after):
        head = [*head, "stands"]
        rows = [
            [*row, f"after wave {number}" if number else "at first"] for row, number in zip(rows, after, strict=True)
        ]
    return _table(head, rows)


def _workers(summary: Any) -> str:
    planned, bound = summary["workers"], summary["bound"]
    asked = "as platform.yml asks, " if planned["planned"] > planned["needed"] else ""
    return (
        f"Workers  {planned['planned']} planned, {asked}{planned['needed']} needed; no plan can need fewer than "
        f"{bound['workers']} (by {bound['by']}), {bound['with_lost']} with those that may be lost"
    )


def _findings(findings: Sequence[Finding]) -> list[str]:
    """The first few of each rule: a screen is for reading, and plan.yml has them all."""
    text = []
    for rule, group in groupby(findings, key=lambda one: one["rule"]):
        several = list(group)
        text += [f"  {rule} {one['where']}: {one['found']}" + _meant(one["meant"]) for one in several[:A_FEW]]
        if len(several) > A_FEW:
            text.append(f"  {rule}: and {len(several) - A_FEW} more")
    return text


def _hours(minutes: int) -> str:
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def _wave(plan: Plan, number: int) -> list[str]:
    wave = plan["waves"][number]
    replicas = {one["name"]: one["replicas"] for one in plan["services"]}
    services = ", ".join(f"{name} x{replicas[name]}" for name in wave["services"])
    return [str(wave["number"]), services, few(wave["frees"]) or "-", wave["because"]]


def _meant(text: str | None) -> str:
    return f"; {text}" if text else ""


def _table(head: list[str], rows: Sequence[list[str]]) -> list[str]:
    widths = [max(_width(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return ["  ".join(map(_pad, row, widths)).rstrip() for row in [head, *rows]]


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """How many columns a terminal needs: Chinese characters are two wide."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
