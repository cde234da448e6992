# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects as people keep them: lists, YAML text of several documents, files and directories of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..core.errors import DocumentError, OperationFailed, Problem
from ..core.objects import Document

try:
    import yaml
except ImportError as error:  # ansible-doc and the sanity tests do without
    MISSING: ImportError | None = error
else:
    MISSING = None

    class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """YAML as Kubernetes reads it: a date is text."""

    _Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in several if tag != "tag:yaml.org,2002:timestamp"]
        for first, several in _Loader.yaml_implicit_resolvers.items()
    }

_SUFFIXES = (".yaml", ".yml", ".json")


def documents_of(resources: Any, src: str | None) -> list[Document]:
    """Every document of `resources` (a list, one object, or YAML text) and of the file or directory `src`."""
    documents: list[Document] = []
    problems: list[Problem] = []
    if isinstance(resources, str):
        _parse(resources, "resources", documents, problems)
    elif isinstance(resources, Mapping):
        documents.append(("resources", resources))
    elif isinstance(resources, (list, tuple)):
        documents.extend((f"resources[{index}]", one) for index, one in enumerate(resources))
    elif resources is not None:
        problems.append(Problem("resources", "is neither a list nor text", "a list of objects, or YAML"))
    for path in _files(src) if src else ():
        _parse(_read(path), os.path.basename(path), documents, problems)
    if problems:
        raise DocumentError("the objects cannot be read", problems)
    return documents


def _parse(text: str, where: str, documents: list[Document], problems: list[Problem]) -> None:
    if MISSING is not None:
        raise OperationFailed(f"PyYAML is missing here: {MISSING}")
    try:
        # str: templated text is a subclass of it, which libyaml does not take
        parsed = list(yaml.load_all(str(text), Loader=_Loader))
    except yaml.YAMLError as error:
        problems.append(Problem(where, f"is no YAML: {' '.join(str(error).split())}", "YAML documents"))
        return
    documents.extend((f"{where}, document {number}", one) for number, one in enumerate(parsed, 1))


def _files(src: str) -> list[str]:
    if not os.path.isdir(src):
        return [src]
    files = sorted(os.path.join(src, name) for name in os.listdir(src) if name.endswith(_SUFFIXES))
    if not files:
        raise DocumentError(
            "the objects cannot be read", [Problem(src, "holds no files of objects", "*.yaml or *.json")]
        )
    return files


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError("the objects cannot be read", [Problem(path, str(error), "a file of YAML")]) from error


def to_yaml(value: Any) -> str:
    """`value` as a diff shows it; nothing for nothing."""
    if not value:
        return ""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(value, Dumper=dumper, sort_keys=True, allow_unicode=True, width=1000))
