# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files that a JVM writes: its data, which must be kept, and its logs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from .discovery_guest import Process
from .discovery_java import CommandLine

_LOG = re.compile(r"(\.log|\.out|/logs?/[^/]+)$")
_PASSING = re.compile(
    r"/(dev|proc|sys|run|tmp|var/run|var/tmp|memfd:)|.*/logs?/|.*(\.pid|\.lock|\.jar|\.war| \(deleted\))$"
)
# A setting that names a place for files, by its key; a value such as /upload may as well be a path of URLs.
_KEEPS = re.compile(r"upload|storage|attach|datadir|datapath|filedir|filepath|filestore")
_PLACE = re.compile(r"(?:file:)?(/(?:data\d*|srv|opt|var|mnt|home|usr|nfs|export)/[^\s${}*?]+)")
_DATABASE = re.compile(r"jdbc:(?:h2|hsqldb|sqlite|derby):(?:file:)?(/[^;?\s]+)")
_LOGGING = ("logging.file.name", "logging.file.path", "logging.file", "logging.path")


def data(process: Process, settings: Iterable[Mapping[str, str]]) -> list[str]:
    """Directories: of the files that it has open to write, and those that its settings name."""
    open_now = [path for path in process.written if not _LOG.search(path) and not _PASSING.match(path)]
    found = {posixpath.dirname(path) for path in open_now}
    for one in settings:
        for key, value in one.items():
            if match := _DATABASE.search(value):
                found.add(posixpath.dirname(match[1]))
            elif _KEEPS.search(re.sub(r"[-_.]", "", key.lower())) and (place := _PLACE.fullmatch(value)):
                found.add(place[1].rstrip("/"))
    return sorted(found)


def logs(line: CommandLine, process: Process, settings: Sequence[Mapping[str, str]]) -> list[str]:
    """The log files that are open, and where its settings put them."""
    found = set(open_logs(process.files))
    for key in _LOGGING:
        said = line.setting(key, process.environment) or next((one[key] for one in settings if key in one), "")
        found |= {said} if said.startswith("/") else set()
    for flag in line.flags:
        if match := re.match(r"(?:-Xloggc:|-Xlog:.*\bfile=)(/[^:,]+)", flag):
            found.add(match[1])
    return sorted(found)


def open_logs(files: Iterable[str]) -> list[str]:
    return [path for path in files if _LOG.search(path)]
