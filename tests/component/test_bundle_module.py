# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module `bundle` as a process of its own, and the bundle that the lab has built with it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lab.build.places import BUNDLE, PRODUCTS
from tests.component.modules import run_module

SUM = hashlib.sha256(b"kubelet").hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> list[dict[str, Any]]:
    for name in ("kubelet", "pause.tar"):
        (tmp_path / name).write_text(name)
    return [
        {"name": "kubelet", "version": "1.36.4", "kind": "binary", "src": str(tmp_path / "kubelet")},
        {
            "name": "pause",
            "version": "3.10.2",
            "kind": "image",
            "image": "registry.k8s.io/pause:3.10.2",
            "src": str(tmp_path / "pause.tar"),
        },
    ]


def _present(tmp_path: Path, files: list[dict[str, Any]], *, check: bool = False, **more: Any) -> dict[str, Any]:
    return run_module("bundle", {"path": str(tmp_path / "bundle"), "entries": files, **more}, check=check)


def test_check_mode_predicts_the_run_and_the_second_run_changes_nothing(
    tmp_path: Path, files: list[dict[str, Any]]
) -> None:
    predicted = _present(tmp_path, files, check=True)
    assert not (tmp_path / "bundle").exists()
    made = _present(tmp_path, files)
    assert made["changed"]
    assert {key: predicted[key] for key in ("changed", "entries", "size", "diff")} == {
        key: made[key] for key in ("changed", "entries", "size", "diff")
    }
    assert f"binary kubelet 1.36.4 amd64 {SUM[:12]} 7" in made["diff"]["after"]
    again = _present(tmp_path, files)
    assert not again["changed"]
    assert "diff" not in again
    assert json.loads(Path(made["index"]).read_text())["entries"] == made["entries"]


def test_a_new_version_of_a_file_replaces_the_old_one(tmp_path: Path, files: list[dict[str, Any]]) -> None:
    _present(tmp_path, files)
    (tmp_path / "kubelet").write_text("kubelet, mended")
    changed = _present(tmp_path, files)
    assert changed["changed"]
    assert {path.name for path in (tmp_path / "bundle/blobs/sha256").iterdir()} == {
        entry["sha256"] for entry in changed["entries"]
    }


def test_what_is_not_named_stays_unless_the_list_is_exclusive(tmp_path: Path, files: list[dict[str, Any]]) -> None:
    _present(tmp_path, files)
    assert not _present(tmp_path, files[:1])["changed"]
    alone = _present(tmp_path, files[:1], exclusive=True)
    assert [entry["name"] for entry in alone["entries"]] == ["kubelet"]


def test_a_damaged_blob_is_named_with_what_was_found(tmp_path: Path, files: list[dict[str, Any]]) -> None:
    _present(tmp_path, files)
    (tmp_path / "bundle/blobs/sha256" / SUM).write_text("kubelat")
    arguments = {"path": str(tmp_path / "bundle"), "state": "verified"}
    refused = run_module("bundle", arguments)
    assert refused["failed"]
    [problem] = refused["problems"]
    assert problem["path"] == f"kubelet 1.36.4 (blobs/sha256/{SUM})"
    assert problem["found"] == f"has sha256 {hashlib.sha256(b'kubelat').hexdigest()}"
    whole = run_module("bundle", {**arguments, "kinds": ["image"]})
    assert not whole["failed"]
    assert [entry["name"] for entry in whole["entries"]] == ["pause"]


def test_wrong_entries_are_refused_all_at_once_and_nothing_is_written(
    tmp_path: Path, files: list[dict[str, Any]]
) -> None:
    wrong = [{**files[0], "image": "a/b:c"}, {**files[1], "image": "registry.k8s.io/pause"}, files[0]]
    refused = _present(tmp_path, wrong)
    assert refused["failed"]
    assert [problem["path"] for problem in refused["problems"]] == [
        "entries[0].image",
        "entries[1].image",
        "entries[2].name",
    ]
    assert not (tmp_path / "bundle").exists()


def test_a_directory_that_is_no_bundle_is_not_verified(tmp_path: Path) -> None:
    refused = run_module("bundle", {"path": str(tmp_path), "state": "verified"})
    assert refused["failed"]
    assert refused["msg"] == f"{tmp_path} is not a bundle: it has no index.json"


def test_the_lab_s_bundle_is_whole_and_holds_what_a_cluster_needs() -> None:
    found = run_module("bundle", {"path": str(BUNDLE), "state": "verified"})
    assert not found["failed"], found["msg"]
    named = {(entry["kind"], entry["name"]): entry for entry in found["entries"]}
    binaries = {"kubeadm", "kubelet", "kubectl", "containerd", "containerd-shim-runc-v2", "ctr", "etcdctl", "etcdutl"}
    assert {name for kind, name in named if kind == "binary"} == binaries
    assert ("archive", "cni-plugins") in named
    asked = subprocess.run([PRODUCTS / "kubeadm", "config", "images", "list", "--kubernetes-version=v1.36.4"],
                           capture_output=True, text=True, check=True)  # fmt: skip
    references = {entry["image"] for entry in found["entries"] if entry["kind"] == "image"}
    assert set(asked.stdout.split()) <= references


def test_the_lab_s_images_are_archives_that_other_tools_read() -> None:
    entries = run_module("bundle", {"path": str(BUNDLE), "state": "verified", "kinds": ["image"]})["entries"]
    assert entries
    for entry in entries:
        archive = BUNDLE / "blobs/sha256" / entry["sha256"]
        said = subprocess.run(["skopeo", "inspect", f"oci-archive:{archive}"],
                              capture_output=True, text=True, check=False, env=os.environ)  # fmt: skip
        assert said.returncode == 0, f"{entry['name']}: {said.stderr}"
        image = json.loads(said.stdout)
        assert (image["Architecture"], image["Os"]) == ("amd64", "linux")
        assert image["Layers"]
