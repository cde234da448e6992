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

from . import discovery_files as kept_files
from . import discovery_java as java
from . import discovery_other as other
from . import discovery_start as starts
from .configuration import configuration_file, settings
from .discovery_ask import Questions
from .discovery_findings import findings
from .discovery_guest import JarSeen, Seen, seen
from .discovery_script import Section
from .discovery_services import JAVA, Candidate, candidates, connections, inbound, outbound
from .eureka import registrations
from .node_settings import COMMANDS, PYTHON
from .secrets import masked_arguments, masked_environment
from .workloads import Memory, Registration, Service, Workload

T = TypeVar("T")

# What a login, systemd or a shell puts there: it says nothing of the service, and some of it is new with each start.
_NOISE = re.compile(
    r"_|PATH|HOME|USER|LOGNAME|SHELL|SHLVL|PWD|OLDPWD|TERM|MAIL|LANG|LC_\w+|LANGUAGE|INVOCATION_ID|JOURNAL_STREAM|"
    r"SYSTEMD_EXEC_PID|MANAGERPID|LISTEN_\w+|NOTIFY_SOCKET|WATCHDOG_\w+|MEMORY_PRESSURE_\w+|XDG_\w+|SSH_\w+|SUDO_\w+|"
    r"DBUS_\w+|(CREDENTIALS|RUNTIME|CACHE|STATE|LOGS|CONFIGURATION)_DIRECTORY|SUPERVISOR_\w+|container\w*|HOSTNAME"
)


@dataclass(frozen=True)
class Look:
    """What the first script told, sorted into services."""

    seen: Seen
    candidates: list[Candidate]

    def jar(self, one: Candidate) -> JarSeen | None:
        """Its archive; none for a Tomcat that serves several."""
        wars = [path for path in one.process.applications if path.endswith(".war")]
        return self.seen.jars.get(one.process.pid) if len(wars) < 2 else None

    def archive(self, one: Candidate) -> str | None:
        jar = self.jar(one)
        return jar.path if jar else None

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
    words: list[str] = []
    registries: list[int] = []
    for one in found.candidates:
        files += _paths(one, found)
        jar = found.jar(one)
        if jar is not None:
            inside = java.contents(jar)
            ranges += [(jar.path, *entry.range()) for entry in inside.wanted()]
            registries += one.ports if inside.has(java.EUREKA_SERVER) else ()
        path = starts.key(one.process, found.archive(one))
        if one.unit is None and path.startswith("/"):
            scripts.append(path)
            words.append(starts.word(one.process, found.archive(one)))
    # Asked as root to print its configuration, so only a program that root runs already.
    programs = {one.process.program for one in found.candidates if one.kind == "nginx" and one.process.user == "root"}
    return Questions(
        _once(files), _once(ranges), _once(scripts), _once(words), tuple(sorted(programs)), _once(registries)
    )


def workload(guest: str, found: Look, parts: Sequence[Section]) -> Workload:
    """Everything that the guest told, without its secrets."""
    answers = _Answers.of(parts)
    services = [(one, _service(one, found, answers)) for one in found.candidates]
    return {
        "guest": guest,
        "addresses": found.seen.addresses,
        "hostname": found.seen.hostname,
        "reachable": True,
        "lacks": [name for name in (PYTHON, *COMMANDS) if name not in found.seen.programs],
        "services": sorted((service for _one, service in services), key=_in_order),
        "findings": findings(guest, found.seen, services),
    }


def _in_order(one: Service) -> tuple[str, list[int], list[str]]:
    return one["name"], one["ports"], one["command"]


@dataclass(frozen=True)
class _Answers:
    files: Mapping[str, str]
    ranges: Mapping[tuple[str, int], bytes]
    traces: starts.Traces
    nginx: Mapping[str, str]
    registries: Mapping[int, list[Registration] | None]

    @classmethod
    def of(cls, parts: Sequence[Section]) -> _Answers:
        by = {name: {" ".join(p.arguments): p for p in parts if p.name == name} for name in _SECTIONS}
        return cls(
            files={path: part.text for path, part in by["file"].items()},
            ranges={(" ".join(p.arguments[1:]), int(p.arguments[0])): p.content for p in by["range"].values()},
            traces=starts.Traces.of(parts),
            nginx={path: part.text for path, part in by["nginx"].items()},
            registries={int(port): registrations(part.text) for port, part in by["registry"].items()},
        )

    def matching(self, paths: Sequence[str]) -> dict[str, str]:
        """The files at these paths, and those that their settings point to."""
        found = {path: text for path, text in self.files.items() if any(fnmatch.fnmatch(path, one) for one in paths)}
        named = {path for text in found.values() for path in _NAMED.findall(text)}
        return {path: text for path, text in self.files.items() if path in found or path in named}


