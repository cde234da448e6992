# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Guests as their answers to the two scripts would tell them: processes, sockets, units, jars, files."""

from __future__ import annotations

import base64
import io
import socket
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery import look, questions, workload
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery_script import Section, sections
from ansible_collections.landfall.replatform.plugins.module_utils.core.workloads import Service, Workload


def section(name: str, *arguments: object, lines: Sequence[str] = ()) -> str:
    head = " ".join(["@" + name, *map(str, arguments)])
    return "\n".join([head, *("|" + line for line in lines)]) + "\n"


def jar(**texts: str) -> bytes:
    """A jar; `__` in a name is a slash, `_` a dot where the name has none."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@dataclass
class Process:
    pid: int
    command: Sequence[str]
    parent: int = 1
    uid: int = 0
    group: str = "/"
    program: str = ""
    directory: str = "/"
    environment: Mapping[str, str] = field(default_factory=dict)
    jar: tuple[str, bytes] | None = None
    files: Sequence[str] = ()
    written: Sequence[str] = ()
    applications: Sequence[str] = ()
    supervised: Sequence[str] = ()
    name: str = ""


@dataclass
class Guest:
    """What stands on a guest; `sockets`: (state, local, peer, pid)."""

    processes: Sequence[Process]
    sockets: Sequence[tuple[str, tuple[str, int], tuple[str, int], int]] = ()
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    started: Mapping[str, Sequence[str]] = field(default_factory=dict)
    initial: Mapping[str, Sequence[str]] = field(default_factory=dict)  # word -> the scripts of init.d that have it
    init_scripts: Sequence[str] = ()  # what `ls -l` of their directory shows
    nginx: Mapping[str, str] = field(default_factory=dict)
    registries: Mapping[int, str] = field(default_factory=dict)
    addresses: Sequence[str] = ("2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0",)
    user: str = "0"

    def first(self) -> list[Section]:
        parts = [
            section("user", lines=[self.user]),
            section("hostname", lines=["old-01"]),
            section("addresses", lines=self.addresses),
            section("initscripts", lines=self.init_scripts),
            section("users", lines=["root:0", "app:1000"]),
            section("tcp", lines=["  sl  local_address rem_address   st", *map(self._tcp, range(len(self.sockets)))]),
        ]
        status, groups, owners, links, more = [], [], [], [], []
        for one in self.processes:
            at = f"/proc/{one.pid}"
            name = one.name or one.program.rsplit("/", 1)[-1] or one.command[0]
            status += [f"{at}/status:Name:\t{name[:15]}", f"{at}/status:PPid:\t{one.parent}"]
            status += [f"{at}/status:Uid:\t{one.uid}\t0\t0\t0", f"{at}/status:VmHWM:\t  204800 kB"]
            status += [f"{at}/status:Threads:\t31"]
            groups.append(f"{at}/cgroup:1:name=systemd:{one.group}")
            owners += [f"{at}/fd:", *self._sockets_of(one.pid)]
            links += [f"lrwxrwxrwx 1 root root 0 Nov 23 {at}/exe -> {one.program}"] * bool(one.program)
            links.append(f"lrwxrwxrwx 1 root root 0 Nov 23 {at}/cwd -> {one.directory}")
            more.append(section("command", one.pid, lines=one.command))
            more.append(section("environment", one.pid, lines=[f"{k}={v}" for k, v in one.environment.items()]))
            more += [section("open", one.pid, lines=one.files), section("written", one.pid, lines=one.written)]
            more += [section("applications", one.pid, lines=one.applications)] * bool(one.applications)
            more += [section("supervised", one.pid, lines=one.supervised)] * bool(one.supervised)
            if one.jar:
                path, content = one.jar
                more.append(section("jar", one.pid, len(content), "ab" * 32, path))
                more.append(section("tail", path, lines=[base64.b64encode(content).decode()]))
        named = (("status", status), ("groups", groups), ("sockets", owners), ("links", links))
        units = [line for name, facts in self.units.items() for line in _unit(name, facts)]
        text = "".join([*parts, *(section(n, lines=ls) for n, ls in named), *more, section("units", lines=units)])
        return sections(text + section("end"))

    def second(self) -> list[Section]:
        asked = questions(look(self.first()))
        jars = {one.jar[0]: one.jar[1] for one in self.processes if one.jar}
        parts = [section("file", path, lines=text.splitlines()) for path, text in self.files.items()]
        for path, offset, length in asked.ranges:
            content = base64.b64encode(jars[path][offset : offset + length]).decode()
            parts.append(section("range", offset, path, lines=[content]))
        parts += [section("script", of, lines=[path]) for of, paths in self.scripts.items() for path in paths]
        parts += [section("started", of, lines=lines) for of, lines in self.started.items()]
        parts += [section("nginx", program, lines=text.splitlines()) for program, text in self.nginx.items()]
        parts += [section("initscript", word, lines=paths) for word, paths in self.initial.items()]
        parts += [section("registry", port, lines=text.splitlines()) for port, text in self.registries.items()]
        return sections("".join(parts) + section("end"))

    def told(self) -> Workload:
        return workload("old-01", look(self.first()), self.second())

    def service(self) -> Service:
        (one,) = self.told()["services"]
        return one

    def _tcp(self, number: int) -> str:
        state, local, peer, _pid = self.sockets[number]
        return f"   {number}: {_hex(*local)} {_hex(*peer)} {state} 00:00 00:00 0 0 0 {1000 + number} 1"

    def _sockets_of(self, pid: int) -> list[str]:
        mine = [number for number, one in enumerate(self.sockets) if one[3] == pid]
        return [f"lrwx------ 1 root root 64 Nov 23 10:00 {n} -> socket:[{1000 + n}]" for n in mine]


def _unit(name: str, facts: Mapping[str, str]) -> list[str]:
    return [f"Id={name}", *(f"{key}={value}" for key, value in facts.items()), ""]


def _hex(address: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    packed = socket.inet_pton(family, address)
    words = (struct.unpack(">I", packed[i : i + 4])[0] for i in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(struct.pack('>I', word), 'little'):08X}" for word in words) + f":{port:04X}"
