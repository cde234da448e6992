# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""This host: files, programs, units and settings, for the modules that run on a node."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..core.errors import ConflictError, IntegrityError, OperationFailed

_LOCK = "/run/landfall.lock"
_CHUNK = 1 << 20
# sudo gives a poor PATH on some distributions, and kubeadm looks for its helpers there.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@contextlib.contextmanager
def alone(*, wait: float) -> Iterator[int]:
    """Hold the host's lock.

    A run that was killed may have left a kubeadm behind that still works: it has inherited the descriptor and with it
    the lock, and whoever comes next waits for it.
    """
    descriptor = os.open(_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    raise ConflictError(
                        f"another run of Landfall has been at work on this host for {wait:.0f} s; wait for it or end it"
                    ) from error
                time.sleep(0.5)
        yield descriptor
    finally:
        os.close(descriptor)


def run(
    argv: Sequence[str],
    *,
    what: str = "",
    timeout: float = 600,
    environment: Mapping[str, str] | None = None,
    hold: int | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a program. Its failure is an OperationFailed that ends with the last lines it wrote."""
    try:
        done = subprocess.run(
            list(argv),
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            env={**os.environ, "PATH": _PATH, "LC_ALL": "C", **(environment or {})},
            pass_fds=() if hold is None else (hold,),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OperationFailed(f"{what or argv[0]} did not end within {timeout:.0f} s") from error
    except OSError as error:
        raise OperationFailed(f"{argv[0]} cannot be run: {error.strerror}") from error
    if check and done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-15:])
        end = f"failed with {done.returncode}" if done.returncode > 0 else f"was killed by signal {-done.returncode}"
        raise OperationFailed(f"{what or argv[0]} {end}:\n{tail}")
    return done


def read(path: str) -> str | None:
    """The text of a file; None where there is none."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None


def write(path: str, text: str, *, mode: int = 0o644) -> None:
    """Write a file whole or not at all, and never readable for more than `mode` says."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.landfall")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, target)


def write_in_place(path: str, text: str) -> None:
    """Write into a file that may be a mount and cannot be replaced, as /etc/hosts of a container is."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def sha256(path: str) -> str | None:
    """The digest of a file; None where there is none."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return digest.hexdigest()


def check_blob(path: str, expected: str) -> None:
    """Refuse bytes that are not what the bundle's index says."""
    found = sha256(path)
    if found != expected:
        raise IntegrityError(f"{path} has sha256:{found}; the bundle's index says sha256:{expected}")


def install(blob: str, path: str, *, mode: int = 0o755) -> None:
    """Put a program where it belongs; a running one goes on with its old file."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.landfall")
    shutil.copyfile(blob, part)
    os.chmod(part, mode)
    os.replace(part, target)


def exists(command: str) -> bool:
    """Whether a command is installed."""
    return shutil.which(command, path=_PATH) is not None


def sysctl(key: str) -> str | None:
    """The value of a kernel setting; None where the kernel does not have it."""
    text = read(_sysctl_path(key))
    return None if text is None else text.strip()


def set_sysctl(key: str, value: str) -> None:
    try:
        with open(_sysctl_path(key), "w", encoding="ascii") as file:
            file.write(value)
    except OSError as error:
        raise OperationFailed(
            f"{key} is {sysctl(key)} and cannot be set to {value}: {error.strerror}; "
            "take it out of the settings, or set it where the kernel belongs to"
        ) from error


def _sysctl_path(key: str) -> str:
    return "/proc/sys/" + key.replace(".", "/")


def unit_states(names: Sequence[str]) -> dict[str, tuple[bool, bool]]:
    """Of each unit: is it enabled, is it active?"""
    shown = run(
        ["systemctl", "show", "--property=Id,UnitFileState,ActiveState", *(f"{name}.service" for name in names)]
    )
    states = {}
    for block in shown.stdout.strip().split("\n\n"):
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        name = values.get("Id", "").removesuffix(".service")
        states[name] = (values.get("UnitFileState") == "enabled", values.get("ActiveState") in ("active", "activating"))
    return states


def systemctl(verb: str, *names: str) -> None:
    """Let systemd do something; a unit that fails brings the end of its journal along."""
    done = run(["systemctl", verb, *names], what=f"systemctl {verb} {' '.join(names)}", check=False)
    if done.returncode:
        journal = run(["journalctl", "--no-pager", "-n", "15", *(f"-u{name}" for name in names)], check=False)
        raise OperationFailed(
            f"systemctl {verb} {' '.join(names)} failed: {done.stderr.strip()}\n{journal.stdout.strip()}"
        )
