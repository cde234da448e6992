# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of a guest's processes are services, of what kind, and what started them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .discovery_guest import Process, Seen
from .discovery_start import origin
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
    "pure-ftpd": "ftp",
    "memcached": "memcached",
    "beam.smp": "rabbitmq",
    "httpd": "apache",
    "apache2": "apache",
}
_OF_MAIN_CLASS = {
    "org.apache.catalina.startup.Bootstrap": "tomcat",
    "org.elasticsearch.bootstrap.Elasticsearch": "elasticsearch",
    "org.apache.zookeeper.server.quorum.QuorumPeerMain": "zookeeper",
    "kafka.Kafka": "kafka",
}
JAVA = ("jvm", "nexus", *_OF_MAIN_CLASS.values())
# What listens there, where its program does not tell: a wrapper, or a process that may not be looked into.
_PORTS = {
    21: "ftp", 3306: "mariadb", 5432: "postgresql", 5672: "rabbitmq", 6379: "redis", 11211: "memcached",
    27017: "mongodb",
}  # fmt: skip
_SHELLS = ("sh", "ash", "bash", "dash", "ksh")
# Belongs to the operating system of the guest, which stays behind.
_SYSTEM = re.compile(
    r"sshd|systemd.*|init|rpcbind|rpc\..*|chronyd|ntpd|master|exim4|cupsd|vmtoolsd|dnsmasq|cron|crond|agetty|rsyslogd|snmpd|"
    r"dropbear|telnetd|udhcpc|syslogd|klogd|sendmail.*|portmap"
)


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
    unowned = unclaimed(seen)
    for process in sorted(seen.processes.values(), key=lambda one: one.pid):
        kind = kind_of(process)
        if kind is None or process.pid in taken:
            continue
        family = list(_family(seen, process, kind))
        ports = seen.listening(family)
        if kind != "other" and not ports:
            ports = sorted(port for port in unowned if _PORTS.get(port) == kind)
        if kind == "other" and ports:
            kind = next((_PORTS[port] for port in ports if port in _PORTS), kind)
        elif kind == "other":
            continue
        taken.update(family)
        unit, started_by = origin(seen, process)
        found.append(Candidate(kind, process, tuple(family), tuple(ports), unit, started_by))
    return found


def _family(seen: Seen, process: Process, kind: str) -> Iterator[int]:
    """The process and what it started, but for what is a service of its own, as below a supervisor."""
    yield process.pid
    for child in seen.children(process.pid):
        other = kind_of(child)
        if other in (None, "other") or (other == kind and kind not in JAVA):
            yield from _family(seen, child, kind)


def kind_of(process: Process) -> str | None:
    """The kind of service that a process is; None for what belongs to the operating system, or is only a shell."""
    program = posixpath.basename(process.program)
    if program.startswith("java"):
        if any("sonatype" in word or "nexus" in word for word in process.command):
            return "nexus"
        return next((_OF_MAIN_CLASS[word] for word in process.command if word in _OF_MAIN_CLASS), "jvm")
    if program == "busybox":  # one program under many names; none of them is the server that others call by that name
        program = ""
    for word in (program, process.name) if program else ():
        if word in _KINDS:
            return _KINDS[word]
    if _SYSTEM.fullmatch(process.name) or _SYSTEM.fullmatch(program) or (program or process.name) in _SHELLS:
        return None
    return "other"


def unclaimed(seen: Seen) -> list[int]:
    """The ports that somebody listens on whom only root may look into."""
    mine = [s for s in seen.sockets if s.state == "0A" and s.inode not in seen.owners]
    return sorted({s.port for s in mine if not s.address.startswith("127.") and s.address != "::1"})


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
