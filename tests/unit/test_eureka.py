# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who in Eureka is a pod and who is on a guest."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core import eureka
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError

from tests.unit.test_manifests import SUITE

PLAN: Any = yaml.safe_load((SUITE / "plan.yml").read_text())


def instance(host: str, status: str = "UP", identity: str | None = None) -> dict[str, Any]:
    return {"instanceId": identity or f"{host}:order:8083", "hostName": host, "status": status}


def answer(*instances: dict[str, Any]) -> dict[str, Any]:
    return {"applications": {"application": [{"name": "ORDER", "instance": list(instances)}]}}


@pytest.mark.parametrize("body", [None, {}, {"applications": {}}, {"applications": {"application": []}}])
def test_an_empty_registry(body: Any) -> None:
    assert eureka.instances_of(body) == []


def test_one_of_something_need_not_be_a_list() -> None:
    body = {"applications": {"application": {"name": "ORDER", "instance": instance("order-01")}}}
    assert eureka.instances_of(body) == [eureka.Instance("ORDER", "order-01:order:8083", "order-01", "UP")]


def test_members_are_those_that_move_and_register() -> None:
    assert [one.name for one in eureka.members(PLAN, [])] == ["gateway", "goods", "member", "order"]
    assert eureka.members(PLAN, ["order", "redis", "shop-web"]) == [
        eureka.Member("order", "mall-trade", "ORDER", "order.mall-trade.svc")
    ]
    with pytest.raises(DocumentError, match="services: ordre"):
        eureka.members(PLAN, ["ordre"])


@pytest.mark.parametrize(
    ("instances", "drain", "restore", "lacking"),
    [
        ([instance("order-01")], ["order-01:order:8083"], [], ["order"]),
        ([instance("order-01"), instance("order.mall-trade.svc", identity="order-x")], ["order-01:order:8083"], [], []),
        ([instance("order-01", "OUT_OF_SERVICE"), instance("order.mall-trade.svc")], [], ["order-01:order:8083"], []),
        ([instance("order-01", "DOWN"), instance("order.mall-trade.svc", "STARTING")], [], [], ["order"]),
    ],
)
def test_who_is_where(instances: list[Any], drain: list[str], restore: list[str], lacking: list[str]) -> None:
    members, seen = eureka.members(PLAN, ["order"]), eureka.instances_of(answer(*instances))
    assert [one.identity for one in eureka.to_drain(members, seen)] == drain
    assert [one.identity for one in eureka.to_restore(members, seen)] == restore
    assert eureka.without_pods(members, seen) == lacking
