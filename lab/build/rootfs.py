# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Debian root file systems as layers: one small base, and images that add packages, files and a set-up script to it.

An image is a directory of lab/build/rootfs: packages.txt, setup.sh, and files/ that are laid over the packages. Its
layer is what all that adds to the base, or only /srv/root where set-up leaves such a directory (to go without a base).
The packages come through this machine's own apt: its mirror, its proxy, its certificates.
"""

from __future__ import annotations

import subprocess
import time
from functools import cache as once
from pathlib import Path

from . import cache, layers, places
from .progress import StepFailed

HERE = Path(__file__).resolve().parent / "rootfs"
SUITE = "bookworm"
LISTS = places.CACHE / "debian" / "lists"
_FORMAT = cache.file_sum(Path(str(layers.__file__)))


def base() -> Path:
    """The layer under all others: Debian's smallest, without documentation."""
    inputs = [SUITE, cache.file_sum(HERE / "bootstrap.sh"), _FORMAT]
    return cache.make("debian-base", inputs, ["debian-base.tar"], _bootstrap)["debian-base.tar"]


def image(name: str) -> Path:
    """The layer that turns the base into the image `name`."""
    under, product = base(), f"debian-{name}.tar"
    inputs = [cache.sums(under)["sha256"], cache.tree_sums(HERE / name), cache.file_sum(HERE / "extend.sh"), _FORMAT]
    return cache.make(f"debian-{name}", inputs, [product], lambda job: _extend(job, name, under))[product]


def _bootstrap(job: cache.Job) -> None:
    root = job.scratch / "root"
    job.run("sh", HERE / "bootstrap.sh", SUITE, root, _mirror(job))
    layers.write_tree(job.directory / "debian-base.tar", root, newest=0)


def _extend(job: cache.Job, name: str, under: Path) -> None:
    begin = time.time()
    lower, packages = job.scratch / "base", (HERE / name / "packages.txt").read_text().split()
    lower.mkdir()
    job.run("tar", "--extract", "--numeric-owner", "--file", under, "--directory", lower)
    _download(job, lower / "var/lib/dpkg/status", packages)
    job.run(
        "unshare", "--mount", "--pid", "--fork", "--kill-child",
        "sh", HERE / "extend.sh", job.scratch, HERE / name,
    )  # fmt: skip
    upper = job.scratch / "upper"
    root = upper / "srv" / "root"
    layers.write_tree(job.directory / f"debian-{name}.tar", root if root.is_dir() else upper, newest=begin)


def _download(job: cache.Job, status: Path, packages: list[str]) -> None:
    _update(job)
    debs = job.scratch / "debs"
    (debs / "partial").mkdir(parents=True)
    job.run(
        *_apt(), "-o", f"Dir::State::status={status}", "-o", f"Dir::Cache::archives={debs}",
        "--no-install-recommends", "--download-only", "--yes", "install", *packages,
    )  # fmt: skip


def _apt() -> list[str]:
    """This machine's apt with its configuration, but with lists of our own and without its locks and caches."""
    options = {
        "Dir::State::lists": str(LISTS),
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "Dir::State::extended_states": "/dev/null",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
    }
    return ["apt-get", *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]


@once
def _update(job: cache.Job) -> None:
    (LISTS / "partial").mkdir(parents=True, exist_ok=True)
    job.run(*_apt(), "--quiet", "update")


@once
def _mirror(job: cache.Job) -> str:
    """The address of the Debian archive that this machine's apt uses."""
    _update(job)
    query = ["indextargets", "--format", "$(REPO_URI)", "Identifier: Packages", "Origin: Debian", f"Release: {SUITE}"]
    said = subprocess.run([*_apt(), *query], capture_output=True, text=True, check=False).stdout.split()
    if not said:
        raise StepFailed(job.name, f"apt on this machine has no Debian archive with {SUITE} among its sources", job.log)
    return said[0]
