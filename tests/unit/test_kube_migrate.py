# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose fields become ours, what goes away after it, and what may be made anew."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import api_errors, migrate, owned, recreate
from ansible_collections.landfall.replatform.plugins.module_utils.core.mask import LAST_APPLIED
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import Identity, Manifest

Body = dict[str, Any]


def entry(manager: str, operation: str, fields: Body, **more: Any) -> Body:
    return {"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsV1": fields, **more}


def live(*entries: Body, annotations: dict[str, str] | None = None) -> Body:
    metadata = {"name": "x", "resourceVersion": "7", "managedFields": list(entries), "annotations": annotations or {}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1"}}


A, B = {"f:data": {"f:a": {}}}, {"f:data": {"f:b": {}}}
NOTED = {"f:metadata": {"f:annotations": {".": {}, f"f:{LAST_APPLIED}": {}}}}


@pytest.mark.parametrize(
    "kept",
    [
        entry("landfall", "Apply", A),
        entry("kubectl-edit", "Update", A),
        entry("kubectl", "Apply", A),
        entry("kubectl", "Update", A, subresource="status"),
    ],
)
def test_nothing_to_hand_over(kept: Body) -> None:
    assert migrate.migrated(live(kept), "landfall") is None


def test_what_several_tools_own_becomes_ours_and_others_keep_theirs() -> None:
    edit = entry("kubectl-edit", "Update", {"f:data": {"f:c": {}}})
    before = live(
        entry("landfall", "Apply", A),
        edit,
        entry("OpenAPI-Generator", "Update", {**B, **NOTED}, time="2026-01-01T00:00:00Z"),
        entry("kubectl-client-side-apply", "Update", {"f:data": {"f:old": {}}}, apiVersion="v1beta1"),
        annotations={LAST_APPLIED: "{}", "kept": "1"},
    )
    after = migrate.migrated(before, "landfall")
    assert after is not None
    assert after["metadata"]["managedFields"] == [
        entry("landfall", "Apply", {"f:data": {"f:a": {}, "f:b": {}}}),
        edit,
    ]
    assert after["metadata"]["annotations"] == {"kept": "1"}
    assert migrate.migrated(after, "landfall") is None
    replaced, locked, removed = migrate.json_patch(before, after)
    assert replaced["value"] == after["metadata"]["managedFields"]
    assert locked == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
    assert removed == {"op": "add", "path": "/metadata/annotations", "value": {"kept": "1"}}


def test_the_latest_entry_decides_where_we_own_nothing_yet() -> None:
    after = migrate.migrated(
        live(
            entry("kubectl", "Update", A, time="2026-01-01T00:00:00Z", apiVersion="v1beta1"),
            entry("kubectl", "Update", B, time="2026-02-01T00:00:00Z"),
        ),
        "landfall",
    )
    assert after is not None
    [ours] = after["metadata"]["managedFields"]
    assert (ours["apiVersion"], ours["manager"], ours["operation"], ours["fieldsV1"]) == ("v1", "landfall", "Apply", B)


ITEM = 'k:{"name":"x"}'


@pytest.mark.parametrize(
    ("one", "other", "left"),
    [
        (A, A, {}),
        (A, B, {"f:data": {"f:a": {}}}),
        ({"f:data": {".": {}, "f:a": {}}}, {}, {"f:data": {}}),
        ({"f:data": {".": {}, "f:a": {}}}, B, {"f:data": {"f:a": {}}}),
        ({"f:l": {".": {}, ITEM: {".": {}, "f:name": {}}}}, {"f:l": {}}, {"f:l": {ITEM: {}}}),
        ({"f:l": {ITEM: {".": {}, "f:name": {}}}}, {"f:l": {'k:{"name":"y"}': {}}}, {"f:l": {ITEM: {}}}),
    ],
)
def test_fields_minus_fields(one: Body, other: Body, left: Body) -> None:
    assert owned.minus(one, other) == left


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({}, {"data": {"a": 1, "b": 2}, "l": [{"name": "x", "p": 1}, {"name": "y"}], "s": ["u", "v"]}),
        ({"f:data": {}, "f:l": {}, "f:s": {}}, {}),
        (
            {"f:data": {".": {}, "f:a": {}}, "f:l": {ITEM: {}}, "f:s": {'v:"u"': {}}},
            {"data": {"b": 2}, "l": [{"name": "y"}], "s": ["v"]},
        ),
        ({"f:l": {ITEM: {"f:p": {}}}, "f:data": {}, "f:s": {}}, {"l": [{"name": "x"}, {"name": "y"}]}),
    ],
)
def test_an_object_without_fields(fields: Body, left: Body) -> None:
    body = {"data": {"a": 1, "b": 2}, "l": [{"name": "x", "p": 1}, {"name": "y"}], "s": ["u", "v"]}
    assert owned.without(body, fields) == left


