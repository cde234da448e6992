# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects as people write them, and the order in which they go into a cluster."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.catalogue import (
    Catalogue,
    Resource,
    defined_by,
    from_aggregated,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import Identity, Manifest, plain, read
from ansible_collections.landfall.replatform.plugins.module_utils.core.order import waves
from hypothesis import given
from hypothesis import strategies as st

Body = dict[str, Any]


def body(kind: str, name: str = "x", api_version: str = "v1", **rest: Any) -> Body:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest}


def problems(*bodies: Any) -> list[str]:
    return [str(one) for one in read([(f"[{index}]", one) for index, one in enumerate(bodies)])[1]]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (5, "[0]: is not an object; a mapping with apiVersion, kind and metadata"),
        ({"kind": "X", "metadata": {"name": "x"}}, "[0].apiVersion: is missing; each object has one"),
        ({"apiVersion": 1, "kind": "X", "metadata": {"name": "x"}}, "[0].apiVersion: is not text; each object has one"),
        ({"apiVersion": "v1", "kind": "X"}, "[0].metadata: is missing; a mapping with name"),
        ({"apiVersion": "v1", "kind": "X", "metadata": {}}, "[0].metadata.name: is missing; a name"),
        ({"apiVersion": "v1", "kind": "X", "metadata": {"name": 7}}, "[0].metadata.name: is not text; a name"),
        (
            {"apiVersion": "v1", "kind": "X", "metadata": {"generateName": "x-"}},
            "[0].metadata.name: is missing; a name; what generateName makes is new each time",
        ),
        (
            {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x", "annotations": {"on": True}}},
            "[0].metadata.annotations.on: True is not text; text, in quotes",
        ),
        (
            {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x", "labels": ["a"]}},
            "[0].metadata.labels: is not a mapping; names with texts",
        ),
        (body("Secret", data="no mapping"), "[0].data: is not a mapping; keys with values"),
        (body("Secret", stringData=["a"]), "[0].stringData: is not a mapping; keys with values"),
        (body("Secret", stringData={"a": 1}), "[0].stringData.a: is not text; text, in quotes"),
        (body("Secret", data={"a": "no base64"}), "[0].data.a: is not base64; base64, or the plain text in stringData"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(wrong: Any, told: str) -> None:
    assert problems(wrong) == [told]


def test_lists_are_taken_apart_and_empty_documents_are_nothing() -> None:
    several = {"apiVersion": "v1", "kind": "ConfigMapList", "items": [body("ConfigMap", "a"), {"kind": "Oops"}]}
    manifests, found = read([("f.yml, document 1", several), ("f.yml, document 2", None)])
    assert [(str(one.identity), one.where) for one in manifests] == [("ConfigMap a", "f.yml, document 1.items[0]")]
    assert {one.path for one in found} == {
        "f.yml, document 1.items[1].apiVersion",
        "f.yml, document 1.items[1].metadata",
    }


def test_the_version_does_not_make_another_object() -> None:
    twice = [body("Deployment", "x", "apps/v1"), body("Deployment", "x", "apps/v1beta1")]
    assert problems(*twice) == ["[1]: Deployment x stands at [0] already; each object once"]
    assert problems(body("Role", "x", "a.dev/v1"), body("Role", "x", "b.dev/v1")) == []


def test_base64_may_stand_in_lines() -> None:
    [[manifest], problems] = read([("s", body("Secret", data={"a": "c2Vz\nYW1l\n"}))])
    assert problems == []
    assert manifest.body["data"] == {"a": "c2Vz\nYW1l\n"}


def test_string_data_wins_over_data_and_goes_away() -> None:
    [[manifest], _none] = read([("s", body("Secret", data={"a": "b2xk", "b": "Yg=="}, stringData={"a": "neu"}))])
    assert manifest.body["data"] == {"a": "bmV1", "b": "Yg=="}
    assert "stringData" not in manifest.body


def test_plain_leaves_the_input_alone() -> None:
    class Text(str):
        """As Ansible's tagged and vaulted strings are."""

    given_body = {Text("a"): [Text("b"), (1, 2.5, None, True)], "day": datetime.date(2026, 1, 2)}
    result = plain(given_body)
    assert result == {"a": ["b", [1, 2.5, None, True]], "day": "2026-01-02"}
    assert type(next(iter(result))) is str
    assert isinstance(given_body[Text("a")][1], tuple)


_NEEDS = [
    # (what uses, what is used)
    ("Deployment", "ConfigMap"),
    ("Deployment", "Secret"),
    ("Deployment", "Service"),
    ("Deployment", "ServiceAccount"),
    ("Deployment", "PersistentVolumeClaim"),
    ("Deployment", "ResourceQuota"),
    ("Pod", "LimitRange"),
    ("StatefulSet", "StorageClass"),
    ("Job", "RoleBinding"),
    ("RoleBinding", "Role"),
    ("ClusterRoleBinding", "ClusterRole"),
    ("ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"),
    *((kind, "ValidatingAdmissionPolicyBinding") for kind in ("ConfigMap", "Deployment", "Role", "Berth", "Service")),
    ("PersistentVolumeClaim", "StorageClass"),
    ("Berth", "CustomResourceDefinition"),
    ("Berth", "Deployment"),
    ("APIService", "Deployment"),
    ("ValidatingWebhookConfiguration", "Deployment"),
    *((kind, "Namespace") for kind in ("ConfigMap", "Role", "Deployment", "Berth", "NetworkPolicy", "Anything")),
]
_GROUPS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Job": "batch/v1",
    "Berth": "harbour.dev/v1",
    "APIService": "apiregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicy": "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicyBinding": "admissionregistration.k8s.io/v1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    **dict.fromkeys(("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"), "rbac.authorization.k8s.io/v1"),
}


def manifest(kind: str) -> Manifest:
    version = _GROUPS.get(kind, "v1")
    return Manifest(Identity(version.rpartition("/")[0], kind, "", kind.lower()), version, {}, "")


@given(st.permutations(sorted({kind for pair in _NEEDS for kind in pair})))
def test_no_user_comes_before_what_it_needs(kinds: list[str]) -> None:
    manifests = [manifest(kind) for kind in kinds]
    there = {one.identity.kind: number for number, wave in enumerate(waves(manifests)) for one in wave}
    gone = {one.identity.kind: number for number, wave in enumerate(waves(manifests, absent=True)) for one in wave}
    for user, used in _NEEDS:
        assert there[user] > there[used], f"{user} is written before {used}"
        assert gone[user] < gone[used], f"{used} is deleted before {user}"


def test_what_policies_take_as_parameters_is_there_before_them() -> None:
    limits = manifest("Berth")
    spec = {"paramKind": {"apiVersion": "harbour.dev/v1", "kind": "Berth"}}
    policy = replace(manifest("ValidatingAdmissionPolicy"), body={"spec": spec})
    every = [manifest("ConfigMap"), policy, limits, manifest("CustomResourceDefinition"), manifest("Namespace")]
    kinds = [[one.identity.kind for one in wave] for wave in waves(every)]
    assert kinds == [
        ["Namespace"],
        ["CustomResourceDefinition"],
        ["Berth"],
        ["ValidatingAdmissionPolicy"],
        ["ConfigMap"],
    ]


DISCOVERY = {
    "kind": "APIGroupDiscoveryList",
    "items": [
        {
            "metadata": {"name": "apps"},
            "versions": [
                {
                    "version": "v1",
                    "resources": [
                        {"resource": "deployments", "responseKind": {"kind": "Deployment"}, "scope": "Namespaced"},
                        {"resource": "daemonsets", "responseKind": {"kind": "DaemonSet"}, "scope": "Namespaced"},
                    ],
                },
                {"version": "v1beta2", "freshness": "Stale"},
            ],
        }
    ],
}


def test_the_catalogue_knows_what_is_served_and_what_was_meant() -> None:
    catalogue = Catalogue([*from_aggregated(DISCOVERY), Resource("v1", "Namespace", "namespaces", False)])
    deployments = catalogue.find("apps/v1", "Deployment")
    assert deployments is not None
    assert deployments.path(Identity("apps", "Deployment", "shop", "goods")) == (
        "/apis/apps/v1/namespaces/shop/deployments/goods"
    )
    spaces = catalogue.find("v1", "Namespace")
    assert spaces is not None
    assert spaces.path(Identity("", "Namespace", "", "shop")) == "/api/v1/namespaces/shop"
    assert catalogue.near("apps/v1", "Deploymnt") == "did you mean Deployment (apps/v1)?"
    assert catalogue.near("v1", "deployment") == "Deployment is served as apps/v1"
    assert catalogue.near("x.dev/v1", "Wholly") == "a kind that the server knows, or its definition beside it"


def test_a_definition_adds_its_served_versions() -> None:
    spec = {
        "group": "harbour.dev",
        "scope": "Cluster",
        "names": {"kind": "Berth", "plural": "berths"},
        "versions": [{"name": "v1", "served": True}, {"name": "v0", "served": False}],
    }
    definition = body("CustomResourceDefinition", "berths.harbour.dev", "apiextensions.k8s.io/v1", spec=spec)
    assert defined_by(definition) == [Resource("harbour.dev/v1", "Berth", "berths", False)]
    assert defined_by({**definition, "spec": "wrong"}) == []
    [[one], _none] = read([("d", definition)])
    catalogue = Catalogue([]).with_definitions([one])
    assert catalogue.pending == {("harbour.dev/v1", "Berth")}
