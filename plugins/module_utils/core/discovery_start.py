# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What started a service, so that it can be stopped for good and started again in the same way."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .discovery_guest import Process, Seen
from .discovery_script import Section

# These start other things: what runs in their control group is no unit of theirs.
_STARTERS = {
    "cron.service": "cron", "crond.service": "cron", "anacron.service": "cron", "atd.service": "cron",
    "rc-local.service": "nohup", "ssh.service": "nohup", "sshd.service": "nohup",
    "supervisor.service": "supervisor", "supervisord.service": "supervisor",
}  # fmt: skip


@dataclass(frozen=True)
class Start:
    """As workloads.yml tells it."""

    started_by: str
    unit: str | None = None
    script: str | None = None


@dataclass(frozen=True)
class Traces:
    """What the second script found of start scripts, and of what calls them."""

    started: Mapping[str, tuple[str, ...]]  # of a program or script: the lines of tables that name it
    scripts: Mapping[str, tuple[str, ...]]  # of a program: the scripts that name it
    initial: Mapping[str, tuple[str, ...]]  # of a word: the scripts of init.d that have it

    @classmethod
    def of(cls, parts: Sequence[Section]) -> Traces:
        return cls(_by_argument(parts, "started"), _by_argument(parts, "script"), _by_argument(parts, "initscript"))


def origin(seen: Seen, process: Process) -> tuple[str | None, str]:
    """The unit of a process, and what started it, as far as the processes tell."""
    if process.supervised:
        return process.supervised, "supervisor"
    unit = next((part for part in reversed(process.group.split("/")) if part.endswith(".service")), None)
    if unit in _STARTERS:
        return None, _STARTERS[unit]
    if unit is not None and not unit.startswith("user@"):
        return unit, "systemd"
    if ".scope" in process.group or seen.units:
        return None, "nohup"  # on a guest with systemd, what has no unit was started by hand or by a script
    parent = seen.processes.get(process.parent)
    return None, "supervisor" if parent and "supervisord" in " ".join(parent.command) else "init"


def key(process: Process, archive: str | None) -> str:
    """The path by which a start script names a service."""
    base = catalina_base(process)
    return f"{base}/bin/catalina.sh" if base else archive or process.program


def word(process: Process, archive: str | None) -> str:
    """By what a script of init.d knows it: such a one often puts paths together."""
    return catalina_base(process) or (posixpath.basename(archive) if archive else process.program)


def catalina_base(process: Process) -> str | None:
    """The directory of a Tomcat."""
    prefix = "-Dcatalina.base="
    return next((one.removeprefix(prefix).rstrip("/") for one in process.command if one.startswith(prefix)), None)


def start(
    seen: Seen, process: Process, archive: str | None, unit: str | None, started_by: str, traces: Traces
) -> Start:
    """What started it: a unit is certain, else the table or script that names it."""
    if unit is not None or started_by == "supervisor":
        return Start(started_by, unit)
    program = key(process, archive)
    scripts = sorted(traces.scripts.get(program, ()), key=lambda path: ("start" not in path, "stop" in path, path))
    scripts.sort(key=lambda path: not traces.started.get(path))
    own = scripts[0] if scripts else None
    tables = [line.split(":", 1)[0] for path in (program, *scripts) for line in traces.started.get(path, ())]
    if started_by == "cron" or any("cron" in table for table in tables):
        return Start("cron", None, own)
    if started_by == "init":
        script = _of_init(
            seen, process, archive, [*traces.initial.get(word(process, archive), ()), *_calling(traces, own)]
        )
        if script or not (own or tables):
            return Start("init", None, script)
    by_init = any("/etc/init" in table for table in tables)  # inittab, or a job of upstart
    return Start("init", None, None) if by_init else Start("nohup", None, own)


def _calling(traces: Traces, script: str | None) -> Sequence[str]:
    return traces.initial.get(script, ()) if script else ()


def _of_init(seen: Seen, process: Process, archive: str | None, named: Sequence[str]) -> str | None:
    """The script of init.d that is a link to its jar, has its path, or has its name."""
    links = [path for path, target in seen.init_scripts.items() if archive and target == archive]
    program = posixpath.basename(process.program)
    names = {process.name, program, program.removesuffix("-server"), program.removesuffix("d")} - {""}
    called = [path for path in seen.init_scripts if re.sub(r"^S[0-9]{2}", "", posixpath.basename(path)) in names]
    return next(iter([*links, *sorted(named), *sorted(called)]), None)


def _by_argument(parts: Sequence[Section], name: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        if part.name == name:
            argument = " ".join(part.arguments)
            found[argument] = (*found.get(argument, ()), *part.lines)
    return found
