# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds static programs out of Go modules: a directory with committed go.mod and go.sum, and packages to build."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from . import cache, places, toolchain
from .progress import StepFailed, timed

HERE = Path(__file__).resolve().parent / "go"
CACHES = places.CACHE / "go"
DISK_TO_KEEP = 20 << 30
DISK_FOR_A_BUILD = 8 << 30
_compiled = threading.Event()


@dataclass(frozen=True)
class Recipe:
    """How programs come out of one module; `directory` defaults to lab/build/go/<name>."""

    name: str
    version: str
    binaries: Mapping[str, str]
    ldflags: str = ""
    tags: str = ""
    cgo: bool = False
    directory: Path | None = None

    @property
    def module(self) -> Path:
        return self.directory or HERE / self.name

    def only(self, product: str) -> Recipe:
        """The part of the recipe that makes one program."""
        return replace(self, binaries={product: self.binaries[product]})


def build(recipe: Recipe) -> dict[str, Path]:
    """The programs of a recipe, each a product of its own name."""
    sources = cache.tree_sums(recipe.module, ignore=["*_test.go", "*.md", "testdata/*"])
    products: dict[str, Path] = {}
    for product, package in recipe.binaries.items():
        inputs = {
            **{key: value for key, value in asdict(recipe).items() if key not in ("binaries", "directory")},
            "package": package,
            "sources": sources,
            "toolchain": toolchain.series(),
        }
        products |= cache.make(product, inputs, [product], partial(_compile, recipe, product, package))
    return products


def _compile(recipe: Recipe, product: str, package: str, job: cache.Job) -> None:
    _make_room(job.name)
    _compiled.set()
    linker = f"-s -w {recipe.ldflags}" + (" -linkmode external -extldflags -static" if recipe.cgo else "")
    env = {
        **os.environ,
        "PATH": f"{toolchain.find().parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "GOCACHE": str(CACHES / "build"),
        "GOMODCACHE": str(CACHES / "mod"),
        "GOFLAGS": "-trimpath -mod=readonly -modcacherw -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": str(int(recipe.cgo)),
    }
    with _caches(fcntl.LOCK_SH):
        job.run(
            "go", "build", "-tags", recipe.tags, "-ldflags", linker, "-o", job.directory / product, package,
            cwd=recipe.module, env=env,
        )  # fmt: skip


def clean_after() -> None:
    """Remove what this process left in Go's caches; one that compiled nothing leaves them to who did."""
    if _compiled.is_set():
        clean()


def clean() -> None:
    """Remove Go's own caches, unless another process is compiling: only the products are worth their room."""
    with suppress(BlockingIOError), _caches(fcntl.LOCK_EX | fcntl.LOCK_NB):
        parts = [CACHES / part for part in ("build", "mod") if (CACHES / part).exists()]
        if parts:
            with timed("removal of Go's caches"):
                for part in parts:
                    shutil.rmtree(part)


def _make_room(step: str) -> None:
    """Go's caches grow by gigabytes; give them up rather than fill the disk."""
    if shutil.disk_usage(places.CACHE).free >= DISK_TO_KEEP + DISK_FOR_A_BUILD:
        return
    clean()
    free = shutil.disk_usage(places.CACHE).free
    if free < DISK_TO_KEEP:
        raise StepFailed(step, f"{free >> 30} GiB are free under {places.CACHE}; {DISK_TO_KEEP >> 30} must stay free")


@contextmanager
def _caches(how: int) -> Iterator[None]:
    """Share Go's caches with other builds (LOCK_SH), or have them alone (LOCK_EX)."""
    CACHES.mkdir(parents=True, exist_ok=True)
    with (CACHES / "lock").open("w") as lock:
        fcntl.flock(lock, how)
        yield
