# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The digests that a plan carries: of what it was made from, without what changes by itself.

Left out of the estate: power states, clocks, statistics, where a guest runs at the moment, marks, our own nodes.
Left out of the workloads: processes, threads, connections, what a restart changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..estate import Estate
from ..plan import Inputs
from ..workloads import Service, Workload, Workloads
from .guests import Census

_OF_A_RESTART = ("INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "NOTIFY_SOCKET", "PWD", "OLDPWD", "SHLVL", "_")


def digests(estate: Estate, workloads: Workloads, platform: Mapping[str, Any], census: Census) -> Inputs:
    """What plan.yml says it was made from."""
    return {
        "estate": _digest(_estate(estate, census, platform["nodes"]["adopt"])),
        "workloads": _digest([_workload(one) for one in sorted(workloads["guests"], key=lambda one: one["guest"])]),
        "platform": _digest(_platform(platform)),
    }


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _estate(estate: Estate, census: Census, adopt: Sequence[str]) -> object:
    counted = {guest["uuid"] for guest in census.counted if guest["name"] not in adopt}
    # a VM that was taken over is a node of ours now, and what it was before too
    taken_over = [guest for guest in census.own if guest["name"] in adopt]
    guests = sorted([*census.others, *taken_over], key=lambda guest: (guest["name"], guest["uuid"]))
    return {
        "hosts": sorted(
            [one["name"], one["cluster"], one["threads"], round(one["memory_gib"])] for one in estate["esxi_hosts"]
        ),
        "datastores": sorted([one["name"], round(one["capacity_gib"])] for one in estate["datastores"]),
        "guests": [
            [
                guest["name"],
                guest["uuid"],
                guest["cpus"],
                round(guest["memory_gib"], 2),
                guest["uuid"] in counted,
            ]
            for guest in guests
        ],
    }


def _workload(workload: Workload) -> object:
    services = [_service(one) for one in workload["services"]]
    if len(services) > 1:
        services.sort(key=lambda one: json.dumps(one, sort_keys=True))
    return [workload["guest"], workload["reachable"], services]


def _service(service: Service) -> dict[str, object]:
    kept = ("name", "kind", "unit", "script", "user", "flags", "arguments", "runtime", "jar", "document_root")
    facts: dict[str, object] = {key: service[key] for key in kept}  # type: ignore[literal-required]
    facts["ports"] = sorted(
        port for port in service["ports"] if port < 32768
    )  # above: a JVM's own, new with each start
    facts["environment"] = {key: one for key, one in service["environment"].items() if key not in _OF_A_RESTART}
    facts["configuration"] = sorted([one["path"], one["content"]] for one in service["configuration"])
    return facts


def _platform(platform: Mapping[str, Any]) -> object:
    nodes = {key: one for key, one in platform["nodes"].items() if key != "ssh"}
    return {
        "site": platform["site"],
        "plan": platform["plan"],
        "nodes": nodes,
        "endpoint": platform["cluster"]["endpoint"]["address"],
        "storage": platform["storage"],
        "projects": [
            [workspace["node_ports"], workspace["quota"], workspace["projects"]]
            for workspace in platform["tenancy"]["workspaces"]
        ],
        "suite": platform["suite"],
    }
