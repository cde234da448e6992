"""Where a service stands: what guests, marks and pods together say."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.standing import (
    guest_lines,
    guest_standings,
    lines,
    standings,
)

from tests.unit import world

Json = dict[str, Any]
ON, OFF = {"power_state": "on"}, {"power_state": "off"}


def marked(state: str, **more: Any) -> Json:
    return {"landfall": {"state": state}, **more}


def plan_of(moves: bool = True) -> Any:
    guests = [world.guest("shop-01", addresses=["10.0.1.21"]), world.guest("shop-02", addresses=["10.0.1.22"])]
    workloads = [
        world.workload(one["name"], world.service("shop"), addresses=one["addresses"]) for one in guests
    ]  # fmt: skip
    plan = world.plan(guests, workloads)
    plan["services"][0]["moves"] = moves
    return plan


def controller(ready: int | None, name: str = "shop", namespace: str | None = None) -> Json:
    where = namespace or plan_of()["services"][0]["namespace"]
    status = {} if ready is None else {"readyReplicas": ready}
    return {"metadata": {"name": name, "namespace": where}, "spec": {"replicas": 2}, "status": status}


@pytest.mark.parametrize(
    ("first", "second", "controllers", "stands", "pods"),
    [
        (ON, ON, None, "guests", None),
        (ON, OFF, [], "guests", None),
        (ON, ON, [controller(2, "another"), controller(2, namespace="elsewhere")], "guests", None),
        (ON, ON, [controller(1)], "moving", {"ready": 1, "wanted": 2}),
        (marked("moving", **ON), ON, [], "moving", None),
        (marked("moved", **ON), ON, [controller(2)], "moving", {"ready": 2, "wanted": 2}),
        (marked("moved", **ON), marked("moved", **OFF), [controller(2)], "cluster", {"ready": 2, "wanted": 2}),
        (marked("retired", **OFF), marked("retired", **OFF), [controller(1)], "cluster", {"ready": 1, "wanted": 2}),
        (
            {"landfall": {"state": "retired", "role": "worker"}, **ON},
            None,
            [controller(2)],
            "cluster",
            {"ready": 2, "wanted": 2},
        ),
        (marked("retired", **OFF), None, [controller(2)], "cluster", {"ready": 2, "wanted": 2}),
        (marked("retired", **OFF), marked("retired", **OFF), None, "cluster", None),  # by the marks alone
        (marked("retired", **OFF), marked("retired", **OFF), [], "nowhere", None),
        (marked("retired", **OFF), marked("moved", **ON), [controller(None)], "nowhere", {"ready": 0, "wanted": 2}),
        (OFF, OFF, [], "nowhere", None),
        (OFF, OFF, None, "nowhere", None),
        (OFF, {"power_state": "suspended"}, [controller(0)], "nowhere", {"ready": 0, "wanted": 2}),
    ],
)
def test_where_a_service_stands(
    first: Json | None, second: Json | None, controllers: Any, stands: str, pods: Json | None
) -> None:
    guests: Any = [world.guest(name, **more) for name, more in (("shop-01", first), ("shop-02", second)) if more]
    (found,) = standings(plan_of(), guests, controllers)
    assert (found["stands"], found["pods"], found["wave"]) == (stands, pods, 1)
    assert [source["guest"] for source in found["guests"]] == ["shop-01", "shop-02"]
    assert found["guests"][1]["power"] == (second or {"power_state": "gone"}).get("power_state", "on")


@pytest.mark.parametrize(("power", "stands"), [("on", "stays"), ("off", "nowhere")])
def test_a_service_that_stays(power: str, stands: str) -> None:
    guests: Any = [world.guest("shop-01", power_state=power)]
    (found,) = standings(plan_of(moves=False), guests, [])
    assert found["stands"] == stands


def test_on_one_screen() -> None:
    guests: Any = [world.guest("shop-01", **marked("moving")), world.guest("shop-02", power_state="off")]
    assert lines(standings(plan_of(), guests, [controller(1)])) == [
        "wave  service  pods  stands  guests",
        "1     shop     1/2   moving  shop-01 (on, moving), shop-02 (off)",
        "",
        "1 moving",
    ]
    assert lines([]) == ["wave  service  pods  stands  guests", "", "no services"]


def test_what_has_become_of_the_guests() -> None:
    since = "2026-03-01T22:14:05Z"
    guests: Any = [
        world.guest("shop-01", landfall={"state": "retired", "since": since}, **OFF),
        world.guest("stray", **marked("moving", **ON)),
        world.guest("other", **ON),
    ]
    found = guest_standings(plan_of(), guests)
    assert [(one["guest"], one["power"], one["state"], one["freed_by"]) for one in found] == [
        ("shop-01", "off", "retired", 1),
        ("shop-02", "gone", None, 1),
        ("stray", "on", "moving", None),
    ]
    assert guest_lines(found) == [
        "guest    power  mark     since                 free after  services",
        "shop-01  off    retired  2026-03-01T22:14:05Z  wave 1      shop",
        "shop-02  gone   -        -                     wave 1      shop",
        "stray    on     moving   -                     stays       -",
    ]
