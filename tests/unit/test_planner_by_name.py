"""What platform.yml says of single nodes: their size, ESXi host, datastore and address."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import CapacityError, DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.plan import Plan

from tests.unit.world import Json, guest, host, merged, plan, service, wish, workload

SIZES: Json = {
    "control_planes": {"cpus": 2, "memory_gib": 8, "disk_gib": 40},
    "workers": {"cpus": 8, "memory_gib": 16, "disk_gib": 60},
}


def planned(by_name: Json, *, previous: Plan | None = None, flags: str = "-Xmx512m", **raw: Any) -> Plan:
    hosts = [host(f"esx-{number}", memory_gib=128.0) for number in (1, 2, 3)]
    platform = wish(**merged({"plan": SIZES, "nodes": {"by_name": by_name}}, raw))
    what = [workload("app-01", service("a", flags=[flags]))]
    return plan(
        [guest("app-01"), guest("old-01", disk_gib=200.0, cpus=8, memory_gib=32.0)],
        what,
        platform=platform,
        hosts=hosts,
        previous=previous,
    )


def node(made: Plan, name: str) -> Any:
    return next(one for one in made["nodes"] if one["name"] == name)


def test_every_number_of_a_node_can_be_said() -> None:
    own = {
        "cpus": 12,
        "memory_gib": 48,
        "disk_gib": 90,
        "esxi_host": "esx-1",
        "datastore": "ds-1",
        "address": "10.0.9.9",
    }
    addresses = {"range": "10.0.0.10-10.0.0.15", "gateway": "10.0.0.1"}
    made = planned({"worker-02": own, "cp-01": {"esxi_host": "esx-3"}}, nodes={"addresses": addresses})
    found = node(made, "worker-02")
    assert {key: found[key] for key in own} == own
    assert node(made, "cp-01")["esxi_host"] == "esx-3"
    # the others are as before, and nobody else gets that address or what it leaves
    assert [one["address"] for one in made["nodes"]] == [*(f"10.0.0.{n}" for n in (10, 11, 12, 13)), "10.0.9.9"]
    assert node(made, "worker-01")["cpus"] == 8
    assert to_yaml(
        planned({"worker-02": own, "cp-01": {"esxi_host": "esx-3"}}, previous=made, nodes={"addresses": addresses})
    ) == to_yaml(made)
    # what was settled otherwise gives way
    before = planned({})
    elsewhere = next(name for name in ("esx-1", "esx-2") if name != node(before, "worker-01")["esxi_host"])
    assert (
        node(planned({"worker-01": {"esxi_host": elsewhere}}, previous=before), "worker-01")["esxi_host"] == elsewhere
    )


def test_a_worker_of_a_size_of_its_own_holds_as_much_as_it_has() -> None:
    def count(by_name: Json) -> tuple[int, Any]:
        raw = {"survive": {"workers": 0}, "replicas": {"default": 4}, "workers": {"at_least": 1}}
        cpu = {"suite": {"services": {"a": {"requests": {"cpu_millicores": 1000, "memory_mib": 6000}}}}}
        made = planned(by_name, **merged({"plan": merged(raw, {"workers": {"at_most": 4}})}, cpu))
        summary: Any = made["summary"]
        return len(made["nodes"]) - 3, summary["bound"]["workers"]

    assert count({}) == (4, 4)
    small = {"worker-01": {"memory_gib": 4}}
    with pytest.raises(CapacityError, match="4 workers of 8 CPUs and 16 GiB; at least 5"):
        count(small)


def test_a_larger_worker_may_be_lost() -> None:
    raw = {"survive": {"workers": 1}, "replicas": {"default": 1}, "workers": {"at_least": 2}}
    memory = {"suite": {"services": {"a": {"replicas": 3, "requests": {"cpu_millicores": 100, "memory_mib": 9000}}}}}
    made = planned({"worker-01": {"memory_gib": 64}}, **merged({"plan": raw}, memory))
    # without the large one, three that take one each are left
    assert len(made["nodes"]) - 3 == 4


def test_everything_that_cannot_be_is_told_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        planned(
            {
                "worker-09": {"cpus": 4},
                "worker-01": {"esxi_host": "esx-9", "datastore": "ds-9"},
                "worker-02": {"esxi_host": "esx-1", "datastore": "ds-3"},
                "old-01": {"address": "10.0.0.3"},
            },
            nodes={"adopt": ["old-01"], "labels": {"by_name": {"worker-x": {}}}, "addresses": {"gateway": "10.0.0.1"}},
            plan={"workers": {"at_least": 3}},
            estate={"exclude": "name == 'old-01'"},
        )
    assert [line.partition(";")[0] for line in str(caught.value).splitlines()[1:]] == [
        "  - platform.nodes.labels.by_name.worker-x: is not a node of this plan",
        "  - platform.nodes.by_name.worker-09: is not a node of this plan",
        "  - platform.nodes.by_name.worker-01.esxi_host: 'esx-9' is not an ESXi host that can carry nodes",
        "  - platform.nodes.by_name.worker-01.datastore: 'ds-9' is not a datastore",
        "  - platform.nodes.by_name.worker-02.datastore: 'ds-3' is not a datastore",
        "  - platform.nodes.by_name.old-01.address: old-01 is taken over as it stands",
    ]


def test_an_esxi_host_that_has_no_room_for_the_node_that_is_wanted_there() -> None:
    with pytest.raises(CapacityError, match=r"or another platform.nodes.by_name.worker-01.esxi_host than esx-1"):
        planned({"worker-01": {"esxi_host": "esx-1", "memory_gib": 200}})
