# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manifests on the controller, one directory for each service, as people review them; and what a jar has inside."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..core.configuration import configuration_file
from ..core.workloads import ConfigurationFile
from .documents import read_text, to_yaml, write_text

_INNER = re.compile(r"(BOOT|WEB)-INF/classes/(config/)?(application|bootstrap)(-[\w.-]+)?\.(ya?ml|properties)")
_MASKED = "secret.yaml.masked"
_NOTE = "# What the Secret holds. Its values are read from the guest when the service moves; no file has them.\n"


class Written(NamedTuple):
    """The files that changed: path -> text before and after; None where there was or will be no file."""

    before: dict[str, str | None]
    after: dict[str, str | None]

    @property
    def changed(self) -> list[str]:
        return sorted(self.after)


Documents = tuple[list[dict[str, Any]], "dict[str, Any] | None"]


def write(directory: str, services: Mapping[str, Documents], *, dry: bool) -> Written:
    """Write (objects, masked Secret) of each service below `directory`, and take away what it had and has no more."""
    wanted: dict[str, str | None] = {}
    for name, (objects, masked) in services.items():
        place = os.path.join(directory, name)
        files = {f"{one['kind'].lower()}-{one['metadata']['name']}.yaml": to_yaml(one) for one in objects}
        if masked:
            files[_MASKED] = _NOTE + to_yaml(masked)
        there = os.listdir(place) if os.path.isdir(place) else []
        wanted |= {os.path.join(place, one): None for one in there if one.endswith((".yaml", _MASKED))}
        wanted |= {os.path.join(place, one): text for one, text in files.items()}
    before = {path: read_text(path) if os.path.exists(path) else None for path in wanted}
    after = {path: text for path, text in wanted.items() if text != before[path]}
    for path, text in after.items() if not dry else ():
        if text is None:
            os.unlink(path)
        else:
            write_text(path, text)
    return Written({path: before[path] for path in after}, after)


def inner_configuration(artifact: Path, jar: str) -> list[ConfigurationFile]:
    """The settings inside a jar that was fetched, without their secrets. `jar` is its path on the guest."""
    if not artifact.exists():
        return []
    with zipfile.ZipFile(artifact) as archive:
        names = sorted(name for name in archive.namelist() if _INNER.fullmatch(name))
        texts = {name: archive.read(name).decode("utf-8", "replace") for name in names}
    return [configuration_file(f"{jar}!/{name}", text) for name, text in texts.items()]
