"""Plans of made-up suites: what holds of every plan, and how little a small change changes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import CapacityError
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.make import Facts, make_plan
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.waves import components
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.world import Json, calls, facts, guest, host, service, usage, wish, workload


@st.composite
def suites(draw: st.DrawFn) -> tuple[list[Json], list[Json], Json]:
    """Guests with one or two services each, which call each other at random; and a wish."""
    count = draw(st.integers(1, 8))
    addresses = [f"10.7.0.{number + 1}" for number in range(count)]
    machines, told = [], []
    for number, address in enumerate(addresses):
        seen = {"month": usage(draw(st.floats(0.01, 3)), draw(st.floats(0.5, 6)))}
        esxi = f"esx-{draw(st.integers(1, 3))}"
        machines.append(guest(f"vm-{number}", addresses=[address], esxi_host=esxi, statistics=seen))
        several = [
            service(
                f"s-{draw(st.integers(0, 6))}-{at}",
                ports=[8080 + at],
                flags=[f"-Xmx{draw(st.integers(64, 3000))}m"],
                outbound=[
                    calls(draw(st.sampled_from(addresses)), draw(st.sampled_from([8080, 8081])))
                    for _call in range(draw(st.integers(0, 2)))
                ],
            )
            for at in range(draw(st.integers(1, 2)))
        ]
        told.append(workload(f"vm-{number}", *several, addresses=[address]))
    plan = {
        "replicas": {"default": draw(st.integers(1, 3))},
        "wave": {"at_most_services": draw(st.integers(1, 4))},
        "survive": {"workers": draw(st.integers(0, 2)), "esxi_hosts": draw(st.integers(0, 1))},
        "workers": {"cpus": draw(st.sampled_from([4, 8, "auto"])), "memory_gib": draw(st.sampled_from([16, "auto"]))},
        "control_planes": {"cpus": 2, "memory_gib": 4, "disk_gib": 40},
    }
    return machines, told, wish(plan=plan)


HOSTS = [host(f"esx-{number}") for number in (1, 2, 3, 4)]


def planned(suite: tuple[list[Json], list[Json], Json], previous: Any = None) -> Any:
    machines, told, platform = suite
    try:
        return make_plan(facts(machines, told, platform=platform, hosts=HOSTS), previous)
    except CapacityError:
        assume(False)


@given(suites())
def test_what_holds_of_every_plan(suite: tuple[list[Json], list[Json], Json]) -> None:
    made = planned(suite)
    moving = {one["name"]: one for one in made["services"] if one["moves"]}
    # every service in one wave, the one that it says
    waves = {name: wave["number"] for wave in made["waves"] for name in wave["services"]}
    assert Counter(name for wave in made["waves"] for name in wave["services"]) == Counter(list(moving))
    assert waves == {name: one["wave"] for name, one in moving.items()}
    # callers before callees, but in a cycle
    graph = {name: [callee for callee in one["calls"] if callee in moving] for name, one in moving.items()}
    part = {name: number for number, several in enumerate(components(graph)) for name in several}
    for caller, callees in graph.items():
        for callee in callees:
            assert waves[caller] == waves[callee] if part[caller] == part[callee] else waves[caller] < waves[callee]
    # a guest is free when the last of its services has left, and once
    left = {
        machine["name"]: max(waves[name] for name, one in moving.items() if machine["name"] in guests_of(one))
        for machine in suite[0]
    }
    assert {name: wave["number"] for wave in made["waves"] for name in wave["frees"]} == left
    # what runs at the same time never grows while guests go
    peaks = [wave["peak"]["memory_gib"] for wave in made["waves"]]
    assert peaks == sorted(peaks, reverse=True)
    # no host is over what it has
    for machine in HOSTS:
        there = [node for node in made["nodes"] if node["esxi_host"] == machine["name"]]
        assert sum(node["memory_gib"] for node in there) <= machine["memory_gib"] * 0.95
        assert sum(node["cpus"] for node in there) <= machine["threads"]
    # the nodes hold what is asked of them, also with some lost
    workers = [node for node in made["nodes"] if node["role"] == "worker"]
    lost = suite[2]["plan"]["survive"]["workers"]
    asked = sum(one["requests"]["memory_mib"] * one["replicas"] for one in moving.values())
    assert asked <= sum(node["memory_gib"] for node in workers[lost:]) * 1024 * 0.8


def guests_of(one: Any) -> list[str]:
    return [source["guest"] for source in one["from"]]


@given(suites())
def test_planning_again_changes_nothing(suite: tuple[list[Json], list[Json], Json]) -> None:
    made = planned(suite)
    assert to_yaml(planned(suite, made)) == to_yaml(made)


@given(suites())
def test_one_more_guest_that_is_nothing_to_the_suite_is_no_other_plan(
    suite: tuple[list[Json], list[Json], Json],
) -> None:
    made = planned(suite)
    machines, told, platform = suite
    idle = guest("idle-01", memory_gib=1.0, addresses=["10.7.1.1"], statistics={"month": usage(0.1, 0.4)})
    after = planned(([*machines, idle], [*told, workload("idle-01", addresses=["10.7.1.1"])], platform), made)
    for key in ("nodes", "services", "waves", "blockers"):
        assert after[key] == made[key]


@pytest.mark.parametrize("order", [1, -1])
def test_one_more_service_is_one_more_entry(order: int) -> None:
    names = ["a", "b", "c"]
    machines = [guest(f"vm-{name}") for name in [*names, "new"]]
    told = [workload(f"vm-{name}", service(name)) for name in [*names, "new"]]

    def facts_of(count: int) -> Facts:
        return facts(machines[:count][::order], told[:count][::order])

    before = make_plan(facts_of(3))
    after = make_plan(facts_of(4), before)
    assert [one for one in after["services"] if one["name"] != "new"] == before["services"]
    assert after["nodes"] == before["nodes"]
