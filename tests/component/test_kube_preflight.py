# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Preflight: every right that is missing and every refusal, before the first object is written."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.core.applyset import ApplySet
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    AccessDenied,
    LandfallError,
    OperationFailed,
)

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import config_map, custom, definition, deny, deployment, namespace_object, put, secret

Body = dict[str, Any]
GROUP = "rbac.authorization.k8s.io"


@pytest.fixture
def grant(kube: KubeClient, kube_server: KubeServer, namespace: str) -> Callable[..., str]:
    """Gives a new user rules in the namespace; the kubeconfig of him."""

    def give(*rules: tuple[str, str, str, list[str]]) -> str:
        user = f"{namespace}-user"
        listed = [
            {
                "apiGroups": [group],
                "resources": [resource],
                "verbs": verbs.split(),
                **({"resourceNames": names} if names else {}),
            }
            for group, resource, verbs, names in rules
        ]
        head = {"apiVersion": f"{GROUP}/v1", "metadata": {"name": "given", "namespace": namespace}}
        subject = {"kind": "User", "apiGroup": GROUP, "name": user}
        reference = {"apiGroup": GROUP, "kind": "Role", "name": "given"}
        role = {**head, "kind": "Role", "rules": listed}
        put(kube, role, {**head, "kind": "RoleBinding", "roleRef": reference, "subjects": [subject]})
        return kube_server.kubeconfig_for(user)

    return give


def told_to(kubeconfig: str, *bodies: Body, **options: Any) -> list[str]:
    """What is refused, once the server's own caches have heard of the grant."""
    told: list[str] = []
    for _attempt in range(20):
        with KubeClient.connect(kubeconfig=kubeconfig) as client:
            try:
                put(client, *bodies, preflight=True, **options)
            except LandfallError as error:
                now = [error.message, *(f"{one.path}: {one.found}" for one in error.problems)]
                if now == told:
                    break
                told = now
            else:
                return []
        time.sleep(0.2)
    assert told[0] == "nothing was written: these credentials have too few rights"
    return told[1:]


def test_every_right_that_is_missing_is_told_at_once(
    kube: KubeClient, namespace: str, grant: Callable[..., str]
) -> None:
    put(kube, config_map(namespace, "there", {"a": "1"}))
    bodies = [
        config_map(namespace, "there", {"a": "2"}),
        secret(namespace, "new", {"a": "geheim"}),
        deployment(namespace, "d"),
        namespace_object(f"{namespace}-more"),
    ]
    kubeconfig = grant(("", "configmaps", "get", []), ("apps", "deployments", "get create patch", []))
    may_not = "these credentials may not"
    assert told_to(kubeconfig, *bodies) == [
        f"configmaps in {namespace}: {may_not} create and patch them",
        f"deployments.apps in {namespace}: {may_not} list and watch them",
        f"namespaces: {may_not} get, create and patch them",
        f"secrets in {namespace}: {may_not} get, create and patch them",
    ]
    assert told_to(kubeconfig, *bodies[1:2], applyset=ApplySet("set", namespace), prune=True) == [
        f"secrets in {namespace}: {may_not} get, list, create, patch and delete them"
    ]
    assert told_to(kubeconfig, bodies[0], absent=True) == [
        f"configmaps in {namespace}: {may_not} list, watch and delete them"
    ]
    assert kube.get("v1", "ConfigMap", "there", namespace)["data"] == {"a": "1"}


def test_who_may_change_what_is_there_need_not_be_able_to_create(
    kube: KubeClient, namespace: str, grant: Callable[..., str]
) -> None:
    put(kube, config_map(namespace, "there", {"a": "1"}), config_map(namespace, "other", {"a": "1"}))
    kubeconfig = grant(("", "configmaps", "get patch", ["there"]))
    there, other = config_map(namespace, "there", {"a": "2"}), config_map(namespace, "other", {"a": "2"})
    assert told_to(kubeconfig, there, force=True) == []
    assert kube.get("v1", "ConfigMap", "there", namespace)["data"] == {"a": "2"}
    assert told_to(kubeconfig, there, other, config_map(namespace, "new", {})) == [
        f"configmaps in {namespace}: these credentials may not create them",
        f"configmaps new in {namespace}: these credentials may not get and patch them",
        f"configmaps other in {namespace}: these credentials may not get and patch them",
    ]


def test_a_refusal_of_the_last_object_comes_before_the_first(kube: KubeClient, namespace: str) -> None:
    put(kube, *deny(namespace, "apps", "deployments", "'never' in object.metadata.labels"))
    denied, invalid = deployment(namespace, "denied"), deployment(namespace, "invalid")
    denied["metadata"]["labels"] = {"never": "x"}
    invalid["spec"]["replicas"] = -1
    first = config_map(namespace, "first", {})
    with pytest.raises(AccessDenied, match=r"^nothing was written: 1 object could not be written"):
        put(kube, first, denied, preflight=True)
    with pytest.raises(OperationFailed, match=r"^nothing was written: 2 objects could not be written"):
        put(kube, first, denied, invalid, preflight=True)
    assert kube.get("v1", "ConfigMap", "first", namespace) is None
    with pytest.raises(AccessDenied, match="1 other had been written"):
        put(kube, first, denied)


def test_what_cannot_be_tried_does_not_stand_in_the_way(kube: KubeClient, namespace: str) -> None:
    put(kube, definition("berths"), absent=True)  # another test may have left it
    name = f"{namespace}-new"
    bodies = [custom(name, "one", {"size": 3}), config_map(name, "c", {}), definition("berths"), namespace_object(name)]
    applyset = ApplySet("set", name)
    assert put(kube, *bodies, applyset=applyset, prune=True, preflight=True).summary == "5 created"
    assert put(kube, *bodies, applyset=applyset, prune=True, preflight=True).summary == "5 unchanged"
    assert put(kube, *bodies[:3], absent=True, preflight=True).summary == "3 deleted"


def test_whole_objects_on_request(kube: KubeClient, namespace: str) -> None:
    bodies = [secret(namespace, "s", {"password": "sesame-open-1"}), config_map(namespace, "c", {"a": "1"})]
    assert "object" not in put(kube, *bodies, check=True).objects()[0]
    for check in (True, False):
        shown = {one["kind"]: one["object"] for one in put(kube, *bodies, check=check, return_objects=True).objects()}
        assert shown["Secret"]["data"] == {"password": "********"}
        assert shown["ConfigMap"]["data"] == {"a": "1"}
        assert shown["ConfigMap"]["apiVersion"] == "v1"
        assert "managedFields" not in shown["ConfigMap"]["metadata"]
    assert put(kube, *bodies, return_objects=True).objects()[1]["object"]["metadata"]["uid"]
    assert "object" not in put(kube, *bodies, absent=True, return_objects=True).objects()[0]
