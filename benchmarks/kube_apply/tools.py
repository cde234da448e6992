# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The peers: how each of them is told to put the same objects into the same cluster.

Landfall and kubernetes.core run under the same ansible-core, Python and `kubernetes` package, in an environment of
their own that holds the `ansible` package of PyPI.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("LANDFALL_CACHE") or ROOT / ".lab" / "cache")
ENVIRONMENT = CACHE / "benchmarks" / "kube_apply"
_LANDFALL, _CORE = "landfall.replatform.kube_apply", "kubernetes.core.k8s"

Body = dict[str, Any]


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
    subprocess.run(
        [*pip, f"ansible-core=={core}", "--requirement", str(ROOT / "requirements.txt"), "jsonpatch"], check=True
    )
    # a hundred collections, of which one is wanted: not compiled, and what they would need is not fetched
    subprocess.run([*pip, "--no-deps", "--no-compile", "ansible"], check=True)
    done.touch()


def versions() -> dict[str, str]:
    """What is compared with what."""
    core = ENVIRONMENT.glob("lib/python3*/site-packages/ansible_collections/kubernetes/core/MANIFEST.json")
    manifest = json.loads(next(core).read_text())
    kubectl = subprocess.run(
        [_kubectl(), "version", "--client", "--output=json"], check=True, capture_output=True, text=True
    )
    names = "import ansible.release as r, kubernetes as k; print(r.__version__, k.__version__)"
    python = str(ENVIRONMENT / "bin" / "python")
    ours = subprocess.run([python, "-c", names], check=True, capture_output=True, text=True)
    ansible, library = ours.stdout.split()
    return {
        "ansible-core": ansible,
        "kubernetes (PyPI)": library,
        "kubernetes.core": manifest["collection_info"]["version"],
        "kubectl": json.loads(kubectl.stdout)["clientVersion"]["gitVersion"],
    }


def _kubectl() -> str:
    return str(Path(os.environ.get("LANDFALL_PRODUCTS") or CACHE / "products") / "kubectl")


def _ours(*, wait: bool = False, **options: Any) -> Body:
    return {_LANDFALL: {"wait": wait, **options}}


def _core(*, wait: bool = False, **options: Any) -> Body:
    return {_CORE: {"apply": True, "wait": wait, **options}}


# What each of them is told; FILE and OBJECTS are a file of YAML documents and a variable that holds the same list.
_FILE, _OBJECTS = "{{ directory }}/objects.yml", "{{ objects }}"
_SERVER_SIDE: Body = {"server_side_apply": {"field_manager": "bench"}}
TASKS: dict[str, Body] = {
    "landfall": _ours(src=_FILE),
    "landfall, variable": _ours(resources=_OBJECTS),
    "k8s": _core(src=_FILE),
    "k8s, server-side": _core(src=_FILE, **_SERVER_SIDE),
    "k8s, variable": _core(resource_definition=_OBJECTS),
    "k8s, loop": {**_core(resource_definition="{{ item }}"), "loop": _OBJECTS, "loop_control": {"label": "-"}},
}
WAITS: dict[str, Body] = {
    "landfall": _ours(src=_FILE, wait=True),
    "k8s": _core(src=_FILE, wait=True),
    "k8s, wait_sleep 1": _core(src=_FILE, wait=True, wait_sleep=1),
}
KUBECTL = "kubectl --server-side"


class Bench:
    """One directory, one cluster and one namespace, for one tool."""

    def __init__(self, directory: Path, kubeconfig: str) -> None:
        directory.mkdir()
        self._directory, self._kubeconfig = directory, kubeconfig
        collections = directory / "collections" / "ansible_collections" / "landfall"
        collections.mkdir(parents=True)
        (collections / "replatform").symlink_to(ROOT)
        (directory / "ansible.cfg").write_text(f"[defaults]\ncollections_path = {directory / 'collections'}\n")
        python = f"ansible_python_interpreter={ENVIRONMENT / 'bin' / 'python'}"
        (directory / "hosts").write_text(f"localhost ansible_connection=local {python}\n")

    def write(self, bodies: list[Body]) -> None:
        """Lay out what shall be in the cluster next."""
        dumper = yaml.CSafeDumper
        (self._directory / "objects.yml").write_text(yaml.dump_all(bodies, Dumper=dumper))
        (self._directory / "variables.yml").write_text(yaml.dump({"objects": bodies}, Dumper=dumper))

    def run(self, tool: str, *, check: bool = False) -> Spent:
        """Let `tool` put the objects into the cluster, or say what it would change."""
        return self._apply_with_kubectl(check=check) if tool == KUBECTL else self.play([TASKS[tool]], check=check)

    def run_and_wait(self, tool: str) -> Spent:
        """Let `tool` put them there and wait until they are ready."""
        return self._apply_with_kubectl(wait=True) if tool == KUBECTL else self.play([WAITS[tool]])

    def play(self, tasks: list[Body], *, check: bool = False) -> Spent:
        """A playbook of `tasks`."""
        play: Body = {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"directory": str(self._directory)},
            "module_defaults": {name: {"kubeconfig": self._kubeconfig} for name in (_LANDFALL, _CORE)},
            "tasks": tasks,
        }
        if _OBJECTS in json.dumps(tasks):
            play["vars_files"] = [str(self._directory / "variables.yml")]
        (self._directory / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False))
        program = str(ENVIRONMENT / "bin" / "ansible-playbook")
        command = [program, "-i", str(self._directory / "hosts"), str(self._directory / "play.yml")]
        return self._spend([*command, "--check"] if check else command)

    def _apply_with_kubectl(self, *, check: bool = False, wait: bool = False) -> Spent:
        file = str(self._directory / "objects.yml")
        apply = f"{_kubectl()} apply --server-side --filename {file}{' --dry-run=server' if check else ''}"
        then = f" && {_kubectl()} rollout status --filename {file} --timeout=300s" if wait else ""
        return self._spend(["sh", "-c", f"exec >/dev/null; {apply}{then}"])

    def _spend(self, command: list[str]) -> Spent:
        log = self._directory / "output"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "K8S_AUTH_"))},
            "ANSIBLE_CONFIG": str(self._directory / "ansible.cfg"),
            "KUBECONFIG": self._kubeconfig,
        }
        with log.open("wb") as output:
            began = time.monotonic()
            process = subprocess.Popen(
                command, stdout=output, stderr=output, env=environment, cwd=self._directory, start_new_session=True
            )
            _pid, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')[-3000:]}")
        return Spent(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
