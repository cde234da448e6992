# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""kube_apply as a task of a playbook: what AnsiballZ would have done for it, and that AnsiballZ does the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import config_map, namespace_object, secret

_ROOT = Path(__file__).resolve().parents[2]
Task = dict[str, Any]


class Playbook:
    """Runs tasks on this machine with a real ansible-playbook; each result as Ansible registered it."""

    def __init__(self, directory: Path, kubeconfig: str) -> None:
        self.directory, self.kubeconfig = directory, kubeconfig
        self.temporary = directory / "tmp"
        self.temporary.mkdir()
        collections = directory / "collections" / "ansible_collections" / "landfall"
        collections.mkdir(parents=True)
        (collections / "replatform").symlink_to(_ROOT)
        (directory / "ansible.cfg").write_text(f"[defaults]\ncollections_path = {directory / 'collections'}\n")
        self.output = ""

    def run(self, *tasks: Task, arguments: tuple[str, ...] = (), play: Task | None = None) -> list[dict[str, Any]]:
        results = self.directory / "results.json"
        results.unlink(missing_ok=True)
        named = [{"ignore_errors": True, **one, "register": f"result_{number}"} for number, one in enumerate(tasks)]
        every = ", ".join(f"result_{number}" for number in range(len(tasks)))
        copy = {"content": f"{{{{ [{every}] | to_json }}}}", "dest": str(results), "mode": "0600"}
        keep = {"ansible.builtin.copy": copy, "check_mode": False, "diff": False, "no_log": True, "become": False}
        document = [{"hosts": "localhost", "gather_facts": False, "tasks": [*named, keep], **(play or {})}]
        path = self.directory / "play.yml"
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(self.directory / "ansible.cfg"),
            "TMPDIR": str(self.temporary),
        }
        program = str(Path(sys.executable).parent / "ansible-playbook")
        inventory = f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n"
        (self.directory / "hosts").write_text(inventory)
        done = subprocess.run(
            [program, "-i", str(self.directory / "hosts"), str(path), *arguments],
            capture_output=True,
            text=True,
            env=environment,
            cwd=self.directory,
            check=False,
        )
        self.output = done.stdout + done.stderr
        assert done.returncode == 0, self.output
        loaded: list[dict[str, Any]] = json.loads(results.read_text())
        return loaded


@pytest.fixture
def playbook(tmp_path: Path, kube_server: KubeServer) -> Playbook:
    return Playbook(tmp_path, kube_server.kubeconfig)


def kube_apply(**arguments: Any) -> Task:
    return {"landfall.replatform.kube_apply": arguments}


@pytest.mark.parametrize("become", [False, True], ids=["in the controller", "as a module"])
def test_a_task_applies_and_shows_no_secret(playbook: Playbook, kube: KubeClient, namespace: str, become: bool) -> None:
    """With become the work is done by the module, in a process of its own; nothing else differs."""
    play = {"vars": {"sky": "blue"}, "become": become, "become_method": "ansible.builtin.su"}
    bodies = [
        config_map(namespace, "colours", {"sky": "{{ sky }}"}),
        secret(namespace, "door", {"password": "sesame-open-1"}),
    ]
    tasks = [kube_apply(resources=bodies, kubeconfig=playbook.kubeconfig)] * 2
    first, second = playbook.run(*tasks, arguments=("-vvv", "--diff"), play=play)
    assert (first["changed"], first["summary"]) == (True, "2 created")
    assert (second["changed"], second["summary"]) == (False, "2 unchanged")
    assert [sorted(one) for one in first["objects"]] == [["action", "kind", "name", "namespace", "seconds"]] * 2
    assert kube.get("v1", "ConfigMap", "colours", namespace)["data"] == {"sky": "blue"}
    assert [one["after_header"] for one in first["diff"]] == [
        f"ConfigMap {namespace}/colours (created)",
        f"Secret {namespace}/door (created)",
    ]
    for value in ("sesame", "c2VzYW1l"):
        assert value not in playbook.output
    assert "+  password: '********'" in playbook.output
    left = [path.name for path in playbook.temporary.rglob("*") if path.is_file()]
    assert left == [], "keys of the kubeconfig, perhaps"


