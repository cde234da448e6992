# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real guest of the lab's kind, with systemd and without Python, that nobody else uses."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest import Guest

_IMAGE = "localhost/landfall/guest:latest"
_FLAGS = (
    "--privileged", "--cgroupns=private", "--systemd=false", "-e", "container=podman", "--stop-signal", "37",
    "--ulimit", "nofile=20000:20000", "--ulimit", "nproc=30000:30000", "--tmpfs", "/run", "--tmpfs", "/run/lock",
    "--tmpfs", "/tmp", "--network", "none",
)  # fmt: skip


class PodmanConnection:
    """A connection in the shape of Ansible's, to a container on this machine."""

    become = None
    _shell = None

    def __init__(self, container: str) -> None:
        self.container = container

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        command = ["podman", "exec", "--interactive", self.container, "sh", "-c", cmd]
        done = subprocess.run(command, input=in_data, capture_output=True, check=False, timeout=120)
        return done.returncode, done.stdout, done.stderr

    def fetch_file(self, in_path: str, out_path: str) -> None:
        subprocess.run(["podman", "cp", f"{self.container}:{in_path}", out_path], check=True, timeout=120)


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    """The guest, booted."""
    name = f"landfall-component-{os.getpid()}"
    started = subprocess.run(
        ["podman", "run", "--detach", "--name", name, *_FLAGS, _IMAGE, "/sbin/init"],
        capture_output=True,
        text=True,
        check=False,
    )
    if started.returncode:
        pytest.fail(f"{_IMAGE} does not start (`python -m lab build` makes it): {started.stderr}")
    try:
        guest = Guest(PodmanConnection(name), name)
        _wait_for_boot(guest)
        yield guest
    finally:
        subprocess.run(["podman", "rm", "--force", "--time", "0", "--volumes", name], capture_output=True, check=False)


def _wait_for_boot(guest: Any) -> None:
    deadline = time.monotonic() + 60
    while guest.run("systemctl is-system-running").text.strip() not in ("running", "degraded"):
        if time.monotonic() > deadline:
            pytest.fail(f"systemd does not come up: {guest.run('systemctl list-jobs').text}")
        time.sleep(0.2)
