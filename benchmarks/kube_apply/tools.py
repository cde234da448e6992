# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The peers: how each of them is told to put the same objects into the same cluster."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from benchmarks import peers
from benchmarks.peers import CACHE, ENVIRONMENT, Spent

_LANDFALL, _CORE = "landfall.replatform.kube_apply", "kubernetes.core.k8s"

Body = dict[str, Any]


def versions() -> dict[str, str]:
    """What is compared with what."""
    kubectl = subprocess.run(
        [_kubectl(), "version", "--client", "--output=json"], check=True, capture_output=True, text=True
    )
    return {
        **peers.library_versions("kubernetes"),
        "kubernetes.core": peers.version_of("kubernetes.core"),
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
        peers.lay_out(directory)
        self._directory, self._kubeconfig = directory, kubeconfig

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
        return peers.spend(command, self._directory, KUBECONFIG=self._kubeconfig)
