# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""YAML documents on the controller: the facts, the plan. Whole or not at all, the same for the same data."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

from ..core.document_text import WIDTH, yaml_text
from ..core.errors import DocumentError, LandfallError, NotFound, OperationFailed, Problem

yaml: Any = None
try:
    import yaml as _library
except ImportError:  # _yaml() says so in words
    pass
else:
    yaml = _library


def to_yaml(document: Any) -> str:
    """Keys in the order of the document, so that a shape decides how a file reads. Without anchors."""
    library = _yaml()
    base = getattr(library, "CSafeDumper", library.SafeDumper)  # libyaml where it is there: ten times faster

    dumper: Any = type("Dumper", (base,), {})
    dumper.add_representer(str, _text)

    def scalar(value: Any, indent: int, key: str) -> str:
        length = min(len(key), 100)  # above 128, PyYAML writes keys in another way
        nested: Any = {"k" * length: value} if key else [value]
        levels = indent // 2 + (not key)
        for _level in range(levels):
            nested = {"k": nested}
        text = str(library.dump(nested, Dumper=dumper, allow_unicode=True, width=WIDTH))
        if text.endswith("\n...\n"):  # the end of a document, said where empty lines of a text end it
            text = text[: -len("...\n")]
        return text.split("\n", levels)[-1][indent + length + 2 : -1]

    return yaml_text(document, scalar)


def _text(dumper: Any, text: str) -> Any:
    """Files stand in these documents: line by line, people can read them and how they changed."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def from_yaml(text: str, *, source: str) -> Any:
    """The document in `text`; what facts_text wrote is read as the JSON that it is, a hundred times faster."""
    if text.startswith("{"):
        try:
            return json.loads(text)
        except ValueError:  # YAML may begin like that too
            pass
    library = _yaml()
    try:
        return library.load(text, Loader=getattr(library, "CSafeLoader", library.SafeLoader))
    except library.YAMLError as error:
        raise DocumentError(f"{source} is no YAML: {error}") from error


def read_document(path: str) -> Any:
    """The document at `path`."""
    return from_yaml(read_text(path), source=path)


def read_versioned(path: str, version: int, keys: tuple[str, ...], phase: str) -> Any:
    """The document at `path` that `phase` wrote, in the version and with the keys that it should have."""
    document = from_yaml(read_text(path), source=path)
    if not isinstance(document, dict) or document.get("version") != version:
        found = document.get("version") if isinstance(document, dict) else "no mapping"
        problem = Problem(f"{path}.version", f"{found!r}", f"{version}; run {phase} again")
        raise DocumentError(f"{path} is not what {phase} writes", [problem])
    missing = [Problem(f"{path}.{key}", "is missing", f"run {phase} again") for key in keys if key not in document]
    if missing:
        raise DocumentError(f"{path} is not what {phase} writes", missing)
    return document


def read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError as error:
        raise NotFound(f"{path} is not there; an earlier phase should have written it") from error
    except (OSError, UnicodeDecodeError) as error:
        raise OperationFailed(f"{path} cannot be read: {error}") from error


def write_text(path: str, text: str, *, mode: int = 0o644) -> None:
    """Replace the file at `path` in one step: a reader, or a run that is killed, never sees half of it."""
    directory = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(directory, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=directory)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(draft, mode)
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
    except OSError as error:
        raise OperationFailed(f"{path} cannot be written: {error}") from error


def _yaml() -> Any:
    if yaml is None:
        raise LandfallError("the Python library PyYAML is missing where this runs; `pip install PyYAML` there")
    return yaml
