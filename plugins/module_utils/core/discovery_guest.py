# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the first script saw on a guest: processes, sockets, units."""

from __future__ import annotations

import ipaddress
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from . import discovery_script
from .discovery_script import Section

_LISTEN = "0A"
_TALKS = ("01", "04", "05", "06", "08")  # established, being ended, just ended: each says who talks to whom


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    name: str  # as the kernel has it, 15 characters
    user: str
    peak_rss_mib: int | None
    threads: int | None
    command: tuple[str, ...]
    program: str  # the file that runs
    directory: str
    group: str  # its control group in systemd's hierarchy
    environment: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()  # that a JVM has open
    written: tuple[str, ...] = ()  # those of them that it may write to
    applications: tuple[str, ...] = ()  # war files and WEB-INF directories below a Tomcat
    supervised: str | None = None  # what supervisorctl calls it


@dataclass(frozen=True)
class Socket:
    """One TCP socket. `inode` is 0 where no process holds it any more."""

    state: str
    address: str
    port: int
    peer: str
    peer_port: int
    inode: int


@dataclass(frozen=True)
class JarSeen:
    path: str
    size: int
    sha256: str
    tail: bytes


@dataclass(frozen=True)
class Seen:
    """A guest at one moment."""

    hostname: str | None
    privileged: bool  # whether all processes could be looked into
    addresses: list[str]
    processes: Mapping[int, Process]
    sockets: Sequence[Socket]
    owners: Mapping[int, int]  # socket inode -> pid
    units: Mapping[str, Mapping[str, str]]
    jars: Mapping[int, JarSeen]  # of a Tomcat the first of its war files
    init_scripts: Mapping[str, str] = field(default_factory=dict)  # path -> the file that it is a link to
    programs: frozenset[str] = frozenset()  # those of a node that it has

    def listening(self, pids: Iterable[int]) -> list[int]:
        """The ports that these processes listen on, but for those that only the guest itself reaches."""
        held = set(pids)
        mine = [s for s in self.sockets if s.state == _LISTEN and self.owners.get(s.inode) in held]
        return sorted({s.port for s in mine if not s.address.startswith("127.") and s.address != "::1"})

    def talks(self) -> list[Socket]:
        return [socket for socket in self.sockets if socket.state in _TALKS]

    def children(self, pid: int) -> list[Process]:
        return [one for one in self.processes.values() if one.parent == pid and one.pid != pid]


def seen(parts: Sequence[Section]) -> Seen:
    """The first script's answer."""
    one = {part.name: part for part in parts}
    many: dict[str, dict[int, Section]] = {name: {} for name in _OF_A_PROCESS}
    tails: dict[str, bytes] = {}
    for part in parts:
        if part.name in many:
            many[part.name].setdefault(int(part.arguments[0]), part)
        elif part.name == "tail":
            tails[" ".join(part.arguments)] = part.content
    jars = {}
    for pid, part in many["jar"].items():
        size, sha256, path = part.arguments[1], part.arguments[2], " ".join(part.arguments[3:])
        jars[pid] = JarSeen(path, int(size), sha256.strip("-"), tails.get(path, b""))
    hostname = _lines(one, "hostname")
    return Seen(
        privileged=_lines(one, "user") == ("0",),
        hostname=hostname[0].strip() if hostname else None,
        addresses=_addresses(_lines(one, "addresses")),
        processes=_processes(one, many),
        sockets=_sockets(_lines(one, "tcp")),
        owners=discovery_script.socket_owners(_lines(one, "sockets")),
        units=_units(_lines(one, "units")),
        jars=jars,
        init_scripts=_init_scripts(_lines(one, "initscripts")),
        programs=frozenset(_lines(one, "programs")),
    )


_OF_A_PROCESS = ("command", "environment", "jar", "open", "written", "applications", "supervised")


def _lines(one: Mapping[str, Section], name: str) -> tuple[str, ...]:
    return one[name].lines if name in one else ()


