# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an API server's refusal means, and whether asking again may help."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from .errors import AccessDenied, ConflictError, FieldConflict, LandfallError, NotFound, OperationFailed, Problem
from .migrate import CLIENT_SIDE

_POLICY = re.compile(r"[Pp]olicy '([^']+)' with binding '([^']+)' denied request: (.*)", re.DOTALL)
_WEBHOOK = re.compile(r'admission webhook "([^"]+)" denied the request: (.*)', re.DOTALL)
_MANAGER = re.compile(r'conflict with "([^"]+)"(.*)', re.DOTALL)
_TYPED = re.compile(r"failed to create typed (?:patch )?object \([^)]*\): (.*)", re.DOTALL)
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 5.0


def status_of(text: str) -> dict[str, Any]:
    """The Status in an error answer; one made up of the text where it is none (`404 page not found`)."""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    return body if isinstance(body, dict) and body.get("kind") == "Status" else {"message": text.strip()}


def is_unserved(code: int, status: Mapping[str, Any]) -> bool:
    """Whether the server does not know the kind (yet), as against not having the object."""
    return code == 404 and not (status.get("details") or {}).get("name")


def meaning(code: int, status: Mapping[str, Any], what: str) -> LandfallError:
    """The error that the answer `code` to a request about `what` means."""
    message = str(status.get("message") or f"the server answered {code}")
    if code == 401:
        found = "the server does not know these credentials"
        return AccessDenied(found, [Problem(what, found, "a certificate or token that has not expired")])
    if code == 404:
        return NotFound(message, [Problem(what, message, "")])
    if code == 409 and status.get("reason") != "AlreadyExists":
        conflicts = _conflicts(status, what)
        if conflicts:
            return ConflictError("somebody else owns fields that were about to be changed", conflicts)
        return ConflictError(message, [Problem(what, message, "")])
    denial = _denial(message, what)
    if denial:
        return AccessDenied(denial.found, [denial])
    if code == 403:
        return AccessDenied(message, [Problem(what, message, "")])
    typed = _TYPED.search(message)
    if typed:
        # the server answers 500 to what is plainly the writer's mistake
        right = "fields and values as the kind defines them"
        return OperationFailed(typed[1], [Problem(what, _field(typed[1]), right)])
    return OperationFailed(message, _causes(status, what) or [Problem(what, message, "")])


def without_managers(status: Mapping[str, Any], managers: Collection[str]) -> dict[str, Any]:
    """The refusal `status` without the conflicts with `managers`."""
    details = status.get("details") or {}
    causes = [one for one in details.get("causes") or [] if _manager_of(one)[0] not in managers]
    return {**status, "details": {**details, "causes": causes}}


def _conflicts(status: Mapping[str, Any], what: str) -> list[Problem]:
    problems: list[Problem] = []
    for cause in (status.get("details") or {}).get("causes") or []:
        if cause.get("reason") == "FieldManagerConflict":
            manager, version = _manager_of(cause)
            field = str(cause.get("field"))
            way = "migrate" if manager in CLIENT_SIDE else "force"
            right = f"leave the field out, or take it with on_conflict: {way}"
            problems.append(FieldConflict(f"{what} {field}", f"is owned by {manager}{version}", right, field, manager))
    return problems


def _manager_of(cause: Mapping[str, Any]) -> tuple[str, str]:
    """Who owns the field of a conflict, and ` using <version>` where it is another one."""
    manager = _MANAGER.search(str(cause.get("message")))
    return (manager[1], manager[2]) if manager else (str(cause.get("message")), "")


def _denial(message: str, what: str) -> Problem | None:
    policy = _POLICY.search(message)
    if policy:
        return Problem(what, f"policy {policy[1]} (binding {policy[2]}) refuses it: {policy[3]}", "")
    webhook = _WEBHOOK.search(message)
    return Problem(what, f"webhook {webhook[1]} refuses it: {webhook[2]}", "") if webhook else None


def _field(text: str) -> str:
    return text.strip().removeprefix("errors:").strip()


def _causes(status: Mapping[str, Any], what: str) -> list[Problem]:
    return [
        Problem(f"{what} .{cause['field']}" if cause.get("field") else what, str(cause.get("message")), "")
        for cause in (status.get("details") or {}).get("causes") or []
        if cause.get("message")
    ]


def wait_before_retry(attempt: int, code: int | None, retry_after: str | None) -> float | None:
    """Seconds to wait before asking again (`attempt` counts from 0), or None where the answer would be the same.

    `code` is None where there was no answer at all. Every request that Landfall makes may be made twice.
    """
    if code is not None and code not in (429, 503):
        return None
    if retry_after and retry_after.isdigit():
        return min(float(retry_after), _LONGEST_WAIT)
    return float(min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT))