_NAMED = re.compile(r"""(?<=[=:"' ])file:(/[^\]\[\s,;"'*?{}$]*[^\]\[\s,;"'*?{}$/])""")
_SECTIONS = ("file", "range", "nginx", "registry")


def _service(one: Candidate, found: Look, answers: _Answers) -> Service:
    process, jar = one.process, found.jar(one)
    files = answers.matching(_paths(one, found))
    line = java.command_line(process.command)
    is_java = one.kind in JAVA
    inside = java.contents(jar) if jar else java.Contents({})
    inner = {
        entry.name: java.inner_text(entry, answers.ranges.get((jar.path, entry.offset), b""))
        for entry in (inside.wanted() if jar else ())
        if jar
    }
    said = other.nginx(answers.nginx.get(process.program, "")) if one.kind == "nginx" else None
    if said is None and one.kind not in ("jvm", "tomcat"):
        said = other.server(one.kind, process, files)
    releases = set(java.release_paths(process.program)) if is_java else set()
    kept = {p: t for p, t in (said.configuration if said else files).items() if p not in releases}
    outer = [settings(path, kept[path]) for path in sorted(kept)]
    runtime = None
    if is_java:
        release = next((answers.files[path] for path in sorted(releases) if path in answers.files), "")
        runtime = java.runtime(line, process, inside, inner, outer, release)
    every = [*outer, *java.inner_settings(inner)]
    named = [call for text in every for call in java.named_in(text)] if is_java else []
    named += said.calls if said else []
    start = starts.start(found.seen, process, found.archive(one), one.unit, one.started_by, answers.traces)
    data = said.data if said else []
    logs = {*(said.logs if said else []), *kept_files.open_logs(process.files)}
    if is_java:
        data = data or kept_files.data(process, every)
        logs.update(kept_files.logs(line, process, every))
    service: Service = {
        "name": _name(one, runtime["application_name"] if runtime else None, jar.path if jar else line.jar),
        "kind": one.kind,
        "unit": start.unit,
        "started_by": start.started_by,
        "script": start.script,
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
        "data": data,
        "logs": sorted(logs),
        "outbound": connections([
            *((c["address"], c["port"], c["source"]) for c in outbound(found.seen, one)),
            *((host, port, "configuration") for host, port in named),
        ]),
        "inbound": inbound(found.seen, one),
    }  # fmt: skip
    if said and said.sites:
        service["sites"] = said.sites
    registered = next((listed for port in one.ports if (listed := answers.registries.get(port)) is not None), None)
    if registered is not None:
        service["registry"] = registered
        known = ((each["address"], one.ports[0], "eureka") for each in registered)
        mine = ((each["address"], each["port"], each["source"]) for each in service["inbound"])
        service["inbound"] = connections([*mine, *known])
    return service


def _paths(one: Candidate, found: Look) -> list[str]:
    """The files to read of a service."""
    process, unit = one.process, found.unit(one)
    paths = [line.split(" ")[0] for line in unit.get("EnvironmentFiles", "").splitlines() if line.startswith("/")]
    if one.kind in ("jvm", "tomcat"):
        paths += java.configuration_paths(java.command_line(process.command), process)
        paths += java.tomcat_paths(starts.catalina_base(process) or "") if one.kind == "tomcat" else []
    elif one.kind != "nginx":
        paths += other.configuration_paths(one.kind, process, unit)
    return paths + (java.release_paths(process.program) if one.kind in JAVA else [])


def _name(one: Candidate, application: str | None, jar: str | None) -> str:
    if application or one.kind not in ("jvm", "tomcat", "other"):
        return application or one.kind
    if one.unit:
        return one.unit.removesuffix(".service").rpartition(":")[2]
    if base := starts.catalina_base(one.process):
        return posixpath.basename(base)
    if jar:
        return re.sub(r"-\d[\w.-]*$", "", posixpath.basename(jar).removesuffix(".jar"))
    program = posixpath.basename(one.process.program)
    return one.process.name if program in ("", "busybox") else program


def _memory(one: Candidate, found: Look) -> Memory:
    peaks = [found.seen.processes[pid].peak_rss_mib or 0 for pid in one.pids]
    return {"heap_max_mib": None, "metaspace_max_mib": None, "threads": one.process.threads, "peak_rss_mib": sum(peaks)}


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
