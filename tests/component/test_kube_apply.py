# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""kube_apply against a real API server: what counts as a change, what is predicted, what is refused and how."""

from __future__ import annotations

import copy
import threading
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_files import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core import owned
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    AccessDenied,
    ConflictError,
    DocumentError,
    LandfallError,
    OperationFailed,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import read
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import config_map, custom, definition, deployment, namespace_object, secret, shop

Body = dict[str, Any]


def put(client: KubeClient, *bodies: Body, **options: Any) -> Report:
    return apply(client, Wish([(f"resources[{index}]", one) for index, one in enumerate(bodies)], **options))


def actions(report: Report) -> list[str]:
    return [one.action for one in report.done]


def test_the_second_time_nothing_changes(kube: KubeClient, namespace: str) -> None:
    bodies = shop(namespace, 3)
    assert set(actions(put(kube, *bodies, wait=False))) == {"created"}
    before = {one["metadata"]["name"]: one for one in kube.list("apps/v1", "Deployment", namespace)}
    again = put(kube, *bodies, wait=False)
    assert set(actions(again)) == {"unchanged"}
    assert not again.changed
    assert again.diff(to_yaml) == []
    after = {one["metadata"]["name"]: one for one in kube.list("apps/v1", "Deployment", namespace)}
    assert after == before, "the server saw a write"
    for manifest in read([("shop", one) for one in bodies])[0]:
        identity = manifest.identity
        live = kube.get(manifest.api_version, identity.kind, identity.name, namespace)
        assert owned.applied_already(manifest.body, live, "landfall"), "that is told without asking the server"


def test_check_mode_says_what_happens_and_does_nothing(kube: KubeClient, namespace: str) -> None:
    bodies = shop(namespace, 1)
    predicted = put(kube, *bodies, check=True)
    assert set(actions(predicted)) == {"created"}
    assert kube.list("apps/v1", "Deployment", namespace) == []
    real = put(kube, *bodies, wait=False)
    assert actions(real) == actions(predicted)
    assert not put(kube, *bodies, check=True).changed


def test_edits_and_removals_are_counted_exactly(kube: KubeClient, namespace: str) -> None:
    bodies = [config_map(namespace, f"c{number}", {"a": "1", "b": "2"}) for number in range(12)]
    put(kube, *bodies)
    for number in range(6):
        bodies[number]["data"]["a"] = "changed"
    for number in range(6, 9):
        del bodies[number]["data"]["b"]
    expected = ["configured"] * 9 + ["unchanged"] * 3
    assert actions(put(kube, *bodies, check=True)) == expected
    report = put(kube, *bodies)
    assert actions(report) == expected
    assert not put(kube, *bodies).changed
    assert kube.get("v1", "ConfigMap", "c7", namespace)["data"] == {"a": "1"}, (
        "a key that goes away here goes away there"
    )
    removed = report.diff(to_yaml)[6]
    assert ("b: '2'" in removed["before"], "b:" in removed["after"]) == (True, False)


def test_a_namespace_and_its_objects_in_one_call(kube: KubeClient, namespace: str) -> None:
    name = f"{namespace}-new"
    bodies = [
        config_map(name, "inside", {"a": "1"}),
        secret(name, "key", {"password": "geheim-1"}),
        namespace_object(name),
    ]
    predicted = put(kube, *bodies, check=True)
    assert [str(one.identity) for one in predicted.done] == [
        f"Namespace {name}",
        f"ConfigMap {name}/inside",
        f"Secret {name}/key",
    ]
    assert set(actions(predicted)) == {"created"}
    assert actions(put(kube, *bodies)) == actions(predicted)
    assert not put(kube, *bodies).changed


def test_a_definition_and_its_objects_in_one_call(kube: KubeClient, namespace: str) -> None:
    bodies = [custom(namespace, "one", {"size": 3}), definition("berths")]
    predicted = put(kube, *bodies, check=True)
    assert [one.identity.kind for one in predicted.done] == ["CustomResourceDefinition", "Berth"]
    assert put(kube, *bodies).summary == "2 created"
    assert put(kube, *bodies).summary == "2 unchanged"
    put(kube, *bodies, absent=True)
    assert put(kube, *bodies, absent=True).summary == "2 absent", "with the definition gone its objects are absent, too"


