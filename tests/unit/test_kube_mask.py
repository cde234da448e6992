# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people see of secrets: nothing, but whether they changed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import fields
from ansible_collections.landfall.replatform.plugins.module_utils.core.mask import (
    HIDDEN,
    NOTHING_MORE,
    Sensitive,
    hidden,
    hide,
    scrub,
    secret_values,
    sensitive_of,
)

SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}


def test_secrets_are_hidden_alike_where_they_are_alike() -> None:
    before = {"data": {"a": "MQ==", "b": "Mg==", "gone": "Mw=="}, "type": "Opaque"}
    after = {"data": {"a": "MQ==", "b": "Mm5ldw==", "new": "NA=="}, "type": "Opaque"}
    assert hide(before, after, NOTHING_MORE.paths(SECRET)) == (
        {"data": {"a": HIDDEN, "b": f"{HIDDEN} (before)", "gone": HIDDEN}, "type": "Opaque"},
        {"data": {"a": HIDDEN, "b": f"{HIDDEN} (after)", "new": HIDDEN}, "type": "Opaque"},
    )
    assert hide({"data": {"a": "x"}}, {}, ())[0] == {"data": {"a": "x"}}


def test_last_applied_never_shows() -> None:
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": '{"stringData": "geheim"}', "a": "b"}
    side = {"metadata": {"annotations": annotations}}
    assert hide(side, side, ()) == ({"metadata": {"annotations": {"a": "b"}}},) * 2


def test_messages_lose_what_they_quote() -> None:
    body = {**SECRET, "data": {"a": "c2VzYW1l", "pem": "LS0tQkVHSU4tLS0KQUFBQQo="}, "stringData": {"b": "geheimnis"}}
    values = secret_values([body, {"kind": "ConfigMap", "data": {"c": "c2hvcA=="}}])
    text = 'invalid "c2VzYW1l" (sesame), geheimnis, AAAA; shop stays'
    assert scrub(text, values) == f'invalid "{HIDDEN}" ({HIDDEN}), {HIDDEN}, {HIDDEN}; shop stays'


def test_base64_in_lines_is_known_as_a_whole() -> None:
    body = {**SECRET, "data": {"a": "c2VzYW1lLW9w\nZW4=\n"}}
    assert secret_values([body]) == ["c2VzYW1lLW9w\nZW4=\n", "c2VzYW1lLW9wZW4=", "c2VzYW1lLW9w", "sesame-open", "ZW4="]


def test_a_secret_whose_data_is_text_stays_hidden() -> None:
    assert hidden({**SECRET, "data": "geheim"}, NOTHING_MORE.paths(SECRET))["data"] == HIDDEN


REALM = {"apiVersion": "id.example/v1", "kind": "Realm", "metadata": {"name": "x"}}


def realm(*users: tuple[str, str], pin: int = 4711) -> dict[str, Any]:
    return {**REALM, "spec": {"pin": pin, "users": [{"name": name, "password": word} for name, word in users]}}


def sensitive(*paths: str, **more: str) -> Sensitive:
    made, problems = sensitive_of([{"kind": "Realm", "path": path, **more} for path in paths])
    assert problems == []
    return made


def test_fields_that_a_task_calls_sensitive_are_hidden_like_secrets() -> None:
    before, after = realm(("wang", "sesame"), ("li", "geheim")), realm(("wang", "sesame"), ("li", "new"), pin=4712)
    paths = sensitive("spec.users[].password", "spec.pin").paths(REALM)
    one, other = hide(before, after, paths)
    assert one["spec"] == {
        "pin": f"{HIDDEN} (before)",
        "users": [{"name": "wang", "password": HIDDEN}, {"name": "li", "password": f"{HIDDEN} (before)"}],
    }
    assert other["spec"]["users"][1] == {"name": "li", "password": f"{HIDDEN} (after)"}
    assert hidden(before, sensitive("spec").paths(REALM)) == {**REALM, "spec": HIDDEN}
    assert hide({}, before, paths)[1]["spec"]["pin"] == HIDDEN, "there is nothing that it could differ from"
    assert secret_values([before], sensitive("spec.users[].password", "spec.pin")) == ["geheim", "sesame", "4711"]
    assert secret_values([before], sensitive("spec.users")) == ["geheim", "sesame", "wang"]


def test_fields_are_sensitive_in_their_kind_and_group_only() -> None:
    assert sensitive("spec.pin", api_version="id.example/v2").paths(REALM) == (("spec", "pin"),)
    assert sensitive("spec.pin", api_version="other.example/v1").paths(REALM) == ()
    assert sensitive("spec.pin").paths({**REALM, "kind": "Client"}) == ()
    secret_too = sensitive_of([{"kind": "Secret", "path": "metadata.annotations.key"}])[0].paths(SECRET)
    assert hidden({**SECRET, "data": {"a": "x"}, "metadata": {"annotations": {"key": "y"}}}, secret_too) == {
        **SECRET,
        "data": {"a": HIDDEN},
        "metadata": {"annotations": {"key": HIDDEN}},
    }


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec", ("spec",)),
        ("spec.users[].password", ("spec", "users", "*", "password")),
        ("spec.users[*].password", ("spec", "users", "*", "password")),
        ("spec.users[1]", ("spec", "users", 1)),
        ("data.*", ("data", "*")),
        ("*.x", ("*", "x")),
        ('metadata.annotations."a.b/c\\"d"', ("metadata", "annotations", 'a.b/c"d')),
        ('"a b".c', ("a b", "c")),
        ("a-b.c_d", ("a-b", "c_d")),
        ("", None),
        (".a", None),
        ("a.", None),
        ("a..b", None),
        ("a b", None),
        ('a"b"', None),
        ("a[", None),
        ("a.[0]", None),
        ("$.a", None),
    ],
)
def test_paths(text: str, path: fields.Path | None) -> None:
    assert fields.parse(text) == path


def test_what_is_no_path_is_told() -> None:
    _none, [problem] = sensitive_of([{"kind": "A", "path": "a"}, {"kind": "B", "path": "b..c"}])
    assert (problem.path, problem.found) == ("sensitive_fields[1].path", "'b..c' is no path")