def test_a_merge_patch_says_what_goes_away() -> None:
    before = {"a": 1, "b": {"c": 1, "d": 2}, "l": [1, 2], "gone": {}}
    after = {"a": 1, "b": {"c": 3}, "l": [2], "new": {"x": 1}}
    assert migrate.merge_patch(before, after) == {"b": {"c": 3, "d": None}, "l": [2], "new": {"x": 1}, "gone": None}
    assert migrate.merge_patch(after, after) == {}


def test_a_trial_is_no_lock() -> None:
    live = {"metadata": {"resourceVersion": "7", "labels": {"a": "1"}}, "status": {"seen": 1}}
    tried = {"metadata": {"resourceVersion": "9"}, "status": {"seen": 2}}
    assert migrate.trial_patch(live, tried) == {"metadata": {"labels": None}, "status": {"seen": 2}}


def test_conflicts_with_client_side_tools_alone_are_none() -> None:
    causes = [
        {"reason": "FieldManagerConflict", "message": f'conflict with "{manager}" using v1'}
        for manager in ("kubectl-client-side-apply", "kubectl-edit")
    ]
    left = api_errors.without_managers({"details": {"causes": causes}}, migrate.CLIENT_SIDE)
    assert left["details"]["causes"] == causes[1:]


@pytest.mark.parametrize(
    ("message", "immutable"),
    [
        ('Invalid value: {"app":"b"}: field is immutable', True),
        ("Forbidden: updates to statefulset spec for fields other than 'replicas', 'template' are forbidden", True),
        ("Invalid value: field is immutable when `immutable` is set", True),
        ('Invalid value: "": may not change once set', True),
        ("Invalid value: cannot change roleRef", True),
        ("Forbidden: pod updates may not change fields other than `spec.containers[*].image`", True),
        ("Forbidden: updates to parameters are forbidden.", True),
        ("Invalid value: -1: must be greater than or equal to 0", False),
        ("Required value", False),
    ],
)
def test_what_cannot_be_changed_is_known_by_its_words(message: str, immutable: bool) -> None:
    status = {"details": {"causes": [{"message": message}]}}
    assert recreate.is_immutable(422, status) is immutable
    assert not recreate.is_immutable(409, status)
    assert not recreate.is_immutable(422, {})
    mixed = {"details": {"causes": [{"message": message}, {"message": "Required value"}]}}
    assert not recreate.is_immutable(422, mixed)


@pytest.mark.parametrize(
    ("group", "kind", "kept"),
    [
        ("", "Namespace", True),
        ("", "PersistentVolumeClaim", True),
        ("", "PersistentVolume", True),
        ("apiextensions.k8s.io", "CustomResourceDefinition", True),
        ("apps", "StatefulSet", False),
        ("harbour.dev", "Namespace", False),
        ("apps", "Deployment", False),
    ],
)
def test_what_is_never_deleted_for_a_field(group: str, kind: str, kept: bool) -> None:
    manifest = Manifest(Identity(group, kind, "", "x"), f"{group}/v1", {}, "")
    assert bool(recreate.kept_for(manifest, {})) is kept


def test_a_trial_has_a_name_of_its_own() -> None:
    body = {"metadata": {"name": "a" * 63, "namespace": "n"}, "spec": {"x": 1}}
    manifest = Manifest(Identity("", "Pod", "n", "a" * 63), "v1", body, "")
    tried = recreate.trial(manifest)
    assert tried["metadata"] == {"name": "a" * 50 + "-anew", "namespace": "n"}
    assert recreate.named_as(manifest, tried) == body
