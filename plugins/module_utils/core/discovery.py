# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs on a guest, out of the answers to two scripts: `look`, then `questions`, then `workload`."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from . import discovery_java as java
from . import discovery_other as other
from .configuration import configuration_file, settings
from .discovery_guest import JarSeen, Seen, seen
from .discovery_script import Questions, Section
from .discovery_services import Candidate, candidates, connections, inbound, outbound
from .secrets import masked_arguments, masked_environment
from .workloads import Finding, Memory, Service, Workload

T = TypeVar("T")

# What a login, systemd or a shell puts there: it says nothing of the service, and some of it is new with each start.
_NOISE = re.compile(
    r"_|PATH|HOME|USER|LOGNAME|SHELL|SHLVL|PWD|OLDPWD|TERM|MAIL|LANG|LC_\w+|LANGUAGE|INVOCATION_ID|JOURNAL_STREAM|"
    r"SYSTEMD_EXEC_PID|MANAGERPID|LISTEN_\w+|NOTIFY_SOCKET|WATCHDOG_\w+|MEMORY_PRESSURE_\w+|XDG_\w+|SSH_\w+|SUDO_\w+|"
    r"DBUS_\w+|CREDENTIALS_DIRECTORY|RUNTIME_DIRECTORY|container\w*|HOSTNAME"
)


@dataclass(frozen=True)
class Look:
    """What the first script told, sorted into services."""

    seen: Seen
    candidates: list[Candidate]

    def jar(self, one: Candidate) -> JarSeen | None:
        return self.seen.jars.get(one.process.pid)

    def unit(self, one: Candidate) -> Mapping[str, str]:
        return self.seen.units.get(one.unit or "", {})


def look(parts: Sequence[Section]) -> Look:
    guest = seen(parts)
    return Look(guest, candidates(guest))


def questions(found: Look) -> Questions:
    """What is still to be asked, now that the services are known."""
    files: list[str] = []
    ranges: list[tuple[str, int, int]] = []
    scripts: list[str] = []
    for one in found.candidates:
        files += _paths(one, found)
        jar = found.jar(one)
        if jar is not None:
            ranges += [(jar.path, *entry.range()) for entry in java.contents(jar).wanted()]
        if one.started_by != "systemd" and _started(one, jar).startswith("/"):
            scripts.append(_started(one, jar))
    # Asked as root to print its configuration, so only a program that root runs already.
    programs = {one.process.program for one in found.candidates if one.kind == "nginx" and one.process.user == "root"}
    return Questions(_once(files), _once(ranges), _once(scripts), tuple(sorted(programs)))


def workload(guest: str, found: Look, parts: Sequence[Section]) -> Workload:
    """Everything that the guest told, without its secrets."""
    answers = _Answers.of(parts)
    services = [_service(one, found, answers) for one in found.candidates]
    return {
        "guest": guest,
        "addresses": found.seen.addresses,
        "hostname": found.seen.hostname,
        "reachable": True,
        "services": sorted(services, key=lambda one: (one["name"], one["ports"], one["command"])),
        "findings": [] if found.seen.privileged else [_finding("not_privileged", "warning", guest, *_NOT_PRIVILEGED)],
    }


_NOT_PRIVILEGED = (
    "only the processes of the login's own user could be looked into",
    "sudo without a password for that user, or ansible_become",
)


def unreadable(guest: str, addresses: Sequence[str], reason: str, right: str) -> Workload:
    """A guest that could not be read: a finding that stands in the way of whatever runs there."""
    return {
        "guest": guest,
        "addresses": list(addresses),
        "hostname": None,
        "reachable": False,
        "services": [],
        "findings": [_finding("unreadable_guest", "blocker", guest, reason, right)],
    }


def _finding(rule: str, severity: str, guest: str, found: str, meant: str) -> Finding:
    return {"rule": rule, "severity": severity, "where": guest, "found": found, "meant": meant}


@dataclass(frozen=True)
class _Answers:
    files: Mapping[str, str]
    ranges: Mapping[tuple[str, int], bytes]
    started: Mapping[str, tuple[str, ...]]  # of a program or script: the lines of cron tables and rc.local that name it
    scripts: Mapping[str, tuple[str, ...]]  # of a program: the scripts that name it
    nginx: Mapping[str, str]

    @classmethod
    def of(cls, parts: Sequence[Section]) -> _Answers:
        by = {name: {" ".join(p.arguments): p for p in parts if p.name == name} for name in _SECTIONS}
        return cls(
            files={path: part.text for path, part in by["file"].items()},
            ranges={(" ".join(p.arguments[1:]), int(p.arguments[0])): p.content for p in by["range"].values()},
            started={path: part.lines for path, part in by["started"].items()},
            scripts=_scripts(parts),
            nginx={path: part.text for path, part in by["nginx"].items()},
        )

    def matching(self, paths: Sequence[str]) -> dict[str, str]:
        """The files at these paths, and those that their settings point to."""
        found = {path: text for path, text in self.files.items() if any(fnmatch.fnmatch(path, one) for one in paths)}
        named = {path for text in found.values() for path in _NAMED.findall(text)}
        return {path: text for path, text in self.files.items() if path in found or path in named}


