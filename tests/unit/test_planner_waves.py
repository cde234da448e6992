"""The order of the move: callers before callees, cycles together, caches and the registry last."""

from __future__ import annotations

from itertools import pairwise

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.waves import (
    callers_of,
    components,
    order_waves,
    pin,
    reason,
)
from hypothesis import given
from hypothesis import strategies as st

SUITE = {
    "gateway": ["eureka", "goods", "member", "order"],
    "order": ["eureka", "goods", "mariadb", "member"],
    "goods": ["eureka"],
    "member": ["eureka", "redis"],
    "shop-web": [],
    "eureka": [],
    "redis": [],
}
ROLES = dict.fromkeys(SUITE, "application") | {"eureka": "registry", "redis": "cache", "shop-web": "frontend"}


def applications(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "application")


def test_the_suite() -> None:
    assert order_waves(SUITE, ROLES, 5) == [
        ["gateway", "shop-web"],
        ["order"],
        ["goods", "member"],
        ["redis"],
        ["eureka"],
    ]


@pytest.mark.parametrize(
    ("calls", "at_most", "waves"),
    [
        ({}, 5, []),
        ({"a": [], "b": []}, 5, [["a", "b"]]),
        ({"a": [], "b": [], "c": []}, 2, [["a", "b"], ["c"]]),
        ({"a": ["b"], "b": ["a"]}, 5, [["a", "b"]]),
        # a cycle stays together even where the wave is too large for it
        ({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}, 2, [["d"], ["a", "b", "c"]]),
        ({"a": ["c"], "b": ["c"], "c": []}, 5, [["a", "b"], ["c"]]),
        # the longest way counts: c waits for b although a calls it too
        ({"a": ["b", "c"], "b": ["c"], "c": []}, 5, [["a"], ["b"], ["c"]]),
        ({"a": ["stays"], "b": []}, 5, [["a", "b"]]),
    ],
)
def test_orders(calls: dict[str, list[str]], at_most: int, waves: list[list[str]]) -> None:
    assert order_waves(calls, applications(*calls), at_most) == waves


def test_reasons() -> None:
    waves = order_waves(SUITE, ROLES, 5)
    because = [
        reason(wave, callers_of(SUITE, ROLES), ROLES, wave[:1], first=number == 0) for number, wave in enumerate(waves)
    ]
    assert because == [
        "nothing calls them but the front door",
        "its callers have moved: gateway",
        "their callers have moved: gateway, order",
        "its callers have moved, and its data moves by replication",
        "the registry is the last that anybody needs",
    ]
    both = applications("a", "b")
    cycle = {"a": ["b"], "b": ["a"]}
    assert reason(["a", "b"], callers_of(cycle, both), both, [], first=True) == (
        "nothing that moves calls them; they call each other"
    )


@pytest.mark.parametrize(
    ("wanted", "waves"),
    [
        ({}, [["a"], ["b", "c"], ["d"]]),
        ({"c": 1}, [["a", "c"], ["b"], ["d"]]),
        ({"a": 2, "d": 2}, [["a", "b", "c", "d"]]),
        ({"b": 9, "c": 5}, [["a"], ["d"], ["c"], ["b"]]),
    ],
)
def test_people_may_want_a_service_in_a_certain_wave(wanted: dict[str, int], waves: list[list[str]]) -> None:
    assert pin([["a"], ["b", "c"], ["d"]], wanted) == waves


def test_services_of_one_guest_move_one_after_the_other() -> None:
    names = "abcd"
    calls: dict[str, list[str]] = {name: [] for name in names}
    homes = {"a": "vm-2", "b": "vm-1", "c": "vm-2", "d": "vm-1"}
    assert order_waves(calls, applications(*names), 2, homes) == [["b", "d"], ["a", "c"]]


def test_a_deep_chain_does_not_end_in_recursion() -> None:
    names = [f"s{number:05}" for number in range(20_000)]
    calls = {caller: [callee] for caller, callee in pairwise(names)} | {names[-1]: []}
    assert order_waves(calls, applications(*names), 5) == [[name] for name in names]


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    names = [f"s{number}" for number in range(draw(st.integers(1, 12)))]
    edges = draw(st.sets(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=30))
    return {name: sorted(callee for caller, callee in edges if caller == name and callee != name) for name in names}


@given(graphs(), st.integers(1, 6), st.data())
def test_every_service_in_one_wave_and_no_caller_after_its_callee(
    calls: dict[str, list[str]], at_most: int, data: st.DataObject
) -> None:
    roles = {name: data.draw(st.sampled_from(["application", "frontend", "cache", "registry"])) for name in calls}
    waves = order_waves(calls, roles, at_most)
    number = {name: index for index, wave in enumerate(waves) for name in wave}
    assert sorted(name for wave in waves for name in wave) == sorted(calls)
    part = {name: index for index, one in enumerate(components(calls)) for name in one}
    last = ("cache", "registry")
    for caller, callees in calls.items():
        for callee in callees:
            if part[caller] != part[callee] and roles[caller] not in last:
                assert number[caller] <= number[callee]
                assert number[caller] < number[callee] or roles[callee] in last
    largest = max((len(one) for one in components(calls)), default=0)
    assert all(len(wave) <= max(at_most, largest) for wave in waves)
    order = [
        max(("application", "frontend", "cache", "registry").index(roles[name]) for name in wave) for wave in waves
    ]
    assert [one for one in order if one >= 2] == sorted(one for one in order if one >= 2)


@given(graphs())
def test_components_are_those_that_reach_each_other(calls: dict[str, list[str]]) -> None:
    def reach(name: str) -> set[str]:
        seen, waiting = {name}, [name]
        while waiting:
            for callee in calls[waiting.pop()]:
                if callee not in seen:
                    seen.add(callee)
                    waiting.append(callee)
        return seen

    reached = {name: reach(name) for name in calls}
    expected = {
        frozenset(other for other in calls if other in reached[name] and name in reached[other]) for name in calls
    }
    assert {frozenset(one) for one in components(calls)} == expected
