# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's workspaces in a real API server with its controllers: who may do what, and what a project may take."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import AccessDenied
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_section
from ansible_collections.landfall.replatform.plugins.module_utils.core.tenancy import render
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_fixture import KubeServer

_LAB = Path(__file__).resolve().parents[2] / "inventories" / "lab" / "group_vars" / "all" / "platform.yml"
_DOCUMENT = yaml.safe_load(_LAB.read_text())["replatform_platform"]["tenancy"]
Body = dict[str, Any]


def settle(client: KubeClient, document: Body) -> Report:
    documents = [("tenancy", one) for one in render(parse_section("tenancy", document))]
    return apply(client, Wish(documents))


def soon(condition: Callable[[], bool]) -> bool:
    """Whether it comes true while informers and controllers catch up."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def may(client: KubeClient, user: str, verb: str, resource: str, namespace: str, name: str = "") -> bool:
    plural, _dot, group = resource.partition(".")
    attributes = {"verb": verb, "resource": plural, "group": group, "namespace": namespace, "name": name}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "groups": ["system:authenticated"], "resourceAttributes": attributes},
    }
    answer = client.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body=review)
    return bool(answer.body["status"]["allowed"])


@pytest.fixture
def tenants(controllers: KubeServer, kube: KubeClient) -> KubeClient:
    settle(kube, _DOCUMENT)
    # the three roles are filled by a controller out of those of Kubernetes
    assert soon(lambda: may(kube, "wang", "create", "rolebindings.rbac.authorization.k8s.io", "mall-marketing"))
    assert soon(lambda: may(kube, "li", "create", "deployments.apps", "mall-trade"))
    assert soon(lambda: may(kube, "sun", "list", "pods", "supplier-portal"))
    assert soon(lambda: may(kube, "chen", "create", "deployments.apps", "tob-logistics"))
    return kube


def test_the_lab_has_three_workspaces_and_five_projects(tenants: KubeClient) -> None:
    projects = {
        one["metadata"]["name"]: one["metadata"]["labels"]["landfall.dev/workspace"]
        for one in tenants.list(
            "v1", "Namespace", labels="landfall.dev/workspace,app.kubernetes.io/managed-by=landfall"
        )
        if one["metadata"]["name"] != "landfall-policy"
    }
    assert projects == {
        "mall-trade": "mall-consumer",
        "mall-marketing": "mall-consumer",
        "supplier-portal": "mall-supplier",
        "tob-retail": "mall-enterprise",
        "tob-logistics": "mall-enterprise",
    }
    assert not settle(tenants, _DOCUMENT).changed


BINDINGS = "rolebindings.rbac.authorization.k8s.io"
DEPLOYMENTS = "deployments.apps"
TABLE = [
    # the administrator of a workspace: everything in each of its projects, nothing elsewhere, no namespaces of his own
    ("wang", "create", DEPLOYMENTS, "mall-trade", True),
    ("wang", "delete", DEPLOYMENTS, "mall-marketing", True),
    ("wang", "get", "secrets", "mall-trade", True),
    ("wang", "create", BINDINGS, "mall-trade", True),
    ("wang", "create", DEPLOYMENTS, "supplier-portal", False),
    ("wang", "list", "pods", "kube-system", False),
    ("wang", "create", "namespaces", "", False),
    ("wang", "update", "namespaces", "mall-trade", False),
    ("wang", "update", "resourcequotas", "mall-trade", False),
    ("wang", "list", "nodes", "", False),
    ("chen", "create", DEPLOYMENTS, "tob-retail", True),
    ("chen", "create", DEPLOYMENTS, "mall-trade", False),
    ("zhao", "create", DEPLOYMENTS, "supplier-portal", True),
    # an operator: the work, but not the members
    ("li", "create", DEPLOYMENTS, "mall-trade", True),
    ("li", "create", "pods/exec", "mall-trade", True),
    ("li", "create", "services", "mall-trade", True),
    ("li", "create", BINDINGS, "mall-trade", False),
    ("li", "update", "resourcequotas", "mall-trade", False),
    ("li", "list", "pods", "mall-marketing", False),
    # a viewer: everything but secrets
    ("sun", "list", "pods", "supplier-portal", True),
    ("sun", "get", "resourcequotas", "supplier-portal", True),
    ("sun", "get", "secrets", "supplier-portal", False),
    ("sun", "create", "pods", "supplier-portal", False),
    ("sun", "list", "pods", "mall-trade", False),
    ("audit", "list", "pods", "mall-trade", True),
    ("audit", "list", "pods", "mall-marketing", True),
    ("audit", "get", "secrets", "mall-trade", False),
    ("audit", "list", "pods", "supplier-portal", False),
    # somebody who is not there
    ("nobody", "list", "pods", "mall-trade", False),
]


def test_who_may_do_what(tenants: KubeClient) -> None:
    wrong = [row for row in TABLE if may(tenants, *row[:4]) != row[4]]
    assert wrong == []


def test_members_see_the_namespaces_of_their_workspace(tenants: KubeClient) -> None:
    document = copy.deepcopy(_DOCUMENT)
    document["users"].append({"name": "ren"})
    document["workspaces"][0]["members"].append({"user": "ren", "role": "regular"})
    settle(tenants, document)
    assert soon(lambda: may(tenants, "ren", "get", "namespaces", "", "mall-trade"))
    assert not may(tenants, "ren", "get", "namespaces", "", "supplier-portal")
    assert not may(tenants, "ren", "list", "pods", "mall-trade")
    settle(tenants, _DOCUMENT)
    assert soon(lambda: not may(tenants, "ren", "get", "namespaces", "", "mall-trade"))


def test_who_leaves_the_document_leaves_the_project(tenants: KubeClient) -> None:
    document = copy.deepcopy(_DOCUMENT)
    document["workspaces"][0]["projects"][0].update(members=[], quota={})
    assert settle(tenants, document).summary.startswith("2 configured")
    assert soon(lambda: not may(tenants, "li", "list", "pods", "mall-trade"))
    assert tenants.get("v1", "ResourceQuota", "landfall", "mall-trade")["spec"] == {}
    settle(tenants, _DOCUMENT)


def test_nobody_gives_more_than_he_has(controllers: KubeServer, tenants: KubeClient) -> None:
    rbac = "rbac.authorization.k8s.io"
    binding = {
        "apiVersion": f"{rbac}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "more", "namespace": "mall-trade"},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": "wang"}],
    }
    with KubeClient.connect(kubeconfig=controllers.kubeconfig_for("wang")) as wang:
        with pytest.raises(AccessDenied, match="is attempting to grant RBAC permissions not currently held"):
            wang.apply(binding)
        binding["roleRef"]["name"] = "landfall:viewer"
        wang.apply(binding)


def test_a_project_takes_no_more_than_its_quota(tenants: KubeClient) -> None:
    hard = {"requests.cpu": "12", "requests.memory": "16Gi", "limits.memory": "16Gi"}
    # until the quota is counted, the server refuses everything
    assert soon(
        lambda: (tenants.get("v1", "ResourceQuota", "landfall", "mall-trade") or {})["status"].get("hard") == hard
    )
    with pytest.raises(AccessDenied, match=r"exceeded quota: landfall, requested: requests\.cpu=20"):
        tenants.apply(_pod("greedy", {"requests": {"cpu": "20", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}))
    with pytest.raises(AccessDenied, match=r"exceeded quota: landfall, requested: limits\.memory=64Gi"):
        tenants.apply(_pod("sly", {"requests": {"memory": "1Gi"}, "limits": {"memory": "64Gi"}}))
    resources = tenants.apply(_pod("silent", {}))["spec"]["containers"][0]["resources"]
    assert resources == {"limits": {"memory": "512Mi"}, "requests": {"cpu": "50m", "memory": "512Mi"}}


def _pod(name: str, resources: Body) -> Body:
    container = {"name": "main", "image": "registry.lab.example/silent:1", "resources": resources}
    metadata = {"name": name, "namespace": "mall-trade"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}
