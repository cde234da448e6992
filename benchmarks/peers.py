# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the benchmarks beside other collections share: those collections, what a command takes, options.

Landfall and its peers run under the same ansible-core, Python and libraries, in an environment of their own with the
`ansible` package of PyPI.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("LANDFALL_CACHE") or ROOT / ".lab" / "cache")
ENVIRONMENT = CACHE / "benchmarks" / "peers"
_LIBRARIES = ("jsonpatch", "requests", "vmware-vcenter")  # of kubernetes.core and of vmware.vmware
_NOT_INHERITED = ("ANSIBLE_", "K8S_AUTH_", "VMWARE_")


@dataclass(frozen=True)
class Spent:
    """What a command took: seconds by the clock and of the processors, and the peak of its largest process."""

    seconds: float
    processor_seconds: float
    peak_mib: float

    def less(self, other: Spent, *, share: int = 1) -> Spent:
        """What this took more than `other`, as one of `share` equal parts."""
        processor_seconds = (self.processor_seconds - other.processor_seconds) / share
        return Spent((self.seconds - other.seconds) / share, processor_seconds, self.peak_mib)


def prepare() -> None:
    """Make the environment of the Ansible peers, once."""
    done = ENVIRONMENT / "done"
    if done.exists():
        return
    core = subprocess.run(
        [sys.executable, "-c", "import ansible.release as r; print(r.__version__)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    pip = [str(ENVIRONMENT / "bin" / "pip"), "install", "--quiet"]
    subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    libraries = ["--requirement", str(ROOT / "requirements.txt"), *_LIBRARIES]
    subprocess.run([*pip, f"ansible-core=={core}", *libraries], check=True)
    # a hundred collections, of which two are wanted: not compiled, and what they would need is not fetched
    subprocess.run([*pip, "--no-deps", "--no-compile", "ansible"], check=True)
    done.touch()


def version_of(collection: str) -> str:
    """The version of one of the collections, `namespace.name`."""
    place = collection.replace(".", "/")
    manifest = ENVIRONMENT.glob(f"lib/python3*/site-packages/ansible_collections/{place}/MANIFEST.json")
    return str(json.loads(next(manifest).read_text())["collection_info"]["version"])


def library_versions(*libraries: str) -> dict[str, str]:
    """Those of ansible-core and of Python libraries."""
    names = ["ansible-core", *libraries]
    program = f"import importlib.metadata as m; print(*(m.version(name) for name in {names}))"
    python = str(ENVIRONMENT / "bin" / "python")
    told = subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    return dict(zip(names, told, strict=True))


def lay_out(directory: Path) -> None:
    """A directory where Ansible finds Landfall's checkout among the other collections."""
    directory.mkdir()
    collections = directory / "collections" / "ansible_collections" / "landfall"
    collections.mkdir(parents=True)
    (collections / "replatform").symlink_to(ROOT)
    (directory / "ansible.cfg").write_text(f"[defaults]\ncollections_path = {directory / 'collections'}\n")
    python = f"ansible_python_interpreter={ENVIRONMENT / 'bin' / 'python'}"
    (directory / "hosts").write_text(f"localhost ansible_connection=local {python}\n")


def spend(command: list[str], directory: Path, **environment: str) -> Spent:
    """Run a command in a directory that was laid out. One that fails ends the benchmark."""
    log = directory / "output"
    inherited: Mapping[str, str] = {
        name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)
    }
    variables = {**inherited, "ANSIBLE_CONFIG": str(directory / "ansible.cfg"), **environment}
    with log.open("wb") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=variables, cwd=directory, start_new_session=True
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')[-3000:]}")
    return Spent(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def numbers(text: str) -> list[int]:
    """An option like `0,10,20`."""
    return [int(one) for one in text.split(",")]
