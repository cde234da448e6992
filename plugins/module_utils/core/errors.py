# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The errors of Landfall, one small tree.

    LandfallError
    ├── DocumentError      platform.yml, a plan or a settings file says something that cannot be; carries every Problem
    ├── StalePlanError     the plan was made from an estate that has changed since
    ├── ConnectionFailed   an endpoint cannot be reached, or its certificate or host key does not match
    │   └── Interrupted    it was reached, and broke off: who only reads may begin again
    ├── AccessDenied       an endpoint answers, but refuses these credentials
    ├── NotFound           something that was named does not exist there
    ├── CapacityError      what is asked does not fit
    ├── IntegrityError     bytes are not what their digest says
    ├── ConflictError      somebody else owns what we were about to change
    └── OperationFailed    the other side took the request and then failed at it

Each says what was found, where, and what would be right. Only `module.py` turns them into a failed task.
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: its path in a document, what was found there and what would be right."""

    path: str
    found: str
    right: str

    def __str__(self) -> str:
        return f"{self.path}: {self.found}; {self.right}" if self.right else f"{self.path}: {self.found}"


@dataclass(frozen=True, order=True)
class FieldConflict(Problem):
    """A field of an object that another manager owns."""

    field: str
    manager: str

    @property
    def facts(self) -> dict[str, str]:
        """The same for programs."""
        return {"object": self.path.removesuffix(f" {self.field}"), "field": self.field, "manager": self.manager}


class LandfallError(Exception):
    """The root of the tree; `problems` is empty where one sentence says it all."""

    def __init__(self, message: str, problems: list[Problem] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.problems = problems or []

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  - {problem}" for problem in self.problems)])


class DocumentError(LandfallError):
    """A document cannot mean what it says; every problem at once."""


class StalePlanError(LandfallError):
    """The plan was made from an estate that has changed since."""


class ConnectionFailed(LandfallError):
    """An endpoint cannot be reached or is not who it should be."""


class Interrupted(ConnectionFailed):
    """An endpoint that was reached broke off."""


class AccessDenied(LandfallError):
    """An endpoint refuses these credentials."""


class NotFound(LandfallError):
    """Something that was named does not exist."""


class CapacityError(LandfallError):
    """What is asked does not fit."""


class IntegrityError(LandfallError):
    """Bytes are not what their digest says."""


class ConflictError(LandfallError):
    """Somebody else owns what we were about to change."""


class OperationFailed(LandfallError):
    """The other side took the request and failed at it."""


def count(things: int | Sized, noun: str) -> str:
    """`1 object`, `2 objects`."""
    number = things if isinstance(things, int) else len(things)
    return f"{number} {noun}{'' if number == 1 else 's'}"
