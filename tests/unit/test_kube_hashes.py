# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names that tell the content: who gets one, and what refers to it. (That they are kubectl's: tests/component.)"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.hashes import appended, content_hash
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import read
from openshift.helper.hashes import generate_hash

Body = dict[str, Any]


def thing(api_version: str, kind: str, name: str, **rest: Any) -> Body:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **rest}


COLOURS = thing("v1", "ConfigMap", "colours", data={"sky": "blue", "a": "b\n"})
DOOR = thing("v1", "Secret", "door", data={"password": "c2VzYW1l"}, type="Opaque")
PODS: Body = {
    "containers": [
        {
            "name": "main",
            "env": [
                {"name": "A", "value": "colours"},
                {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "colours", "key": "sky"}}},
                {"name": "C", "valueFrom": {"secretKeyRef": {"name": "door", "key": "password"}}},
            ],
            "envFrom": [{"configMapRef": {"name": "colours"}}, {"secretRef": {"name": "door"}}],
        }
    ],
    "initContainers": [{"name": "first", "envFrom": [{"secretRef": {"name": "door"}}]}],
    "imagePullSecrets": [{"name": "door"}, {"name": "elsewhere"}],
    "volumes": [
        {"name": "a", "configMap": {"name": "colours"}},
        {"name": "b", "secret": {"secretName": "door"}},
        {"name": "c", "projected": {"sources": [{"configMap": {"name": "colours"}}, {"secret": {"name": "door"}}]}},
        {"name": "colours", "emptyDir": {}},
    ],
}
COLOURS_NAME, DOOR_NAME = f"colours-{content_hash(COLOURS)}", f"door-{content_hash(DOOR)}"


def hashed(*bodies: Body) -> list[Body]:
    manifests, problems = read([("x", copy.deepcopy(one)) for one in bodies])
    assert problems == []
    return [one.body for one in appended(manifests)]


@pytest.mark.parametrize("body", [COLOURS, DOOR])
def test_the_hash_is_that_of_the_openshift_package_where_that_is_right(body: Body) -> None:
    assert content_hash(body) == generate_hash(copy.deepcopy(body))


@pytest.mark.parametrize(
    ("api_version", "kind", "wrap"),
    [
        ("v1", "Pod", lambda spec: {"spec": spec}),
        ("apps/v1", "Deployment", lambda spec: {"spec": {"template": {"spec": spec}}}),
        ("apps/v1", "StatefulSet", lambda spec: {"spec": {"template": {"spec": spec}}}),
        ("apps/v1", "DaemonSet", lambda spec: {"spec": {"template": {"spec": spec}}}),
        ("batch/v1", "Job", lambda spec: {"spec": {"template": {"spec": spec}}}),
        ("batch/v1", "CronJob", lambda spec: {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}),
    ],
)
def test_pods_use_the_new_names(api_version: str, kind: str, wrap: Any) -> None:
    _map, _secret, body = hashed(COLOURS, DOOR, thing(api_version, kind, "shop", **wrap(PODS)))
    text = repr(PODS)
    for key in ("'name': ", "'secretName': "):
        text = text.replace(f"{key}'colours'", f"{key}'{COLOURS_NAME}'").replace(f"{key}'door'", f"{key}'{DOOR_NAME}'")
    text = text.replace(f"{{'name': '{COLOURS_NAME}', 'emptyDir'", "{'name': 'colours', 'emptyDir'")
    assert repr(body["spec"]) == repr(wrap(PODS)["spec"]).replace(repr(PODS), text)


def test_names_and_other_references() -> None:
    account = thing("v1", "ServiceAccount", "shop", imagePullSecrets=[{"name": "door"}], secrets=[{"name": "door"}])
    ingress = thing("networking.k8s.io/v1", "Ingress", "shop", spec={"tls": [{"secretName": "door"}, {"hosts": ["a"]}]})
    names = [one["metadata"]["name"] for one in hashed(COLOURS, DOOR, account, ingress)]
    assert names == [COLOURS_NAME, DOOR_NAME, "shop", "shop"]
    account, ingress = hashed(COLOURS, DOOR, account, ingress)[2:]
    assert account["imagePullSecrets"] == account["secrets"] == [{"name": DOOR_NAME}]
    assert ingress["spec"]["tls"] == [{"secretName": DOOR_NAME}, {"hosts": ["a"]}]


def test_what_keeps_its_name() -> None:
    token = thing("v1", "Secret", "robot", type="kubernetes.io/service-account-token")
    other = thing("x.example/v1", "ConfigMap", "colours", data={})
    elsewhere = copy.deepcopy(thing("v1", "Pod", "shop", spec=PODS))
    elsewhere["metadata"]["namespace"] = "mall"
    assert hashed(token, other, elsewhere) == [token, other, elsewhere]
    assert hashed(COLOURS, DOOR, elsewhere)[2] == elsewhere, "another namespace has its own"


def test_a_change_of_content_is_a_change_of_name() -> None:
    hashes = {
        content_hash({**COLOURS, **change})
        for change in ({}, {"data": {}}, {"immutable": True}, {"binaryData": {"a": "AA=="}})
    }
    assert len(hashes) == 4
    assert content_hash({**DOOR, "data": {"password": "c2VzYW1l\n"}}) == content_hash(DOOR), "base64 may be folded"
