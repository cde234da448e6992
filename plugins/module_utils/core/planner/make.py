# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The planner: estate, workloads and platform in, plan out. Pure, and the same bytes for the same input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import Problem, StalePlanError
from ..estate import Estate
from ..plan import VERSION, Inputs, Plan
from ..workloads import Workloads
from .blockers import find_blockers
from .digest import digests
from .guests import Census, Questions, take_census
from .hosts import usable_hosts
from .moves import plan_moves
from .nodes import Site, plan_nodes
from .notices import find_warnings
from .schedule import write_waves
from .sizes import with_sizes
from .suite import plan_suite
from .summary import summarize
from .workers import count_workers, holds_of


@dataclass(frozen=True)
class Facts:
    """What a plan is made from: the two documents of facts and the completed wish."""

    estate: Estate
    workloads: Workloads
    platform: Mapping[str, Any]
    questions: Questions

    def census(self) -> Census:
        return take_census(self.estate, self.platform["site"], self.questions)


def make_plan(facts: Facts, previous: Plan | None = None) -> Plan:
    """The plan. `previous` only holds still what noise would move (settle.py)."""
    census = facts.census()
    suite = plan_suite(facts.workloads, facts.platform, census, previous)
    pods = suite.pods()
    old_nodes = {node["name"]: node for node in previous["nodes"]} if previous else {}
    hosts = usable_hosts(facts.estate, census, facts.platform)
    platform = with_sizes(facts.platform, pods, hosts, old_nodes)
    workers = count_workers(pods, platform)
    may_go = [guest for guest in census.counted if guest["name"] not in suite.held]
    moves = plan_moves(suite.services, may_go, platform)
    lacks = {one["guest"]: one.get("lacks", []) for one in facts.workloads["guests"]}
    site = Site(facts.estate, census, hosts, suite.held, lacks, old_nodes)
    nodes, staged = plan_nodes(workers.planned, holds_of(pods, workers, platform), moves, site, platform)
    waves = write_waves(moves, staged, nodes, suite.behind, platform)
    blockers = find_blockers(census, facts.workloads, platform, suite, nodes, workers)
    warnings = find_warnings(census, platform, hosts, nodes, workers, waves)
    left, adopted = suite.guests(), {node["name"] for node in nodes if node["adopt"]}
    return {
        "version": VERSION,
        "inputs": digests(facts.estate, facts.workloads, facts.platform, census),
        "summary": summarize(
            counted=census.counted,
            moving=[guest for guest in census.others if guest["name"] in left],
            freed=[name for wave in waves for name in wave["frees"] if name not in adopted],
            services=suite.services,
            nodes=nodes,
            workers=workers,
            platform=platform,
            previous=previous["summary"] if previous else {},
            waves=waves,
        ),
        "nodes": nodes,
        "services": suite.services,
        "waves": waves,
        "front_door": suite.front_door,
        "blockers": [one for one in blockers if one["severity"] == "blocker"],
        "warnings": [*(one for one in blockers if one["severity"] != "blocker"), *warnings],
    }


def check_fresh(plan: Plan, facts: Facts) -> None:
    """StalePlanError where `plan` was made from something else than `facts`."""
    now: Inputs = digests(facts.estate, facts.workloads, facts.platform, facts.census())
    changed = [
        Problem(
            f"plan.inputs.{key}",
            f"{str(plan['inputs'].get(key))[:19]}…, now it is {str(value)[:19]}…",
            f"{key} has changed",
        )
        for key, value in now.items()
        if plan["inputs"].get(key) != value
    ]
    if changed:
        raise StalePlanError(
            "the plan is older than what it was made from; plan again, and look at what is new", changed
        )
