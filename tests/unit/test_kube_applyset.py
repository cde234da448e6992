# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an ApplySet says of itself, and when it is somebody else's."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.applyset import (
    TOOLING,
    ApplySet,
    Scope,
    is_left_over,
    scope_of,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import Identity, Manifest

Body = dict[str, Any]
SET = ApplySet("shop", "mall")
SCOPE = Scope(frozenset({("", "ConfigMap"), ("apps", "Deployment")}), frozenset({"mall", "web", "api"}))


def manifest(group: str, kind: str, namespace: str = "") -> Manifest:
    identity = Identity(group, kind, namespace, "x")
    return Manifest(identity, f"{group}/v1", {"metadata": {"name": "x", "labels": {"a": "b"}}}, "[0]")


def test_the_identity_is_the_one_of_the_specification() -> None:
    # `printf 'shop.mall.Secret.' | openssl dgst -sha256 -binary | basenc --base64url`
    assert SET.id == "applyset-8b1G5kTI6oWv4R4b9YkAN4DoAYKSeGheTjK4Y1WKUoU-v1"
    assert SET.selector == f"applyset.kubernetes.io/part-of={SET.id}"


def test_a_parent_says_where_its_members_are() -> None:
    body = SET.body(SCOPE)
    assert body["metadata"]["annotations"] == {
        "applyset.kubernetes.io/tooling": TOOLING,
        "applyset.kubernetes.io/contains-group-kinds": "ConfigMap,Deployment.apps",
        "applyset.kubernetes.io/additional-namespaces": "api,web",
    }
    assert SET.scope(body) == SCOPE
    assert SET.is_said_by(body, SCOPE)
    assert not SET.is_said_by(body, SCOPE | Scope(frozenset({("", "Secret")})))
    assert not SET.is_said_by(None, SCOPE)
    assert SET.scope(None) == Scope()
    newer = ApplySet("shop", "mall", "landfall/v9.0.0")
    assert newer.is_said_by(body, SCOPE), "another version of the same tool writes nothing"


def test_members_are_labelled_and_their_places_known() -> None:
    member = SET.member(manifest("apps", "Deployment", "web"))
    assert member.body["metadata"]["labels"] == {"a": "b", "applyset.kubernetes.io/part-of": SET.id}
    several = [manifest("apps", "Deployment", "web"), manifest("", "Namespace")]
    assert scope_of(several) == Scope(frozenset({("apps", "Deployment"), ("", "Namespace")}), frozenset({"web"}))


def parent(**changes: Any) -> Body:
    body = SET.body(SCOPE)
    body["metadata"] = {**body["metadata"], **changes}
    return body


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, []),
        (parent(), []),
        (parent(labels={}), ["is there and is no set"]),
        (parent(annotations={}), ["is there and is no set"]),
        (parent(labels={"applyset.kubernetes.io/id": "other"}), ["has the identity of another set, other"]),
        (parent(annotations={"applyset.kubernetes.io/tooling": "landfall/v7"}), []),
        (parent(annotations={"applyset.kubernetes.io/tooling": "kubectl/v1.36.4"}), ["is kept by kubectl"]),
    ],
)
def test_whose_set_it_is(found: Body | None, told: list[str]) -> None:
    assert [one.found for one in SET.wrong_parent(found)] == told


def test_an_object_is_in_one_set() -> None:
    one = manifest("", "ConfigMap", "web")

    def wrong(labels: Body) -> list[str]:
        return [problem.found for problem in SET.wrong_members([one], {one.identity: {"metadata": {"labels": labels}}})]

    assert wrong({}) == wrong({"applyset.kubernetes.io/part-of": SET.id}) == []
    assert wrong({"applyset.kubernetes.io/part-of": "other"}) == ["ConfigMap web/x is in another set, other"]
    assert SET.wrong_members([one], {}) == []


def test_what_goes_with_its_owner_is_not_left_over() -> None:
    assert is_left_over({"metadata": {"ownerReferences": [{"controller": False}]}})
    assert not is_left_over({"metadata": {"ownerReferences": [{"controller": True}]}})
    assert not is_left_over({"metadata": {"deletionTimestamp": "now"}})
