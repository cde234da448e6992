# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Guests of other kinds than the suite's: busybox alone with init scripts, and one with supervisord, Tomcat and FTP."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.discovery import read_guest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest import Guest
from ansible_collections.landfall.replatform.plugins.module_utils.core.workloads import Service, Workload

from lab.build import places

from .guest_fixture import _FLAGS, PodmanConnection

SECRET = "Tea-and-cups-2019"


@dataclass
class Machine:
    """A guest in a container, with what was put there."""

    name: str
    guest: Guest

    def run(self, script: str, *arguments: str) -> str:
        return self.guest.must("prepare it", script, *arguments).text

    def put(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            mode = "755" if text.startswith("#!") else "644"
            self.run('mkdir -p "${1%/*}"; printf %s "$2" > "$1"; chmod "$3" "$1"', path, text, mode)

    def copy(self, source: Path, target: str) -> None:
        self.run('mkdir -p "${1%/*}"', target)
        subprocess.run(["podman", "cp", str(source), f"{self.name}:{target}"], check=True, timeout=120)

    def product(self, jar: str, target: str) -> None:
        """A service of the suite, as the lab has built it."""
        self.copy((places.PRODUCTS / jar).resolve(), target)

    def wait_for(self, *ports: int) -> None:
        deadline = time.monotonic() + 150
        for port in ports:
            while not self.guest.listeners(port):
                if time.monotonic() > deadline:
                    pytest.fail(f"nobody listens on {port}: {self.guest.run('ps; cat /srv/*/nohup.out').text}")
                time.sleep(0.5)

    def look(self) -> Workload:
        return read_guest(PodmanConnection(self.name), self.name, timeout=60)

    def service(self, name: str) -> Service:
        return next(one for one in self.look()["services"] if one["name"] == name)


@contextmanager
def machine(image: str) -> Iterator[Machine]:
    """A guest of an image that the lab builds, booted, without any network but its own."""
    name = f"landfall-component-{os.getpid()}-{image}"
    reference = f"localhost/landfall/{image}:latest"
    started = subprocess.run(
        ["podman", "run", "--detach", "--name", name, *_FLAGS, reference, "/sbin/init"],
        capture_output=True,
        text=True,
        check=False,
    )
    if started.returncode:
        pytest.fail(f"{reference} does not start (`python -m lab build` makes it): {started.stderr}")
    try:
        yield Machine(name, Guest(PodmanConnection(name), name))
    finally:
        subprocess.run(["podman", "rm", "--force", "--time", "0", "--volumes", name], capture_output=True, check=False)
