# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Admission policies beside kube_apply: in effect for what comes after them, named where they refuse or warn."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import AccessDenied

from tests.component.kube_objects import config_map, definition, deny, deployment, put

Body = dict[str, Any]


def labelled(body: Body) -> Body:
    body["metadata"]["labels"] = {"never": "x"}
    return body


@pytest.mark.parametrize("attempt", range(3))
def test_a_policy_of_the_same_call_holds_for_the_rest_of_it(kube: KubeClient, namespace: str, attempt: int) -> None:
    rules = deny(namespace, "", "configmaps", "'never' in object.metadata.labels")
    bodies = [labelled(config_map(namespace, "bad", {})), config_map(namespace, "good", {}), *rules]
    with pytest.raises(AccessDenied) as raised:
        put(kube, *bodies)
    [problem] = raised.value.problems
    assert problem.path == f"ConfigMap {namespace}/bad"
    name = f"{namespace}-deny"
    assert problem.found == f"policy {name} (binding {name}) refuses it: not here"
    assert kube.get("v1", "ConfigMap", "bad", namespace) is None
    assert put(kube, *bodies[1:]).summary == "3 unchanged"


def test_a_policy_with_parameters_of_a_kind_of_the_same_call(kube: KubeClient, namespace: str) -> None:
    """The parameters are there before the policy is, so it has no time in which it refuses everything."""
    rules = deny(namespace, "", "configmaps", "'never' in object.metadata.labels && params.data['off'] != 'x'")
    rules[0]["spec"]["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
    reference = {"name": "limits", "namespace": namespace, "parameterNotFoundAction": "Deny"}
    rules[1]["spec"]["paramRef"] = reference
    limits = config_map(namespace, "limits", {"off": "x"})
    assert put(kube, deployment(namespace, "d"), *rules, limits, wait=False).summary == "4 created"
    assert put(kube, labelled(config_map(namespace, "late", {}))).summary == "1 created"


def test_a_policy_that_warns_and_one_that_changes(kube: KubeClient, namespace: str) -> None:
    rules = deny(namespace, "", "configmaps", "'never' in object.metadata.labels")
    rules[1]["spec"]["validationActions"] = ["Warn"]
    mutation = copy.deepcopy(rules)
    for body in mutation:
        body["kind"] = body["kind"].replace("Validating", "Mutating")
        body["metadata"]["name"] = f"{namespace}-note"
    expression = 'Object{metadata: Object.metadata{annotations: {"noted": "yes"}}}'
    mutation[0]["spec"] = {
        "matchConstraints": rules[0]["spec"]["matchConstraints"],
        "reinvocationPolicy": "Never",
        "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}}],
    }
    mutation[1]["spec"] = {"policyName": f"{namespace}-note"}
    body = labelled(config_map(namespace, "x", {"a": "1"}))
    report = put(kube, body, *rules, *mutation)
    [warning] = [one for one in report.warnings if namespace in one]
    assert f"Policy '{namespace}-deny' with binding '{namespace}-deny': not here" in warning
    assert kube.get("v1", "ConfigMap", "x", namespace)["metadata"]["annotations"] == {"noted": "yes"}
    again = put(kube, body, *rules, *mutation)
    assert again.summary == "5 unchanged", "what a policy adds is not ours"


def test_a_definition_and_a_policy_about_its_objects(kube: KubeClient, namespace: str) -> None:
    rules = deny(namespace, "harbour.landfall.dev", "*", "'never' in object.metadata.labels")
    berth = {
        "apiVersion": "harbour.landfall.dev/v1",
        "kind": "Berth",
        "metadata": {"name": "x", "namespace": namespace},
        "spec": {"size": 1},
    }
    with pytest.raises(AccessDenied, match=f"policy {namespace}-deny"):
        put(kube, labelled(berth), *rules, definition("berths"))
    put(kube, definition("berths"), absent=True)