_NAMED = re.compile(r"""(?<=[=:"' ])file:(/[^\]\[\s,;"'*?{}$]*[^\]\[\s,;"'*?{}$/])""")
_SECTIONS = ("file", "range", "started", "nginx")


def _scripts(parts: Sequence[Section]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        if part.name == "script":
            program = " ".join(part.arguments)
            found[program] = (*found.get(program, ()), *part.lines)
    return found


def _service(one: Candidate, found: Look, answers: _Answers) -> Service:
    process, jar = one.process, found.jar(one)
    files = answers.matching(_paths(one, found))
    line = java.command_line(process.command)
    is_java = one.kind in ("jvm", "nexus")
    inside = java.contents(jar) if jar else java.Contents({})
    inner = {
        entry.name: java.inner_text(entry, answers.ranges.get((jar.path, entry.offset), b""))
        for entry in (inside.wanted() if jar else ())
        if jar
    }
    said = other.nginx(answers.nginx.get(process.program, "")) if one.kind == "nginx" else None
    if said is None and one.kind != "jvm":
        said = other.server(one.kind, process, files)
    releases = set(java.release_paths(process.program)) if is_java else set()
    kept = {p: t for p, t in (said.configuration if said else files).items() if p not in releases}
    outer = [settings(path, kept[path]) for path in sorted(kept)]
    runtime = None
    if is_java:
        release = next((answers.files[path] for path in sorted(releases) if path in answers.files), "")
        runtime = java.runtime(line, process, inside, inner, outer, release)
    named = [call for text in [*outer, *java.inner_settings(inner)] for call in java.named_in(text)] if is_java else []
    named += said.calls if said else []
    started_by, script = _script(one, jar, answers)
    return {
        "name": _name(one, runtime["application_name"] if runtime else None, jar.path if jar else line.jar),
        "kind": one.kind,
        "unit": one.unit,
        "started_by": started_by,
        "script": script,
        "user": process.user,
        "pid": process.pid,
        "working_directory": process.directory,
        "ports": list(one.ports),
        "command": masked_arguments(process.command),
        "flags": masked_arguments(line.flags) if is_java else [],
        "arguments": masked_arguments(line.arguments) if is_java else [],
        "environment": masked_environment({k: v for k, v in process.environment.items() if not _NOISE.fullmatch(k)}),
        "runtime": runtime,
        "jar": {"path": jar.path, "sha256": jar.sha256, "size": jar.size} if jar else None,
        "memory": java.memory(line.flags, process) if is_java else _memory(one, found),
        "configuration": [configuration_file(path, kept[path]) for path in sorted(kept)],
        "document_root": said.document_root if said else None,
        "data": said.data if said else [],
        "logs": sorted({*(said.logs if said else []), *_logs(process.files)}),
        "outbound": connections([
            *((c["address"], c["port"], c["source"]) for c in outbound(found.seen, one)),
            *((host, port, "configuration") for host, port in named),
        ]),
        "inbound": inbound(found.seen, one),
    }  # fmt: skip


def _paths(one: Candidate, found: Look) -> list[str]:
    """The files to read of a service."""
    process, unit = one.process, found.unit(one)
    paths = [line.split(" ")[0] for line in unit.get("EnvironmentFiles", "").splitlines() if line.startswith("/")]
    if one.kind == "jvm":
        paths += java.configuration_paths(java.command_line(process.command), process)
    elif one.kind != "nginx":
        paths += other.configuration_paths(one.kind, process, unit)
    return paths + (java.release_paths(process.program) if one.kind in ("jvm", "nexus") else [])


def _started(one: Candidate, jar: JarSeen | None) -> str:
    """By what a start script knows a service."""
    return jar.path if jar else one.process.program


def _script(one: Candidate, jar: JarSeen | None, answers: _Answers) -> tuple[str, str | None]:
    """What started a service that is no unit, and its script: one that cron or rc.local names comes first."""
    if one.started_by == "systemd":
        return "systemd", None
    program = _started(one, jar)
    scripts = sorted(answers.scripts.get(program, ()), key=lambda path: ("start" not in path, "stop" in path, path))
    scripts.sort(key=lambda path: not answers.started.get(path))
    lines = [line for path in (program, *scripts) for line in answers.started.get(path, ())]
    by_cron = any("cron" in line.split(":", 1)[0] for line in lines)
    return "cron" if by_cron else one.started_by, scripts[0] if scripts else None


def _name(one: Candidate, application: str | None, jar: str | None) -> str:
    if application or one.kind not in ("jvm", "other"):
        return application or one.kind
    if one.unit:
        return one.unit.removesuffix(".service")
    if jar:
        return re.sub(r"-\d[\w.-]*$", "", posixpath.basename(jar).removesuffix(".jar"))
    return posixpath.basename(one.process.program) or one.process.name


def _memory(one: Candidate, found: Look) -> Memory:
    peaks = [found.seen.processes[pid].peak_rss_mib or 0 for pid in one.pids]
    return {"heap_max_mib": None, "metaspace_max_mib": None, "threads": one.process.threads, "peak_rss_mib": sum(peaks)}


def _logs(files: Sequence[str]) -> list[str]:
    return [path for path in files if re.search(r"(\.log|\.out|/logs?/[^/]+)$", path)]


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