def test_a_role_and_its_binding_are_predicted_for_somebody_with_few_rights(
    kube_server: KubeServer, kube: KubeClient, namespace: str
) -> None:
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
    grant = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": f"{namespace}-author"},
        "rules": [
            {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"], "verbs": ["*"]},
            rule,
        ],
    }
    subject = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "author"}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "author", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": f"{namespace}-author"},
        "subjects": [subject],
    }
    put(kube, grant, binding)
    role = {**grant, "kind": "Role", "metadata": {"name": "reader", "namespace": namespace}, "rules": [rule]}
    bound = copy.deepcopy(binding)
    bound["metadata"]["name"] = "reader"
    bound["roleRef"].update(kind="Role", name="reader")
    with KubeClient.connect(kubeconfig=kube_server.kubeconfig_for("author")) as author:
        # the watch caches of RBAC learn of the binding a moment later
        for _attempt in range(50):
            try:
                predicted = put(author, bound, role, check=True)
                break
            except AccessDenied:
                threading.Event().wait(0.1)
        assert predicted.summary == "2 created"
        assert put(author, bound, role).summary == "2 created"


def test_a_conflict_names_field_and_manager(kube: KubeClient, namespace: str) -> None:
    body = config_map(namespace, "shared", {"sky": "blue"})
    put(kube, body, field_manager="somebody")
    body["data"]["sky"] = "red"
    for check in (True, False):
        with pytest.raises(ConflictError) as raised:
            put(kube, body, check=check)
        [problem] = raised.value.problems
        assert problem.path == f"ConfigMap {namespace}/shared .data.sky"
        assert problem.found == "is owned by somebody"
        assert "on_conflict: force" in problem.right
    assert put(kube, body, force=True).summary == "1 configured"
    assert kube.get("v1", "ConfigMap", "shared", namespace)["data"] == {"sky": "red"}


def test_two_managers_share_what_they_agree_on(kube: KubeClient, namespace: str) -> None:
    body = config_map(namespace, "agreed", {"sky": "blue"})
    put(kube, body, field_manager="somebody")
    assert put(kube, body).summary == "1 configured", "the fields are ours now as well"
    assert put(kube, body).summary == "1 unchanged"
    put(kube, config_map(namespace, "agreed", {"sea": "green"}))
    assert kube.get("v1", "ConfigMap", "agreed", namespace)["data"] == {"sky": "blue", "sea": "green"}


def test_secrets_stay_secret(kube: KubeClient, namespace: str) -> None:
    first = secret(namespace, "door", {"user": "shop", "password": "sesame-open-1"})
    second = secret(namespace, "door", {"user": "shop", "password": "sesame-open-22222"})
    reports = [put(kube, one) for one in (first, second)]
    shown = "".join(str(report.diff(to_yaml)) + str(report.objects()) for report in reports)
    for value in ("sesame", "c2VzYW1l", "shop", "c2hvcA"):
        assert value not in shown.replace(namespace, "")
    [diff] = reports[1].diff(to_yaml)
    assert diff["before"] == "data:\n  password: '******** (before)'\n  user: '********'\n"
    assert diff["after"] == "data:\n  password: '******** (after)'\n  user: '********'\n"
    put(kube, secret(namespace, "door", {"user": "shop"}))
    assert list(kube.get("v1", "Secret", "door", namespace)["data"]) == ["user"], "a removed key of stringData is gone"


def test_a_refusal_does_not_quote_a_secret(kube: KubeClient, namespace: str) -> None:
    body = secret(namespace, "bad", {"password": "sesame-open-1"})
    body["type"] = "sesame-open-1/"
    body["immutable"] = "c2VzYW1lLW9wZW4tMQ=="
    with pytest.raises(LandfallError) as raised:
        put(kube, body)
    assert "sesame" not in str(raised.value)
    assert "c2VzYW1lLW9wZW4tMQ" not in str(raised.value)


