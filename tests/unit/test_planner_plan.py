"""The whole plan: what noise does not change, what makes it stale, what has begun, and what stands in the way."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    CapacityError,
    DocumentError,
    StalePlanError,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.make import (
    Facts,
    check_fresh,
    make_plan,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.summary import lines
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.world import (
    Json,
    calls,
    configuration,
    facts,
    facts_of,
    guest,
    host,
    merged,
    plain,
    registry,
    service,
    wish,
    workload,
)

ADDRESS = {"eureka-01": "10.0.1.21", "gateway-01": "10.0.1.22", "goods-01": "10.0.1.23", "redis-01": "10.0.1.27"}
WISH = wish(
    nodes={"addresses": {"range": "10.0.0.10-10.0.0.19", "gateway": "10.0.0.1"}},
    estate={"guests": {"select": "length(addresses) > `0`"}},  # and who is off has none
    suite={"services": {"gateway": {"replicas": 2}}},
)


def suite(platform: Json | None = None) -> Facts:
    """Gateway calls goods, goods uses Redis, all know Eureka; and a machine that is nothing to them."""
    gateway = service("gateway", outbound=[calls("10.0.1.23", 8081)], environment={"INVOCATION_ID": "a1"})
    text = "server.port=8081\nspring.data.redis.host=10.0.1.27\n"
    goods = service("goods", ports=[8081], configuration=[configuration("/opt/goods/a.properties", text)])
    redis = plain("redis", 6379, data=["/var/lib/redis"])
    what = {"eureka-01": registry(), "gateway-01": gateway, "goods-01": goods, "redis-01": redis}
    return facts(
        [*(guest(name, addresses=[address]) for name, address in ADDRESS.items()), guest("erp-01")],
        [*(workload(name, one, addresses=[ADDRESS[name]]) for name, one in what.items()), workload("erp-01")],
        platform=platform or WISH,
    )


def changed(before: Facts, change: Callable[[Any, Any], None]) -> Facts:
    estate, workloads = copy.deepcopy(before.estate), copy.deepcopy(before.workloads)
    change(estate, workloads)
    return Facts(estate, workloads, before.platform, before.questions)


def found(workloads: Any, name: str) -> Any:
    return next(one for guest in workloads["guests"] for one in guest["services"] if one["name"] == name)


def test_the_plan_of_a_suite() -> None:
    made = make_plan(suite())
    assert [wave["services"] for wave in made["waves"]] == [["gateway"], ["goods"], ["redis"], ["eureka"]]
    assert [wave["frees"] for wave in made["waves"]] == [["gateway-01"], ["goods-01"], ["redis-01"], ["eureka-01"]]
    # nodes: 3 x 8 + 2 x 16 CPUs; guests: 4 CPUs each until they are free
    assert [wave["peak"]["cpus"] for wave in made["waves"]] == [56 + 16, 56 + 12, 56 + 8, 56 + 4]
    assert {one["name"]: one["wave"] for one in made["services"]} == {"eureka": 4, "gateway": 1, "goods": 2, "redis": 3}
    assert made["blockers"] == []
    summary: Any = made["summary"]
    assert (summary["guests"], summary["guests_moving"], summary["guests_freed"]) == (5, 4, 4)
    assert summary["saved"]["guests"] == -1
    assert "\n".join(lines(made)).count("gateway x2") == 1


def noise(estate: Any, workloads: Any) -> None:
    """Another sweep of the same estate, minutes later, after the nodes were built."""
    chance = random.Random(7)
    for one in estate["guests"]:
        one["esxi_host"] = chance.choice(["esx-1", "esx-2", "esx-3"])
        for series in (one["statistics"]["month"]["cpu_cores"], one["statistics"]["month"]["memory_gib"]):
            for key in ("average", "p95", "maximum"):
                series[key] *= chance.uniform(0.97, 1.03)
            series["confidence"] = 0.99
    for one in estate["esxi_hosts"]:
        one["memory_used_gib"] += 20
        one["cpu_used_mhz"] += 700
    for one in estate["datastores"]:
        one["free_gib"] -= 600
    estate["guests"] += [
        guest("cp-01", addresses=["10.0.0.10", "10.0.0.9"], landfall={"role": "control_plane", "site": "test"}),
        guest("worker-01", addresses=["10.0.0.13"], landfall={"role": "worker", "site": "test", "since": "now"}),
    ]
    next(one for one in estate["guests"] if one["name"] == "erp-01").update(
        power_state="off", addresses=[], hostname=None
    )
    for one in workloads["guests"]:
        for each in one["services"]:
            each["pid"] += 1000
            each["outbound"] = []
            each["inbound"] = []
            each["memory"]["threads"] = (each["memory"]["threads"] or 0) + 3
            each["memory"]["peak_rss_mib"] = each["memory"]["peak_rss_mib"] + 2
            each["environment"] = {"INVOCATION_ID": "b2"} if each["environment"] else {}
            each["ports"] = [*each["ports"], chance.randint(40000, 60000)]


def test_noise_changes_no_byte() -> None:
    before = make_plan(suite())
    again = changed(suite(), noise)
    assert to_yaml(make_plan(again, before)) == to_yaml(before)
    check_fresh(before, again)


def test_the_same_again_changes_no_byte() -> None:
    before = make_plan(suite())
    assert to_yaml(make_plan(suite(), before)) == to_yaml(before)


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(chance: random.Random) -> None:
    def shuffle(estate: Any, workloads: Any) -> None:
        for several in (estate["guests"], estate["esxi_hosts"], estate["datastores"], workloads["guests"]):
            chance.shuffle(several)
        for one in workloads["guests"]:
            chance.shuffle(one["services"])

    assert to_yaml(make_plan(changed(suite(), shuffle))) == to_yaml(make_plan(suite()))


def more_cpu(estate: Any, workloads: Any) -> None:
    estate["guests"][2]["statistics"]["month"]["cpu_cores"]["p95"] = 3.0


def test_what_is_more_than_noise_changes_the_plan_there_and_nowhere_else() -> None:
    before = make_plan(suite())
    after = make_plan(changed(suite(), more_cpu), before)
    differ = [old["name"] for old, new in zip(before["services"], after["services"], strict=True) if old != new]
    assert differ == ["goods"]
    assert after["nodes"] == before["nodes"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda estate, _: estate["guests"].append(guest("new-01")), "estate"),
        (lambda estate, _: estate["guests"].pop(), "estate"),
        (lambda estate, _: estate["guests"][0].update(cpus=8), "estate"),
        (lambda estate, _: estate["esxi_hosts"][0].update(memory_gib=256.0), "estate"),
        (lambda _, work: found(work, "goods").update(flags=["-Xmx2g"]), "workloads"),
        (lambda _, work: found(work, "goods")["jar"].update(sha256="ab" * 32), "workloads"),
        (lambda _, work: found(work, "goods")["configuration"][0].update(content="x"), "workloads"),
        (lambda _, work: work["guests"][0].update(reachable=False, services=[]), "workloads"),
    ],
)
def test_what_makes_a_plan_stale(change: Callable[[Any, Any], None], what: str) -> None:
    before = make_plan(suite())
    with pytest.raises(StalePlanError) as caught:
        check_fresh(before, changed(suite(), change))
    assert [problem.path for problem in caught.value.problems] == [f"plan.inputs.{what}"]


@pytest.mark.parametrize(
    ("more", "stale"),
    [
        ({"plan": {"fill": 0.7}}, True),
        ({"suite": {"services": {"goods": {"replicas": 3}}}}, True),
        ({"nodes": {"labels": {"all_workers": {"a": "b"}}}}, True),
        ({"retire": {"quarantine_days": 3}, "console": {"enabled": False}, "nodes": {"ssh": {"user": "x"}}}, False),
        ({"estate": {"exclude": "name == 'nobody'"}}, False),
        ({"estate": {"exclude": "name == 'erp-01'"}}, True),
    ],
)
def test_what_of_the_wish_makes_a_plan_stale(more: Json, stale: bool) -> None:
    before = make_plan(suite())
    if stale:
        with pytest.raises(StalePlanError):
            check_fresh(before, suite(merged(WISH, more)))
    else:
        check_fresh(before, suite(merged(WISH, more)))


def test_a_call_that_was_seen_stays_seen_while_both_are_there() -> None:
    before = make_plan(suite())

    def silent(_estate: Any, workloads: Any) -> None:
        found(workloads, "gateway")["outbound"] = []

    def gone(_estate: Any, workloads: Any) -> None:
        workloads["guests"] = [one for one in workloads["guests"] if one["guest"] != "goods-01"]

    def calls_of(change: Callable[[Any, Any], None]) -> list[str]:
        made = make_plan(changed(suite(), change), before)
        return next(one["calls"] for one in made["services"] if one["name"] == "gateway")

    assert calls_of(silent) == ["eureka", "goods"]
    assert calls_of(gone) == ["eureka"]


def test_what_has_moved_stays_as_the_last_plan_has_it() -> None:
    before = make_plan(suite())

    def moved(estate: Any, workloads: Any) -> None:
        for one in estate["guests"]:
            if one["name"] == "gateway-01":
                one["landfall"] = {"state": "moved", "wave": "1"}
                one["power_state"] = "off"
        workloads["guests"] = [one for one in workloads["guests"] if one["guest"] != "gateway-01"]

    after = make_plan(changed(suite(), moved), before)
    assert after["services"] == before["services"]
    assert after["waves"] == before["waves"]
    assert after["blockers"] == []


def test_a_guest_that_holds_something_is_not_freed() -> None:
    def more(_estate: Any, workloads: Any) -> None:
        workloads["guests"][2]["services"].append(plain("nexus", 9081))
        workloads["guests"][1]["services"].append(plain("other", 10050, name="zabbix_agentd"))

    def frees(**services: Json) -> list[list[str]]:
        facts = suite(merged(WISH, {"suite": {"services": services}}))
        made = make_plan(changed(facts, more))
        assert made["blockers"] == []
        return [wave["frees"] for wave in made["waves"]]

    assert frees() == [[], [], ["redis-01"], ["eureka-01"]]
    assert frees(**{"zabbix-agentd": {"ends": True}}) == [["gateway-01"], [], ["redis-01"], ["eureka-01"]]
    held = make_plan(changed(suite(), more))["services"][1]["findings"]
    assert [(one["rule"], one["where"], one["found"]) for one in held] == [
        ("guest_stays", "gateway-01", "zabbix-agentd stays there, so the guest does")
    ]


UNREADABLE = {
    "rule": "unreachable",
    "severity": "blocker",
    "where": "goods-01",
    "found": "no route to host",
    "meant": None,
}


def unread(_estate: Any, workloads: Any) -> None:
    workloads["guests"][2].update(reachable=False, services=[], findings=[UNREADABLE])


def not_told(_estate: Any, workloads: Any) -> None:
    workloads["guests"][2].update(reachable=False, services=[])


def absent(_estate: Any, workloads: Any) -> None:
    del workloads["guests"][2]


def twice(estate: Any, _workloads: Any) -> None:
    estate["guests"].append(guest("goods-01", uuid="another"))


def cp(estate: Any, _workloads: Any) -> None:
    estate["guests"].append(guest("cp-02"))


def address(estate: Any, _workloads: Any) -> None:
    estate["guests"][4]["addresses"] = ["10.0.0.11", "10.0.0.9"]


def nothing(_estate: Any, _workloads: Any) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "more", "blockers"),
    [
        (unread, {}, ["unreachable goods-01: no route to host"]),
        (not_told, {}, ["guest_unreadable goods-01: it did not answer"]),
        (absent, {}, ["guest_not_read goods-01: workloads.yml does not know it"]),
        (absent, {"estate": {"guests": {"select": "name != 'goods-01'"}}}, []),
        (twice, {}, ["duplicate_name goods-01: 2 guests have this name"]),
        (
            cp,
            {"estate": {"exclude": "name == 'cp-02'"}},
            ["guest_not_read", "node_name_taken cp-02: a VM has this name"],
        ),
        (
            address,
            {},
            [
                "address_taken node cp-02: erp-01 has 10.0.0.11",
                "address_taken the endpoint of the cluster: erp-01 has 10.",
            ],
        ),
        (
            nothing,
            {"suite": {"services": {"goods": {"calls": ["mebmer"]}}}},
            ["service_unknown platform.suite.services.goods.calls[0]: mebmer was found on no guest"],
        ),
        (
            nothing,
            {"suite": {"services": {"godos": {}}}},
            ["service_unknown platform.suite.services.godos: godos was found on no"],
        ),
        (
            nothing,
            {"suite": {"services": {"goods": {"node_selector": {"disk": "ssd"}}}}},
            ["no_such_node goods: no worker carries disk=ssd"],
        ),
        (
            nothing,
            {
                "suite": {"services": {"goods": {"node_selector": {"disk": "ssd"}}}},
                "nodes": {"labels": {"by_name": {"worker-02": {"disk": "ssd", "x": "y"}}}},
            },
            [],
        ),
        (
            nothing,
            {"suite": {"front_door": {"guest": "erp-01"}}},
            ["front_door_unknown erp-01: no file of its nginx names"],
        ),
        (unread, {"suite": {"front_door": {"guest": "goods-01"}}}, ["front_door_unreadable goods-01", "unreachable"]),
    ],
)
def test_blockers(change: Callable[[Any, Any], None], more: Json, blockers: list[str]) -> None:
    made = make_plan(changed(suite(merged(WISH, more)), change))
    told = [f"{one['rule']} {one['where']}: {one['found']}" for one in made["blockers"]]
    assert len(told) == len(blockers), told
    assert all(line.startswith(start) for line, start in zip(told, blockers, strict=True)), told
    text = "\n".join(lines(made))
    assert ("Blockers" in text) == bool(blockers)


def test_a_front_door_that_does_not_exist() -> None:
    with pytest.raises(DocumentError, match=r"platform.suite.front_door.guest: 'edge' is not a guest of this vCenter"):
        make_plan(suite(merged(WISH, {"suite": {"front_door": {"guest": "edge"}}})))


def test_a_quota_that_is_too_small() -> None:
    tenancy = {"workspaces": [{"name": "w", "projects": [{"name": "p", "quota": {"cpu": 1, "memory_gib": 1}}]}]}
    with pytest.raises(CapacityError) as caught:
        make_plan(suite(merged(WISH, {"tenancy": tenancy})))
    assert [problem.path for problem in caught.value.problems] == [
        "platform.tenancy.workspaces[0].projects[0].quota.cpu",
        "platform.tenancy.workspaces[0].projects[0].quota.memory_gib",
    ]
    assert "1, and the services of p request 1.60 cores; at least 1.60" in str(caught.value)


def test_a_selection_that_means_nothing() -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        facts_of({}, {}, wish(estate={"include": "contains(tags"}))


def test_the_facts_are_not_changed() -> None:
    made = suite()
    before = copy.deepcopy((made.estate, made.workloads, made.platform))
    make_plan(made, make_plan(made))
    assert (made.estate, made.workloads, made.platform) == before


def test_a_large_estate_takes_no_time() -> None:
    """A guard against work that grows with the square: one such loop made 12 s of CPU out of 1 s for 10,000 guests."""
    machines = [host(f"esx-{number:03}", memory_gib=1024.0, threads=128) for number in range(200)]
    names = [f"app-{number:05}" for number in range(8000)]
    address = {name: f"10.{number >> 8}.{number & 255}.7" for number, name in enumerate(names)}
    large = facts(
        [guest(name, addresses=[address[name]], esxi_host=machines[len(name) % 200]["name"]) for name in names],
        [
            workload(
                name,
                service(f"s{number // 2}", outbound=[calls(address[names[number * 7 % 3000]], 8080)]),
                addresses=[address[name]],
            )
            for number, name in enumerate(names[:3000])
        ],
        platform=wish(plan={"workers": {"cpus": 32, "memory_gib": 128, "at_most": 1000}}),
        hosts=machines,
        datastores=[{"name": "ds-1", "capacity_gib": 9e6, "free_gib": 8e6, "accessible": True}],
    )
    began = time.process_time()
    made = make_plan(large)
    assert time.process_time() - began < 5
    assert len(made["services"]) == 1500
