# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Configuration files as settings and as text without secrets: properties, YAML, environment files, `key value`.

The YAML here is what Spring's files are made of: nested maps, lists, several documents, block texts. Line by line,
since a mask must leave every other byte as it was.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .secrets import masked, masked_text
from .workloads import SECRET, ConfigurationFile


@dataclass(frozen=True)
class Entry:
    """One setting and its lines, from 0, the last one included. The first of them is `before` and the value."""

    first: int
    last: int
    key: str
    value: str
    before: str


def settings(path: str, text: str) -> dict[str, str]:
    """The settings of a file, by full key; a later one wins, as it does for Spring."""
    if path.lower().endswith(".xml"):
        return dict(_XML.findall(text))
    return {entry.key: _unquoted(entry.value) for entry in _entries(path, text)}


# Attributes, and elements that hold a text alone.
_XML = re.compile(r"""([\w:.-]+)(?:\s*=\s*["']|>)([^"'<>]*)(?=["']|</)""")


def configuration_file(path: str, text: str) -> ConfigurationFile:
    """The file as workloads.yml keeps it."""
    if path.lower().endswith(".xml"):
        keys = {key for key, value in _XML.findall(text) if masked(key, value) != value}
        return {"path": path, "content": masked_text(text), "secrets": sorted(keys)}
    lines = text.splitlines()
    secrets = []
    drop: set[int] = set()
    for entry in _entries(path, text):
        shown = masked(entry.key, entry.value)
        if shown == entry.value or SECRET in entry.value:
            continue
        secrets.append(entry.key)
        lines[entry.first] = entry.before + shown
        drop.update(range(entry.first + 1, entry.last + 1))
    kept = [masked_text(line) for number, line in enumerate(lines) if number not in drop]
    content = "\n".join(kept) + ("\n" if text.endswith("\n") and kept else "")
    return {"path": path, "content": content, "secrets": sorted(secrets)}


def _entries(path: str, text: str) -> Iterator[Entry]:
    extension = posixpath.splitext(path)[1].lower()
    lines = text.splitlines()
    if extension in (".yml", ".yaml"):
        return _yaml(lines)
    if extension in (".conf", ".cnf"):
        return _pairs(lines, _SPACED)
    return _pairs(lines, _PROPERTY)


_PROPERTY = re.compile(r"(\s*(?:export\s+)?([^\s=:#!][^\s=:]*)\s*[=:\s]\s*)(.*)")
_SPACED = re.compile(r"(\s*([A-Za-z_][\w.-]*)\s*[=\s]\s*)(.*)")
_YAML = re.compile(r"""("[^"]*"|'[^']*'|[^\s"'\[{][^:]*?(?::[^\s:][^:]*?)*?)\s*:(?:\s+(.*))?""")


def _pairs(lines: list[str], pattern: re.Pattern[str]) -> Iterator[Entry]:
    number = 0
    while number < len(lines):
        first = number
        while lines[number].endswith("\\") and number + 1 < len(lines):
            number += 1
        match = pattern.fullmatch(lines[first])
        if match and not lines[first].lstrip().startswith(("#", "!", ";")):
            more = (line.strip() for line in lines[first + 1 : number + 1])
            value = "".join(part.rstrip("\\") for part in (match[3], *more))
            yield Entry(first, number, match[2], value.strip(), match[1])
        number += 1


def _yaml(lines: list[str]) -> Iterator[Entry]:
    parents: list[tuple[int, str]] = []  # (indentation, key) from the outermost on
    items: dict[str, int] = {}  # how many items each list has had
    number = 0
    while number < len(lines):
        first, line = number, lines[number].rstrip()
        number += 1
        if line.startswith("---"):
            parents, items = [], {}
        rest = line.lstrip(" ")
        if not rest or rest.startswith(("#", "---")):
            continue
        while rest.startswith("- "):
            parents = _above(parents, len(line) - len(rest))
            path = ".".join(key for _indent, key in parents)
            items[path] = items.get(path, -1) + 1
            parents.append((len(line) - len(rest), str(items[path])))
            rest = rest[2:].lstrip(" ")
        indent = len(line) - len(rest)
        match = _YAML.fullmatch(rest)
        if match is None:
            if parents and line.lstrip(" ").startswith("- "):  # an item that is a plain value
                yield Entry(first, first, _path(parents), _without_comment(rest), line[:indent])
            continue
        parents = _above(parents, indent)
        name = match[1].strip("\"'")
        value = _without_comment(match[2] or "")
        if re.fullmatch(r"[|>][-+0-9]*", value):
            while number < len(lines) and (not lines[number].strip() or _indent(lines[number]) > _indent(line)):
                number += 1
            value = "\n".join(lines[first + 1 : number])
        if value:
            before = line[: indent + match.end(1)] + ": "
            yield Entry(first, number - 1, _path([*parents, (indent, name)]), value, before)
        else:
            parents.append((indent, name))


def _above(parents: list[tuple[int, str]], indent: int) -> list[tuple[int, str]]:
    return [parent for parent in parents if parent[0] < indent]


def _path(parents: list[tuple[int, str]]) -> str:
    return ".".join(key for _indent, key in parents)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _without_comment(value: str) -> str:
    if value[:1] in ("'", '"'):
        end = value.find(value[0], 1)
        return value[: end + 1] if end > 0 else value
    return re.split(r"\s#", value, maxsplit=1)[0].strip()


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
