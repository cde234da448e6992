"""The bundle's index and the store behind it: what is refused, what is damaged, what a killed run leaves."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients import bundle_store
from ansible_collections.landfall.replatform.plugins.module_utils.clients.bundle_store import BundleStore, fill
from ansible_collections.landfall.replatform.plugins.module_utils.core import bundle
from ansible_collections.landfall.replatform.plugins.module_utils.core.bundle import Content, Entry
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    DocumentError,
    IntegrityError,
    NotFound,
)

SUM = hashlib.sha256(b"kubelet").hexdigest()
KUBELET = {
    "name": "kubelet",
    "version": "1.36.4",
    "kind": "binary",
    "arch": "amd64",
    "sha256": SUM,
    "size": 7,
    "file": "kubelet",
}
PAUSE = {**KUBELET, "name": "pause", "kind": "image", "image": "registry.k8s.io/pause:3.10.2"}


def _index(*entries: Any) -> dict[str, Any]:
    return {"version": 1, "entries": list(entries)}


def _entry(**changes: Any) -> Entry:
    return Entry(**{**KUBELET, **changes})


def test_an_index_is_read_and_written_back_the_same() -> None:
    raw = _index(KUBELET, PAUSE)
    assert bundle.document(bundle.parse_index(raw)) == raw


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([], "not an index"),
        ({"version": 1}, "not an index"),
        ({"version": 2, "entries": []}, "version 2"),
    ],
)
def test_something_else_is_not_an_index(raw: object, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        bundle.parse_index(raw)


@pytest.mark.parametrize(
    ("entry", "paths"),
    [
        ("kubelet", ["entries[0]"]),
        ({**KUBELET, "version": ""}, ["entries[0].version"]),
        ({**KUBELET, "version": 1.36}, ["entries[0].version"]),
        ({**KUBELET, "kind": "binnary"}, ["entries[0].kind"]),
        ({**KUBELET, "kind": []}, ["entries[0].kind"]),
        ({**KUBELET, "sha256": SUM.upper()}, ["entries[0].sha256"]),
        ({**KUBELET, "sha256": "../../etc/passwd"}, ["entries[0].sha256"]),
        ({**KUBELET, "size": True}, ["entries[0].size"]),
        ({**KUBELET, "size": -1}, ["entries[0].size"]),
        ({**KUBELET, "src": "/x"}, ["entries[0].src"]),
        ({**KUBELET, "image": "a/b:c"}, ["entries[0].image"]),
        ({**PAUSE, "image": "registry.k8s.io/pause"}, ["entries[0].image"]),
        ({**PAUSE, "image": ""}, ["entries[0].image"]),
        ({}, [f"entries[0].{key}" for key in ("name", "version", "kind", "arch", "file", "sha256", "size")]),
    ],
)
def test_everything_that_is_wrong_with_an_entry_is_said_at_once(entry: object, paths: list[str]) -> None:
    with pytest.raises(DocumentError) as refused:
        bundle.parse_index(_index(entry))
    assert [problem.path for problem in refused.value.problems] == paths


def test_two_entries_of_one_name_or_one_reference_are_refused() -> None:
    again = {**PAUSE, "name": "pause-again"}
    with pytest.raises(DocumentError) as refused:
        bundle.parse_index(_index(KUBELET, {**KUBELET, "size": 8}, PAUSE, again, {**again, "arch": "arm64"}))
    assert [(problem.path, problem.right) for problem in refused.value.problems] == [
        ("entries[1].name", "is entries[0] already"),
        ("entries[3].image", "is entries[2] already"),
    ]


def test_merging_replaces_by_name_and_keeps_or_drops_the_rest() -> None:
    old, new, other = _entry(), _entry(sha256="0" * 64), _entry(name="kubectl")
    assert bundle.merge([old, other], [new], exclusive=False) == [other, new]
    assert bundle.merge([old, other], [new], exclusive=True) == [new]


def test_selection_by_kind_and_name() -> None:
    entries = bundle.parse_index(_index(KUBELET, PAUSE))
    assert [entry.name for entry in bundle.select(entries, kinds=["image"])] == ["pause"]
    assert [entry.name for entry in bundle.select(entries, names=["kubelet"])] == ["kubelet"]
    assert bundle.select(entries, kinds=["image"], names=["kubelet"]) == []
    assert bundle.select(entries) == entries


@pytest.mark.parametrize(
    ("content", "found"),
    [(None, "is not there"), (Content(SUM, 6), "6 bytes"), (Content("0" * 64, 7), f"has sha256 {'0' * 64}")],
)
def test_damage_names_the_file_and_what_was_found(content: Content | None, found: str) -> None:
    [problem] = bundle.damage([_entry()], {SUM: content})
    assert (problem.path, problem.found) == (f"kubelet 1.36.4 (blobs/sha256/{SUM})", found)


def test_whole_blobs_are_not_damaged() -> None:
    assert bundle.damage([_entry()], {SUM: Content(SUM, 7)}) == []


def _file(tmp_path: Path, name: str, text: str) -> dict[str, Any]:
    (tmp_path / name).write_text(text)
    return {"name": name, "version": "1", "kind": "binary", "arch": "amd64", "src": str(tmp_path / name), "file": name}


def _fill(store: BundleStore, *files: dict[str, Any], **how: bool) -> tuple[bool, list[Entry]]:
    before = store.entries() if store.exists() else []
    return fill(store, before, files, **{"exclusive": False, "hard_links": False, "dry": False, **how})


def test_filling_again_changes_nothing(tmp_path: Path) -> None:
    store, file = BundleStore(tmp_path / "bundle"), _file(tmp_path, "kubelet", "kubelet")
    assert _fill(store, file)[0]
    assert not _fill(store, file)[0]
    assert store.path(SUM).read_text() == "kubelet"
    store.verify(store.entries())


def test_a_dry_run_says_what_a_run_does_and_writes_nothing(tmp_path: Path) -> None:
    store, file = BundleStore(tmp_path / "bundle"), _file(tmp_path, "kubelet", "kubelet")
    predicted = _fill(store, file, dry=True)
    assert not store.directory.exists()
    assert predicted == _fill(store, file)
    assert not _fill(store, file, dry=True)[0]


def test_a_lost_blob_and_a_killed_run_are_repaired(tmp_path: Path) -> None:
    store, file = BundleStore(tmp_path / "bundle"), _file(tmp_path, "kubelet", "kubelet")
    _fill(store, file)
    store.path(SUM).write_text("kube")
    partial = store.blobs / ".partial-0"
    partial.write_text("half a blob")
    assert _fill(store, file, dry=True)[0]
    assert partial.exists()
    assert _fill(store, file)[0]
    assert [path.name for path in store.blobs.iterdir()] == [SUM]
    store.verify(store.entries())


def test_blobs_that_no_entry_names_are_removed(tmp_path: Path) -> None:
    store = BundleStore(tmp_path / "bundle")
    first, second = _file(tmp_path, "kubelet", "kubelet"), _file(tmp_path, "kubectl", "kubectl")
    _fill(store, first, second)
    assert len(list(store.blobs.iterdir())) == 2
    _fill(store, first, exclusive=True)
    assert [path.name for path in store.blobs.iterdir()] == [SUM]


def test_hard_links_share_the_file_and_copies_do_not(tmp_path: Path) -> None:
    file = _file(tmp_path, "kubelet", "kubelet")
    linked, copied = BundleStore(tmp_path / "linked"), BundleStore(tmp_path / "copied")
    _fill(linked, file, hard_links=True)
    _fill(copied, file)
    source = (tmp_path / "kubelet").stat()
    assert linked.path(SUM).stat().st_ino == source.st_ino
    assert copied.path(SUM).stat().st_ino != source.st_ino


def test_files_that_are_missing_are_all_named_before_anything_is_written(tmp_path: Path) -> None:
    store, file = BundleStore(tmp_path / "bundle"), _file(tmp_path, "kubelet", "kubelet")
    lost = [{**file, "name": name, "src": str(tmp_path / name)} for name in ("one", "two")]
    with pytest.raises(NotFound) as refused:
        _fill(store, file, *lost)
    assert [problem.path for problem in refused.value.problems] == ["entries[1].src", "entries[2].src"]
    assert not store.directory.exists()


def test_a_file_with_another_digest_than_it_must_have_is_refused(tmp_path: Path) -> None:
    store, file = BundleStore(tmp_path / "bundle"), _file(tmp_path, "kubelet", "kubelet")
    with pytest.raises(IntegrityError) as refused:
        _fill(store, {**file, "sha256": "0" * 64})
    assert refused.value.problems[0].found == SUM
    assert not store.directory.exists()


def test_verify_reports_every_damaged_blob(tmp_path: Path) -> None:
    store = BundleStore(tmp_path / "bundle")
    _fill(store, *(_file(tmp_path, name, name) for name in ("kubelet", "kubectl", "kubeadm")))
    store.path(SUM).write_text("kubelat")
    store.path(hashlib.sha256(b"kubeadm").hexdigest()).unlink()
    with pytest.raises(IntegrityError, match="2 of 3 files") as refused:
        store.verify(store.entries())
    assert [problem.path.split()[0] for problem in refused.value.problems] == ["kubeadm", "kubelet"]


def test_a_copy_of_a_file_that_changes_meanwhile_is_no_blob(tmp_path: Path) -> None:
    store = BundleStore(tmp_path / "bundle")
    (tmp_path / "kubelet").write_text("another kubelet")
    with pytest.raises(IntegrityError, match="changed while it was copied"):
        store.put(tmp_path / "kubelet", Content(SUM, 7), hard_link=False)
    assert not store.path(SUM).exists()


@pytest.mark.parametrize(("text", "error"), [(None, NotFound), ("{", DocumentError), ("[]", DocumentError)])
def test_a_directory_without_an_index_is_no_bundle(tmp_path: Path, text: str | None, error: type[Exception]) -> None:
    if text is not None:
        (tmp_path / "index.json").write_text(text)
    with pytest.raises(error):
        BundleStore(tmp_path).entries()


def test_an_image_is_found_by_its_reference(tmp_path: Path) -> None:
    store = BundleStore(tmp_path)
    store.write_index([Entry(**PAUSE)])
    assert store.find("registry.k8s.io/pause:3.10.2") == store.path(SUM)
    with pytest.raises(NotFound, match=r"no image pause:3; the images in it: registry\.k8s\.io/pause:3\.10\.2"):
        store.find("pause:3")


def test_the_index_is_the_contract_of_other_tools(tmp_path: Path) -> None:
    store = BundleStore(tmp_path)
    store.write_index([_entry()])
    assert json.loads((tmp_path / "index.json").read_text()) == _index(KUBELET)
    assert store.index_entries() == [KUBELET]


def test_measuring_counts_and_hashes_across_blocks(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    (tmp_path / "big").write_bytes(content)
    assert bundle_store.measure([tmp_path / "big", tmp_path / "none"]) == [
        Content(hashlib.sha256(content).hexdigest(), len(content)),
        None,
    ]
