# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents as text: block YAML for what people review, lines of JSON (which is YAML too) for facts by the thousand.

libyaml takes half a minute for an estate of 10,000 guests, json a quarter of a second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

WIDTH = 160  # columns, where a long text goes on in the next line

_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
# YAML takes these for line breaks, or does not take them at all; escaped, both languages read them alike.
_ONLY_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

# What every reader of YAML takes as this very text, without quotes: no number, no date, no word with a meaning.
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./@%+-]*(?:[ :][A-Za-z0-9_./@%+-]+)*|[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_WORDS = frozenset(["y", "n", "yes", "no", "true", "false", "on", "off", "null"])


def facts_text(document: Mapping[str, Any]) -> str:
    """A document of facts as JSON, one line for each field of each record, so that a change is a line in a diff."""
    return f"{_record(document, '')}\n"


def _record(record: Mapping[str, Any], indent: str) -> str:
    inner = f"{indent} "
    fields = (f"{_json(key)}: {_field(value, inner)}" for key, value in record.items())
    return "{" + f",\n{inner}".join(fields) + "}"


def _field(value: Any, indent: str) -> str:
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        return f"[\n{indent} " + f",\n{indent} ".join(_record(one, f"{indent} ") for one in value) + "]"
    return _json(value)


def _json(value: Any) -> str:
    return _ONLY_ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", _ENCODE(value))


Scalar = Callable[[Any, int, str], str]

_BRANCHES = (dict, list)


def yaml_text(document: Any, scalar: Scalar) -> str:
    """Block YAML, keys in the order of the document.

    `scalar(value, indent, key)` writes what is not plain beyond doubt, as it stands behind `key` (behind a dash: "").
    """
    if isinstance(document, _BRANCHES) and document:
        block = _Block(scalar)
        block.add(document, 0, "")
        return "\n".join(block.lines) + "\n"
    return scalar(document, 0, "") + "\n"


class _Block:
    """The lines of block YAML; scalars are kept, since the same few stand in a document thousands of times."""

    def __init__(self, scalar: Scalar) -> None:
        self._scalar = scalar
        self._known: dict[str, str] = {}
        self.lines: list[str] = []

    def add(self, node: Any, indent: int, lead: str) -> None:
        """A mapping or a list that is not empty, its first line behind `lead`."""
        space, write = " " * indent, self.lines.append
        if isinstance(node, dict):
            for key, value in node.items():
                name = self._key(key)
                if isinstance(value, _BRANCHES) and value:
                    write(f"{lead}{name}:")
                    # as PyYAML does, a list stands no deeper than its key
                    inner = indent if isinstance(value, list) else indent + 2
                    self.add(value, inner, " " * inner)
                else:
                    write(f"{lead}{name}: {self._leaf(value, indent, name)}")
                lead = space
            return
        for item in node:
            if isinstance(item, _BRANCHES) and item:
                self.add(item, indent + 2, f"{lead}- ")
            else:
                write(f"{lead}- {self._leaf(item, indent, '')}")
            lead = space

    def _leaf(self, value: Any, indent: int, key: str) -> str:
        if isinstance(value, str):
            if indent + len(key) + len(value) > WIDTH - 6 or "\n" in value:
                return self._scalar(value, indent, key)
            return self._known.get(value) or self._short(value)
        if value is None or isinstance(value, bool):
            return "null" if value is None else str(value).lower()
        if isinstance(value, _BRANCHES):
            return "{}" if isinstance(value, dict) else "[]"
        plain = isinstance(value, int) or _DECIMAL.fullmatch(str(value))
        return str(value) if plain else self._scalar(value, indent, key)

    def _key(self, key: Any) -> str:
        if isinstance(key, str):
            if "\n" in key or len(key) > WIDTH // 2:
                return _json(key)
            return self._known.get(key) or self._short(key)
        return self._leaf(key, 0, "")

    def _short(self, text: str) -> str:
        plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
        self._known[text] = text if plain else self._scalar(text, 0, "k")
        return self._known[text]
