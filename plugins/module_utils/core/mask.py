# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps the values of Secrets out of everything that people see.

Equal values look equal and different ones different, but nothing tells their length or a hash of them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

HIDDEN = "********"
_BEFORE, _AFTER = f"{HIDDEN} (before)", f"{HIDDEN} (after)"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def is_secret(body: Mapping[str, Any]) -> bool:
    return body.get("kind") == "Secret" and body.get("apiVersion", "v1") == "v1"


def hide(before: Any, after: Any, *, secret: bool) -> tuple[Any, Any]:
    """Both sides of a diff, fit to be seen."""
    if not secret:
        return _without_last_applied(before), _without_last_applied(after)
    return _hide_side(before, after, _BEFORE), _hide_side(after, before, _AFTER)


def _hide_side(side: Any, other: Any, different: str) -> Any:
    if not isinstance(side, Mapping):
        return side
    hidden = dict(_without_last_applied(side))
    for part in ("data", "stringData"):
        values = hidden.get(part)
        if isinstance(values, Mapping):
            there = (other.get(part) or {}) if isinstance(other, Mapping) else {}
            hidden[part] = {
                key: different if key in there and there[key] != value else HIDDEN for key, value in values.items()
            }
    return hidden


def _without_last_applied(side: Any) -> Any:
    annotations = ((side.get("metadata") or {}).get("annotations") or {}) if isinstance(side, Mapping) else {}
    if _LAST_APPLIED not in annotations:
        return side
    kept = {key: value for key, value in annotations.items() if key != _LAST_APPLIED}
    return {**side, "metadata": {**side["metadata"], "annotations": kept}}


def secret_values(bodies: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every value of the Secrets among `bodies`, as it is written and as it is meant; the longest first."""
    found = {text for body in bodies if is_secret(body) for text in _values(body)}
    return sorted(found, key=lambda text: (-len(text), text))


def _values(body: Mapping[str, Any]) -> Iterator[str]:
    for value in (body.get("stringData") or {}).values():
        yield from _parts(str(value))
    for value in (body.get("data") or {}).values():
        yield from _parts(str(value))
        try:
            yield from _parts(base64.b64decode(str(value), validate=True).decode())
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
