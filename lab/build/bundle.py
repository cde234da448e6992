# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fills the offline bundle with what was built, through the collection's own module."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from . import cache, images, layers, places
from .progress import say
from .recipes import CNI_PLUGINS, RECIPES

HERE = Path(__file__).resolve().parent
BINARIES = ("kubeadm", "kubelet", "kubectl", "containerd", "containerd-shim-runc-v2", "ctr", "etcdctl", "etcdutl")


def fill() -> None:
    """The bundle holds exactly what this build made."""
    entries = _entries()
    if _is_filled(entries):
        return
    log = places.LOGS / "bundle.log"
    variables = places.CACHE / "bundle.json"
    variables.write_text(json.dumps({"bundle_path": str(places.BUNDLE), "bundle_entries": entries}))
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    job = cache.Job("bundle", places.CACHE, places.CACHE, log)
    job.run(
        Path(sys.executable).parent / "ansible-playbook",
        "--inventory=localhost,",
        f"--extra-vars=@{variables}",
        HERE / "bundle.yml",
        env={**os.environ, "ANSIBLE_CONFIG": str(places.ROOT / "ansible.cfg")},
    )
    size = sum(int(entry["size"]) for entry in map(_indexed, entries))
    say(f"bundle: {len(entries)} files, {size >> 20} MiB, in {places.BUNDLE}")


def cni_plugins() -> Path:
    """The CNI plugins as one archive."""
    files = {name: places.PRODUCTS / name for name in CNI_PLUGINS}
    inputs = [{name: cache.sums(path)["sha256"] for name, path in files.items()}, cache.file_sum(_source(layers))]
    product = "cni-plugins.tar"
    made = cache.make(
        "cni-plugins", inputs, [product], lambda job: layers.write_files(job.directory / product, dict(files))
    )
    return made[product]


def _entries() -> list[dict[str, Any]]:
    versions = {product: recipe.version for recipe in RECIPES for product in recipe.binaries}
    binaries = [_entry(name, versions[name], "binary", places.PRODUCTS / name) for name in BINARIES]
    archive = _entry("cni-plugins", versions["bridge"], "archive", cni_plugins())
    pictures = [
        _entry(image.name, image.version, "image", images.build(image), image=image.reference)
        for image in images.IMAGES
    ]
    return [*binaries, archive, *pictures]


def _entry(name: str, version: str, kind: str, product: Path, **more: str) -> dict[str, Any]:
    place = {"file": product.name, "src": str(product.resolve())}
    return {"name": name, "version": version, "kind": kind, "arch": "amd64", **place, **more}


def _is_filled(entries: list[dict[str, Any]]) -> bool:
    """Whether the index says what it should and no blob is missing; the module would find the same, in more time."""
    index = places.BUNDLE / "index.json"
    if not index.is_file():
        return False
    there = json.loads(index.read_text())["entries"]
    wanted = [_indexed(entry) for entry in entries]
    blobs = places.BUNDLE / "blobs" / "sha256"
    return _ordered(there) == _ordered(wanted) and all((blobs / str(entry["sha256"])).is_file() for entry in wanted)


def _indexed(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "src"} | cache.sums(Path(entry["src"]))


def _ordered(entries: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(entry, sort_keys=True) for entry in entries)


def _source(module: object) -> Path:
    return Path(str(getattr(module, "__file__", "")))
