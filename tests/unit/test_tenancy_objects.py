# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Workspaces and rules as objects: what is rendered of a document. That they work is shown in tests/component."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import policy, tenancy
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import read
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_section

Body = dict[str, Any]

DOCUMENT = {
    "users": [{"name": "wang"}, {"name": "li"}, {"name": "sun"}],
    "workspaces": [
        {
            "name": "mall",
            "display": "商城",
            "members": [
                {"user": "wang", "role": "admin"},
                {"user": "sun", "role": "viewer"},
                {"user": "li", "role": "regular"},
            ],
            "node_ports": "30300-30399",
            "quota": {"cpu": 4, "memory_gib": 8},
            "projects": [
                {
                    "name": "trade",
                    "members": [{"user": "li", "role": "operator"}, {"user": "wang", "role": "viewer"}],
                    "quota": {"cpu": 1.5, "memory_gib": 2.5},
                    "node_selector": {"zone": "a", "disk": "ssd"},
                },
                {"name": "marketing"},
            ],
        },
        {"name": "empty"},
    ],
}


def rendered(document: Body) -> dict[str, Body]:
    objects = tenancy.render(parse_section("tenancy", document))
    manifests, problems = read([("tenancy", one) for one in objects])
    assert problems == []
    return {str(one.identity): one.body for one in manifests}


def users(binding: Body) -> list[str]:
    return [one["name"] for one in binding.get("subjects", [])]


def test_a_project_is_a_namespace_with_what_its_workspace_gives_it() -> None:
    metadata = rendered(DOCUMENT)["Namespace trade"]["metadata"]
    assert metadata["labels"]["landfall.dev/workspace"] == "mall"
    assert metadata["annotations"] == {
        "landfall.dev/node-ports": "30300-30399",
        "scheduler.alpha.kubernetes.io/node-selector": "disk=ssd,zone=a",
    }


def test_quotas_are_written_as_the_server_writes_them() -> None:
    objects = rendered(DOCUMENT)
    hard = {"requests.cpu": "1500m", "requests.memory": "2560Mi", "limits.memory": "2560Mi"}
    assert objects["ResourceQuota trade/landfall"]["spec"] == {"hard": hard}
    assert objects["ResourceQuota marketing/landfall"]["spec"] == {}
    notes = objects["ClusterRole landfall:workspace:mall"]["metadata"]["annotations"]
    assert notes["landfall.dev/quota-requests-cpu"] == "4"
    assert notes["landfall.dev/display-name"] == "商城"


def test_members_are_bound_in_every_project_they_belong_to() -> None:
    objects = rendered(DOCUMENT)
    bound = {
        name: users(body) for name, body in objects.items() if name.startswith(("RoleBinding", "ClusterRoleBinding"))
    }
    assert bound == {
        "ClusterRoleBinding landfall:workspace:mall": ["li", "sun", "wang"],
        "ClusterRoleBinding landfall:workspace:empty": [],
        "RoleBinding trade/landfall:admin": ["wang"],
        "RoleBinding trade/landfall:operator": ["li"],
        "RoleBinding trade/landfall:viewer": ["sun", "wang"],
        "RoleBinding marketing/landfall:admin": ["wang"],
        "RoleBinding marketing/landfall:operator": [],
        "RoleBinding marketing/landfall:viewer": ["sun"],
    }


def test_a_workspace_without_projects_lets_nobody_see_every_namespace() -> None:
    objects = rendered(DOCUMENT)
    assert objects["ClusterRole landfall:workspace:mall"]["rules"][0]["resourceNames"] == ["trade", "marketing"]
    assert "rules" not in objects["ClusterRole landfall:workspace:empty"]


def test_the_names_do_not_depend_on_members_and_quotas() -> None:
    bare = {"workspaces": [{"name": "mall", "projects": [{"name": "trade"}, {"name": "marketing"}]}, {"name": "empty"}]}
    assert set(rendered(bare)) == set(rendered(DOCUMENT))


def test_a_role_includes_the_lesser_ones() -> None:
    for name, count in (("admin", 6), ("operator", 4), ("viewer", 2)):
        selectors = rendered({})[f"ClusterRole landfall:{name}"]["aggregationRule"]["clusterRoleSelectors"]
        assert len(selectors) == count
        assert {"matchLabels": {"landfall.dev/aggregate-to-viewer": "true"}} in selectors


@pytest.mark.parametrize("flavour", ["kubesphere_v3", "kubesphere_v4"])
def test_other_flavours_are_refused_in_words(flavour: str) -> None:
    with pytest.raises(DocumentError, match="is not provided by this release; kubernetes"):
        rendered({"flavour": flavour})


RULES = {"mode": "enforce", "host_path_roots": ["/srv/data/"], "registries": ["registry.mall.example"]}


def policies(document: Body) -> list[Body]:
    objects = policy.render(parse_section("policy", document))
    assert read([("policy", one) for one in objects])[1] == []
    return objects


def test_the_policies_are_the_same_ones_whatever_the_document_says() -> None:
    names = [[(one["kind"], one["metadata"]["name"]) for one in policies(document)] for document in (RULES, {})]
    assert names[0] == names[1]


@pytest.mark.parametrize(("mode", "actions"), [("enforce", ["Deny"]), ("audit", ["Warn", "Audit"])])
def test_bindings_hold_in_workspaces_only(mode: str, actions: list[str]) -> None:
    bindings = [one["spec"] for one in policies({"mode": mode}) if one["kind"].endswith("PolicyBinding")]
    assert len(bindings) == 5
    expression = {"key": "landfall.dev/workspace", "operator": "Exists"}
    for binding in bindings:
        assert binding["validationActions"] == actions
        assert binding["matchResources"] == {"namespaceSelector": {"matchExpressions": [expression]}}


@pytest.mark.parametrize(
    ("document", "tried"),
    [
        (RULES, ["host-network", "host-processes", "host-paths", "registries", "node-ports"]),
        ({}, ["host-network", "host-processes", "host-paths", "node-ports"]),
        ({"host_path_roots": ["/"]}, ["host-network", "host-processes", "node-ports"]),
        ({"mode": "audit"}, []),
    ],
)
def test_one_probe_for_each_rule_that_refuses_something(document: Body, tried: list[str]) -> None:
    probes = policy.probes(parse_section("policy", document))
    assert [one["metadata"]["name"] for one in probes] == [f"probe-{name}" for name in tried]
