"""The past of the lab's shop fits together: the orders in the database, the members in Redis, and what is checked."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from decimal import Decimal

import pytest

from lab.suite import check, products

GUESTS = products.HERE / "guests"
ROW = re.compile(r"\((\d+), '(m-\d+)', \d+, '.*', \d+, ([\d.]+), '[\d :-]+'\)")


def _orders() -> dict[str, dict[int, Decimal]]:
    text = (GUESTS / "db-01/rootfs/usr/local/share/orders-db/past.sql").read_text()
    orders: dict[str, dict[int, Decimal]] = defaultdict(dict)
    for number, member, amount in ROW.findall(text):
        orders[member][int(number)] = Decimal(amount)
    return orders


def _members() -> dict[str, dict[str, object]]:
    members: dict[str, dict[str, object]] = defaultdict(lambda: {"points": 0, "orders": []})
    for line in (GUESTS / "redis-01/rootfs/usr/local/share/members/seed.redis").read_text().splitlines():
        command, key, *values = shlex.split(line)
        name = key.split(":")[1] if ":" in key else values[0]
        if command == "HSET":
            members[name]["points"] = int(dict(zip(values[::2], values[1::2], strict=True))["points"])
        elif command == "RPUSH":
            members[name]["orders"] = [int(value) for value in values]
    return members


@pytest.mark.parametrize("member", sorted(_members()))
def test_points_and_last_orders_follow_from_the_orders(member: str) -> None:
    orders, kept = _orders()[member], _members()[member]
    assert kept["points"] == sum(int(amount) for amount in orders.values())
    assert kept["orders"] == sorted(orders, reverse=True)[:10]


@pytest.mark.parametrize("member", sorted(check.PAST_ORDERS))
def test_what_the_check_looks_for_was_there(member: str) -> None:
    assert check.PAST_ORDERS[member] == sorted(_orders()[member])
    assert check.PAST_POINTS[member] == _members()[member]["points"]
