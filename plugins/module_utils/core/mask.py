# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps the values of Secrets, and of fields that a task calls sensitive, out of everything that people see.

Equal values look equal and different ones different, but nothing tells their length or a hash of them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import fields
from .errors import Problem
from .fields import Path
from .objects import group_of

HIDDEN = "********"
_BEFORE, _AFTER = f"{HIDDEN} (before)", f"{HIDDEN} (after)"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SECRET: tuple[Path, ...] = (("data", fields.EVERY), ("stringData", fields.EVERY))
_ABSENT: Any = object()

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """A field of one kind whose values are secret; of every group that has the kind, unless `group` names one."""

    kind: str
    path: Path
    group: str | None = None

    def is_of(self, body: Body) -> bool:
        group = group_of(str(body.get("apiVersion") or ""))
        return body.get("kind") == self.kind and self.group in (None, group)


@dataclass(frozen=True)
class Sensitive:
    """Where secret values are: in Secrets always, and in the fields that a task names."""

    fields: tuple[Field, ...] = ()

    def paths(self, body: Body) -> tuple[Path, ...]:
        """The paths of `body` that lead to secret values."""
        mine = tuple(one.path for one in self.fields if one.is_of(body))
        return (*_SECRET, *mine) if is_secret(body) else mine


def sensitive_of(given: Iterable[Body]) -> tuple[Sensitive, list[Problem]]:
    """What the option `sensitive_fields` says, and everything wrong with it."""
    found: list[Field] = []
    problems: list[Problem] = []
    for number, one in enumerate(given):
        path = fields.parse(str(one["path"]))
        if path is None:
            problems.append(fields.wrong(f"sensitive_fields[{number}].path", str(one["path"])))
        else:
            version = one.get("api_version")
            found.append(Field(str(one["kind"]), path, group_of(version) if version else None))
    return Sensitive(tuple(found)), problems


NOTHING_MORE = Sensitive()


def is_secret(body: Body) -> bool:
    return body.get("kind") == "Secret" and body.get("apiVersion", "v1") == "v1"


def hide(before: Any, after: Any, paths: Sequence[Path]) -> tuple[Any, Any]:
    """Both sides of a diff, fit to be seen; `paths` (of Sensitive) lead to what is hidden."""
    sides = _without_last_applied(before), _without_last_applied(after)
    if not paths:
        return sides
    return _hide_side(sides[0], after, paths, _BEFORE), _hide_side(sides[1], before, paths, _AFTER)


def hidden(body: Any, paths: Sequence[Path]) -> Any:
    """A whole object, fit to be seen."""
    return hide(body, body, paths)[0]


def _hide_side(side: Any, other: Any, paths: Sequence[Path], different: str) -> Any:
    if () in paths:
        return different if other is not _ABSENT and other != side else HIDDEN
    if isinstance(side, Mapping):
        return {
            key: _hide_inner(
                value, other.get(key, _ABSENT) if isinstance(other, Mapping) else _ABSENT, key, paths, different
            )
            for key, value in side.items()
        }
    if isinstance(side, list):
        there = dict(enumerate(other)) if isinstance(other, list) else {}
        return [
            _hide_inner(value, there.get(number, _ABSENT), number, paths, different)
            for number, value in enumerate(side)
        ]
    # text where a mapping belongs: what was meant as a secret stays one
    return HIDDEN if any(path[0] == fields.EVERY for path in paths) else side


def _hide_inner(value: Any, other: Any, step: str | int, paths: Sequence[Path], different: str) -> Any:
    inner = [rest for path in paths if (rest := fields.behind(path, step)) is not None]
    return _hide_side(value, other, inner, different) if inner else value


def _without_last_applied(side: Any) -> Any:
    annotations = ((side.get("metadata") or {}).get("annotations") or {}) if isinstance(side, Mapping) else {}
    if LAST_APPLIED not in annotations:
        return side
    kept = {key: value for key, value in annotations.items() if key != LAST_APPLIED}
    return {**side, "metadata": {**side["metadata"], "annotations": kept}}


def secret_values(bodies: Iterable[Body], sensitive: Sensitive = NOTHING_MORE) -> list[str]:
    """Every secret value in `bodies`, as it is written and as it is meant; the longest first."""
    found = {text for body in bodies for text in _values(body, sensitive)}
    return sorted(found, key=lambda text: (-len(text), text))


def _values(body: Body, sensitive: Sensitive) -> Iterator[str]:
    for path in sensitive.paths(body):
        for value in fields.values(body, path):
            for leaf in fields.leaves(value):
                if leaf is not None and not isinstance(leaf, bool):
                    yield from _parts(str(leaf))
    if is_secret(body):
        for value in fields.values(body, ("data", fields.EVERY)):
            whole = "".join(str(value).splitlines())  # as a server writes it, whoever wrote it in lines
            yield from _parts(whole)
            try:
                yield from _parts(base64.b64decode(whole, validate=True).decode())
            except (binascii.Error, ValueError):
                continue  # not text, so no message can quote it


def _parts(value: str) -> Iterator[str]:
    # Shorter ones stand in every text by chance; each line counts, since messages quote lines.
    yield from (line for line in {value, *value.splitlines()} if len(line) >= 4)


def scrub(text: str, values: Iterable[str]) -> str:
    """`text` without any of `values` (from `secret_values`): the server quotes what it refuses."""
    for value in values:
        text = text.replace(value, HIDDEN)
    return text
