# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Addresses of guests become names of Services; what only looks like one stays."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.rewrite import Rewriter, mapping_of

from tests.unit.test_manifests import SUITE

PLAN: Any = yaml.safe_load((SUITE / "plan.yml").read_text())
REWRITER = Rewriter(PLAN, "mall-trade")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("jdbc:mariadb://10.99.0.28:3306/orders", "jdbc:mariadb://mariadb:3306/orders"),
        ("-Dspring.data.redis.host=redis-01", "-Dspring.data.redis.host=redis"),
        (
            "http://eureka-01:8761/eureka/,http://EUREKA-01:8761/eureka/",
            "http://eureka:8761/eureka/,http://eureka:8761/eureka/",
        ),
        ("redis://:pw@redis-01", "redis://:pw@redis"),
        ("web-01", "shop-web"),
        # only what looks like it
        ("10.99.0.280", "10.99.0.280"),
        ("110.99.0.28:3306", "110.99.0.28:3306"),
        ("10.99.0.28.nip.example", "10.99.0.28.nip.example"),
        ("redis-01.other.example", "redis-01.other.example"),
        ("old-redis-01, redis-012", "old-redis-01, redis-012"),
        ("lb://goods", "lb://goods"),
        # a port of the guest that is none of a planned service
        ("http://redis-01:9121/metrics", "http://redis-01:9121/metrics"),
        # a service that stays and that nobody who moves calls
        ("http://nexus-01:8081/repository", "http://nexus-01:8081/repository"),
    ],
)
def test_values(text: str, wanted: str) -> None:
    assert REWRITER.value(text) == wanted


YAML = """\
# asks redis-01
redis-01: {host: redis-01}   # key stays
"10.99.0.28":
  - 10.99.0.28:3306
  - url: http://goods-01:8081
"""
PROPERTIES = """\
! goods-01
redis-01 = redis-01
a.b=db-01:3306
c.d: member-01
"""


def test_keys_and_comments_stay_in_yaml() -> None:
    text, changes = REWRITER.file("/srv/application.yml", YAML)
    assert (
        text
        == """\
# asks redis-01
redis-01: {host: redis}   # key stays
"10.99.0.28":
  - mariadb:3306
  - url: http://goods:8081
"""
    )
    assert mapping_of(changes)["/srv/application.yml:4"] == "10.99.0.28:3306 -> mariadb:3306"


def test_keys_and_comments_stay_in_properties() -> None:
    text, _changes = REWRITER.file("/srv/application.properties", PROPERTIES)
    assert text == "! goods-01\nredis-01 = redis\na.b=mariadb:3306\nc.d: member\n"


def test_other_files_are_read_as_text() -> None:
    assert REWRITER.file("/srv/a.xml", "<host>redis-01</host>\r\n<!-- redis-01 -->")[0] == (
        "<host>redis</host>\r\n<!-- redis-01 -->"
    )


def test_on_a_shared_guest_only_the_port_tells() -> None:
    plan = copy.deepcopy(PLAN)
    goods, member = (next(one for one in plan["services"] if one["name"] == name) for name in ("goods", "member"))
    member["from"] = [{**member["from"][0], "guest": "goods-01", "address": "10.99.0.23"}]
    rewriter = Rewriter(plan, "mall-trade")
    assert rewriter.value("goods-01:8081 10.99.0.23:8084 goods-01") == "goods:8081 member:8084 goods-01"
    assert goods["name"] == "goods"


def test_a_guest_with_an_everyday_name_is_an_address_only_where_one_can_be() -> None:
    plan = copy.deepcopy(PLAN)
    redis = next(one for one in plan["services"] if one["name"] == "redis")
    redis["from"] = [{**redis["from"][0], "guest": "cache"}]
    rewriter = Rewriter(plan, "mall-trade")
    assert rewriter.value("type: cache, url: redis://cache, at cache:6379") == (
        "type: cache, url: redis://redis, at redis:6379"
    )


def test_another_namespace_needs_the_long_name() -> None:
    assert Rewriter(PLAN, "mall-marketing").value("redis-01:6379") == "redis.mall-trade:6379"


def test_nothing_planned_changes_nothing() -> None:
    assert Rewriter({**PLAN, "services": []}, "x").value("redis-01") == "redis-01"
