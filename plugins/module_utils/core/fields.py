# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Paths that lead to values inside an object: `spec.users[].password`, `data.*`, `metadata.annotations."a.b/c"`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .errors import Problem

Path = tuple["str | int", ...]
"""The steps to a value: keys and numbers of items."""

EVERY = "*"
"""The step that goes to every key of a mapping, and to every item of a list."""

_STEP = re.compile(r"""\.?(?:"((?:[^"\\]|\\.)+)"|([A-Za-z0-9_-]+)|(\*))|\[(\*?)\]|\[([0-9]+)\]""")
_RIGHT = 'keys with dots between them, such as spec.users[].password, data.* or metadata.annotations."a.b/c"'


def parse(text: str) -> Path | None:
    """The path that `text` means; None where it means none."""
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        step = _STEP.match(text, position)
        # a dot stands between steps, not before the first one, and a key never follows another without it
        if step is None or (step[0][0] == ".") != (bool(steps) and step[0][0] != "["):
            return None
        quoted, plain, _star, _items, number = step.groups()
        if quoted:
            steps.append(re.sub(r"\\(.)", r"\1", quoted))
        elif plain:
            steps.append(plain)
        else:
            steps.append(int(number) if number else EVERY)
        position = step.end()
    return tuple(steps) or None


def wrong(where: str, text: str) -> Problem:
    """The problem of a path that means nothing."""
    return Problem(where, f"{text!r} is no path", _RIGHT)


def behind(path: Path, step: str | int) -> Path | None:
    """What is left of `path` after `step`; None where it leads elsewhere."""
    return path[1:] if path and path[0] in (step, EVERY) else None


def values(body: Any, path: Path) -> Iterator[Any]:
    """Every value that `path` leads to in `body`."""
    if not path:
        yield body
        return
    for step, inner in children(body):
        rest = behind(path, step)
        if rest is not None:
            yield from values(inner, rest)


def children(value: Any) -> Iterator[tuple[str | int, Any]]:
    """What is directly inside `value`, with the step to it."""
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def leaves(value: Any) -> Iterator[Any]:
    """Everything inside `value` that has nothing inside."""
    if isinstance(value, (Mapping, list)):
        for _step, inner in children(value):
            yield from leaves(inner)
    else:
        yield value


def replaced(body: Any, path: Path, new: Callable[[Any], Any]) -> Any:
    """`body` with every value that `path` leads to made `new`; what is not on the way is not copied."""
    if not path:
        return new(body)
    inner = {step: replaced(value, path[1:], new) for step, value in children(body) if path[0] in (step, EVERY)}
    if isinstance(body, Mapping):
        return {**body, **inner}
    return [inner.get(number, value) for number, value in enumerate(body)] if isinstance(body, list) else body
