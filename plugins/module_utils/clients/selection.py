# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The document's selections: JMESPath over a guest's facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.errors import DocumentError, LandfallError, Problem
from ..core.estate import Guest

jmespath: Any = None
try:
    import jmespath as _library
except ImportError:  # selection() says so in words
    pass
else:
    jmespath = _library


def selection(path: str, expression: str | None, *, otherwise: bool) -> Callable[[Guest], bool]:
    """The predicate that `expression` means; `otherwise` for every guest where there is none.

    `path` is where the expression stands, for the error.
    """
    if not expression:
        return lambda guest: otherwise
    if jmespath is None:
        raise LandfallError("the Python library jmespath is missing where this runs; `pip install jmespath` there")
    try:
        compiled = jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        raise _wrong(path, expression, f"cannot be read: {error}") from error

    def chosen(guest: Guest) -> bool:
        try:
            answer = compiled.search(guest)
        except jmespath.exceptions.JMESPathError as error:
            raise _wrong(path, expression, f"cannot be asked of {guest['name']}: {error}") from error
        if not isinstance(answer, bool) and answer is not None:
            raise _wrong(path, expression, f"is {answer!r} for {guest['name']}, neither true nor false")
        return bool(answer)

    return chosen


def _wrong(path: str, expression: str, what: str) -> DocumentError:
    right = "JMESPath over a guest's facts that is true or false, such as contains(tags, 'keep')"
    return DocumentError("a selection of guests means nothing", [Problem(path, f"{expression!r} {what}", right)])
