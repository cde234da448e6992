# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a task waits for besides what a kind means by ready: conditions, and fields of any object."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import Problem
from .objects import Identity, group_of
from .pod_states import condition, observed, said
from .ready import READY, Readiness

Body = Mapping[str, Any]
Search = Callable[[Any], Any]
"""A compiled JMESPath expression. It raises ValueError where it cannot be asked of an object."""

# The option wait_for, as Ansible checks it.
ARGUMENT: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "kind": {"type": "str", "required": True},
        "api_version": {"type": "str"},
        "name": {"type": "str"},
        "namespace": {"type": "str"},
        "condition": {
            "type": "dict",
            "options": {
                "type": {"type": "str", "required": True},
                "status": {"type": "str", "default": "True"},
                "reason": {"type": "str"},
            },
        },
        "jmespath": {"type": "str"},
        "value": {"type": "raw"},
    },
    "required_one_of": [["condition", "jmespath"]],
    "mutually_exclusive": [["condition", "jmespath"], ["condition", "value"]],
}

_UNSEEN = Readiness(False, "its controller has not seen the change yet")


@dataclass(frozen=True)
class Expectation:
    """One entry of wait_for: which objects, and what is expected of each."""

    where: str
    given: Body
    search: Search | None = None

    def is_of(self, identity: Identity) -> bool:
        """Whether this is expected of an object."""
        version = self.given.get("api_version")
        return (
            identity.kind == self.given["kind"]
            and (not version or group_of(version) == identity.group)
            and self.given.get("name") in (None, identity.name)
            and self.given.get("namespace") in (None, identity.namespace)
        )

    def judge(self, body: Body) -> Readiness:
        """How far `body` is on the way to it."""
        return self._judge_field(body, self.search) if self.search else _judge_condition(body, self.given["condition"])

    def _judge_field(self, body: Body, search: Search) -> Readiness:
        if not observed(body):
            return _UNSEEN
        expression, wanted = self.given["jmespath"], self.given.get("value")
        try:
            found = search(body)
        except ValueError as error:
            return Readiness(False, f"{expression} cannot be asked yet: {error}")
        if wanted is None:
            empty = found is None or found is False or found in ("", [], {})
            return Readiness(False, f"{expression} is {_text(found)}") if empty else READY
        # Templates make text of numbers, and older versions of Ansible of everything.
        if _text(found) == _text(wanted):
            return READY
        return Readiness(False, f"{expression} is {_text(found)}, not {_text(wanted)}")


def expectations_of(
    given: Iterable[Body], compiled: Callable[[str], Search]
) -> tuple[tuple[Expectation, ...], list[Problem]]:
    """What the option `wait_for` says, and everything wrong with it; `compiled` raises ValueError for no JMESPath."""
    found: list[Expectation] = []
    problems: list[Problem] = []
    for number, one in enumerate(given):
        where, expression = f"wait_for[{number}]", one.get("jmespath")
        try:
            found.append(Expectation(where, one, compiled(expression) if expression else None))
        except ValueError as error:
            problems.append(Problem(f"{where}.jmespath", str(error), "JMESPath over the object, status.phase say"))
    return tuple(found), problems


def unfounded(expectations: Iterable[Expectation], identities: Iterable[Identity]) -> list[Problem]:
    """Expectations of objects that are not in the list: they would be met by nothing at all."""
    there = list(identities)
    kinds = ", ".join(sorted({one.kind for one in there}))
    return [
        Problem(one.where, "no object of the list is meant", f"kind, name and namespace of one ({kinds})")
        for one in expectations
        if not any(map(one.is_of, there))
    ]


def _judge_condition(body: Body, wanted: Body) -> Readiness:
    kind = wanted["type"]
    there = condition(body, kind)
    if not there:
        return Readiness(False, f"it has no condition {kind} yet")
    generation = there.get("observedGeneration")
    if generation is not None:
        if generation < (body.get("metadata") or {}).get("generation", 0):
            return _UNSEEN
    elif not observed(body):
        return _UNSEEN
    if there.get("status") == wanted["status"] and wanted.get("reason") in (None, there.get("reason")):
        return READY
    words = said(there)
    return Readiness(False, f"{kind} is {there.get('status')}{f': {words}' if words else ''}")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
