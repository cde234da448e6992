# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""nginx, Redis, databases and Nexus on a guest: which files configure them, and what these say."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .configuration import settings
from .discovery_guest import Process
from .errors import DocumentError
from .nginx import Directive, parse, walk
from .workloads import Site

_BORING = re.compile(r"(mime\.types|fastcgi.*|scgi_params|uwsgi_params|koi-.*|win-utf|proxy_params)$")
_CONFIGURATION = {
    "redis": ("/etc/redis/redis.conf", "/etc/redis.conf", "/etc/redis/*.conf"),
    "mariadb": ("/etc/my.cnf", "/etc/mysql/my.cnf", "/etc/my.cnf.d/*.cnf", "/etc/mysql/mariadb.conf.d/*.cnf"),
    "haproxy": ("/etc/haproxy/haproxy.cfg",),
    "ftp": ("/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf", "/etc/proftpd/proftpd.conf", "/etc/proftpd.conf"),
}
_DATA = {"mariadb": "/var/lib/mysql", "postgresql": "/var/lib/postgresql", "mongodb": "/var/lib/mongodb"}


@dataclass(frozen=True)
class Found:
    """What a server's configuration says."""

    configuration: dict[str, str] = field(default_factory=dict)  # path -> text
    document_root: str | None = None
    data: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    calls: list[tuple[str, int]] = field(default_factory=list)  # hosts and ports that it names
    sites: list[Site] = field(default_factory=list)


def configuration_paths(kind: str, process: Process, unit: Mapping[str, str]) -> list[str]:
    """The files to ask for: what its command names, else where such a server usually has them."""
    words = [*process.command, *unit.get("ExecStart", "").split()]
    named = [word for word in words if word.startswith("/") and word.endswith((".conf", ".cnf", ".cfg"))]
    named += [word.split("=", 1)[1] for word in words if word.startswith("--defaults-file=")]
    if kind == "nexus":
        return _nexus_files(process)
    return list(dict.fromkeys(named or _CONFIGURATION.get(kind, ()))) if kind in _CONFIGURATION else []


def nginx(text: str) -> Found:
    """Out of `nginx -T`, which prints every file behind a comment that names it."""
    files: dict[str, list[str]] = {}
    path = ""
    for line in text.splitlines():
        if match := re.match(r"# configuration file (.+):$", line):
            path = match[1]
            files[path] = []
        elif path:
            files[path].append(line)
    kept = {name: "\n".join(lines).strip("\n") + "\n" for name, lines in files.items() if not _BORING.search(name)}
    roots, logs, calls = [], [], []
    sites: list[Site] = []
    for name, content in kept.items():
        try:
            directives = parse(content, source=name)
        except DocumentError:
            continue  # a file that is included inside a block may not stand alone
        roots += [d.arguments[0] for d in walk(directives, "root") if d.arguments]
        logs += [d.arguments[0] for key in ("access_log", "error_log") for d in walk(directives, key) if d.arguments]
        servers = [d.arguments[0] for d in walk(directives, "server") if d.arguments and d.block is None]
        passes = [d.arguments[0] for d in walk(directives, "proxy_pass") if d.arguments]
        sites += [_site(one) for one in walk(directives, "server") if one.block is not None]
        calls += [call for call in map(_host_port, [*servers, *passes]) if call]
    return Found(
        configuration=kept,
        document_root=next((root for root in roots if root.startswith("/") and "$" not in root), None),
        logs=sorted({log for log in logs if log.startswith("/")}),
        calls=calls,
        sites=sites,
    )


def _site(server: Directive) -> Site:
    names = [name for one in server.find("server_name") for name in one.arguments if name not in ("_", "")]
    listens = [one.arguments[0] for one in server.find("listen") if one.arguments] or ["80"]
    ports = {int(m[1]) if (m := re.search(r"(?:^|:)(\d+)$", text)) else 80 for text in listens if "unix:" not in text}
    roots = [one.arguments[0] for one in server.find("root") if one.arguments]
    return {"names": names, "ports": sorted(ports), "root": next(iter(roots), None)}


def _host_port(text: str) -> tuple[str, int] | None:
    """`10.0.0.1:80` of an upstream, `http://goods-01:8081/x` of a proxy_pass; an upstream's own name is no host."""
    match = re.fullmatch(r"(?:(https?)://)?([A-Za-z0-9][\w.-]*)(?::(\d+))?(?:/.*)?", text)
    if match is None or "$" in text or not ("." in match[2] or match[3]):
        return None
    return match[2], int(match[3]) if match[3] else (443 if match[1] == "https" else 80)


def server(kind: str, process: Process, files: Mapping[str, str]) -> Found:
    """Redis, a database, an FTP server or Nexus, with the text of the files that were found."""
    found: dict[str, str] = {}
    for path, text in files.items():
        found.update(settings(path, text))
    if kind == "redis":
        return Found(dict(files), None, _paths(found.get("dir", "/var/lib/redis")), _paths(found.get("logfile", "")))
    if kind == "ftp":
        return _ftp(files, found)
    if kind == "nexus":
        return Found(dict(files), None, [_nexus_data(process)])
    data = found.get("datadir") or _DATA.get(kind, "")
    return Found(dict(files), None, _paths(data), _paths(found.get("log_error", ""), found.get("log-error", "")))


def _ftp(files: Mapping[str, str], said: Mapping[str, str]) -> Found:
    """vsftpd, else proftpd, whose roots may be followed by the groups that they are for, or stand in a tag."""
    roots = _paths(said.get("local_root", ""), said.get("anon_root", ""), said.get("DefaultRoot", "").split(" ")[0])
    roots += [
        path for text in files.values() for path in re.findall(r"^\s*<Anonymous\s+(/[^>\s]*)", text, re.MULTILINE)
    ]
    if (said.get("local_enable", "").upper() == "YES" and "local_root" not in said) or said.get("DefaultRoot") == "~":
        roots.append("/home")  # everybody sees his own
    logs = _paths(*(said.get(one, "") for one in ("vsftpd_log_file", "xferlog_file", "TransferLog", "SystemLog")))
    return Found(dict(files), next(iter(roots), None), sorted(set(roots)), logs)


def _paths(*values: str) -> list[str]:
    return sorted({value.strip("\"'") for value in values if value.strip("\"'").startswith("/")})


def _nexus_data(process: Process) -> str:
    said = _option(process.command, "-Dkaraf.data=") or "../sonatype-work/nexus3"
    return posixpath.normpath(posixpath.join(process.directory, said))


def _nexus_files(process: Process) -> list[str]:
    return [f"{_nexus_data(process)}/etc/nexus.properties"]


def _option(words: Sequence[str] | Iterable[str], prefix: str) -> str | None:
    return next((word[len(prefix) :] for word in words if word.startswith(prefix)), None)
