"""Workers that do not fit beside the guests: who stands when, what moves when, and VMs that are taken over."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import CapacityError, DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.plan import Plan
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.make import check_fresh, make_plan
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.stages import stands_after
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.summary import lines
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.waves import components
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tests.unit.world import (
    Json,
    calls,
    facts,
    guest,
    host,
    merged,
    plain,
    plan,
    registry,
    service,
    usage,
    wish,
    workload,
)

SMALL: Json = {
    "control_planes": {"count": 1, "cpus": 2, "memory_gib": 4, "disk_gib": 40},
    "workers": {"cpus": 4, "memory_gib": 16, "disk_gib": 40, "at_least": 1},
    "survive": {"workers": 0, "esxi_hosts": 0},
    "replicas": {"default": 1},
}


def machine(name: str, number: int, gib: float, esxi: str = "esx-1", **more: Any) -> Json:
    return guest(
        name,
        addresses=[f"10.0.1.{number}"],
        esxi_host=esxi,
        memory_gib=gib,
        **merged({"statistics": {"month": usage(0.2, gib)}}, more),
    )


def app(name: str, *behind: int, mib: int = 6000, **more: Any) -> Json:
    """A service that alone fills most of a worker, and calls what listens on other guests."""
    return service(name, flags=[f"-Xmx{mib}m"], outbound=[calls(f"10.0.1.{one}", 8080) for one in behind], **more)


def chain(esxi_gib: float, *, previous: Plan | None = None, **raw: Any) -> Plan:
    """a calls b calls c, each on a guest of 12 GiB and large enough for a worker of its own; all on one ESXi host."""
    guests = [machine("vm-a", 1, 12.0), machine("vm-b", 2, 12.0), machine("vm-c", 3, 12.0)]
    told = [
        workload("vm-a", app("a", 2, mib=8000), addresses=["10.0.1.1"]),
        workload("vm-b", app("b", 3, mib=8000), addresses=["10.0.1.2"]),
        workload("vm-c", app("c", mib=8000), addresses=["10.0.1.3"]),
    ]
    platform = wish(**merged({"plan": SMALL}, raw))
    return plan(
        guests, told, platform=platform, hosts=[host("esx-1", memory_gib=(esxi_gib + 0.1) / 0.95)], previous=previous
    )


def waits(made: Plan) -> dict[str, list[str]]:
    return {node["name"]: node["waits_for"] for node in made["nodes"]}


def test_with_room_for_all_of_them_all_nodes_are_made_at_first() -> None:
    made = chain(36 + 4 + 48)
    assert set(map(tuple, waits(made).values())) == {()}
    assert "nodes_in_stages" not in {one["rule"] for one in made["warnings"]}
    assert not any("stands" in line for line in lines(made))


def test_the_others_stand_on_what_earlier_waves_free() -> None:
    made = chain(36 + 4 + 24)
    assert waits(made) == {"cp-01": [], "worker-01": [], "worker-02": ["vm-a"], "worker-03": ["vm-a", "vm-b"]}
    assert [wave["services"] for wave in made["waves"]] == [["a"], ["b"], ["c"]]
    assert [stands_after(node, made["waves"]) for node in made["nodes"]] == [0, 0, 1, 2]
    assert [wave["needs"] for wave in made["waves"]] == [[], ["worker-02"], ["worker-03"]]
    # guests that are not free yet, and the nodes that stand by then
    assert [wave["peak"]["memory_gib"] for wave in made["waves"]] == [36 + 20, 24 + 36, 12 + 52]
    assert [one for one in made["warnings"] if one["rule"] == "nodes_in_stages"] == [
        {
            "rule": "nodes_in_stages",
            "severity": "warning",
            "where": f"wave {number}",
            "found": f"{node} can stand only then, when {guests} off",
            "meant": "after this wave retire its guests and build again; the next wave needs these nodes",
        }
        for number, node, guests in ((1, "worker-02", "vm-a is"), (2, "worker-03", "vm-a, vm-b are"))
    ]
    assert [line.rpartition("  ")[2] for line in lines(made) if "GiB 40 GiB" in line] == [
        "at first",
        "at first",
        "after wave 1",
        "after wave 2",
    ]
    assert to_yaml(chain(36 + 4 + 24, previous=made)) == to_yaml(made)


@pytest.mark.parametrize(
    ("gib", "what"),
    [
        (36 + 4 + 20, "the waves: c find no room on the 2 workers that stand by then, worker-01, worker-02"),
        (36 + 4 + 10, "the waves: a find no room on the 0 workers that stand by then"),
    ],
)
def test_what_is_short_where_the_waves_do_not_free_enough(gib: float, what: str) -> None:
    with pytest.raises(CapacityError) as caught:
        chain(gib)
    assert str(caught.value).startswith("the nodes do not fit onto the ESXi hosts\n  - node worker-0")
    assert what in str(caught.value)


def test_workers_that_find_no_room_even_after_the_last_wave() -> None:
    with pytest.raises(CapacityError, match="the waves: worker-09, worker-10 find no room either on what they free"):
        chain(36 + 4 + 100, plan={"workers": {"at_least": 10}})


def test_what_fits_moves_first_and_a_service_that_waits_for_a_worker_later() -> None:
    # nobody calls the large one: it waits for its worker while the small one makes room for it
    guests = [machine("vm-a", 1, 8.0), machine("vm-z", 2, 16.0)]
    told = [
        workload("vm-a", app("a", mib=8000), addresses=["10.0.1.1"]),
        workload("vm-z", app("z", mib=3000), addresses=["10.0.1.2"]),
    ]
    labels = {"by_name": {"worker-02": {"ram": "much"}}}
    sizes = {"nodes": {"by_name": {"worker-02": {"memory_gib": 24}}, "labels": labels}}
    selector = {"suite": {"services": {"a": {"node_selector": {"ram": "much"}}}}}
    made = plan(
        guests,
        told,
        platform=wish(**merged({"plan": SMALL}, merged(sizes, selector))),
        hosts=[host("esx-1", memory_gib=(24 + 4 + 16 + 8) / 0.95)],
    )
    assert [wave["services"] for wave in made["waves"]] == [["z"], ["a"]]
    assert made["waves"][0]["because"] == "nothing that moves calls it; more do not fit onto the workers by then"
    assert waits(made)["worker-02"] == ["vm-z"]


def test_a_node_waits_for_few_large_guests() -> None:
    names = {"vm-a": 2.0, "vm-b": 9.0, "vm-c": 3.0, "vm-d": 12.0}
    guests = [machine(name, number, gib) for number, (name, gib) in enumerate(names.items(), 1)]
    told = [
        workload(name, app(name[-1], mib=2000), addresses=[f"10.0.1.{number}"]) for number, name in enumerate(names, 1)
    ]
    platform = wish(plan=merged(SMALL, {"workers": {"at_least": 2}}))
    made = plan(guests, told, platform=platform, hosts=[host("esx-1", memory_gib=(26 + 4 + 16 + 3) / 0.95)])
    assert waits(made)["worker-02"] == ["vm-b", "vm-d"]


def adopted(*names: str, told: list[Json] | None = None, guests: list[Json] | None = None, **raw: Any) -> Plan:
    machines = guests or [machine("vm-a", 1, 16.0, cpus=4), machine("vm-b", 2, 16.0, cpus=4)]
    what = told or [workload("vm-a", app("a"), addresses=["10.0.1.1"])]
    base = {"plan": merged(SMALL, {"workers": {"at_least": 2}}), "nodes": {"adopt": list(names)}}
    return plan(machines, what, platform=wish(**merged(base, raw)))


def test_an_idle_machine_is_taken_over_at_once() -> None:
    made = adopted("vm-b", estate={"exclude": "name == 'vm-b'"})
    node = made["nodes"][-1]
    assert (node["name"], node["adopt"], node["waits_for"]) == ("vm-b", True, [])
    assert [one["adopt"] for one in made["nodes"]] == [False, False, True]
    # it neither goes nor comes
    assert made["summary"]["guests_freed"] == 1
    assert made["summary"]["saved"] == {
        "guests": -1,
        "cpus": -2,
        "memory_gib": -4.0,
        "operating_systems_memory_gib": -0.5,
    }


def test_a_machine_that_is_taken_over_joins_when_it_is_drained() -> None:
    made = adopted("vm-a")
    assert waits(made) == {"cp-01": [], "worker-01": [], "vm-a": ["vm-a"]}
    assert [wave["frees"] for wave in made["waves"]] == [["vm-a"]]
    assert made["waves"][0]["peak"]["memory_gib"] == 4 + 16 + 16
    assert made["summary"]["guests_freed"] == 0
    saved: Any = made["summary"]["saved"]
    assert saved["guests"] == -2
    with pytest.raises(CapacityError, match="the waves: a find no room on the 0 workers that stand by then"):
        adopted("vm-a", plan={"workers": {"at_least": 1}})


def test_what_keeps_machines_from_being_taken_over() -> None:
    addresses = [f"10.0.1.{number}" for number in range(1, 7)]
    names = ["vm-a", "vm-db", "vm-door", "vm-small", "vm-twice", "vm-out"]
    guests = [machine(name, number, 16.0, cpus=4) for number, name in enumerate(names, 1)]
    guests[3] = machine("vm-small", 4, 8.0, cpus=2, disk_gib=20.0)
    guests.append(machine("vm-twice", 8, 16.0, cpus=4, uuid="another"))
    told = [
        workload("vm-a", app("a"), addresses=[addresses[0]]),
        workload("vm-db", app("b"), plain("mariadb", 3306), addresses=[addresses[1]]),
        workload("vm-door", plain("nginx", 80), addresses=[addresses[2]]),
        workload("vm-out", app("c"), addresses=[addresses[5]]),
    ]
    told[0]["lacks"] = ["python3", "ip"]
    with pytest.raises(DocumentError) as caught:
        adopted(
            *names,
            "vm-none",
            told=told,
            guests=guests,
            estate={"exclude": "name == 'vm-out'"},
            suite={"front_door": {"guest": "vm-door"}, "services": {"c": {"moves": True}}},
        )
    assert str(caught.value).splitlines()[1:] == [
        "  - platform.nodes.adopt[0]: vm-a lacks python3, ip, which a node needs; "
        "the packages python3, iproute2 there, and assess again",
        "  - platform.nodes.adopt[1]: vm-db stays what it is: mariadb stays there; "
        "a VM that is free after the move, or platform.suite.services.mariadb: moves or ends",
        "  - platform.nodes.adopt[2]: vm-door stays what it is: the front door; another VM",
        "  - platform.nodes.adopt[3]: vm-small has 2 CPUs and 8 GiB; at least 4 CPUs and 16 GiB, as a worker",
        "  - platform.nodes.adopt[3]: vm-small has a disk of 20 GiB; at least 40 GiB, as a worker, or "
        "platform.nodes.by_name.vm-small.disk_gib",
        "  - platform.nodes.adopt[4]: 2 VMs have the name vm-twice; a name of its own",
        "  - platform.nodes.adopt[5]: vm-out is never free: it does not count; platform.estate.include with it",
        "  - platform.nodes.adopt[6]: 'vm-none' is not a VM of this vCenter; did you mean vm-out?",
    ]


def test_memory_of_a_machine_that_is_taken_over_counts_once() -> None:
    heavy = [machine("vm-a", 1, 100.0, cpus=4), machine("vm-b", 2, 16.0, cpus=4)]
    one = [host("esx-1", memory_gib=(100 + 16 + 4) / 0.95)]
    raw = {"plan": SMALL, "nodes": {"adopt": ["vm-a"]}, "estate": {"exclude": "name == 'vm-a'"}}
    made = plan(heavy, [workload("vm-b", app("b"), addresses=["10.0.1.2"])], platform=wish(**raw), hosts=one)
    assert [node["name"] for node in made["nodes"]] == ["cp-01", "vm-a"]


def test_a_machine_that_was_taken_over_is_no_other_estate() -> None:
    def facts_of(**marks: str) -> Any:
        guests = [machine("vm-a", 1, 16.0), machine("vm-b", 2, 16.0, landfall=marks)]
        raw = {"plan": merged(SMALL, {"workers": {"at_least": 2}}), "nodes": {"adopt": ["vm-b"]}}
        return facts(guests, [workload("vm-a", app("a"), addresses=["10.0.1.1"])], platform=wish(**raw))

    before = make_plan(facts_of())
    check_fresh(before, facts_of(role="worker", site="test"))
    assert make_plan(facts_of(role="worker", site="test"), before)["nodes"] == before["nodes"]


@st.composite
def tight(draw: st.DrawFn) -> tuple[list[Json], list[Json], Json, list[Json]]:
    """Suites on ESXi hosts that hardly hold them; some of their machines are taken over."""
    count = draw(st.integers(1, 8))
    guests, told = [], []
    for number in range(1, count + 1):
        gib = float(draw(st.integers(4, 20)))
        guests.append(machine(f"vm-{number}", number, gib, f"esx-{draw(st.integers(1, 2))}"))
        behind = draw(st.lists(st.integers(1, count), max_size=2))
        kind = draw(st.sampled_from(["app", "app", "app", "app", "registry", "stays"]))
        what = app(f"s-{draw(st.integers(1, 6))}", *behind, mib=draw(st.sampled_from([500, 3000, 7000])))
        what = registry() if kind == "registry" else plain("mariadb", 3306) if kind == "stays" else what
        told.append(workload(f"vm-{number}", what, addresses=[f"10.0.1.{number}"]))
    adopt = [one["name"] for one in guests if one["memory_gib"] >= 16 and draw(st.booleans())]
    sizes = {
        "replicas": {"default": draw(st.integers(1, 2))},
        "survive": {"workers": draw(st.integers(0, 1)), "esxi_hosts": draw(st.integers(0, 1))},
        "workers": {"at_least": 1},
    }
    raw = wish(plan=merged(SMALL, sizes), nodes={"adopt": adopt})
    return guests, told, raw, [host(f"esx-{n}", memory_gib=float(draw(st.integers(30, 120)))) for n in (1, 2, 3)]


@given(tight())
def test_every_wave_is_feasible(world: tuple[list[Json], list[Json], Json, list[Json]]) -> None:
    guests, told, raw, hosts = world
    try:
        made = make_plan(facts(guests, told, platform=raw, hosts=hosts))
    except (CapacityError, DocumentError):
        assume(False)
    event(f"stages: {len({stands_after(node, made['waves']) for node in made['nodes']})}")
    services = {one["name"]: one for one in made["services"] if one["moves"]}
    assert Counter(name for wave in made["waves"] for name in wave["services"]) == Counter(list(services))
    off: set[str] = set()
    moved: list[Any] = []
    adopt = {node["name"] for node in made["nodes"] if node["adopt"]}
    for wave in made["waves"]:
        stand = [node for node in made["nodes"] if set(node["waits_for"]) <= off]
        workers = [node for node in stand if node["role"] == "worker"]
        for one in hosts:
            nodes = [node for node in stand if node["esxi_host"] == one["name"]]
            others = [vm for vm in guests if vm["esxi_host"] == one["name"] and vm["name"] not in off | adopt]
            given = sum(node["memory_gib"] for node in nodes) + sum(vm["memory_gib"] for vm in others)
            # where only VMs that were there before stand, the planner has put nothing
            assert given <= one["memory_gib"] * 0.95 + 0.001 or all(node["adopt"] for node in nodes)
        moved += [services[name] for name in wave["services"]]
        assert sum(one["requests"]["memory_mib"] * one["replicas"] for one in moved) <= sum(
            (node["memory_gib"] if not node["adopt"] else 16) * 1024 * 0.8 for node in workers
        )
        assert all(one["replicas"] <= len(workers) for one in moved)
        off |= set(wave["frees"])
    # whoever waits, waits for what is free before the end
    assert all(set(node["waits_for"]) <= off for node in made["nodes"])
    # callers before callees, but in a cycle
    graph = {name: [callee for callee in one["calls"] if callee in services] for name, one in services.items()}
    part = {name: number for number, several in enumerate(components(graph)) for name in several}
    for caller, callees in graph.items():
        for callee in callees:
            own, other = services[caller]["wave"], services[callee]["wave"]
            assert own == other if part[caller] == part[callee] else own < other
    again = make_plan(facts(guests, told, platform=raw, hosts=hosts), made)
    assert to_yaml(again) == to_yaml(made)
