# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pruning by ApplySets: what is left out goes, nothing else does, and kubectl reads the same sets."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_files import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.applyset import ApplySet
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError, OperationFailed

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import (
    config_map,
    custom,
    definition,
    namespace_object,
    put,
    secret,
    shop,
)

Body = dict[str, Any]
KUBECTL = "kubectl/v1.36.4"


def actions(report: Report) -> dict[str, str]:
    return {f"{one.identity.kind} {one.identity.name}": one.action for one in report.done}


def names(client: KubeClient, namespace: str, kind: str = "ConfigMap") -> list[str]:
    return sorted(one["metadata"]["name"] for one in client.list("v1", kind, namespace))


def annotations(client: KubeClient, namespace: str) -> dict[str, str]:
    found: dict[str, str] = client.get("v1", "Secret", "set", namespace)["metadata"]["annotations"]
    return {key.rpartition("/")[2]: value for key, value in found.items()}


def test_what_is_left_out_goes_and_nothing_else(kube: KubeClient, namespace: str) -> None:
    applyset = ApplySet("set", namespace)
    bodies = shop(namespace, 2)
    put(kube, config_map(namespace, "stranger", {}))
    predicted = put(kube, *bodies, applyset=applyset, prune=True, check=True)
    first = put(kube, *bodies, applyset=applyset, prune=True, wait=False)
    assert actions(predicted) == actions(first)
    assert set(actions(first).values()) == {"created"}
    again = put(kube, *bodies, applyset=applyset, prune=True, wait=False)
    assert again.summary == "21 unchanged", "twenty objects, and the parent of the set"
    fewer = bodies[:10]
    predicted = put(kube, *fewer, applyset=applyset, prune=True, check=True)
    assert len(kube.list("apps/v1", "Deployment", namespace)) == 2
    report = put(kube, *fewer, applyset=applyset, prune=True, wait=False)
    assert actions(predicted) == actions(report)
    assert report.summary == "10 deleted, 11 unchanged"
    kinds = [one.identity.kind for one in report.done if one.action == "deleted"]
    assert kinds.index("Deployment") < kinds.index("ConfigMap") < kinds.index("RoleBinding") < kinds.index("Role")
    assert predicted.diff(to_yaml) == report.diff(to_yaml)
    assert names(kube, namespace) == ["app0", "stranger"]
    nothing = put(kube, applyset=applyset, prune=True)
    assert nothing.summary == "1 configured, 10 deleted"
    assert names(kube, namespace) == ["stranger"]
    assert annotations(kube, namespace)["contains-group-kinds"] == ""
    assert put(kube, applyset=applyset, prune=True).summary == "1 unchanged"


def test_without_prune_members_stay_and_are_remembered(kube: KubeClient, namespace: str) -> None:
    applyset = ApplySet("set", namespace)
    put(kube, config_map(namespace, "old", {}), applyset=applyset)
    put(kube, secret(namespace, "new", {"a": "geheim"}), applyset=applyset)
    assert annotations(kube, namespace)["contains-group-kinds"] == "ConfigMap,Secret"
    report = put(kube, secret(namespace, "new", {"a": "geheim"}), applyset=applyset, prune=True)
    assert actions(report) == {"Secret new": "unchanged", "ConfigMap old": "deleted", "Secret set": "configured"}
    assert annotations(kube, namespace)["contains-group-kinds"] == "Secret"


def test_a_set_over_namespaces_and_kinds_that_come_with_it(kube: KubeClient, namespace: str) -> None:
    put(kube, definition("berths"), absent=True)  # another test may have left it
    home, other = f"{namespace}-home", f"{namespace}-other"
    applyset = ApplySet("set", home)
    bodies = [
        custom(other, "one", {"size": 1}),
        config_map(other, "c", {}),
        definition("berths"),
        namespace_object(other),
        namespace_object(home),
    ]
    predicted = put(kube, *bodies, applyset=applyset, prune=True, check=True)
    assert actions(put(kube, *bodies, applyset=applyset, prune=True)) == actions(predicted)
    found = annotations(kube, home)
    assert found["additional-namespaces"] == other
    assert found["contains-group-kinds"] == (
        "Berth.harbour.landfall.dev,ConfigMap,CustomResourceDefinition.apiextensions.k8s.io,Namespace"
    )
    report = put(kube, *bodies[1:2], *bodies[3:], applyset=applyset, prune=True)
    assert actions(report)["CustomResourceDefinition berths.harbour.landfall.dev"] == "deleted"
    assert actions(report)["Berth one"] == "deleted"
    report = put(kube, *bodies[1:2], *bodies[3:], applyset=applyset, prune=True)
    assert report.summary == "4 unchanged"


