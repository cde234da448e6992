# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The root file systems of hosts and guests as images of podman: localhost/landfall/<name>.

Each has two tags: one of its content, and `latest`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from . import archive, cache, places, rootfs
from .progress import StepFailed, timed

# What each is made of. The last two are guests that only tests have: one with busybox alone and no systemd, and one
# with what else starts and serves things.
HOSTS = {
    "node": ("base", "node"),
    "guest": ("base", "guest"),
    "guest-old": ("guest-old",),
    "guest-servers": ("base", "guest-servers"),
}
LAYERS = tuple(part for parts in HOSTS.values() for part in parts if part != "base")
LABEL = "landfall.host"
SETTINGS = {"Cmd": ["/sbin/init"], "StopSignal": "SIGRTMIN+3", "Labels": {LABEL: "1"}}


def load() -> None:
    """Every image in podman's store, whatever was there before."""
    present = _present()
    for name, parts in HOSTS.items():
        layers = [_layer(rootfs.base() if part == "base" else rootfs.image(part)) for part in parts]
        image = f"localhost/landfall/{name}"
        tag = cache.digest([SETTINGS, [layer.diff_id for layer in layers]])[:12]
        if present.get(f"{image}:{tag}") and present[f"{image}:{tag}"] == present.get(f"{image}:latest"):
            continue
        with timed(f"podman image {name}"):
            _copy(f"{image}:{tag}", layers)
            _run("podman", "tag", f"{image}:{tag}", f"{image}:latest")
            for old in present:
                if old.startswith(f"{image}:") and old not in (f"{image}:{tag}", f"{image}:latest"):
                    _run("podman", "untag", old, old)
            _run("podman", "image", "prune", "--force", "--filter", f"label={LABEL}")


def _layer(tar: Path) -> archive.Layer:
    known = cache.sums(tar)
    return archive.Layer(tar.resolve(), str(known["sha256"]), tar.stat().st_size, str(known["sha256"]))


def _present() -> dict[str, str]:
    images = json.loads(_run("podman", "image", "list", "--format=json"))
    return {name: image["Id"] for image in images for name in image.get("Names") or []}


def _copy(reference: str, layers: list[archive.Layer]) -> None:
    """Into podman's store from a layout of hard links: no byte is written twice."""
    layout = places.CACHE / "layout"
    shutil.rmtree(layout, ignore_errors=True)
    for name, content in archive.documents(reference, SETTINGS, layers).items():
        path = layout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for layer in layers:
        os.link(layer.path, layout / archive.blob(layer.sha256))
    _run("skopeo", "copy", "--quiet", f"oci:{layout}", f"containers-storage:{reference}")
    shutil.rmtree(layout)


def _run(*argv: str) -> str:
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise StepFailed(" ".join(argv[:3]), ended.stderr.strip()[-600:])
    return ended.stdout
