# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""redis.conf of a guest as redis.conf of a container: what tunes it stays, what ties it to its host goes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from .workloads import SECRET, ConfigurationFile

PORT = 6379
DIRECTORY = "/var/lib/redis"
PATH = "/etc/landfall/redis.conf"
PASSWORD_PATH = "/tmp/auth.conf"  # written by the container at its start, out of its environment

_HOST = {
    "bind", "bind-source-addr", "port", "dir", "daemonize", "supervised", "pidfile", "logfile", "unixsocket",
    "unixsocketperm", "protected-mode", "syslog-enabled", "syslog-ident", "syslog-facility", "always-show-logo",
    "set-proc-title", "proc-title-template", "server_cpulist", "bio_cpulist", "aof_rewrite_cpulist", "bgsave_cpulist",
    "oom-score-adj", "oom-score-adj-values", "disable-thp", "replicaof", "slaveof", "masterauth", "masteruser",
    "requirepass", "replica-announce-ip", "replica-announce-port",
}  # fmt: skip
_NOT_CARRIED = {
    "include": "another file", "loadmodule": "a module", "user": "an ACL user", "aclfile": "a file of ACL users",
    "tls-port": "TLS", "tls-cert-file": "TLS", "tls-key-file": "TLS", "cluster-enabled": "cluster mode",
}  # fmt: skip

_UNITS = {"": 1, "k": 1000, "kb": 1024, "m": 1000**2, "mb": 1024**2, "g": 1000**3, "gb": 1024**3}


@dataclass(frozen=True)
class Settings:
    """The text, the file that holds the password (None: there is none), and what could not be carried over."""

    text: str
    password_file: str | None
    warnings: tuple[str, ...]


def container_settings(files: Sequence[ConfigurationFile], directory: str, *, port: int) -> Settings:
    """The settings of `files` for a server that keeps its data in `directory`."""
    lines = [f"dir {directory}", f"port {port}", "bind * -::*", "protected-mode no", "daemonize no", 'logfile ""']
    warnings: list[str] = []
    password_file = None
    for one in files:
        for number, line in enumerate(one["content"].splitlines(), 1):
            words = _words(line)
            if not words:
                continue
            name = words[0].lower()
            if name == "requirepass" and SECRET in line:
                password_file = one["path"]
            elif name in _NOT_CARRIED:
                warnings.append(f"{one['path']}:{number}: {name} is not carried over ({_NOT_CARRIED[name]})")
            elif SECRET in line:
                warnings.append(f"{one['path']}:{number}: {name} holds a secret and is not carried over")
            elif name not in _HOST:
                lines.append(line.strip())
    if password_file:
        lines.append(f"include {PASSWORD_PATH}")
    return Settings("\n".join(lines) + "\n", password_file, tuple(warnings))


def max_memory_mib(files: Sequence[ConfigurationFile]) -> float:
    """What `maxmemory` allows the data, in MiB; 0: no limit is set. The last one counts, as in Redis."""
    lines = [_words(line) for one in files for line in one["content"].splitlines()]
    sizes = [words[1].lower() for words in lines if len(words) == 2 and words[0].lower() == "maxmemory"]
    size = re.fullmatch(r"([0-9]+)([kmg]b?)?", sizes[-1]) if sizes else None
    return int(size.group(1)) * _UNITS[size.group(2) or ""] / 1024**2 if size else 0.0


def _words(line: str) -> list[str]:
    if line.lstrip().startswith("#"):
        return []
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()