def test_every_problem_of_the_list_is_told_before_anything_is_written(kube: KubeClient, namespace: str) -> None:
    good = config_map(namespace, "good", {"a": "1"})
    with pytest.raises(DocumentError) as raised:
        put(
            kube,
            good,
            {"apiVersion": "v1", "metadata": {"name": "x"}},
            good,
            {**deployment(namespace, "near"), "kind": "Deploymnet"},
            {**deployment(namespace, "old"), "apiVersion": "extensions/v1beta1"},
            config_map("", "homeless", {}),
            {**namespace_object("n"), "metadata": {"name": "n", "namespace": namespace}},
            "text",
            {**good, "metadata": {"name": "l", "namespace": namespace, "labels": {"port": 80}}},
        )
    found = {problem.path: f"{problem.found}; {problem.right}" for problem in raised.value.problems}
    assert found == {
        "resources[1].kind": "is missing; each object has one",
        "resources[2]": f"ConfigMap {namespace}/good stands at resources[0] already; each object once",
        "resources[3].kind": "Deploymnet (apps/v1) is not served; did you mean Deployment (apps/v1)?",
        "resources[4].kind": "Deployment (extensions/v1beta1) is not served; Deployment is served as apps/v1",
        "resources[5].metadata.namespace": "is missing; ConfigMap homeless needs one",
        "resources[6].metadata.namespace": f"{namespace!r} stands there; a Namespace has none",
        "resources[7]": "is not an object; a mapping with apiVersion, kind and metadata",
        "resources[8].metadata.labels.port": "80 is not text; text, in quotes",
    }
    assert kube.get("v1", "ConfigMap", "good", namespace) is None


def test_a_missing_namespace_is_told_before_anything_is_written(kube: KubeClient, namespace: str) -> None:
    with pytest.raises(DocumentError) as raised:
        put(kube, config_map(namespace, "first", {}), config_map("nowhere", "second", {}))
    [problem] = raised.value.problems
    assert (problem.path, problem.found) == ("resources[1].metadata.namespace", "'nowhere' does not exist")
    assert kube.get("v1", "ConfigMap", "first", namespace) is None


@pytest.mark.parametrize("check", [True, False])
def test_what_the_server_refuses_is_told_for_every_object(kube: KubeClient, namespace: str, check: bool) -> None:
    less, bad = deployment(namespace, "less"), deployment(namespace, "bad")
    less["spec"]["replicas"] = -1
    bad["spec"]["template"]["spec"]["containers"][0]["name"] = "Not_a_name"
    with pytest.raises(OperationFailed) as raised:
        put(kube, less, bad, deployment(namespace, "good"), check=check, wait=False)
    assert raised.value.message.startswith("2 objects could not be written")
    told = str(raised.value)
    assert f"Deployment {namespace}/less .spec.replicas: Invalid value" in told
    assert f"Deployment {namespace}/bad .spec.template.spec.containers[0].name: Invalid value" in told


@pytest.mark.parametrize("check", [True, False])
def test_one_object_alone_is_refused_in_the_server_s_words(kube: KubeClient, namespace: str, check: bool) -> None:
    unknown, wrong = deployment(namespace, "unknown"), deployment(namespace, "wrong")
    unknown["spec"]["replcas"] = 2
    wrong["spec"]["replicas"] = "two"
    with pytest.raises(OperationFailed, match=r"/unknown: \.spec\.replcas: field not declared in schema"):
        put(kube, unknown, check=check, wait=False)
    with pytest.raises(OperationFailed, match=r"/wrong: \.spec\.replicas: expected numeric"):
        put(kube, wrong, check=check, wait=False)


