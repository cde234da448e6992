# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JMESPath for core, which knows only what it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.errors import OperationFailed
from .selection import jmespath


def compiled(expression: str) -> Callable[[Any], Any]:
    """What `expression` finds in a value; ValueError, there and here, for what means nothing."""
    if jmespath is None:
        raise OperationFailed("the Python library jmespath is missing where this runs; `pip install jmespath` there")
    try:
        parsed = jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"{expression!r} cannot be read: {error}") from error

    def search(value: Any) -> Any:
        try:
            return parsed.search(value)
        except jmespath.exceptions.JMESPathError as error:
            raise ValueError(str(error)) from error

    return search
