# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of kube_apply as a task of a playbook, in the controller and as a module."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import Body, config_map, custom, definition
from tests.component.test_kube_apply_task import Playbook, kube_apply
from tests.component.test_kube_client import service_account_token

EVERYWHERE = pytest.mark.parametrize("become", [False, True], ids=["in the controller", "as a module"])


@pytest.fixture
def playbook(tmp_path: Path, kube_server: KubeServer) -> Playbook:
    return Playbook(tmp_path, kube_server.kubeconfig)


@pytest.fixture
def berth(kube: KubeClient, namespace: str) -> Body:
    """An object of a kind of its own, with words in it that nobody may see."""
    kube.apply(definition("berths"), field_manager="test")
    return custom(namespace, "quay", {"size": 3, "ropes": ["hempen-rope", "steel-rope"]})


SENSITIVE = [{"kind": "Berth", "path": "spec.ropes[]"}, {"kind": "ConfigMap", "path": 'data."door.key"'}]


@EVERYWHERE
def test_sensitive_fields_are_shown_nowhere(playbook: Playbook, namespace: str, berth: Body, become: bool) -> None:
    arguments = {"kubeconfig": playbook.kubeconfig, "sensitive_fields": SENSITIVE}
    key = config_map(namespace, "keys", {"door.key": "first-key", "window.key": "open-to-all"})
    other = config_map(namespace, "keys", {"door.key": "second-key", "window.key": "open-to-all"})
    wrong = {**berth, "spec": {"size": "secret-word", "ropes": ["hempen-rope"]}}
    made, again, changed, refused = playbook.run(
        kube_apply(resources=[berth, key], **arguments),
        kube_apply(resources=[berth, key], **arguments),
        kube_apply(resources=[berth, other], **arguments),
        kube_apply(resources=[wrong], **{**arguments, "sensitive_fields": [{"kind": "Berth", "path": "spec"}]}),
        arguments=("-vvv", "--diff"),
        play={"become": become},
    )
    assert (made["summary"], again["summary"]) == ("2 created", "2 unchanged")
    assert changed["summary"] == "1 configured, 1 unchanged"
    assert changed["diff"][0]["before"] != changed["diff"][0]["after"]
    assert "******** (after)" in changed["diff"][0]["after"]
    assert "open-to-all" in changed["diff"][0]["after"]
    assert refused["failed"]
    for word in ("hempen-rope", "steel-rope", "first-key", "second-key", "secret-word"):
        assert word not in playbook.output


def test_paths_that_mean_nothing(playbook: Playbook, berth: Body) -> None:
    sensitive = [{"kind": "Berth", "path": "spec..ropes"}, {"kind": "Berth", "path": ""}]
    wait_for = [{"kind": "Berth", "jmespath": "status.["}]
    refused, vague = playbook.run(
        kube_apply(resources=[berth], kubeconfig=playbook.kubeconfig, sensitive_fields=sensitive, wait_for=wait_for),
        kube_apply(resources=[berth], kubeconfig=playbook.kubeconfig, wait_for=[{"kind": "Berth"}]),
    )
    paths = ["sensitive_fields[0].path", "sensitive_fields[1].path", "wait_for[0].jmespath"]
    assert [one["path"] for one in refused["problems"]] == paths
    assert "one of the following is required: condition, jmespath" in vague["msg"]


@EVERYWHERE
def test_a_wait_for_a_field(playbook: Playbook, namespace: str, berth: Body, become: bool) -> None:
    size = {"kind": "Berth", "jmespath": "spec.size", "value": "{{ size }}"}
    task = kube_apply(resources=[berth], kubeconfig=playbook.kubeconfig, wait_for=[size], wait_timeout=1)
    met, unmet = playbook.run({**task, "vars": {"size": 3}}, {**task, "vars": {"size": 4}}, play={"become": become})
    assert met["summary"] == "1 created"
    assert unmet["problems"][0]["found"] == "spec.size is 3, not 4"


@EVERYWHERE
def test_the_environment_says_where_and_who(
    playbook: Playbook, kube_server: KubeServer, kube: KubeClient, namespace: str, become: bool
) -> None:
    token = service_account_token(kube, namespace)
    environment = {
        "K8S_AUTH_HOST": kube_server.url,
        "K8S_AUTH_SSL_CA_CERT": str(kube_server.authority.certificate),
        "K8S_AUTH_API_KEY": token,
        "K8S_AUTH_IMPERSONATE_USER": "li",
        "K8S_AUTH_IMPERSONATE_GROUPS": "sellers,buyers",
    }
    task = kube_apply(resources=[config_map(namespace, "x", {})])
    [refused] = playbook.run({**task, "environment": environment}, play={"become": become})
    assert f'User "system:serviceaccount:{namespace}:robot" cannot impersonate' in refused["msg"]
    assert token not in playbook.output


@EVERYWHERE
def test_a_password_is_not_shown(playbook: Playbook, kube_server: KubeServer, namespace: str, become: bool) -> None:
    connection = {"host": kube_server.url, "ca_path": str(kube_server.authority.certificate)}
    task = kube_apply(resources=[config_map(namespace, "x", {})], username="wang", password="sesame-word", **connection)
    [refused] = playbook.run(task, arguments=("-vvv",), play={"become": become})
    assert "it has no OAuth server" in refused["msg"]
    assert "sesame-word" not in playbook.output


def test_names_that_tell_their_content(playbook: Playbook, namespace: str) -> None:
    task = kube_apply(
        resources=[config_map(namespace, "colours", {"sky": "blue"})], append_hash=True, kubeconfig=playbook.kubeconfig
    )
    [made] = playbook.run(task)
    assert made["objects"][0]["name"].startswith("colours-")
    assert len(made["objects"][0]["name"]) == len("colours-") + 10
