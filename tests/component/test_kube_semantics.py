# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What kube_apply builds on: the server-side apply of a real API server, row by row, and what the engine makes of it.

Conflicts, Secrets and namespaces of the same call are in test_kube_apply, client-side managers in test_kube_migrate,
immutable fields in test_kube_recreate, policies in test_kube_policies, many writers in test_kube_parallel.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_requests import Answer
from ansible_collections.landfall.replatform.plugins.module_utils.core import api_errors, owned
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.applyset import ApplySet
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import ConflictError, OperationFailed
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_objects import config_map, custom, definition, deployment

Body = dict[str, Any]


def put(client: KubeClient, *bodies: Body, **options: Any) -> Report:
    wish = Wish([(f"resources[{index}]", one) for index, one in enumerate(bodies)], wait=False, **options)
    return apply(client, wish)


def send(client: KubeClient, body: Body, *, manager: str = "landfall", dry_run: bool = False) -> Answer:
    """One apply as the engine sends it, whatever it would think of it beforehand."""
    resource = client.resource(body["apiVersion"], body["kind"])
    return client.send_apply(resource, body, field_manager=manager, force=False, dry_run=dry_run)


def live(client: KubeClient, body: Body) -> Body:
    metadata = body["metadata"]
    found = client.get(body["apiVersion"], body["kind"], metadata["name"], metadata.get("namespace", ""))
    assert found is not None
    return found


@pytest.mark.parametrize("dry_run", [False, True])
def test_nothing_new_leaves_the_object_to_the_last_byte(kube: KubeClient, namespace: str, dry_run: bool) -> None:
    body = deployment(namespace, "same")
    put(kube, body)
    before = live(kube, body)
    time.sleep(1.1)  # the clock of managedFields counts seconds
    assert send(kube, body, dry_run=dry_run).body == before
    assert live(kube, body) == before


