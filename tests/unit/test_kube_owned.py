# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What we own of an object: the part that is compared, shown, and never asked for twice."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import owned
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import applied, predicted
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import read
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

Body = dict[str, Any]

FIELDS = {
    "f:metadata": {"f:labels": {"f:app": {}}},
    "f:spec": {
        "f:finalizers": {".": {}, 'v:"a"': {}},
        "f:args": {},
        "f:ports": {
            'k:{"port":53,"protocol":"TCP"}': {".": {}, "f:port": {}},
            'k:{"port":53,"protocol":"UDP"}': {".": {}, "f:port": {}, "f:protocol": {}},
        },
    },
}
LIVE = {
    "apiVersion": "v1",
    "kind": "Thing",
    "metadata": {
        "name": "x",
        "resourceVersion": "5",
        "labels": {"app": "shop", "other": "y"},
        "managedFields": [
            {"manager": "landfall", "operation": "Apply", "apiVersion": "v1", "fieldsV1": FIELDS},
            {"manager": "landfall", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:status": {}}},
            {"manager": "landfall", "operation": "Apply", "apiVersion": "v1", "subresource": "status", "fieldsV1": {}},
        ],
    },
    "spec": {
        "finalizers": ["a", "b"],
        "args": ["--one"],
        "ports": [
            {"port": 53, "protocol": "TCP", "targetPort": 53},
            {"port": 53, "protocol": "UDP", "targetPort": 53},
            {"port": 80, "protocol": "TCP", "targetPort": 8080},
        ],
        "replicas": 3,
    },
    "status": {"ready": True},
}
WANTED: Body = {
    "apiVersion": "v1",
    "kind": "Thing",
    "metadata": {"name": "x", "labels": {"app": "shop"}},
    "spec": {"finalizers": ["a"], "args": ["--one"], "ports": [{"port": 53}, {"port": 53, "protocol": "UDP"}]},
}


def changed(body: Any, path: str, value: Any) -> Any:
    """A copy of `body` with another value at a.b.0.c; `...` takes the key away."""
    head, _, rest = path.partition(".")
    key: Any = int(head) if isinstance(body, list) else head
    copy = list(body) if isinstance(body, list) else dict(body)
    if rest:
        copy[key] = changed(copy.get(key, {}) if isinstance(copy, dict) else copy[key], rest, value)
    elif value is ...:
        del copy[key]
    elif isinstance(copy, list) and key == len(copy):
        copy.append(value)
    else:
        copy[key] = value
    return copy


def test_only_our_own_applied_fields_are_ours() -> None:
    assert owned.fields_of(LIVE, "landfall") == FIELDS
    assert owned.fields_of(LIVE, "somebody") == {}


def test_the_projection_is_what_we_own() -> None:
    assert owned.project(LIVE, FIELDS) == {
        "metadata": {"labels": {"app": "shop"}},
        "spec": {
            "finalizers": ["a"],
            "args": ["--one"],
            "ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}],
        },
    }
    assert owned.project(LIVE, {}) == {}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.resourceVersion", "6"),
        ("metadata.labels.other", "z"),
        ("metadata.annotations", {"seen": "1"}),
        ("status.ready", False),
        ("spec.replicas", 4),
        ("spec.finalizers", ["b", "a"]),
        ("spec.ports.2.targetPort", 9),
        ("spec.ports.0.targetPort", 9),
    ],
)
def test_what_others_change_is_no_difference(path: str, value: Any) -> None:
    assert not owned.differs(LIVE, changed(LIVE, path, value), "landfall")
    assert not owned.differs(changed(LIVE, path, value), LIVE, "landfall")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.labels.app", "store"),
        ("spec.args", ["--one", "--two"]),
        ("spec.finalizers", ["b"]),
        ("spec.ports", []),
        ("metadata.managedFields.0.fieldsV1", {"f:spec": {"f:args": {}}}),
    ],
)
def test_what_we_change_is_a_difference(path: str, value: Any) -> None:
    assert owned.differs(LIVE, changed(LIVE, path, value), "landfall")


def test_a_diff_shows_what_we_own_no_more_as_well() -> None:
    after = changed(LIVE, "metadata.managedFields.0.fieldsV1", {"f:spec": {"f:args": {}}})
    after = changed(after, "metadata.labels", {"other": "y"})
    before_side, after_side = owned.both_sides(LIVE, after, "landfall")
    assert before_side["metadata"] == {"labels": {"app": "shop"}}
    assert after_side["metadata"] == {"labels": {}}


def test_what_is_applied_already_needs_no_request() -> None:
    assert owned.applied_already(WANTED, LIVE, "landfall")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.labels.app", "store"),
        ("metadata.labels.other", "y"),  # there, but not ours yet
        ("metadata.labels", ...),
        ("spec.args", ["--two"]),
        ("spec.replicas", 3),
        ("spec.ports.0.targetPort", 53),
        ("spec.ports.0.protocol", "TCP"),  # a default so far, ours from now on
        ("spec.ports.1.protocol", ...),
        ("spec.ports", [{"port": 53, "protocol": "UDP"}, {"port": 53}]),  # order is a value, too
        ("spec.ports.2", {"port": 80}),
        ("spec.finalizers", ["a", "b"]),
        ("spec.finalizers", []),
        ("spec.args", None),
        ("apiVersion", "v2"),
    ],
)
def test_everything_else_is_asked_for(path: str, value: Any) -> None:
    assert not owned.applied_already(changed(WANTED, path, value), LIVE, "landfall")


def test_one_and_true_are_not_the_same() -> None:
    live = changed(LIVE, "spec.args", [1])
    assert owned.applied_already(changed(WANTED, "spec.args", [1]), live, "landfall")
    assert not owned.applied_already(changed(WANTED, "spec.args", [True]), live, "landfall")


def test_what_is_being_deleted_is_asked_for() -> None:
    assert not owned.applied_already(WANTED, changed(LIVE, "metadata.deletionTimestamp", "now"), "landfall")


def test_who_only_wants_an_object_to_exist_has_no_entry_in_it() -> None:
    bare = {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "x"}}
    assert owned.applied_already(bare, {**bare, "status": {}}, "landfall")
    assert not owned.applied_already(bare, LIVE, "landfall")
    assert not owned.applied_already(WANTED, {**bare, "status": {}}, "landfall")


def test_a_dry_run_does_not_move_the_version() -> None:
    [[manifest], _none] = read([("x", WANTED)])
    after = changed(LIVE, "metadata.labels.app", "store")
    assert applied(manifest, LIVE, after, Wish([], check=True)).action == "configured"
    assert applied(manifest, LIVE, LIVE, Wish([], check=True)).action == "unchanged"
    assert applied(manifest, None, LIVE, Wish([])).action == "created"
    assert predicted(manifest, Wish([])).action == "created"