def test_check_mode_of_the_task(playbook: Playbook, kube: KubeClient, namespace: str) -> None:
    task = kube_apply(resources=[config_map(namespace, "colours", {"sky": "blue"})], kubeconfig=playbook.kubeconfig)
    [predicted] = playbook.run(task, arguments=("--check",))
    assert (predicted["changed"], predicted["summary"]) == (True, "1 created")
    assert kube.get("v1", "ConfigMap", "colours", namespace) is None


def test_check_mode_where_no_cluster_is_yet(playbook: Playbook) -> None:
    resources = [config_map("later", "colours", {"sky": "blue"}), namespace_object("later")]
    task = kube_apply(resources=resources, kubeconfig=str(playbook.directory / "kubeconfig"))
    gone = kube_apply(resources=resources, kubeconfig=str(playbook.directory / "kubeconfig"), state="absent")
    predicted, absent = playbook.run(task, gone, arguments=("--check", "--diff"))
    assert [one["kind"] for one in predicted["objects"]] == ["Namespace", "ConfigMap"]
    assert predicted["summary"] == "2 created"
    assert "kubeconfig yet, so nothing could be compared" in predicted["warnings"][0]
    assert (absent["changed"], absent["summary"]) == (False, "2 absent")
    [missing] = playbook.run(task)
    assert "kubeconfig does not exist" in missing["msg"]


@pytest.mark.parametrize("variable", ["K8S_AUTH_KUBECONFIG", "KUBECONFIG"])
def test_the_environment_of_the_task_counts(playbook: Playbook, namespace: str, variable: str) -> None:
    task = kube_apply(resources=[config_map(namespace, "colours", {})])
    missing, given = playbook.run(
        {**task, "environment": {variable: "/nowhere/kubeconfig"}},
        {**task, "environment": {variable: "{{ where }}"}},
        play={"vars": {"where": playbook.kubeconfig}},
    )
    assert "/nowhere/kubeconfig does not exist" in missing["msg"]
    assert given["summary"] == "1 created"


@pytest.mark.parametrize("become", [False, True], ids=["in the controller", "as a module"])
def test_a_delegated_task_runs_over_there(playbook: Playbook, namespace: str, become: bool) -> None:
    """The bastion is this machine too, under a name of its own."""
    task = kube_apply(resources=[config_map(namespace, "colours", {})], kubeconfig=playbook.kubeconfig)
    bastion = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    _added, first, second = playbook.run(
        {"ansible.builtin.add_host": {"name": "bastion", **bastion}},
        *[{**task, "delegate_to": "bastion", "become": become, "become_method": "ansible.builtin.su"}] * 2,
    )
    assert (first.get("summary"), second.get("summary")) == ("1 created", "1 unchanged"), playbook.output
    assert "localhost -> bastion" in playbook.output


def test_files_and_text(playbook: Playbook, namespace: str) -> None:
    manifests = playbook.directory / "files" / "shop"
    manifests.mkdir(parents=True)
    (manifests / "b.yaml").write_text(yaml.safe_dump_all([config_map(namespace, "b", {}), None]))
    (manifests / "a.yml").write_text(json.dumps({"kind": "List", "items": [config_map(namespace, "a", {})]}))
    (manifests / "c.txt").write_text("no object")
    text = (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: d, namespace: {namespace}}}\ndata: {{day: 2026-01-02}}\n"
    )
    directory, file, inline, broken, absent = playbook.run(
        kube_apply(src="shop", kubeconfig=playbook.kubeconfig),
        kube_apply(src="shop/a.yml", kubeconfig=playbook.kubeconfig),
        kube_apply(resources=text, kubeconfig=playbook.kubeconfig),
        kube_apply(resources="a: [", kubeconfig=playbook.kubeconfig),
        kube_apply(src="nowhere.yml", kubeconfig=playbook.kubeconfig),
    )
    assert [one["name"] for one in directory["objects"]] == ["a", "b"]
    assert file["summary"] == "1 unchanged"
    assert inline["summary"] == "1 created"
    assert broken["problems"][0]["path"] == "resources"
    assert "nowhere.yml" in absent["msg"]


