# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs on a node, on a real file system with real programs: whole files, checked blobs, and one run at a time."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients import host, node
from ansible_collections.landfall.replatform.plugins.module_utils.core.bundle import Entry
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    ConflictError,
    IntegrityError,
    OperationFailed,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_os import Step


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_secret_file_is_never_open_to_others(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    host.write(str(path), "old", mode=0o644)
    host.write(str(path), "token", mode=0o600)
    assert path.read_text() == "token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["secret"]


def test_a_file_that_is_a_mount_keeps_its_inode(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("127.0.0.1 localhost\n")
    before = path.stat().st_ino
    host.write_in_place(str(path), "new\n")
    assert (path.read_text(), path.stat().st_ino) == ("new\n", before)


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert host.read(str(tmp_path / "none")) is None
    assert host.read(str(tmp_path / "file" / "below")) is None
    assert host.sha256(str(tmp_path / "none")) is None
    assert host.sysctl("net.landfall.nothing") is None


def test_a_program_takes_the_place_of_a_running_one(tmp_path: Path) -> None:
    program, blob = tmp_path / "program", tmp_path / "blob"
    program.write_bytes(Path("/bin/sleep").read_bytes())
    program.chmod(0o755)
    blob.write_bytes(Path("/bin/true").read_bytes())
    running = subprocess.Popen([program, "30"])
    try:
        host.install(str(blob), str(program))
        assert running.poll() is None
        assert subprocess.run([program], check=False).returncode == 0
    finally:
        running.kill()
        running.wait()


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["sh", "-c", "echo because >&2; exit 3"], "making it failed with 3:\nbecause"),
        (["sh", "-c", "kill -9 $$"], "making it was killed by signal 9"),
        (["/nowhere/program"], "/nowhere/program cannot be run: No such file or directory"),
    ],
)
def test_a_program_that_fails_says_why(argv: list[str], told: str) -> None:
    with pytest.raises(OperationFailed) as caught:
        host.run(argv, what="making it")
    assert told in str(caught.value)


def test_a_program_that_does_not_end_is_ended() -> None:
    with pytest.raises(OperationFailed, match=r"waiting did not end within 0 s"):
        host.run(["sleep", "30"], what="waiting", timeout=0.2)


def test_a_setting_that_cannot_be_had_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(OperationFailed, match="cannot be set to 7"):
        host.set_sysctl("kernel.random.uuid", "7")


def test_one_at_a_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(host, "_LOCK", str(tmp_path / "lock"))
    with host.alone(wait=0), pytest.raises(ConflictError, match="another run"), host.alone(wait=0.1):
        pass
    with host.alone(wait=0):
        pass


def test_a_program_that_outlives_its_run_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(host, "_LOCK", str(tmp_path / "lock"))
    with host.alone(wait=0) as lock:
        left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1.5)"], pass_fds=(lock,))
    began = time.monotonic()
    with host.alone(wait=20):
        assert left.poll() is not None or time.monotonic() - began > 1
    left.wait()


def archive(path: Path, plugins: dict[str, bytes]) -> Entry:
    with tarfile.open(path, "w") as tar:
        for name, content in plugins.items():
            source = path.with_name(f"{name}.source")
            source.write_bytes(content)
            source.chmod(0o755 if name != "README" else 0o644)
            tar.add(source, f"./{name}")
    content = path.read_bytes()
    whole = path.rename(path.with_name(digest(content)))
    return Entry("archive", "cni-plugins", "1", "amd64", whole.name, len(content), "cni.tar")


@pytest.fixture
def cni(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(node, "CNI_BIN", str(tmp_path / "bin"))
    monkeypatch.setattr(node, "_CNI_RECORD", str(tmp_path / "bin" / ".landfall.json"))
    return tmp_path / "bin"


def test_plugins_are_unpacked_and_known_again(cni: Path, tmp_path: Path) -> None:
    entry = archive(tmp_path / "cni", {"bridge": b"one", "portmap": b"two", "README": b"text"})
    step = Step("unpack", str(cni), "absent", f"sha256:{entry.sha256}", entry)
    assert node._cni_archive() == ""
    assert node.absent_blobs([step], str(tmp_path)) == []
    node.take(step, str(tmp_path))
    assert sorted(one.name for one in cni.iterdir()) == [".landfall.json", "bridge", "portmap"]
    assert os.access(cni / "bridge", os.X_OK)
    assert node._cni_archive() == entry.sha256
    assert node.absent_blobs([step], str(tmp_path)) == [entry.sha256], "a blob that was used is not kept"
    (cni / "bridge").write_bytes(b"spoilt")
    assert node._cni_archive() == "", "one plugin is not what was unpacked"
    (cni / "bridge").unlink()
    assert node._cni_archive() == ""


def test_a_blob_that_is_not_what_the_index_says_is_never_used(cni: Path, tmp_path: Path) -> None:
    entry = archive(tmp_path / "cni", {"bridge": b"one"})
    blob = tmp_path / entry.sha256
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    step = Step("unpack", str(cni), "absent", f"sha256:{entry.sha256}", entry)
    assert node.absent_blobs([step], str(tmp_path)) == [], "its size is right"
    with pytest.raises(IntegrityError, match=f"index says sha256:{entry.sha256}"):
        node.take(step, str(tmp_path))
    assert not cni.exists()
    assert node.absent_blobs([step], str(tmp_path)) == [entry.sha256], "it is brought again"


def test_half_a_blob_has_to_come_again(tmp_path: Path) -> None:
    entry = archive(tmp_path / "cni", {"bridge": b"one"})
    (tmp_path / entry.sha256).write_bytes(b"half")
    assert node.absent_blobs([Step("unpack", "", "", "", entry)], str(tmp_path)) == [entry.sha256]


def test_the_record_of_plugins_is_readable(cni: Path, tmp_path: Path) -> None:
    entry = archive(tmp_path / "cni", {"bridge": b"one"})
    node.take(Step("unpack", str(cni), "absent", f"sha256:{entry.sha256}", entry), str(tmp_path))
    record = json.loads((cni / ".landfall.json").read_text())
    assert record == {"archive": entry.sha256, "plugins": {"bridge": digest(b"one")}}
