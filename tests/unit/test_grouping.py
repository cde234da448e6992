# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who counts, who is looked into, and the groups of an inventory."""

from __future__ import annotations

from typing import Any, cast

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.estate import Guest
from ansible_collections.landfall.replatform.plugins.module_utils.core.grouping import Choice, groups_of, host_address


def guest(name: str = "goods-01", **other: Any) -> Guest:
    facts = {
        "name": name, "folder": "/DC0/vm/legacy", "cluster": "Prod-A", "power_state": "on", "template": False,
        "guest_id": "debian12_64Guest", "tags": ["Spring Cloud"], "landfall": {}, "addresses": ["10.0.0.1"],
        "host_keys": ["ssh-ed25519 A"], **other,
    }  # fmt: skip
    return cast(Guest, facts)


def test_groups() -> None:
    assert groups_of(guest()) == ["cluster_prod_a", "folder_legacy", "os_debian12", "power_on", "tag_spring_cloud"]
    assert groups_of(guest(cluster="", tags=["电商"], guest_id="")) == ["folder_legacy", "power_on", "tag_电商"]
    owned = guest(cluster="", guest_id="", tags=["--"], attributes={"Business Line": "Mall/Trade", "note": "x"})
    found = groups_of(owned, attributes=["Business Line", "owner"])
    assert found == ["business_line_mall_trade", "folder_legacy", "power_on"]


def test_guests_are_chosen_and_on() -> None:
    assert "guests" in groups_of(guest(), chosen=True)
    assert "guests" not in groups_of(guest(power_state="off"), chosen=True)


@pytest.mark.parametrize(
    ("marks", "site", "groups"),
    [
        ({"role": "control_plane", "site": "mall"}, "mall", {"nodes", "control_planes"}),
        ({"role": "worker", "site": "mall"}, None, {"nodes", "workers"}),
        ({"role": "worker", "site": "other"}, "mall", set()),
        ({"role": "butler", "site": "mall"}, "mall", set()),
    ],
)
def test_nodes(marks: dict[str, str], site: str | None, groups: set[str]) -> None:
    found = set(groups_of(guest(landfall=marks), site=site, chosen=False))
    assert found & {"nodes", "control_planes", "workers", "guests"} == groups


def test_the_address_that_a_guest_is_reached_at() -> None:
    assert host_address(guest(addresses=["2001:db8::1", "10.0.0.7"])) == "10.0.0.7"
    assert host_address(guest(addresses=["2001:db8::1"])) == "2001:db8::1"
    assert host_address(guest(addresses=[])) is None


def test_who_counts_and_who_is_looked_into() -> None:
    guests = [
        guest("a"), guest("b", power_state="off"), guest("c", template=True), guest("keep"),
        guest("n", landfall={"role": "worker"}), guest("m", landfall={"state": "moved"}), guest("x", tags=[]),
    ]  # fmt: skip
    choice = Choice(lambda one: bool(one["tags"]), lambda one: one["name"] == "keep", None)
    told = choice.of(guests)
    assert told["counted"] == ["a", "b", "m"]
    assert [one["name"] for one in told["selected"]] == ["a", "m"]
    assert told["begun"] == ["m"]
    assert told["known_hosts"][0] == {"names": ["10.0.0.1"], "keys": ["ssh-ed25519 A"]}
    chosen = Choice(choice.include, choice.exclude, lambda one: one["name"] in ("keep", "b", "n", "x")).of(guests)
    assert [one["name"] for one in chosen["selected"]] == ["keep", "x"], "a choice of its own, but never a node"
