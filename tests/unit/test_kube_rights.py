# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which rights a call needs, and how it is said that they are missing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import rights
from ansible_collections.landfall.replatform.plugins.module_utils.core.applyset import ApplySet
from ansible_collections.landfall.replatform.plugins.module_utils.core.catalogue import Resource
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import Identity, Manifest
from ansible_collections.landfall.replatform.plugins.module_utils.core.rights import Right
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish


def manifest(group: str, kind: str, name: str = "x", **rest: Any) -> Manifest:
    version = f"{group}/v1" if group else "v1"
    return Manifest(Identity(group, kind, "shop", name), version, {"apiVersion": version, "kind": kind, **rest}, "")


DEPLOYMENT, CONFIG_MAP = manifest("apps", "Deployment"), manifest("", "ConfigMap")
CLAIM = manifest("", "PersistentVolumeClaim")
RESOURCES = {
    DEPLOYMENT.identity: Resource("apps/v1", "Deployment", "deployments", True),
    CLAIM.identity: Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims", True),
    CONFIG_MAP.identity: Resource("v1", "ConfigMap", "configmaps", True),
}


@pytest.mark.parametrize(
    ("one", "wish", "verbs"),
    [
        (CONFIG_MAP, Wish([]), "create get patch"),
        (CONFIG_MAP, Wish([], absent=True), "delete get list watch"),
        (CONFIG_MAP, Wish([], absent=True, wait=False), "delete get"),
        (CONFIG_MAP, Wish([], prune=True), "create delete get list patch"),
        (CONFIG_MAP, Wish([], recreate=True), "create delete get patch"),
        (CLAIM, Wish([], recreate=True, wait=False), "create get patch"),
        (DEPLOYMENT, Wish([]), "create get list patch watch"),
        (DEPLOYMENT, Wish([], wait=False), "create get patch"),
    ],
)
def test_verbs(one: Manifest, wish: Wish, verbs: str) -> None:
    found = rights.needed([one], RESOURCES, wish)
    assert " ".join(sorted(right.verb for right in found)) == verbs
    assert {right.namespace for right in found} == {"shop"}
    assert all(names == ["x"] for names in found.values())


def test_the_parent_of_a_set_is_written_as_well() -> None:
    found = rights.needed([], {}, Wish([], applyset=ApplySet("set", "home")))
    assert found == {Right(verb, "", "secrets", "home"): ["set"] for verb in ("get", "create", "patch")}


def test_what_may_be_allowed_for_single_objects_is_asked_for_them() -> None:
    right = Right("patch", "", "secrets", "shop")
    assert rights.by_name(right, ["a", "b"]) == [Right("patch", "", "secrets", "shop", name) for name in "ab"]
    assert rights.by_name(Right("create", "", "secrets", "shop"), ["a"]) == []
    asked = rights.by_name(right, ["a"])[0].review["spec"]["resourceAttributes"]
    assert asked == {"verb": "patch", "group": "", "resource": "secrets", "namespace": "shop", "name": "a"}


def test_problems_in_words() -> None:
    several = [
        Right("patch", "apps", "deployments", "shop"),
        Right("get", "apps", "deployments", "shop"),
        Right("create", "apps", "deployments", "shop"),
        Right("get", "", "namespaces", ""),
        Right("get", "", "secrets", "shop", "x"),
    ]
    assert [str(one) for one in rights.problems(several)] == [
        "deployments.apps in shop: these credentials may not get, create and patch them; a role that allows it",
        "namespaces: these credentials may not get them; a role that allows it",
        "secrets x in shop: these credentials may not get them; a role that allows it",
    ]
