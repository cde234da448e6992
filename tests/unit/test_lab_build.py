# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's build: what is built when, and that layers and images are the same bytes for the same content."""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
import stat
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.build import archive, bundle, cache, images, layers, main, places, recipes, rootfs
from lab.build.cache import Job
from lab.build.progress import StepFailed

PROGRAMS = {product for recipe in recipes.RECIPES for product in recipe.binaries}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "cache"
    for name, path in {"CACHE": root, "STORE": root / "store", "PRODUCTS": root / "products"}.items():
        monkeypatch.setattr(places, name, path)
    monkeypatch.setattr(places, "LOGS", tmp_path / "logs")
    return root


def _writing(text: str, name: str = "tool") -> Callable[[Job], None]:
    return lambda job: job.run("sh", "-c", f"printf %s '{text}' > {job.directory}/{name}")


def _never(job: Job) -> None:
    raise AssertionError("built again")


def test_a_step_is_built_once_for_the_same_inputs() -> None:
    first = cache.make("tool", {"version": 1}, ["tool"], _writing("one"))
    again = cache.make("tool", {"version": 1}, ["tool"], _never)
    assert first == again == {"tool": places.PRODUCTS / "tool"}
    assert first["tool"].read_text() == "one"


def test_other_inputs_are_another_product_and_the_link_follows() -> None:
    cache.make("tool", {"version": 1}, ["tool"], _writing("one"))
    newer = cache.make("tool", {"version": 2}, ["tool"], _writing("two"))
    assert newer["tool"].read_text() == "two"
    assert cache.make("tool", {"version": 1}, ["tool"], _never)["tool"].read_text() == "one"


def test_products_cannot_be_written_and_their_sums_are_known() -> None:
    made = cache.make("tool", 1, ["tool"], _writing("one"))["tool"]
    assert stat.S_IMODE(made.stat().st_mode) & 0o222 == 0
    assert cache.sums(made) == {"sha256": hashlib.sha256(b"one").hexdigest(), "size": 3}


def test_a_program_that_fails_ends_the_step_with_its_last_words_and_the_log() -> None:
    with pytest.raises(StepFailed, match=r"tool: sh ended with 3\n.*\n  \| no disk\n  log: .*/logs/tool\.log"):
        cache.make("tool", 1, ["tool"], lambda job: job.run("sh", "-c", "echo no disk >&2; exit 3"))
    assert cache.make("tool", 1, ["tool"], _writing("one"))["tool"].read_text() == "one"


def test_a_step_that_does_not_make_what_it_promised_has_failed() -> None:
    with pytest.raises(StepFailed, match="did not make other"):
        cache.make("tool", 1, ["tool", "other"], _writing("one"))


def test_two_that_want_the_same_step_build_it_once() -> None:
    built, both = [], threading.Barrier(2)

    def slowly(job: Job) -> None:
        built.append(job.name)
        job.run("sleep", "0.2")
        _writing("one")(job)

    def want() -> None:
        both.wait()
        cache.make("tool", 1, ["tool"], slowly)

    threads = [threading.Thread(target=want) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == ["tool"]


def test_pruning_keeps_what_is_linked_and_what_is_young() -> None:
    for version in (1, 2, 3):
        cache.make("tool", version, ["tool"], _writing(str(version)))
    homes = {home.joinpath("tool").read_text(): home for home in places.STORE.iterdir()}
    for version in ("1", "3"):
        os.utime(homes[version], (0, 0))
    cache.prune()
    assert {home.joinpath("tool").read_text() for home in places.STORE.iterdir()} == {"2", "3"}


def test_where_one_chain_fails_the_other_ends_after_its_step() -> None:
    done: list[str] = []
    both = threading.Barrier(2)

    def fail() -> None:
        both.wait()
        raise StepFailed("first", "no")

    def wait() -> None:
        both.wait()
        threading.Event().wait(0.2)
        done.append("second")

    with pytest.raises(StepFailed, match="first: no"):
        main._together([fail], [wait, lambda: done.append("third")])
    assert done == ["second"]


def test_the_verb_names_the_programs_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.main(["kubelet", "kube-proxi"])
    said = capsys.readouterr().err
    assert "no program kube-proxi" in said
    assert "kube-proxy" in said


def _tree(root: Path, time: int) -> Path:
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/tool").write_text("tool")
    (root / "usr/bin/tool").chmod(0o755)
    os.link(root / "usr/bin/tool", root / "usr/bin/twin")
    (root / "bin").symlink_to("usr/bin")
    os.mknod(root / "usr/gone", stat.S_IFCHR, os.makedev(0, 0))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "usr/socket"))
    for path in root.rglob("*"):
        os.utime(path, (time, time), follow_symlinks=False)
    return root


