# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The values of a Secret, out of what a guest has: files, environment and command line of the running process."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .configuration import settings
from .errors import NotFound, Problem
from .rewrite import Rewriter
from .workloads import SECRET

Item = Mapping[str, Any]
MARK = "landfall.dev/secret-sources"


def fingerprint(items: Sequence[Item]) -> str:
    """Says from where a Secret was filled; with another one it is filled again. It tells nothing of the values."""
    return hashlib.sha256(json.dumps(list(items), sort_keys=True).encode()).hexdigest()[:16]


def files_of(items: Sequence[Item]) -> list[str]:
    """The files that are read."""
    return sorted({str(item["path"]) for item in items if item.get("path")})


def needs_process(items: Sequence[Item]) -> bool:
    return any(item["source"] in ("environment", "word", "value") for item in items)


def words_of(content: bytes) -> list[str]:
    """/proc/<pid>/cmdline or environ as words."""
    return [word for word in content.decode("utf-8", "replace").split("\0") if word]


def values(
    items: Sequence[Item],
    files: Mapping[str, str],
    command: Sequence[str],
    environment: Sequence[str],
    rewriter: Rewriter,
) -> dict[str, str]:
    """Key -> value for each of `items`; a NotFound that names every one that is not there any more."""
    variables = dict(word.partition("=")[::2] for word in environment)
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for item in items:
        value = _value(item, files, command, variables, rewriter)
        if value is None:
            where = str(
                item.get("path") or f"the {'environment' if item['source'] == 'environment' else 'command line'}"
            )
            problems.append(Problem(f"{item['key']} in {where}", "is not there", "what was there when it was assessed"))
        else:
            found[str(item["key"])] = value
    if problems:
        raise NotFound("secrets of the service have gone or moved; assess and plan again", problems)
    return found


def _value(
    item: Item, files: Mapping[str, str], command: Sequence[str], variables: Mapping[str, str], rewriter: Rewriter
) -> str | None:
    source = item["source"]
    if source == "file":
        text = files.get(item["path"])
        return None if text is None else rewriter.file(item["path"], text)[0]
    if source == "directive":
        return settings(item["path"], files.get(item["path"], "")).get(item["pattern"])
    if source == "environment":
        value = variables.get(item["pattern"])
        return None if value is None else rewriter.value(value)
    pattern = re.compile(".+".join(re.escape(part) for part in item["pattern"].split(SECRET)), re.DOTALL)
    word = next((one for one in reversed(command) if pattern.fullmatch(one)), None)
    if word is None:
        return None
    return rewriter.value(word.partition("=")[2] if source == "value" else word)
