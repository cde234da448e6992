# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""append_hash: the names are those that the real kubectl makes, and a change of content rolls the pods out anew."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.hashes import content_hash
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish
from openshift.helper.hashes import generate_hash

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import Body, config_map, deployment, secret

PLAIN = {"sky": "blue", "application.yml": 'server:\n  port: 8080\n\ttab "quoted" \\ back\n'}
AWKWARD = {
    "html": "<a href='?x=1&y=2'>",
    "languages": "配置 über ß 🚢",
    "lines": "one\u2028two\u2029three",
    "control": "bell\x07 feed\x0c del\x7f back\x08",
    "empty": "",
}


def by_kubectl(server: KubeServer, directory: Path, kind: list[str], data: dict[str, str | bytes]) -> Body:
    """What `kubectl create` makes of files."""
    for name, content in data.items():
        (directory / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    files = [f"--from-file={name}={directory / name}" for name in data]
    text = server.kubectl("create", *kind, "colours", "--append-hash", "--dry-run=client", "-o", "json", *files)
    body: Body = json.loads(text)
    return body


def own_name(body: Body) -> str:
    """The name that we would give to what kubectl has made."""
    mine = copy.deepcopy(body)
    mine["metadata"]["name"] = "colours"
    return f"colours-{content_hash(mine)}"


@pytest.mark.parametrize(
    "data",
    [{}, PLAIN, AWKWARD, {"bytes": b"\x00\xff\xfe"}, {**PLAIN, "bytes": b"\x00\xff\xfe<"}],
    ids=["nothing", "plain", "awkward", "binary", "mixed"],
)
@pytest.mark.parametrize("kind", [["configmap"], ["secret", "generic"], ["secret", "generic", "--type=x.example/y"]])
def test_names_are_those_of_kubectl(
    kube_server: KubeServer, tmp_path: Path, kind: list[str], data: dict[str, Any]
) -> None:
    body = by_kubectl(kube_server, tmp_path, kind, data)
    assert own_name(body) == body["metadata"]["name"]


def test_the_hash_of_the_openshift_package_is_another_one(kube_server: KubeServer, tmp_path: Path) -> None:
    """Why core has one of its own: this test fails when the package has learnt it, and then it may be used."""
    theirs = {}
    for name, data in (("plain", PLAIN), ("awkward", AWKWARD)):
        body = by_kubectl(kube_server, tmp_path, ["configmap"], dict(data))
        wanted = body["metadata"]["name"]
        body["metadata"]["name"] = "colours"
        theirs[name] = f"colours-{generate_hash(body)}" == wanted
    assert theirs == {"plain": True, "awkward": False}


def put(client: KubeClient, *bodies: Body, **options: Any) -> Report:
    documents = [(f"resources[{index}]", one) for index, one in enumerate(bodies)]
    return apply(client, Wish(documents, append_hash=True, wait=False, **options))


def with_configuration(namespace: str) -> Body:
    body = deployment(namespace, "shop")
    pods = body["spec"]["template"]["spec"]
    pods["volumes"].append({"name": "colours", "configMap": {"name": "colours"}})
    pods["containers"][0]["envFrom"] = [{"secretRef": {"name": "door"}}]
    return body


def test_a_change_of_configuration_changes_the_pods(kube: KubeClient, namespace: str) -> None:
    def bodies(sky: str) -> list[Body]:
        return [
            config_map(namespace, "colours", {"sky": sky}),
            secret(namespace, "door", {"password": "sesame"}),
            with_configuration(namespace),
        ]

    assert put(kube, *bodies("blue"), check=True).summary == "3 created"
    assert put(kube, *bodies("blue")).summary == "3 created"
    assert put(kube, *bodies("blue")).summary == "3 unchanged"
    report = put(kube, *bodies("grey"))
    assert [one.action for one in report.done] == ["created", "unchanged", "configured"]
    maps = [one["metadata"]["name"] for one in kube.list("v1", "ConfigMap", namespace)]
    assert len([one for one in maps if one.startswith("colours-")]) == 2
    there = kube.get("apps/v1", "Deployment", "shop", namespace) or {}
    assert there["spec"]["template"]["spec"]["volumes"][1]["configMap"]["name"] == report.done[0].identity.name
    assert put(kube, *bodies("blue"), absent=True).summary == "3 deleted"
    left = [one["metadata"]["name"] for one in kube.list("v1", "ConfigMap", namespace)]
    assert report.done[0].identity.name in left, "its content is another one, so it is another one"
