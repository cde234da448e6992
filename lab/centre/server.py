# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vCenter program as a process of this machine: found, started, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
from pathlib import Path
from typing import Any

from lab.build.progress import StepFailed, tail

from . import program, where


def call(method: str, path: str, body: object = None) -> Any:
    """One call of its control port."""
    return program.control(f"http://{where.CONTROL}", method, path, body)


def running() -> int | None:
    """The process of this checkout's vCenter, also where a killed run left no or a wrong pid file."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(where.STATE).encode() in words and b"landfall-vcenter" in words[0]:
                return int(entry.name)
    return None


def start(binary: Path) -> None:
    """Start it in a session of its own and wait until it answers."""
    command = [
        *(str(binary.resolve()), "--estate", str(program.ESTATE), "--listen", where.SDK, "--control", where.CONTROL),
        *("--tls-cert", str(where.CERTIFICATE), "--tls-key", str(where.KEY), "--username", where.USER),
        *("--password-file", str(where.PASSWORD), "--state", str(where.STATE), "--network", where.NETWORK),
        *("--authorized-keys", f"{where.SSH_KEY}.pub"),
    ]
    where.LOG.parent.mkdir(parents=True, exist_ok=True)
    with where.LOG.open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
        )
    where.PID.write_text(str(process.pid))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            call("GET", "/health")
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise StepFailed("vCenter", f"did not start\n{tail(where.LOG)}", where.LOG)


def outdated(pid: int, binary: Path) -> bool:
    """Whether the process runs another build than `binary`."""
    try:
        return Path(os.readlink(f"/proc/{pid}/exe")) != binary.resolve()
    except OSError:
        return True


def stop() -> bool:
    """End it, gently first; whether there was one."""
    pid = running()
    if pid is None:
        return False
    for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and running() == pid:
            time.sleep(0.05)
        if running() != pid:
            break
    where.PID.unlink(missing_ok=True)
    return True
