# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds the images of the live guests: the lab's Debian guest, what the guest runs, and guests/<vm> over it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab.build import cache, places
from lab.build.progress import StepFailed, timed

from . import products

BASE = "localhost/landfall/guest:latest"
LABEL = "landfall.guest.inputs"
GUESTS = products.HERE / "guests"
# The authorities that this machine trusts: Nexus goes out as this machine does.
CACERTS = Path("/etc/ssl/certs/java/cacerts")


def build() -> None:
    """Every guest's image, where its sources have changed."""
    wanted = _wanted()
    base, present = _images()
    todo = {}
    for name, files in wanted.items():
        inputs = _inputs(name, files, base)
        if present.get(_tag(name)) != inputs:
            todo[name] = inputs
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done in [pool.submit(_build, name, wanted[name], inputs) for name, inputs in todo.items()]:
            done.result()
    if todo:
        _podman("image", "prune", "--force", "--filter", f"label={LABEL}")


def _wanted() -> dict[str, dict[str, Path]]:
    """Each guest with the files that its Containerfile adds to what lies in its directory."""
    jars, nexus = products.jars(), products.nexus()
    return {
        "eureka-01": {"eureka-server.jar": jars["eureka-server.jar"]},
        "gateway-01": {"gateway.jar": jars["gateway.jar"]},
        "goods-01": {"goods.jar": jars["goods.jar"]},
        "order-01": {"order.jar": jars["order.jar"]},
        "member-01": {"member.jar": jars["member.jar"]},
        "redis-01": {},
        "db-01": {"schema.sql": products.HERE / "order/src/main/resources/db/schema.sql"},
        "web-01": products.pages(),
        "edge-01": {},
        "nexus-01": {**nexus, "cacerts": CACERTS},
    }


def _inputs(name: str, files: Mapping[str, Path], base: str) -> str:
    own = [path for path in sorted((GUESTS / name).rglob("*")) if path.is_file()]
    programs = [path.name for path in own if path.stat().st_mode & 0o100]
    added = {key: _sum(path) for key, path in files.items()}
    return cache.digest([base, cache.tree_sums(GUESTS / name), programs, added])


def _sum(path: Path) -> object:
    return cache.sums(path)["sha256"] if path.parent == places.PRODUCTS else cache.file_sum(path)


def _build(name: str, files: Mapping[str, Path], inputs: str) -> None:
    with timed(f"guest {name}"), tempfile.TemporaryDirectory(dir=places.CACHE) as room:
        context = shutil.copytree(GUESTS / name, Path(room) / name)
        for key, path in files.items():
            shutil.copyfile(path, context / key)
        _podman("build", "--quiet", "--layers=false", "--network=none", "--pull=never", "--timestamp=0",
                f"--label={LABEL}={inputs}", f"--tag={_tag(name)}", str(context))  # fmt: skip


def _images() -> tuple[str, dict[str, str]]:
    """The identity of the base image, and the inputs that each guest's image was built from."""
    base, present = "", {}
    for image in json.loads(_podman("image", "list", "--format=json")):
        for tag in image.get("Names") or []:
            base = image["Id"] if tag == BASE else base
            present[tag] = (image.get("Labels") or {}).get(LABEL, "")
    return base, present


def _tag(name: str) -> str:
    return f"localhost/landfall/guest-{name}:latest"


def _podman(*argv: str) -> str:
    ended = subprocess.run(["podman", *argv], capture_output=True, text=True, check=False)
    if ended.returncode:
        reason = "\n".join(f"  | {line}" for line in ended.stderr.splitlines()[-12:])
        raise StepFailed(f"podman {argv[0]}", f"ended with {ended.returncode}\n{reason}")
    return ended.stdout


if __name__ == "__main__":
    build()
