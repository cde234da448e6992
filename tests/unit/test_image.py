"""Images as data: what is composed, and base images as bundles hold them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients import image_files
from ansible_collections.landfall.replatform.plugins.module_utils.core import image

LAYER = b"a root file system" * 600
CONFIG: dict[str, Any] = {
    "architecture": "amd64",
    "os": "linux",
    "config": {"User": "65532", "Env": ["LANG=C.UTF-8"], "Cmd": ["sh"]},
    "rootfs": {"type": "layers", "diff_ids": [image.digest(LAYER)]},
    "container": "of the builder",
}


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def docker_archive(path: Path, layer: bytes) -> Path:
    manifest = [{"Config": "c.json", "RepoTags": ["landfall/jre:17"], "Layers": ["l/layer.tar"]}]
    return archive(
        path,
        {"l/layer.tar": layer, "c.json": json.dumps(CONFIG).encode(), "manifest.json": json.dumps(manifest).encode()},
    )


def oci_layout(path: Path) -> Path:
    config, layer = json.dumps(CONFIG).encode(), LAYER
    manifest = json.dumps(
        {
            "config": {"digest": image.digest(config)},
            "layers": [{"mediaType": image.LAYER, "digest": image.digest(layer), "size": len(layer)}],
        }
    ).encode()
    blobs = {"blobs/" + image.digest(one).replace(":", "/"): one for one in (config, layer, manifest)}
    index = json.dumps({"manifests": [{"digest": image.digest(manifest)}]}).encode()
    return archive(path, {**blobs, "index.json": index})


@pytest.mark.parametrize("kind", ["docker", "oci"])
def test_a_base_of_either_kind_is_the_same(tmp_path: Path, kind: str) -> None:
    path = docker_archive(tmp_path / "d.tar", LAYER) if kind == "docker" else oci_layout(tmp_path / "o.tar")
    base, places = image_files.read_base(path, "landfall/jre:17")
    assert base.config == CONFIG
    assert base.layers == (image.Blob(image.LAYER, image.digest(LAYER), len(LAYER)),)
    place = places[image.digest(LAYER)]
    assert path.read_bytes()[place.offset : place.offset + place.size] == LAYER


def test_a_compressed_layer_keeps_its_bytes(tmp_path: Path) -> None:
    packed = gzip.compress(LAYER)
    base, _places = image_files.read_base(docker_archive(tmp_path / "d.tar", packed), "landfall/jre:17")
    assert base.layers == (image.Blob(image.LAYER_GZIP, image.digest(packed), len(packed)),)


def test_composed_on_a_base() -> None:
    base = image.Base(CONFIG, (image.Blob(image.LAYER, image.digest(LAYER), len(LAYER)),))
    more = image.Blob(image.LAYER, image.digest(b"more"), 4)
    made = image.compose(base, [more], entrypoint=["java", "-jar", "x"], labels={"b": "2", "a": "1"})
    config = json.loads(made.config)
    assert config["config"] == {
        "User": "65532",
        "Env": ["LANG=C.UTF-8"],
        "Entrypoint": ["java", "-jar", "x"],
        "Labels": {"a": "1", "b": "2"},
    }
    assert config["rootfs"]["diff_ids"] == [image.digest(LAYER), more.digest]
    assert "container" not in config
    manifest = json.loads(made.manifest)
    assert manifest["config"]["digest"] == image.digest(made.config)
    assert [one["digest"] for one in manifest["layers"]] == config["rootfs"]["diff_ids"]
    assert made == image.compose(base, [more], entrypoint=["java", "-jar", "x"], labels={"a": "1", "b": "2"})
    assert "Labels" not in CONFIG["config"]


def test_a_tag_follows_every_input() -> None:
    tags = {image.tag(inputs) for inputs in (["a", "b"], ["a", "c"], ["ab"], ["b", "a"])}
    assert len(tags) == 4
