# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a task waits for besides what a kind means by ready."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.jmes import compiled
from ansible_collections.landfall.replatform.plugins.module_utils.core.expect import (
    Expectation,
    expectations_of,
    unfounded,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import Identity

Body = dict[str, Any]
CERTIFICATE = Identity("pki.example", "Certificate", "shop", "door")


def expectation(**given: Any) -> Expectation:
    [one], problems = expectations_of([{"kind": "Certificate", **given}], compiled)
    assert problems == []
    return one


def body(status: Body, generation: int = 2) -> Body:
    return {"metadata": {"generation": generation}, "status": status}


def ready(status: str = "True", **more: Any) -> Body:
    return {"type": "Ready", "status": status, **more}


WANTED = {"type": "Ready", "status": "True"}
UNSEEN = "its controller has not seen the change yet"


@pytest.mark.parametrize(
    ("status", "wanted", "reason"),
    [
        ({"conditions": [ready()]}, WANTED, ""),
        ({}, WANTED, "it has no condition Ready yet"),
        ({"conditions": None}, WANTED, "it has no condition Ready yet"),
        ({"conditions": [ready("False", reason="Slow", message="soon")]}, WANTED, "Ready is False: Slow: soon"),
        ({"conditions": [ready("False")]}, {"type": "Ready", "status": "False"}, ""),
        ({"conditions": [ready(reason="Issued")]}, {**WANTED, "reason": "Issued"}, ""),
        ({"conditions": [ready(reason="Old")]}, {**WANTED, "reason": "Issued"}, "Ready is True: Old"),
        ({"observedGeneration": 1, "conditions": [ready()]}, WANTED, UNSEEN),
        ({"conditions": [ready(observedGeneration=1)]}, WANTED, UNSEEN),
        # what the condition itself says counts more than what the whole status says
        ({"observedGeneration": 1, "conditions": [ready(observedGeneration=2)]}, WANTED, ""),
    ],
)
def test_conditions(status: Body, wanted: Body, reason: str) -> None:
    state = expectation(condition=wanted).judge(body(status))
    assert (state.ready, state.reason, state.failed) == (not reason, reason, False)


@pytest.mark.parametrize(
    ("status", "expression", "value", "reason"),
    [
        ({"phase": "Bound"}, "status.phase", "Bound", ""),
        ({"phase": "Pending"}, "status.phase", "Bound", "status.phase is Pending, not Bound"),
        ({}, "status.phase", "Bound", "status.phase is null, not Bound"),
        ({"n": 3}, "status.n", 3, ""),
        ({"n": 3}, "status.n", "3", ""),
        ({"on": True}, "status.on", True, ""),
        ({"on": True}, "status.on", "true", ""),
        ({"n": 1}, "status.n", True, "status.n is 1, not true"),
        ({"a": [1, 2]}, "status.a", [1, 2], ""),
        ({"a": [1, 2]}, "length(status.a) > `1`", None, ""),
        ({"a": []}, "status.a", None, "status.a is []"),
        ({"n": 0}, "status.n", None, ""),
        ({}, "status.phase", None, "status.phase is null"),
        ({"observedGeneration": 1, "phase": "Bound"}, "status.phase", "Bound", UNSEEN),
    ],
)
def test_fields(status: Body, expression: str, value: Any, reason: str) -> None:
    state = expectation(jmespath=expression, value=value).judge(body(status))
    assert (state.ready, state.reason, state.failed) == (not reason, reason, False)


def test_what_cannot_be_asked_yet_is_waited_for() -> None:
    state = expectation(jmespath="length(status.a) > `1`").judge(body({}))
    assert not state.ready
    assert state.reason.startswith("length(status.a) > `1` cannot be asked yet: ")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, True),
        ({"name": "door"}, True),
        ({"name": "window"}, False),
        ({"namespace": "shop"}, True),
        ({"namespace": "mall"}, False),
        ({"api_version": "pki.example/v9"}, True),
        ({"api_version": "other.example/v1"}, False),
        ({"kind": "Issuer"}, False),
    ],
)
def test_which_objects_are_meant(given: Body, expected: bool) -> None:
    one = expectation(**{"condition": WANTED, **given})
    assert one.is_of(CERTIFICATE) is expected
    assert (unfounded([one], [CERTIFICATE]) == []) is expected


def test_what_means_nothing_is_told() -> None:
    _found, [problem] = expectations_of([{"kind": "A", "jmespath": "status.["}], compiled)
    assert problem.path == "wait_for[0].jmespath"
    assert "'status.[' cannot be read" in problem.found
    [unmet] = unfounded([expectation(name="window", condition=WANTED)], [CERTIFICATE])
    assert str(unmet) == "wait_for[0]: no object of the list is meant; kind, name and namespace of one (Certificate)"
