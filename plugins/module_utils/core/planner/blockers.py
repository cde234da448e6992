# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands in the way: findings that a person must settle before the services they name can move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from ..plan import Node, Service
from ..schema import near
from ..workloads import Finding, Workloads
from .guests import BEGUN, Census
from .rules import accepted, finding
from .suite import Suite
from .workers import Workers


def find_blockers(
    census: Census,
    workloads: Workloads,
    platform: Mapping[str, Any],
    suite: Suite,
    nodes: Sequence[Node],
    workers: Workers,
) -> list[Finding]:
    """Every blocker, sorted; those that people have accepted are warnings among them."""
    found = [
        *_unread(census, workloads),
        *_twice(census, workloads),
        *_unknown_services(platform, suite.known),
        *_taken_names(census, nodes, platform),
        *_taken_addresses(census, nodes, platform),
        *_selectors(suite.services, nodes, workers),
        *_front_door(suite),
        *_of_services(suite.services),
        *_pinned(suite.services, platform),
    ]
    return sorted(
        accepted(found, platform["plan"]["accept"]), key=lambda one: (one["rule"], one["where"], one["found"])
    )


def _blocker(rule: str, where: str, found: str, meant: str | None) -> Finding:
    return finding("blocker", rule, where, found, meant)


def _of_services(services: Sequence[Service]) -> Iterable[Finding]:
    """What blocks a service, whichever of its guests it was found on."""
    for one in services:
        for each in one["findings"]:
            if each["severity"] == "blocker":
                found = each["found"] if each["where"] == one["name"] else f"{each['where']}: {each['found']}"
                yield {**each, "where": one["name"], "found": found}


def _pinned(services: Sequence[Service], platform: Mapping[str, Any]) -> Iterable[Finding]:
    """A service that people put before its caller: the caller, still on its guest, does not reach pods."""
    pinned = {name for name, said in platform["suite"]["services"].items() if said["wave"]}
    waves = {one["name"]: one["wave"] for one in services if one["wave"] is not None}
    for caller in services:
        own = waves.get(caller["name"], 0)
        for callee in caller["calls"]:
            if {caller["name"], callee} & pinned and waves.get(callee, own) < own:
                found = f"wave {waves[callee]}, and {caller['name']}, which calls it, moves in wave {own}"
                meant = f"platform.suite.services.{callee}.wave: {own} or later"
                yield _blocker("wave_before_caller", callee, found, meant)


def _unread(census: Census, workloads: Workloads) -> Iterable[Finding]:
    told = {one["guest"] for one in workloads["guests"]}
    begun = {guest["name"] for guest in census.others if guest["landfall"].get("state") in BEGUN}
    for workload in workloads["guests"]:
        if workload["guest"] in begun:
            continue
        for each in workload["findings"]:
            if each["severity"] == "blocker":
                yield {**each}
        if not workload["reachable"] and not any(one["severity"] == "blocker" for one in workload["findings"]):
            why = "; ".join(one["found"] for one in workload["findings"]) or "it did not answer"
            yield _blocker("guest_unreadable", workload["guest"], why, "its services stay until it can be read")
    for guest in census.others:
        asked = guest["name"] in census.looked_at and guest["power_state"] == "on"
        if asked and guest["name"] not in told and guest["name"] not in begun:
            yield _blocker("guest_not_read", guest["name"], "workloads.yml does not know it", "run assess again")


def _twice(census: Census, workloads: Workloads) -> Iterable[Finding]:
    told = {one["guest"] for one in workloads["guests"]}
    for name, count in Counter(guest["name"] for guest in census.others).items():
        if count > 1 and name in told:
            yield _blocker("duplicate_name", name, f"{count} guests have this name", "rename all but one")


def _unknown_services(platform: Mapping[str, Any], known: Set[str]) -> Iterable[Finding]:
    said = platform["suite"]["services"]
    named = [(f"platform.suite.services.{name}", name) for name in said]
    named += [
        (f"{where}.calls[{index}]", one) for where, name in named for index, one in enumerate(said[name]["calls"])
    ]
    for where, name in named:
        if name not in known:
            yield _blocker(
                "service_unknown", where, f"{name} was found on no guest that was read", near(name, sorted(known))
            )


def _taken_names(census: Census, nodes: Sequence[Node], platform: Mapping[str, Any]) -> Iterable[Finding]:
    names = {node["name"] for node in nodes} - set(platform["nodes"]["adopt"])
    for guest in census.others:
        if guest["name"] in names:
            meant = "another platform.nodes.names, or platform.nodes.adopt"
            yield _blocker("node_name_taken", guest["name"], "a VM has this name and is no node of ours", meant)


def _taken_addresses(census: Census, nodes: Sequence[Node], platform: Mapping[str, Any]) -> Iterable[Finding]:
    wanted = {
        node["address"]: f"node {node['name']}" for node in nodes if node["name"] not in platform["nodes"]["adopt"]
    }
    wanted[platform["cluster"]["endpoint"]["address"]] = "the endpoint of the cluster"
    for guest in census.others:
        for address in guest["addresses"]:
            if address in wanted:
                yield _blocker(
                    "address_taken", wanted[address], f"{guest['name']} has {address}", "an address that is free"
                )


def _selectors(services: Sequence[Service], nodes: Sequence[Node], packed: Workers) -> Iterable[Finding]:
    workers: list[Mapping[str, str]] = [node["labels"] for node in nodes if node["role"] == "worker"]
    for one in services:
        wanted = one["node_selector"].items()
        text = ", ".join(f"{key}={value}" for key, value in wanted)
        if any(wanted <= labels.items() for labels in workers):
            if one["name"] in packed.homeless:
                meant = "more such workers in platform.nodes.labels, or larger ones"
                yield _blocker("no_room_there", one["name"], f"the workers with {text} have no room for it", meant)
        else:
            yield _blocker("no_such_node", one["name"], f"no worker carries {text}", "platform.nodes.labels")


def _front_door(suite: Suite) -> Iterable[Finding]:
    door = suite.front_door
    if door is not None and suite.front_door_told is None:
        yield _blocker("front_door_unreadable", door["guest"], "the front door could not be read", "let it be read")
    elif door is not None and not door["configuration"]:
        found = f"no file of its {door['kind']} names an upstream"
        yield _blocker("front_door_unknown", door["guest"], found, "platform.suite.front_door.configuration")
