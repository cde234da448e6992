# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps what was built under the digest of what it was built from.

<cache>/store/<step>-<digest>/<product>    written once, then read-only
<cache>/products/<product>                 a link to the newest; what no link leads to is removed by `prune`
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import places
from .progress import StepFailed, say, tail, timed


@dataclass(frozen=True)
class Job:
    """A step while it is being built: where its products go, room for what is thrown away, how it runs programs."""

    name: str
    directory: Path
    scratch: Path
    log: Path

    def run(self, *argv: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
        """Run a program with its output in the step's log; a program that fails ends the step."""
        words = [str(word) for word in argv]
        with self.log.open("ab") as log:
            log.write(f"$ {' '.join(words)}\n".encode())
            log.flush()
            ended = subprocess.run(
                words, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
            )
        if ended.returncode:
            reason = f"{words[0]} ended with {ended.returncode}\n{tail(self.log)}"
            raise StepFailed(self.name, reason, self.log)


def digest(inputs: object) -> str:
    """A digest of plain data; equal data has an equal digest."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def file_sum(path: Path) -> str:
    """The sha256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def tree_sums(root: Path, ignore: Iterable[str] = ()) -> dict[str, str]:
    """The sha256 of every file below `root`, as inputs of a step; `ignore` holds glob patterns of names."""
    patterns = tuple(ignore)
    return {
        str(path.relative_to(root)): file_sum(path)
        for path in sorted(root.rglob("*"))
        if path.is_file() and not any(path.match(pattern) for pattern in patterns)
    }


def make(name: str, inputs: object, outputs: Sequence[str], build: Callable[[Job], None]) -> dict[str, Path]:
    """The products of a step, built by `build(job)` into job.directory unless the same inputs were built before."""
    home = places.STORE / f"{name}-{digest(inputs)[:16]}"
    if not home.is_dir():
        with _locked(name):
            if not home.is_dir():
                _build(name, home, outputs, build)
    return {product: _link(home / product) for product in outputs}


def sums(product: Path) -> dict[str, object]:
    """The sha256 and size of a product, as they were when it was built."""
    home = product.resolve().parent
    known: dict[str, dict[str, object]] = json.loads((home / ".sums.json").read_text())
    return known[product.name]


def prune() -> None:
    """Remove what no product's link leads to, unless another process may be about to link it."""
    used = {link.resolve().parent for link in places.PRODUCTS.iterdir()}
    for home in places.STORE.iterdir():
        if home not in used and home.stat().st_mtime < time.time() - 3600:
            shutil.rmtree(home)


def _build(name: str, home: Path, outputs: Sequence[str], build: Callable[[Job], None]) -> None:
    work, scratch = (home.with_name(f".{name}.{part}") for part in ("making", "scratch"))
    for fresh in (work, scratch):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
    log = places.LOGS / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    with timed(name):
        build(Job(name, work, scratch, log))
    shutil.rmtree(scratch)
    missing = [product for product in outputs if not (work / product).is_file()]
    if missing:
        raise StepFailed(name, f"did not make {', '.join(missing)}", log)
    known = {}
    for product in outputs:
        path = work / product
        known[product] = {"sha256": file_sum(path), "size": path.stat().st_size}
        path.chmod(path.stat().st_mode & 0o555)  # the bundle may hold hard links to it
    (work / ".sums.json").write_text(json.dumps(known))
    work.rename(home)


def _link(target: Path) -> Path:
    link = places.PRODUCTS / target.name
    wanted = os.path.relpath(target, places.PRODUCTS)
    if not link.is_symlink() or os.readlink(link) != wanted:
        places.PRODUCTS.mkdir(parents=True, exist_ok=True)
        fresh = link.with_name(f".{link.name}.{os.getpid()}.{threading.get_ident()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(wanted)
        fresh.replace(link)
    return link


@contextmanager
def _locked(name: str) -> Iterator[None]:
    """One process at a time builds a step; a second one waits and then finds it done."""
    path = places.CACHE / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{name}: somebody else is building it; waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
