# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Proves that the shop works as a customer sees it: goods, an order, points; and that nothing of the past is lost.

As a program: python -m lab.suite.check http://10.99.0.30 [--wait SECONDS]
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time
import urllib.error
import urllib.request
from typing import Any

MEMBER = "m-1001"
# What lay in the database and in Redis before anybody moved anything (guests/db-01, guests/redis-01).
PAST_ORDERS = {"m-1001": [1002, 1004, 1007, 1015, 1025, 1039, 1042], "m-1004": [1046], "m-1012": []}
PAST_POINTS = {"m-1001": 1369, "m-1004": 238, "m-1012": 0}


class ShopError(Exception):
    """The shop does not work: what was asked, what came back, and what would be right."""


def shop(base_url: str) -> dict[str, int]:
    """Go through the whole shop once; counts of what was seen. Raises ShopError where something is not right."""
    page = _fetch(f"{base_url}/")
    _expect('id="goods"' in page, "/", "the front page", page[:200])
    goods = _call(base_url, "/api/goods")
    _expect(len(goods) > 0, "/api/goods", "some goods", goods)
    past = sum(_past(base_url, member) for member in PAST_ORDERS)
    before = _call(base_url, f"/api/members/{MEMBER}")
    order = _call(base_url, "/api/orders", {"member": MEMBER, "goods": goods[0]["id"], "quantity": 2})
    _expect(order["amount"] == 2 * goods[0]["price"], "/api/orders", f"twice {goods[0]['price']}", order)
    kept = _call(base_url, f"/api/orders/{order['id']}")
    _expect(kept == order, f"/api/orders/{order['id']}", f"the order just placed, {order}", kept)
    orders = _call(base_url, f"/api/orders?member={MEMBER}")
    _expect(order in orders, f"/api/orders?member={MEMBER}", f"order {order['id']} among them", orders)
    after = _call(base_url, f"/api/members/{MEMBER}")
    earned = int(order["amount"])
    _expect(after["points"] >= before["points"] + earned, f"/api/members/{MEMBER}", f"{earned} points more", after)
    _expect(order["id"] in after["lastOrders"], f"/api/members/{MEMBER}", f"order {order['id']} among the last", after)
    return {
        "goods": len(goods),
        "members": len(_call(base_url, "/api/members")),
        "past_orders": past,
        "orders_of_member": len(orders),
        "points_of_member": after["points"],
        "order": order["id"],
    }


def wait(base_url: str, seconds: float) -> dict[str, int]:
    """Go through the shop until it works; after `seconds` the last ShopError is raised."""
    end = time.monotonic() + seconds
    while True:
        try:
            return shop(base_url)
        except ShopError:
            if time.monotonic() > end:
                raise
        time.sleep(0.5)


def _past(base_url: str, member: str) -> int:
    orders = {order["id"] for order in _call(base_url, f"/api/orders?member={member}")}
    lost = set(PAST_ORDERS[member]) - orders
    _expect(not lost, f"/api/orders?member={member}", "the orders of the past", f"without {sorted(lost)}")
    points = _call(base_url, f"/api/members/{member}")["points"]
    _expect(points >= PAST_POINTS[member], f"/api/members/{member}", f"at least {PAST_POINTS[member]} points", points)
    return len(PAST_ORDERS[member])


def _call(base_url: str, path: str, body: object = None) -> Any:
    return json.loads(_fetch(f"{base_url}{path}", body))


def _fetch(url: str, body: object = None) -> str:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            text: str = answer.read().decode()
            return text
    except urllib.error.HTTPError as error:
        raise ShopError(f"{url} answered {error.code}: {error.read(300).decode(errors='replace')}") from error
    except (OSError, http.client.HTTPException) as error:
        raise ShopError(f"{url} did not answer: {error}") from error


def _expect(right: bool, path: str, wanted: str, found: object) -> None:
    if not right:
        raise ShopError(f"{path}: expected {wanted}; found {found}")


def main() -> int:
    """Say what was seen, as JSON; 1 where the shop does not work."""
    options = argparse.ArgumentParser(description="Prove that the shop works.")
    options.add_argument("base_url", help="the front door, such as http://10.99.0.30")
    options.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="how long to try")
    given = options.parse_args()
    try:
        print(json.dumps(wait(given.base_url.rstrip("/"), given.wait)))
    except ShopError as error:
        print(f"The shop does not work: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