def test_check_mode_tells_what_is_refused_in_every_wave(kube: KubeClient, namespace: str) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "wrong", "namespace": namespace},
        "spec": {"ports": [{"port": 0}]},
    }
    late = deployment(namespace, "late")
    late["spec"]["replicas"] = -1
    with pytest.raises(OperationFailed) as raised:
        put(kube, service, late, check=True)
    assert {problem.path.split(" .")[0] for problem in raised.value.problems} == {
        f"Service {namespace}/wrong",
        f"Deployment {namespace}/late",
    }
    with pytest.raises(OperationFailed, match=r"^1 object could not be written\n"):
        put(kube, service, late)


def test_an_immutable_field_is_named(kube: KubeClient, namespace: str) -> None:
    put(kube, deployment(namespace, "fixed"), wait=False)
    changed = deployment(namespace, "fixed")
    changed["spec"]["selector"]["matchLabels"] = {"app": "other"}
    changed["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    with pytest.raises(OperationFailed, match=r"\.spec\.selector: .*field is immutable"):
        put(kube, changed)


def test_absent_takes_users_before_the_used_and_waits(kube: KubeClient, namespace: str) -> None:
    bodies = shop(namespace, 2)
    put(kube, *bodies, wait=False)
    predicted = put(kube, *bodies, absent=True, check=True)
    assert set(actions(predicted)) == {"deleted"}
    assert kube.list("apps/v1", "Deployment", namespace)
    report = put(kube, *bodies, absent=True, wait_timeout=20)
    kinds = [one.identity.kind for one in report.done]
    assert kinds.index("Deployment") < kinds.index("ConfigMap") < kinds.index("ServiceAccount")
    assert kube.list("apps/v1", "Deployment", namespace) == []
    assert set(actions(put(kube, *bodies, absent=True))) == {"absent"}


def test_absent_waits_for_finalizers_and_names_them(kube: KubeClient, namespace: str) -> None:
    body = config_map(namespace, "held", {})
    body["metadata"]["finalizers"] = ["landfall.dev/test"]
    put(kube, body)
    with pytest.raises(OperationFailed, match=r"held: still there, finalizers: landfall.dev/test"):
        put(kube, body, absent=True, wait_timeout=1)
    threading.Timer(0.5, lambda: kube.apply(config_map(namespace, "held", {}))).start()
    put(kube, body, absent=True, wait_timeout=20)
    assert kube.get("v1", "ConfigMap", "held", namespace) is None


def test_what_is_being_deleted_is_not_deleted_again_and_applying_to_it_warns(kube: KubeClient, namespace: str) -> None:
    body = config_map(namespace, "leaving", {"a": "1"})
    body["metadata"]["finalizers"] = ["landfall.dev/test"]
    put(kube, body)
    first = put(kube, body, absent=True, wait=False)
    again = [put(kube, body, absent=True, wait=False, check=check) for check in (True, False)]
    assert (actions(first), [actions(one) for one in again]) == (["deleted"], [["unchanged"], ["unchanged"]])
    assert not any(one.changed for one in again)
    with pytest.raises(OperationFailed, match=r"leaving: still there, finalizers"):
        put(kube, body, absent=True, wait_timeout=1)
    report = put(kube, {**body, "data": {"a": "2"}}, wait=False)
    assert any("leaving is being deleted" in warning for warning in report.warnings), report.warnings
    kube.apply(config_map(namespace, "leaving", {}))


def test_absent_does_not_hide_a_mistyped_kind(kube: KubeClient, namespace: str) -> None:
    with pytest.raises(DocumentError, match="did you mean ConfigMap"):
        put(kube, {**config_map(namespace, "x", {}), "kind": "ConfigMop"}, absent=True)


def test_warnings_of_the_server_are_passed_on(kube: KubeClient, namespace: str) -> None:
    body = deployment(namespace, "warned")
    body["spec"]["template"]["metadata"]["annotations"] = {
        "container.apparmor.security.beta.kubernetes.io/main": "runtime/default"
    }
    report = put(kube, body, wait=False)
    assert any("deprecated" in warning for warning in report.warnings)