def _members(tar: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(tar) as content:
        return {member.name: member for member in content}


def test_a_tree_becomes_a_layer_with_links_and_removals(tmp_path: Path) -> None:
    layers.write_tree(tmp_path / "layer.tar", _tree(tmp_path / "root", 1000), newest=2000)
    members = _members(tmp_path / "layer.tar")
    assert list(members) == ["bin", "usr", "usr/.wh.gone", "usr/bin", "usr/bin/tool", "usr/bin/twin"]
    assert members["bin"].linkname == "usr/bin"
    assert members["usr/bin/twin"].islnk()
    assert (members["usr/bin/tool"].mode, members["usr/bin/tool"].mtime) == (0o755, 1000)


def test_files_that_the_build_made_itself_have_no_time(tmp_path: Path) -> None:
    for number, time in enumerate((3000, 4000)):
        layers.write_tree(tmp_path / f"{number}.tar", _tree(tmp_path / f"root{number}", time), newest=2000)
    assert (tmp_path / "0.tar").read_bytes() == (tmp_path / "1.tar").read_bytes()


def test_a_layer_of_files_depends_on_their_content_alone(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"tool{number}").write_text("tool")
        os.utime(tmp_path / f"tool{number}", (number, number))
        files = {"usr/bin/tool": tmp_path / f"tool{number}", "usr/bin/alias": "tool"}
        layers.write_files(tmp_path / f"{number}.tar", dict(sorted(files.items(), reverse=number == 1)))
    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes()
    members = _members(tmp_path / "1.tar")
    assert list(members) == ["usr", "usr/bin", "usr/bin/alias", "usr/bin/tool"]
    assert members["usr/bin/alias"].linkname == "tool"


def _image(tmp_path: Path, name: str) -> Path:
    (tmp_path / "tool").write_text("tool")
    layers.write_files(tmp_path / "layer.tar", {"tool": tmp_path / "tool"})
    scratch = tmp_path / name
    scratch.mkdir()
    layer = archive.compressed(tmp_path / "layer.tar", scratch)
    archive.write(scratch / "image.tar", "example.test/tool:1", {"Entrypoint": ["/tool"]}, [layer, layer])
    return scratch / "image.tar"


def test_an_image_is_an_oci_archive_whose_every_digest_holds(tmp_path: Path) -> None:
    with tarfile.open(_image(tmp_path, "one")) as tar:
        content = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    for name in content:
        if name.startswith("blobs/"):
            assert hashlib.sha256(content[name]).hexdigest() == name.rpartition("/")[2]
    assert json.loads(content["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    [manifest_of] = json.loads(content["index.json"])["manifests"]
    assert manifest_of["annotations"]["io.containerd.image.name"] == "example.test/tool:1"
    manifest = json.loads(content[_blob(manifest_of)])
    config = json.loads(content[_blob(manifest["config"])])
    assert config["config"] == {"Entrypoint": ["/tool"]}
    plain = hashlib.sha256((tmp_path / "layer.tar").read_bytes()).hexdigest()
    assert config["rootfs"]["diff_ids"] == [f"sha256:{plain}"] * 2
    for described in (manifest_of, manifest["config"], *manifest["layers"]):
        assert len(content[_blob(described)]) == described["size"]
    assert len(content) == 5  # a layer that is used twice is stored once


def test_an_image_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    assert _image(tmp_path, "one").read_bytes() == _image(tmp_path, "two").read_bytes()


def _blob(described: dict[str, str]) -> str:
    return "blobs/" + described["digest"].replace(":", "/")


@pytest.mark.parametrize("recipe", recipes.RECIPES, ids=lambda recipe: f"{recipe.name}-{next(iter(recipe.binaries))}")
def test_a_recipe_builds_the_version_that_its_module_pins(recipe: recipes.Recipe) -> None:
    committed = (recipe.module / "go.mod").read_text()
    packages = [package for package in recipe.binaries.values() if package != "."]
    assert not packages or f" v{recipe.version}" in committed
    assert not packages or (recipe.module / "go.sum").stat().st_size
    for package in packages:
        assert package in committed


def test_every_program_is_built_by_one_recipe() -> None:
    products = [product for recipe in recipes.RECIPES for product in recipe.binaries]
    assert len(products) == len(set(products))
    assert set(bundle.BINARIES) <= PROGRAMS


@pytest.mark.parametrize("image", images.IMAGES, ids=lambda image: image.name)
def test_an_image_is_made_of_what_there_is(image: images.Image) -> None:
    assert image.files or image.debian
    for name in image.files.values():
        assert name in PROGRAMS or (images.HERE / name).is_file()
    for name in image.debian:
        assert name == "base" or (rootfs.HERE / name / "packages.txt").read_text().split()
    assert image.version


def test_images_have_names_and_references_of_their_own() -> None:
    assert len({image.name for image in images.IMAGES}) == len(images.IMAGES)
    assert len({image.reference for image in images.IMAGES}) == len(images.IMAGES)


def test_a_log_of_bytes_that_are_no_text_does_not_hide_the_reason(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="ended with 1"):
        cache.make("tool", 1, ["tool"], lambda job: job.run("sh", "-c", r"printf '\377\n'; exit 1"))


def test_tree_sums_are_of_the_files_that_count(tmp_path: Path) -> None:
    (tmp_path / "internal").mkdir()
    for name in ("main.go", "main_test.go", "internal/a.go"):
        (tmp_path / name).write_text(name)
    assert list(cache.tree_sums(tmp_path, ignore=["*_test.go"])) == ["internal/a.go", "main.go"]


def test_a_layer_can_be_read_by_tar(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("tool")
    layers.write_files(tmp_path / "layer.tar", {"a/b/tool": tmp_path / "tool"})
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "layer.tar").read_bytes())) as tar:
        assert tar.getmember("a/b/tool").size == 4
