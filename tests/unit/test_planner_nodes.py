"""Nodes: how many workers, on which hosts and datastores, under which names and addresses; what does not fit."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import CapacityError, DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.plan import Plan
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.packing import Pod, Room, pack
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.room import platform_pods, room_of
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.workers import count_workers
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_platform
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.world import Json, guest, host, merged, plan, service, usage, wish, workload


def wanted(survive: int = 1, nodes: Json | None = None, **workers: Any) -> Json:
    plan = {"workers": workers, "survive": {"workers": survive}}
    platform: Json = parse_platform(wish(plan=plan, nodes=nodes or {}))
    return platform


def room(cpus: int, memory_gib: int, fill: float = 0.8) -> Room:
    return room_of(cpus, memory_gib, parse_platform(wish(plan={"fill": fill})))


def pods(**services: tuple[int, int, int]) -> list[Pod]:
    return [Pod(name, cpu, memory) for name, (count, cpu, memory) in services.items() for _ in range(count)]


def test_the_room_of_a_worker() -> None:
    # 16 GiB: 1 + 0.8 + 0.8 GiB are kubelet's and the system's; 80 % of the rest, less daemons and eviction
    assert room(8, 16) == Room(cpu=6128, memory=10577, pods=104)
    assert room(16, 64, 1.0).memory == int((64 - 2.6 - 48 * 0.06) * 1024 - 400)


def test_what_services_do_not_get_is_a_matter_of_the_document() -> None:
    nothing = {"cpu_millicores": 0, "memory_mib": 0, "pods": 0}
    reserve = {"on_each_worker": nothing, "in_the_cluster": nothing}
    platform = parse_platform(wish(plan={"reserve": reserve}, cluster={"pods_per_node": 60}))
    assert room_of(8, 16, platform) == Room(cpu=6128 + 200, memory=10577 + 300, pods=60)
    assert platform_pods(platform["plan"]) == []
    assert sum(pod.cpu for pod in platform_pods(parse_platform(wish())["plan"])) == 600


@pytest.mark.parametrize(
    ("workers", "what", "planned", "bound"),
    [
        ({"cpus": 8, "memory_gib": 16}, {}, 2, (1, "cpu", 2)),
        ({"cpus": 8, "memory_gib": 16}, {"a": (2, 100, 512)}, 2, (2, "replicas", 2)),
        ({"cpus": 8, "memory_gib": 16, "at_least": 4}, {"a": (2, 100, 512)}, 4, (2, "replicas", 2)),
        # three replicas stand on three workers
        ({"cpus": 8, "memory_gib": 16}, {"a": (3, 100, 512)}, 3, (3, "replicas", 3)),
        # more replicas than workers can be: they stand closer
        ({"cpus": 8, "memory_gib": 16, "at_most": 3}, {"a": (5, 100, 512)}, 3, (3, "replicas", 3)),
        ({"cpus": 8, "memory_gib": 16, "survive": 0, "at_least": 1}, {"a": (1, 100, 512)}, 1, (1, "memory", 1)),
        ({"cpus": 8, "memory_gib": 16}, {"a": (2, 5000, 512)}, 3, (2, "cpu", 3)),
        ({"cpus": 8, "memory_gib": 16}, {"a": (3, 100, 9000)}, 4, (3, "memory", 4)),
        ({"cpus": 64, "memory_gib": 256, "survive": 2}, {f"s{n}": (2, 10, 16) for n in range(110)}, 5, (3, "pods", 5)),
    ],
)
def test_how_many_workers(workers: Json, what: Json, planned: int, bound: tuple[int, str, int]) -> None:
    found = count_workers(pods(**what), wanted(**workers))
    assert (found.planned, (found.bound, found.bound_by, found.with_lost)) == (planned, bound)


def test_a_service_larger_than_a_worker() -> None:
    with pytest.raises(CapacityError) as caught:
        count_workers(pods(big=(1, 100, 20000), small=(1, 10, 10)), wanted(cpus=8, memory_gib=16))
    assert str(caught.value) == (
        "a service is larger than a worker\n  - service big: requests 100m CPU and 20000 MiB; "
        "a worker of 8 CPUs and 16 GiB has room for 6128m and 10577 MiB"
    )


def test_more_workers_than_allowed() -> None:
    with pytest.raises(CapacityError) as caught:
        count_workers(pods(a=(1, 6000, 10), b=(1, 6000, 10)), wanted(cpus=8, memory_gib=16, at_most=2))
    assert "platform.plan.workers.at_most: 2 workers of 8 CPUs and 16 GiB; at least 4, or larger ones" in str(
        caught.value
    )


POD = st.builds(Pod, st.sampled_from("abcdefgh"), st.integers(10, 6000), st.integers(16, 10000))


SMALL_ROOM = Room(6120, 10577, 12)


@given(st.lists(POD, max_size=60), st.booleans())
def test_no_bin_is_over_its_room_and_no_pod_is_lost(what: list[Pod], apart: bool) -> None:
    bins = pack(what, SMALL_ROOM, apart=apart)
    order = lambda pod: (pod.service, pod.cpu, pod.memory)  # noqa: E731
    assert sorted((pod for one in bins for pod in one.pods), key=order) == sorted(what, key=order)
    for one in bins:
        assert sum(pod.cpu for pod in one.pods) + one.cpu_left == SMALL_ROOM.cpu
        assert sum(pod.memory for pod in one.pods) + one.memory_left == SMALL_ROOM.memory
        assert min(one.cpu_left, one.memory_left) >= 0
        assert 0 < len(one.pods) <= SMALL_ROOM.pods
        if apart:
            assert len({pod.service for pod in one.pods}) == len(one.pods)


@given(st.lists(POD, max_size=40))
def test_the_plan_is_not_below_its_bound_and_survives_a_loss(what: list[Pod]) -> None:
    found = count_workers(what, wanted(cpus=8, memory_gib=16, at_most=1000))
    assert found.planned >= found.with_lost >= found.bound
    assert len(pack(what, room(8, 16), apart=False)) <= found.planned - 1


def labelled(**by_name: Json) -> Json:
    return {"labels": {"by_name": {name.replace("_", "-"): labels for name, labels in by_name.items()}}}


def bound(service: str, count: int, cpu: int, **selector: str) -> list[Pod]:
    return [Pod(service, cpu, 100, tuple(sorted(selector.items())))] * count


def test_pods_that_only_some_workers_may_carry_decide_how_many_there_are() -> None:
    nodes = labelled(worker_04={"disk": "ssd"}, worker_05={"disk": "ssd"})
    size = {"cpus": 8, "memory_gib": 16}
    found = count_workers([*bound("db", 2, 4000, disk="ssd"), *pods(a=(3, 3000, 100))], wanted(**size, nodes=nodes))
    assert found.planned == 5
    assert [[pod.service for pod in one.pods] for one in found.bins[3:]] == [["db"], ["db"]]
    assert (found.homeless, found.without_spare) == ((), ())
    # a label that all workers carry binds to none
    everywhere = {"labels": {"all_workers": {"disk": "ssd"}}}
    assert count_workers(bound("db", 2, 4000, disk="ssd"), wanted(**size, nodes=everywhere)).planned == 3
    # one such worker: both stand there, and have no spare
    found = count_workers(bound("db", 2, 2500, disk="ssd"), wanted(**size, nodes=labelled(worker_02={"disk": "ssd"})))
    assert (found.planned, found.without_spare) == (2, ("db",))
    # and if it is too small for both, or there is none at all, they are counted and said to be homeless
    for nodes, planned in ((labelled(worker_02={"disk": "ssd"}), 3), ({}, 3)):
        found = count_workers(bound("db", 2, 5000, disk="ssd"), wanted(**size, nodes=nodes))
        assert (found.homeless, found.planned) == (("db",), planned)


@given(st.lists(POD, max_size=40), st.lists(POD, max_size=10), st.lists(st.integers(1, 9), max_size=3, unique=True))
def test_bound_pods_stand_where_their_labels_are(what: list[Pod], special: list[Pod], where: list[int]) -> None:
    special = [Pod(f"{pod.service}-ssd", pod.cpu, pod.memory, (("disk", "ssd"),)) for pod in special]
    nodes = labelled(**{f"worker_{number:02}": {"disk": "ssd"} for number in where})
    found = count_workers([*what, *special], wanted(cpus=8, memory_gib=16, at_most=1000, nodes=nodes))
    placed = [pod for one in found.bins for pod in one.pods]
    assert len(placed) == len(what) + len(special)
    for number, one in enumerate(found.bins, 1):
        strangers = {pod.service for pod in one.pods if pod.selector} - set(found.homeless)
        assert not strangers or number in where
        assert min(one.cpu_left, one.memory_left) >= 0


def test_the_size_of_workers_that_nobody_chose() -> None:
    def size(*guests: Json, previous: Plan | None = None, hosts: list[Json] | None = None, **workers: Any) -> Any:
        named = [guest(f"app-{number}") for number in range(len(guests))]
        what = [workload(f"app-{number}", one) for number, one in enumerate(guests)]
        sizes = {"cpus": "auto", "memory_gib": "auto", "disk_gib": 40}
        platform = wish(plan={"workers": {**sizes, **workers}})
        made = plan(named, what, platform=platform, previous=previous, hosts=hosts)
        workers_only = [node for node in made["nodes"] if node["role"] == "worker"]
        return made, {(node["cpus"], node["memory_gib"]) for node in workers_only}, len(workers_only)

    few = [service(f"s{number}") for number in range(4)]
    many = [service(f"s{number}", flags=["-Xmx4g"]) for number in range(30)]
    assert size(*few)[1:] == ({(4, 16)}, 2)
    made, chosen, count = size(*many)
    assert (chosen, count) == ({(4, 32)}, 13)
    # what was settled stays while another size is hardly cheaper
    assert size(*many[:-1], previous=made)[1] == chosen
    # a socket of the ESXi hosts is the limit, and a number that is given stays
    assert size(*many, hosts=[host(f"esx-{n}", memory_gib=48.0) for n in range(40)])[1] == {(4, 16)}
    assert {cpus for cpus, _gib in size(*many, cpus=10)[1]} == {10}
    with pytest.raises(CapacityError, match="up to 16 CPUs and 32 GiB, one socket of the ESXi hosts, no size"):
        size(service("s", flags=["-Xmx40g"]), hosts=[host("esx-1", memory_gib=80.0), host("esx-2", memory_gib=80.0)])


def test_nodes_stand_where_they_stay_within_a_socket() -> None:
    small = host("esx-1", memory_gib=400.0, sockets=4, cores=8, threads=16)
    large = [host(f"esx-{number}", memory_gib=200.0) for number in (2, 3)]
    assert set(where(cluster([small, *large])).values()) == {"esx-1", "esx-2", "esx-3"}
    workers = {"plan": {"workers": {"cpus": 4}}}
    assert {name: esxi for name, esxi in where(cluster([small, *large], **workers)).items() if "worker" in name} == {
        "worker-01": "esx-2",
        "worker-02": "esx-3",
    }


SMALL: Json = {
    "control_planes": {"cpus": 2, "memory_gib": 8, "disk_gib": 40},
    "workers": {"cpus": 4, "memory_gib": 16, "disk_gib": 60},
}


def cluster(hosts: list[Json], guests: list[Json] | None = None, *, previous: Plan | None = None, **raw: Any) -> Plan:
    platform = wish(**merged({"plan": SMALL}, raw))
    return plan(
        [guest("app-01"), *(guests or [])],
        [workload("app-01", service("a"))],
        platform=platform,
        hosts=hosts,
        previous=previous,
    )


def where(made: Plan) -> dict[str, str]:
    return {node["name"]: node["esxi_host"] for node in made["nodes"]}


def hosts(*memory: float, **more: Any) -> list[Json]:
    return [host(f"esx-{number}", memory_gib=gib, **more) for number, gib in enumerate(memory, 1)]


def test_roles_spread_over_hosts_and_the_emptiest_comes_first() -> None:
    assert where(cluster(hosts(128, 192, 160))) == {
        "cp-01": "esx-2",
        "cp-02": "esx-3",
        "cp-03": "esx-1",
        "worker-01": "esx-2",
        "worker-02": "esx-3",
    }


def test_guests_take_room_and_our_own_nodes_do_not() -> None:
    heavy = guest("big-01", memory_gib=100.0, esxi_host="esx-2", statistics={"month": usage(1, 90.0)})
    own = guest("cp-01", memory_gib=100.0, esxi_host="esx-2", landfall={"role": "control_plane", "site": "test"})
    foreign = guest("cp-91", memory_gib=100.0, esxi_host="esx-2", landfall={"role": "worker", "site": "else"})
    two = hosts(128, 192)
    assert where(cluster(two))["cp-01"] == "esx-2"
    assert where(cluster(two, [own | {"statistics": {}}]))["cp-01"] == "esx-2"
    assert where(cluster(two, [heavy]))["cp-01"] == "esx-1"
    assert where(cluster(two, [foreign | {"statistics": {}}]))["cp-01"] == "esx-1"
    assert where(cluster(two, [heavy | {"power_state": "off"}]))["cp-01"] == "esx-2"


@pytest.mark.parametrize("more", [{"in_maintenance": True}, {"power_state": "standBy"}, {"cluster": "B"}])
def test_hosts_that_cannot_be_used_are_not(more: Json) -> None:
    four = [*hosts(64, 64, 64), host("esx-9", memory_gib=900.0) | more]
    made = cluster(four, nodes={"clusters": ["A"]})
    assert "esx-9" not in where(made).values()


def test_control_planes_stand_on_different_hosts() -> None:
    with pytest.raises(CapacityError) as caught:
        cluster([*hosts(128, 128), host("esx-3", memory_gib=8.0)])
    assert "node cp-03: needs 2 CPUs and 8 GiB (56 GiB for all 5 nodes); free is esx-1 " in str(caught.value)
    assert "control planes stand on different hosts" in str(caught.value)
    # with two hosts for three, two of them stand together
    assert sorted(where(cluster(hosts(128, 128))).values()) == ["esx-1", "esx-1", "esx-2", "esx-2", "esx-2"]


def test_not_enough_hosts() -> None:
    with pytest.raises(CapacityError) as caught:
        cluster(hosts(24, 24, 24))
    assert "the nodes do not fit onto the ESXi hosts\n  - node worker-01: needs 4 CPUs and 16 GiB" in str(caught.value)
    with pytest.raises(CapacityError, match=r"free is .* of 3 threads"):
        cluster(hosts(128, 128, 128, threads=3))
    with pytest.raises(CapacityError, match=r"this vCenter with no ESXi host that is on"):
        cluster(hosts(128, in_maintenance=True))


def test_the_loss_of_a_host_is_survived_or_refused() -> None:
    with pytest.raises(CapacityError) as caught:
        cluster(hosts(48, 16, 16))
    assert "cluster A: worker-01 (16 GiB) finds no room when esx-1 is lost" in str(caught.value)
    assert where(cluster(hosts(48, 16, 16), plan={"survive": {"esxi_hosts": 0}}))["worker-01"] == "esx-1"


def test_datastores() -> None:
    def stores(made: Plan) -> set[str]:
        return {node["datastore"] for node in made["nodes"]}

    three = hosts(128, 128, 128)
    assert stores(cluster(three)) == {"ds-2"}
    assert stores(cluster(three, nodes={"datastore": "ds-1"})) == {"ds-1"}
    assert stores(cluster([one | {"datastores": ["ds-1"]} for one in three])) == {"ds-1"}
    with pytest.raises(DocumentError, match=r"platform.nodes.datastore: 'ds-3' is not a datastore"):
        cluster(three, nodes={"datastore": "ds-3"})
    with pytest.raises(CapacityError, match="has no datastore with 40 GiB: it mounts none"):
        cluster([one | {"datastores": []} for one in three])
    with pytest.raises(CapacityError, match="has no datastore with 9000 GiB: ds-2 has 2590 GiB to give"):
        cluster(three, plan={"control_planes": {"disk_gib": 9000}})


RANGE: Json = {"nodes": {"addresses": {"range": "10.0.0.10-10.0.0.15", "gateway": "10.0.0.1"}}}


def test_addresses_and_labels() -> None:
    labels = {
        "all_workers": {"zone": "a"},
        "all_control_planes": {"zone": "c"},
        "by_name": {"worker-02": {"disk": "ssd"}},
    }
    made = cluster(hosts(256, 256, 256), **merged(RANGE, {"nodes": {"labels": labels}}))
    assert [(node["name"], node["address"], node["labels"]) for node in made["nodes"]] == [
        ("cp-01", "10.0.0.10", {"zone": "c"}),
        ("cp-02", "10.0.0.11", {"zone": "c"}),
        ("cp-03", "10.0.0.12", {"zone": "c"}),
        ("worker-01", "10.0.0.13", {"zone": "a"}),
        ("worker-02", "10.0.0.14", {"disk": "ssd", "zone": "a"}),
    ]
    assert {node["address"] for node in cluster(hosts(256, 256, 256))["nodes"]} == {None}
    with pytest.raises(DocumentError, match=r"by_name.worker-9: is not a node of this plan; did you mean worker-0"):
        cluster(hosts(256, 256, 256), nodes={"labels": {"by_name": {"worker-9": {}}}})


def test_more_nodes_than_addresses() -> None:
    raw = merged(RANGE, {"plan": {"replicas": {"default": 4}}})
    with pytest.raises(CapacityError, match=r"10.0.0.10-10.0.0.15 has 6 addresses for 7 nodes; at least 7"):
        cluster(hosts(256, 256, 256), **raw)


def test_what_stands_stays_when_the_estate_or_the_wish_changes() -> None:
    before = cluster(hosts(128, 192, 160), **RANGE)
    # another host is the emptiest now, and there are more control planes than before
    more = merged(RANGE, {"plan": {"control_planes": {"count": 3}, "workers": {"at_least": 3}}})
    after = cluster(hosts(300, 128, 128), previous=before, **more)
    old = {node["name"]: node for node in before["nodes"]}
    assert [node for node in after["nodes"] if node["name"] in old] == before["nodes"]
    assert where(after)["worker-03"] == "esx-1"
    assert after["nodes"][-1]["address"] == "10.0.0.15"
    # a host that has no room any more is left, unless the node stands there already
    heavy = guest("big-01", memory_gib=170.0, esxi_host="esx-2", statistics={"month": usage(1, 160.0)})
    own = guest("cp-01", esxi_host="esx-2", landfall={"role": "control_plane"})
    crowded = {"hosts": hosts(128, 192, 160), "previous": before, **RANGE}
    assert where(cluster(guests=[heavy], **crowded))["worker-01"] != where(before)["worker-01"] == "esx-2"
    assert where(cluster(guests=[heavy, own], **crowded))["cp-01"] == "esx-2"
    # a host that is gone is left
    without = cluster(hosts(128, 192), previous=before, **RANGE)
    assert "esx-3" not in where(without).values()
    assert [node["address"] for node in without["nodes"]] == [node["address"] for node in before["nodes"]]


def test_adopted_machines_are_workers() -> None:
    old = guest("old-01", cpus=8, memory_gib=32.0, disk_gib=200.0, addresses=["fe80::1", "10.0.0.77"])
    made = cluster(hosts(256, 256, 256), [old], nodes={"adopt": ["old-01"]}, estate={"exclude": "name == 'old-01'"})
    assert [node["name"] for node in made["nodes"]] == ["cp-01", "cp-02", "cp-03", "worker-01", "old-01"]
    assert (made["nodes"][-1]["address"], made["nodes"][-1]["memory_gib"]) == ("10.0.0.77", 32)
    assert made["blockers"] == []
    with pytest.raises(DocumentError) as caught:
        cluster(hosts(256, 256, 256), [guest("tiny-01", cpus=1)], nodes={"adopt": ["old-02", "tiny-01"]})
    assert str(caught.value).splitlines()[1:] == [
        "  - platform.nodes.adopt[0]: 'old-02' is not a VM of this vCenter; one of app-01, tiny-01",
        "  - platform.nodes.adopt[1]: tiny-01 has 1 CPUs and 8 GiB; at least 4 CPUs and 16 GiB, as a worker",
    ]


def test_a_cluster_that_does_not_exist() -> None:
    with pytest.raises(
        DocumentError, match=r"platform.nodes.clusters\[1\]: 'B' is not a cluster of this vCenter; one of A"
    ):
        cluster(hosts(128, 128, 128), nodes={"clusters": ["A", "B"]})


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.integers(1, 3), st.integers(0, 2))
def test_no_host_is_over_its_limits(sizes: list[int], copies: int, lost: int) -> None:
    machines = [host(f"esx-{number}", memory_gib=float(size * 8)) for number, size in enumerate(sizes)]
    raw = {"plan": {"survive": {"esxi_hosts": lost}, "workers": {"at_least": copies}, "replicas": {"default": copies}}}
    try:
        made = cluster(machines, **raw)
    except CapacityError:
        return
    for one in machines:
        there = [node for node in made["nodes"] if node["esxi_host"] == one["name"]]
        assert sum(node["memory_gib"] for node in there) <= one["memory_gib"] * 0.95
        assert sum(node["cpus"] for node in there) <= one["threads"]
        masters = sum(node["role"] == "control_plane" for node in there)
        assert masters <= max(1, 4 - len(machines))