def test_a_dry_run_moves_generation_but_never_the_version(kube: KubeClient, namespace: str) -> None:
    body = deployment(namespace, "tried")
    put(kube, body)
    before = live(kube, body)
    body["spec"]["replicas"] = 3
    tried = send(kube, body, dry_run=True).body
    assert tried["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    assert tried["metadata"]["generation"] == before["metadata"]["generation"] + 1
    assert put(kube, body, check=True).summary == "1 configured", "so the version must not decide"
    assert live(kube, body) == before


def test_a_dry_run_of_something_new_has_no_version(kube: KubeClient, namespace: str) -> None:
    body = config_map(namespace, "new", {"a": "1"})
    tried = send(kube, body, dry_run=True)
    assert (tried.code, "uid" in tried.body["metadata"]) == (201, True)
    assert "resourceVersion" not in tried.body["metadata"]
    assert put(kube, body, check=True).summary == "1 created"
    assert kube.get("v1", "ConfigMap", "new", namespace) is None


def test_a_dry_run_in_a_namespace_that_comes_later(kube: KubeClient) -> None:
    answer = send(kube, config_map("not-there-yet", "x", {}), dry_run=True)
    assert (answer.code, answer.body["details"]["name"]) == (404, "not-there-yet")
    assert not api_errors.is_unserved(answer.code, answer.body)


def test_an_object_before_its_definition_is_no_json(kube: KubeClient, namespace: str) -> None:
    answer = kube.send("GET", f"/apis/nowhere.landfall.dev/v1/namespaces/{namespace}/things/x")
    assert answer == Answer(404, {"message": "404 page not found"})
    assert api_errors.is_unserved(answer.code, answer.body)


@pytest.mark.parametrize("attempt", range(6))
def test_a_definition_serves_the_objects_of_the_same_call(kube: KubeClient, namespace: str, attempt: int) -> None:
    """Between `Established` and the first answer lie some milliseconds, each time others."""
    bodies = [*(custom(namespace, f"b{number}", {"size": number}) for number in range(5)), definition("berths")]
    apply(kube, Wish([("definition", bodies[-1])], absent=True))  # the attempt's before, or another test's
    assert put(kube, *bodies, check=True).summary == "6 created"
    assert put(kube, *bodies).summary == "6 created"
    assert put(kube, *bodies).summary == "6 unchanged"


def test_a_kind_that_has_gone_is_still_in_the_discovery(
    kube: KubeClient, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a second or two after its definition was deleted; here for as long as the test looks."""
    berths = [custom(namespace, f"b{number}", {"size": number}) for number in range(5)]
    bodies, applyset = [*berths, definition("berths")], ApplySet("set", namespace)
    put(kube, *bodies, applyset=applyset)
    stale = kube.discover()
    apply(kube, Wish([("definition", bodies[-1])], absent=True, wait=True))
    monkeypatch.setattr(kube, "discover", lambda: stale)
    absent = Wish([("berth", one) for one in bodies], absent=True)
    assert apply(kube, absent).summary == "6 absent"
    assert put(kube, *bodies, check=True).summary == "6 created"
    pruned = put(kube, config_map(namespace, "c", {}), applyset=applyset, prune=True)
    assert pruned.summary == "1 created, 1 configured"
    assert put(kube, *bodies).summary == "6 created"


def test_a_second_manager_of_the_same_value(kube: KubeClient, namespace: str) -> None:
    body = config_map(namespace, "shared", {"sky": "blue"})
    put(kube, body, field_manager="first")
    before = live(kube, body)
    assert put(kube, body, field_manager="second").summary == "1 configured"
    after = live(kube, body)
    assert after["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"]
    assert [owned.fields_of(after, name) for name in ("first", "second")] == [{"f:data": {"f:sky": {}}}] * 2
    assert [put(kube, body, field_manager=name).summary for name in ("first", "second")] == ["1 unchanged"] * 2


def test_a_version_that_somebody_wrote_down_is_a_lock(kube: KubeClient, namespace: str) -> None:
    body = config_map(namespace, "locked", {"a": "1"})
    put(kube, body)
    stale = copy.deepcopy(body)
    stale["metadata"]["resourceVersion"] = live(kube, body)["metadata"]["resourceVersion"]
    put(kube, config_map(namespace, "locked", {"a": "2"}))
    answer = send(kube, stale)
    assert (answer.code, answer.body["reason"], (answer.body.get("details") or {}).get("causes")) == (
        409,
        "Conflict",
        None,
    )
    with pytest.raises(ConflictError, match="the object has been modified"):
        put(kube, stale)
    assert live(kube, body)["data"] == {"a": "2"}


def _unknown_field(namespace: str) -> Body:
    return {**config_map(namespace, "typed", {}), "colour": "blue"}


def _wrong_type(namespace: str) -> Body:
    body = deployment(namespace, "typed")
    body["spec"]["replicas"] = "three"
    return body


def _duplicate_key(namespace: str) -> Body:
    body = deployment(namespace, "typed")
    body["spec"]["template"]["spec"]["containers"] *= 2
    return body


def _unknown_field_of_a_custom_object(namespace: str) -> Body:
    return custom(namespace, "typed", {"size": 1, "colour": "blue"})


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_unknown_field, r"\.colour: field not declared in schema"),
        (_wrong_type, r"\.spec\.replicas: expected numeric"),
        (_duplicate_key, r"\.spec\.template\.spec\.containers: duplicate entries for key \[name=\"main\"\]"),
        (_unknown_field_of_a_custom_object, r"\.spec\.colour: field not declared in schema"),
    ],
)
def test_a_500_about_the_object_is_told_once_and_not_asked_again(
    kube: KubeClient, namespace: str, make: Callable[[str], Body], told: str
) -> None:
    put(kube, definition("berths"))
    body = make(namespace)
    answer = send(kube, body)
    assert (answer.code, answer.body.get("reason", "")) == (500, "")
    started = time.monotonic()
    with pytest.raises(OperationFailed, match=told) as raised:
        put(kube, body)
    assert len(raised.value.problems) == 1
    assert time.monotonic() - started < 5, "a retry would wait, and wait again"


def test_nobody_applies_without_a_name(kube: KubeClient, namespace: str) -> None:
    answer = send(kube, config_map(namespace, "x", {}), manager="")
    assert answer.code == 422
    assert "fieldManager: Required value" in answer.body["message"]


def test_the_same_quantity_in_other_units_is_no_change(kube: KubeClient, namespace: str) -> None:
    body = deployment(namespace, "units")
    resources = body["spec"]["template"]["spec"]["containers"][0]["resources"]
    resources["requests"] = {"cpu": "0.1", "memory": "1024Mi"}
    put(kube, body)
    before = live(kube, body)
    for cpu, memory in (("0.1", "1024Mi"), ("100m", "1Gi"), ("0.1", "1048576Ki")):
        resources["requests"] = {"cpu": cpu, "memory": memory}
        assert [put(kube, body, check=check).summary for check in (True, False)] == ["1 unchanged"] * 2
    assert live(kube, body)["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    for memory in ("1025Mi", "1074790400"):  # without a unit the server keeps it without one, and has another template
        resources["requests"]["memory"] = memory
        assert [put(kube, body, check=check).summary for check in (True, False)] == ["1 configured"] * 2
