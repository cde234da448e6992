# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way of a guest out of service, in tables."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import ConflictError, NotFound
from ansible_collections.landfall.replatform.plugins.module_utils.core.retirement import (
    Guest,
    decide,
    differences,
    talked_to,
)


def guest(name: str = "g", power: str = "on", template: bool = False, **marks: str) -> Guest:
    return Guest(f"vm-{name}", name, power, template, True, marks)


def step(one: Guest, state: str, mark: str = "retired", wave: int | None = None) -> Any:
    return decide([one.name], [one], state=state, mark=mark, wave=wave)[0]


@pytest.mark.parametrize(
    ("found", "state", "mark", "marks", "power", "action"),
    [
        (guest(), "marked", "moving", {"state": "moving", "wave": "3"}, None, "marked"),
        (guest(state="moving", wave="3"), "marked", "moving", {}, None, "unchanged"),
        (guest(state="moving", wave="2"), "marked", "moving", {"wave": "3"}, None, "marked"),
        (guest(state="moved", wave="3"), "shut_down", "moving", {"state": "retired"}, "off", "shut_down"),
        (guest(state="retired", wave="3", power="off"), "shut_down", "moving", {}, None, "unchanged"),
        (guest(state="retired", wave="3"), "shut_down", "moving", {}, "off", "shut_down"),
        (guest(power="suspended", wave="3"), "shut_down", "moved", {"state": "retired"}, "off", "shut_down"),
        (
            guest(power="off", state="retired", wave="3", since="x"), "restored", "moving",
            {"state": "", "wave": "", "since": ""}, "on", "restored",
        ),
        (
            guest(power="off", state="moving", since="x"), "restored", "moving",
            {"state": "", "since": ""}, None, "restored",
        ),
        (guest(power="off"), "restored", "moving", {}, None, "unchanged"),
    ],
)  # fmt: skip
def test_what_a_guest_lacks(
    found: Guest, state: str, mark: str, marks: dict[str, str], power: str | None, action: str
) -> None:
    one = step(found, state, mark, wave=3)
    assert (dict(one.marks), one.power, one.action()) == (marks, power, action)


def test_the_time_is_that_of_the_state() -> None:
    assert step(guest(), "marked").dated
    assert not step(guest(state="retired"), "marked", wave=2).dated
    assert not step(guest(state="retired"), "restored").dated


def test_who_is_refused() -> None:
    found = [guest("a"), guest("t", template=True), guest("n", role="worker"), guest("d"), guest("d")]
    with pytest.raises(ConflictError) as caught:
        decide(["a", "t", "n", "d", "x"], found, state="marked", mark="moving", wave=None)
    assert [one.path for one in caught.value.problems] == ["guests[1]", "guests[2]", "guests[3]", "guests[4]"]
    with pytest.raises(NotFound):
        decide(["x"], found, state="marked", mark="moving", wave=None)


def test_a_name_twice_is_one_guest() -> None:
    assert len(decide(["a", "a"], [guest("a")], state="marked", mark="moving", wave=None)) == 1


def test_differences_have_no_time() -> None:
    before, after = differences([step(guest(power="off", state="retired", since="then"), "restored")])
    assert before == {"g": {"state": "retired", "power": "off"}}
    assert after == {"g": {"power": "on"}}


def workload(name: str, *inbound: tuple[str, int], reachable: bool = True) -> Any:
    peers = [{"address": address, "port": port, "source": "socket"} for address, port in inbound]
    services = [{"name": "agent", "inbound": peers}] if reachable else []
    return {"guest": name, "reachable": reachable, "services": services}


def test_a_guest_that_somebody_talks_to_stays() -> None:
    told = [workload("a", ("10.9.9.9", 80), ("10.9.9.8", 10050)), workload("b"), workload("c", reachable=False)]
    found = [guest("a"), guest("b"), guest("c"), guest("d")]
    with pytest.raises(ConflictError) as caught:
        decide(
            ["b", "a", "c", "d"],
            found,
            state="shut_down",
            mark="",
            wave=None,
            against=talked_to(told, ignored_ports=[10050]),
        )
    assert [(one.path, one.found) for one in caught.value.problems] == [
        ("guests[1]", "10.9.9.9 talks to agent on a, port 80"),
        ("guests[2]", "c cannot be asked who talks to it"),
    ]