def test_a_call_that_broke_off_is_found_again(kube: KubeClient, namespace: str) -> None:
    """The parent says where members will be before the first of them is written."""
    applyset = ApplySet("set", namespace)
    wrong = config_map(namespace, "x", {})
    wrong["metadata"]["name"] = "Not_a_name"
    with pytest.raises(OperationFailed):
        put(kube, secret(namespace, "half", {"a": "geheim"}), wrong, applyset=applyset, prune=True)
    assert annotations(kube, namespace)["contains-group-kinds"] == "ConfigMap,Secret"
    put(kube, config_map(namespace, "y", {}), applyset=applyset, prune=True)
    assert "half" not in names(kube, namespace, "Secret")


def test_members_of_others_and_what_others_own_is_left_alone(kube: KubeClient, namespace: str) -> None:
    applyset, other = ApplySet("set", namespace), ApplySet("other", namespace)
    put(kube, config_map(namespace, "mine", {}), applyset=applyset)
    with pytest.raises(DocumentError, match="mine is in another set"):
        put(kube, config_map(namespace, "mine", {}), applyset=other)
    assert kube.get("v1", "Secret", "other", namespace) is None
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "mine", "controller": True}
    owner["uid"] = kube.get("v1", "ConfigMap", "mine", namespace)["metadata"]["uid"]
    owned = config_map(namespace, "owned", {})
    owned["metadata"].update(labels={"applyset.kubernetes.io/part-of": applyset.id}, ownerReferences=[owner])
    kube.apply(owned)
    assert put(kube, config_map(namespace, "mine", {}), applyset=applyset, prune=True).summary == "2 unchanged"


def test_names_that_tell_their_content_leave_nothing_behind(kube: KubeClient, namespace: str) -> None:
    options: dict[str, Any] = {"applyset": ApplySet("set", namespace), "prune": True, "append_hash": True}
    put(kube, config_map(namespace, "c", {"a": "1"}), **options)
    [first] = names(kube, namespace)
    assert put(kube, config_map(namespace, "c", {"a": "2"}), **options).summary == "1 created, 1 deleted, 1 unchanged"
    [second] = names(kube, namespace)
    assert first != second


def test_what_is_no_set_or_has_no_namespace_is_refused(kube: KubeClient, namespace: str) -> None:
    put(kube, secret(namespace, "set", {"a": "geheim"}))
    with pytest.raises(DocumentError, match="is there and is no set; a name that is free"):
        put(kube, config_map(namespace, "x", {}), applyset=ApplySet("set", namespace))
    with pytest.raises(DocumentError, match="'nowhere' does not exist"):
        put(kube, config_map(namespace, "x", {}), applyset=ApplySet("set", "nowhere"))
    assert names(kube, namespace) == []


def kubectl_apply(server: KubeServer, namespace: str, *bodies: Body) -> str:
    arguments = ("apply", "-n", namespace, "--prune", "--applyset=set", "-f", "-")
    return server.kubectl(*arguments, bodies=list(bodies), KUBECTL_APPLYSET="true")


def test_another_tool_s_set_is_refused_both_ways(kube_server: KubeServer, kube: KubeClient, namespace: str) -> None:
    put(kube, config_map(namespace, "x", {}), applyset=ApplySet("set", namespace))
    with pytest.raises(RuntimeError, match='managed by tooling "landfall" instead of "kubectl"'):
        kubectl_apply(kube_server, namespace, config_map(namespace, "x", {}))
    kube.delete("v1", "Secret", "set", namespace)
    kube.delete("v1", "ConfigMap", "x", namespace)
    kubectl_apply(kube_server, namespace, config_map(namespace, "x", {}))
    with pytest.raises(DocumentError, match="is kept by kubectl; leave the set to kubectl"):
        put(kube, config_map(namespace, "x", {}), applyset=ApplySet("set", namespace))


def test_kubectl_goes_on_with_our_set_and_we_with_its(
    kube_server: KubeServer, kube: KubeClient, namespace: str
) -> None:
    """Both say the same tooling: then each prunes what the other has written."""
    shared = ApplySet("set", namespace, KUBECTL)
    ours = [config_map(namespace, "a", {}), config_map(namespace, "b", {}), secret(namespace, "s", {"x": "geheim"})]
    put(kube, *ours, applyset=shared, prune=True)
    said = kubectl_apply(kube_server, namespace, config_map(namespace, "a", {}), config_map(namespace, "c", {}))
    assert "configmap/b pruned" in said
    assert "secret/s pruned" in said
    assert names(kube, namespace) == ["a", "c"]
    report = put(kube, config_map(namespace, "a", {}), applyset=shared, prune=True)
    assert actions(report)["ConfigMap c"] == "deleted"
    assert names(kube, namespace) == ["a"]
    said = kubectl_apply(kube_server, namespace, config_map(namespace, "a", {}), config_map(namespace, "c", {}))
    assert "pruned" not in said
    report = put(kube, secret(namespace, "s", {"x": "geheim"}), applyset=shared, prune=True)
    assert (actions(report)["ConfigMap a"], actions(report)["ConfigMap c"]) == ("deleted", "deleted")
    parent = kube.get("v1", "Secret", "set", namespace)
    assert {one["manager"] for one in parent["metadata"]["managedFields"]} == {"kubectl-applyset"}