def test_what_cannot_be_meant_is_refused(playbook: Playbook, namespace: str) -> None:
    body = config_map(namespace, "x", {})
    connection = {"kubeconfig": playbook.kubeconfig}
    mistyped, neither, late, detached, nobody = playbook.run(
        kube_apply(resources=[body], state="presnt", **connection),
        kube_apply(**connection),
        kube_apply(resources=[body], wait_timeout="soon", **connection),
        {**kube_apply(resources=[body], **connection), "async": 10, "poll": 0},
        kube_apply(resources=[body], host="https://127.0.0.1:1", api_key="t0ken"),
    )
    assert "value of state must be one of: present, absent" in mistyped["msg"]
    assert "one of the following is required: resources, src" in neither["msg"]
    assert "wait_timeout" in late["msg"]
    assert "async" in detached["msg"]
    assert nobody["problems"][0]["path"] == "https://127.0.0.1:1"
    assert "t0ken" not in playbook.output


@pytest.mark.parametrize("become", [False, True], ids=["in the controller", "as a module"])
def test_what_the_engine_can_do_the_task_can_ask_for(
    playbook: Playbook, kube: KubeClient, namespace: str, become: bool
) -> None:
    kube.apply(config_map(namespace, "shared", {"sky": "blue"}), field_manager="somebody")
    shared, mine = config_map(namespace, "shared", {"sky": "red"}), secret(namespace, "mine", {"a": "sesame-open-1"})
    connection = {"kubeconfig": playbook.kubeconfig}
    applyset = {"name": "set", "namespace": namespace}
    conflict, first, shown, pruned, alone, both, sealed, anew = playbook.run(
        kube_apply(resources=[shared], **connection),
        kube_apply(resources=[shared, mine], on_conflict="force", preflight=True, applyset=applyset, **connection),
        kube_apply(resources=[mine], return_objects=True, applyset=applyset, **connection),
        kube_apply(resources=[], applyset=applyset, prune=True, **connection),
        kube_apply(resources=[mine], prune=True, **connection),
        kube_apply(resources=[mine], state="absent", applyset=applyset, **connection),
        kube_apply(resources=[{**mine, "immutable": True}], on_conflict="migrate", **connection),
        kube_apply(resources=[{**mine, "type": "x/y"}], recreate=True, **connection),
        play={"become": become, "become_method": "ansible.builtin.su"},
        arguments=("-vvv", "--diff"),
    )
    assert conflict["conflicts"] == [
        {"object": f"ConfigMap {namespace}/shared", "field": ".data.sky", "manager": "somebody"}
    ]
    assert first.get("summary") == "2 created, 1 configured", first
    assert shown["objects"][0]["object"]["data"] == {"a": "********"}
    assert pruned["summary"] == "1 configured, 2 deleted"
    assert "prune is True but all of the following are missing: applyset" in alone["msg"]
    assert "an empty list with prune, which deletes all of a set" in both["msg"]
    assert (sealed["summary"], anew["summary"]) == ("1 created", "1 recreated")
    assert "sesame" not in playbook.output


def test_no_log_and_warnings(playbook: Playbook, namespace: str) -> None:
    hidden = {**kube_apply(resources=[config_map(namespace, "quiet-please", {})], kubeconfig=playbook.kubeconfig)}
    body = config_map(namespace, "warned", {})
    body["apiVersion"], body["kind"] = "v1", "Endpoints"  # deprecated since 1.33
    del body["data"]
    _quiet, warned = playbook.run(
        {**hidden, "no_log": True}, kube_apply(resources=[body], kubeconfig=playbook.kubeconfig), arguments=("-v",)
    )
    assert "quiet-please" not in playbook.output
    assert any("Endpoints is deprecated" in warning for warning in warned["warnings"])
    assert "[WARNING]: " in playbook.output
