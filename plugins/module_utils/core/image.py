# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""OCI images as data: configuration, manifest, digest and tag. The same input gives the same bytes, on any machine.

Layers are plain tar files: jars do not shrink, and a compressor's bytes differ from one version of it to the next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"

VERSION = 1  # of the way in which images are laid out; another one makes other tags
_EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class Blob:
    """Bytes in a registry, by their digest."""

    media_type: str
    digest: str
    size: int

    def descriptor(self) -> dict[str, Any]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


@dataclass(frozen=True)
class Base:
    """The image that others stand on: its configuration and its layers."""

    config: Mapping[str, Any]
    layers: tuple[Blob, ...]


@dataclass(frozen=True)
class Image:
    """An image that can be pushed: manifest and configuration as bytes, layers as blobs."""

    manifest: bytes
    config: bytes
    layers: tuple[Blob, ...]

    @property
    def digest(self) -> str:
        return digest(self.manifest)

    @property
    def config_blob(self) -> Blob:
        return Blob(CONFIG, digest(self.config), len(self.config))


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def canonical(value: Any) -> bytes:
    """`value` as JSON that has one form only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def layer_type(head: bytes) -> str:
    """The media type of a layer, by its first bytes."""
    if head.startswith(b"\x1f\x8b"):
        return LAYER_GZIP
    return LAYER_ZSTD if head.startswith(b"\x28\xb5\x2f\xfd") else LAYER


def tag(inputs: Iterable[str]) -> str:
    """The tag of an image, from what it is made of: known before anything is fetched or built."""
    return hashlib.sha256(canonical([VERSION, *inputs])).hexdigest()[:16]


def compose(
    base: Base,
    layers: Sequence[Blob],
    *,
    entrypoint: Sequence[str] = (),
    working_directory: str | None = None,
    labels: Mapping[str, str],
) -> Image:
    """`layers` (uncompressed) on `base`. Without an entrypoint the base's own is kept, as for a front end."""
    config = json.loads(json.dumps(base.config))
    run = config.setdefault("config", {})
    if entrypoint:
        run["Entrypoint"] = list(entrypoint)
        run.pop("Cmd", None)
    if working_directory:
        run["WorkingDir"] = working_directory
    run["Labels"] = {**(run.get("Labels") or {}), **labels}
    config["created"] = _EPOCH
    config["rootfs"]["diff_ids"] = [*config["rootfs"]["diff_ids"], *(blob.digest for blob in layers)]
    config["history"] = [
        *config.get("history", []),
        *({"created": _EPOCH, "created_by": "landfall service_image"} for _layer in layers),
    ]
    # What a builder noted about its own last container says nothing about this image.
    for key in ("container", "container_config", "docker_version", "id", "parent"):
        config.pop(key, None)
    return _image(config, (*base.layers, *layers))


def as_it_is(base: Base) -> Image:
    """The base as an image of its own."""
    return _image(base.config, base.layers)


def _image(config: Mapping[str, Any], layers: tuple[Blob, ...]) -> Image:
    content = canonical(config)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": Blob(CONFIG, digest(content), len(content)).descriptor(),
        "layers": [blob.descriptor() for blob in layers],
    }
    return Image(canonical(manifest), content, layers)


def docker_archive(manifest: Sequence[Mapping[str, Any]], reference: str) -> tuple[str, list[str]]:
    """Names of configuration and layers inside a `docker save` archive, for `reference` or its only image."""
    entries = [one for one in manifest if reference in (one.get("RepoTags") or [])]
    entry = entries[0] if entries else manifest[0]
    return str(entry["Config"]), [str(name) for name in entry["Layers"]]
