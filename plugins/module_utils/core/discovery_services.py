# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of a guest's processes are services, of what kind, and what started them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .discovery_guest import Process, Seen
from .workloads import Connection

_KINDS = {
    "nginx": "nginx",
    "redis-server": "redis",
    "mariadbd": "mariadb",
    "mysqld": "mariadb",
    "haproxy": "haproxy",
    "postgres": "postgresql",
    "mongod": "mongodb",
    "vsftpd": "ftp",
    "proftpd": "ftp",
    "httpd": "apache",
    "apache2": "apache",
}
# Belongs to the operating system of the guest, which stays behind.
_SYSTEM = re.compile(
    r"sshd|systemd.*|init|rpcbind|rpc\..*|chronyd|ntpd|master|exim4|cupsd|vmtoolsd|dnsmasq|cron|crond|agetty|rsyslogd|snmpd"
)
# These start other things: what runs in their control group is no unit of theirs.
_STARTERS = {
    "cron.service": "cron", "crond.service": "cron", "anacron.service": "cron", "atd.service": "cron",
    "rc-local.service": "nohup", "ssh.service": "nohup", "sshd.service": "nohup",
    "supervisor.service": "supervisor", "supervisord.service": "supervisor",
}  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A service as far as processes tell it."""

    kind: str
    process: Process
    pids: tuple[int, ...]
    ports: tuple[int, ...]
    unit: str | None
    started_by: str  # may still turn out to be cron: the second script looks for that


def candidates(seen: Seen) -> list[Candidate]:
    """The services of a guest: JVMs, known servers, and whatever else listens."""
    found = []
    taken: set[int] = set()
    for process in sorted(seen.processes.values(), key=lambda one: one.pid):
        kind = kind_of(process)
        if kind is None or process.pid in taken:
            continue
        family = list(_family(seen, process, kind))
        ports = seen.listening(family)
        if kind == "other" and not ports:
            continue
        taken.update(family)
        unit, started_by = _origin(seen, process)
        found.append(Candidate(kind, process, tuple(family), tuple(ports), unit, started_by))
    return found


def _family(seen: Seen, process: Process, kind: str) -> Iterator[int]:
    """The process and what it started, but for what is a service of its own, as below a supervisor."""
    yield process.pid
    for child in seen.children(process.pid):
        other = kind_of(child)
        if other in (None, "other") or (other == kind and kind not in ("jvm", "nexus")):
            yield from _family(seen, child, kind)


def kind_of(process: Process) -> str | None:
    """The kind of service that a process is; None for what belongs to the operating system, or is only a shell."""
    program = posixpath.basename(process.program)
    if program.startswith("java"):
        return "nexus" if any("sonatype" in word or "nexus" in word for word in process.command) else "jvm"
    for word in (program, process.name):
        if word in _KINDS:
            return _KINDS[word]
    if _SYSTEM.fullmatch(process.name) or _SYSTEM.fullmatch(program) or program in ("sh", "bash", "dash", "busybox"):
        return None
    return "other"


def _origin(seen: Seen, process: Process) -> tuple[str | None, str]:
    """The unit of a process, and what started it."""
    unit = next((part for part in reversed(process.group.split("/")) if part.endswith(".service")), None)
    if unit in _STARTERS:
        return None, _STARTERS[unit]
    if unit is not None and not unit.startswith("user@"):
        return unit, "systemd"
    if ".scope" in process.group or seen.units:
        return None, "nohup"  # on a guest with systemd, what has no unit was started by hand or by a script
    parent = seen.processes.get(process.parent)
    return None, "supervisor" if parent and "supervisord" in " ".join(parent.command) else "init"


def outbound(seen: Seen, one: Candidate) -> list[Connection]:
    """Whom its processes talk to."""
    served = {socket.port for socket in seen.sockets if socket.state == "0A"}
    mine = [s for s in seen.talks() if seen.owners.get(s.inode) in one.pids and s.port not in served]
    return connections((s.peer, s.peer_port, "socket") for s in mine)


def inbound(seen: Seen, one: Candidate) -> list[Connection]:
    """Who talks to its ports; the port is ours, since the peer's is a new one each time."""
    theirs = [s for s in seen.talks() if s.port in one.ports and not s.peer.startswith("127.") and s.peer != "::1"]
    return connections((s.peer, s.port, "socket") for s in theirs if s.peer not in seen.addresses)


def connections(found: Iterable[tuple[str, int, str]]) -> list[Connection]:
    """Sorted, each once."""
    return [{"address": address, "port": port, "source": source} for address, port, source in sorted(set(found))]