def _processes(one: Mapping[str, Section], many: Mapping[str, Mapping[int, Section]]) -> dict[int, Process]:
    status = discovery_script.by_pid(_lines(one, "status"))
    groups = discovery_script.by_pid(_lines(one, "groups"))
    links = discovery_script.links(_lines(one, "links"))
    users = dict(line.rsplit(":", 1)[::-1] for line in _lines(one, "users") if ":" in line)
    result = {}
    for pid, command in many["command"].items():
        facts = dict(line.split(":", 1) for line in status.get(pid, ()) if ":" in line)
        if "PPid" not in facts:
            continue  # it ended between two looks
        user = facts.get("Uid", "0").split()[0]
        result[pid] = Process(
            pid=pid,
            parent=int(facts["PPid"]),
            name=facts.get("Name", "").strip(),
            user=users.get(user, user),
            peak_rss_mib=int(facts["VmHWM"].split()[0]) // 1024 if "VmHWM" in facts else None,
            threads=int(facts["Threads"]) if "Threads" in facts else None,
            command=command.lines[:1] if _is_title(command) else command.lines,
            # Only its own user and root may see which file a process runs.
            program=links.get((pid, "exe"), command.lines[0].split(" ")[0] if command.lines else ""),
            directory=links.get((pid, "cwd"), "/"),
            group=_group(groups.get(pid, ())),
            environment=dict(line.split("=", 1) for line in _of(many["environment"], pid) if "=" in line),
            files=_of(many["open"], pid),
            written=_of(many["written"], pid),
            applications=_of(many["applications"], pid),
            supervised=_supervised(_of(many["supervised"], pid)),
        )
    return result


def _is_title(command: Section) -> bool:
    """Whether the program has written a title over its command line, as servers do: one line, then nothing."""
    return len(command.lines) > 1 and not any(command.lines[1:])


def _of(parts: Mapping[int, Section], pid: int) -> tuple[str, ...]:
    return parts[pid].lines if pid in parts else ()


def _supervised(lines: Iterable[str]) -> str | None:
    """The name of a program of supervisord, with its group where that is another."""
    said = dict(line.split("=", 1) for line in lines if "=" in line)
    name, group = said.get("SUPERVISOR_PROCESS_NAME"), said.get("SUPERVISOR_GROUP_NAME")
    return f"{group}:{name}" if name and group and group != name else name


def _init_scripts(lines: Iterable[str]) -> dict[str, str]:
    """Out of `ls -l` of their directories."""
    found: dict[str, str] = {}
    directory = ""
    for line in lines:
        if line.startswith("/"):
            directory = line.rstrip(":").rstrip("/")
        elif match := re.match(r"[-l][rwxsStT-]{9}\S?\s.*?(\S+)(?: -> (\S+))?$", line):
            found[f"{directory}/{match[1]}"] = match[2] or ""
    return found


def _group(lines: Iterable[str]) -> str:
    """systemd's own hierarchy says it, else the unified one."""
    found = {line.split(":", 2)[1]: line.split(":", 2)[2] for line in lines if line.count(":") >= 2}
    return found.get("name=systemd") or found.get("") or ""


def _units(lines: Iterable[str]) -> dict[str, dict[str, str]]:
    units: dict[str, dict[str, str]] = {}
    block: dict[str, str] = {}
    for line in [*lines, ""]:
        key, separator, value = line.partition("=")
        if separator:
            # EnvironmentFiles and ExecStart may stand there more than once
            block[key] = f"{block[key]}\n{value}" if key in block else value
        elif block:
            if "Id" in block:
                units[block["Id"]] = block
            block = {}
    return units


def _addresses(lines: Iterable[str]) -> list[str]:
    """Out of `ip -o addr` or `ifconfig`."""
    found = []
    for line in lines:
        for match in re.finditer(r"\binet6?\s+(?:addr:)?\s*([0-9a-fA-F:.]+)", line):
            address = ipaddress.ip_address(match[1]) if _is_address(match[1]) else None
            if address and not (address.is_loopback or address.is_link_local):
                found.append(str(address))
    return list(dict.fromkeys(found))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _sockets(lines: Iterable[str]) -> list[Socket]:
    """/proc/net/tcp and tcp6."""
    found = []
    for line in lines:
        words = line.split()
        if len(words) > 9 and ":" in words[1] and words[3] in (_LISTEN, *_TALKS):
            (address, port), (peer, peer_port) = _end(words[1]), _end(words[2])
            found.append(Socket(words[3], address, port, peer, peer_port, int(words[9])))
    return found


def _end(text: str) -> tuple[str, int]:
    """An address as the kernel prints it: words of four bytes in the machine's own order, which is little endian."""
    host, port = text.rsplit(":", 1)
    raw = b"".join(struct.pack("<I", int(host[i : i + 8], 16)) for i in range(0, len(host), 8))
    address = ipaddress.ip_address(raw)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address), int(port, 16)
