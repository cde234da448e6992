# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Workspaces, projects and members as objects of Kubernetes: the flavour `kubernetes`, which needs no other component.

    workspace   a label on the namespaces of its projects, and a ClusterRole that lets its members see these
    project     a Namespace, with ResourceQuota and LimitRange
    member      a subject in one of three RoleBindings of each project: `landfall:admin`, `:operator`, `:viewer`

Every object has a fixed name and is always there, empty where there is nothing to say: so a member, a quota or a
label that is taken out of the document is gone after the next run, without a list of what was there before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .errors import DocumentError, Problem

Body = dict[str, Any]

WORKSPACE_LABEL = "landfall.dev/workspace"
NODE_PORTS = "landfall.dev/node-ports"
# The admission plugin PodNodeSelector obeys it where it is on; service_manifests writes the same into each pod.
NODE_SELECTOR = "scheduler.alpha.kubernetes.io/node-selector"
_DISPLAY_NAME = "landfall.dev/display-name"
_MANAGED_BY = {"app.kubernetes.io/managed-by": "landfall"}
_RBAC = "rbac.authorization.k8s.io"

ROLES = ("admin", "operator", "viewer")
# What a role of the workspace means in each of its projects. `regular` and `self-provisioner` only see the projects:
# who may make namespaces may make any, so projects are made through the document.
_IN_PROJECTS = {"admin": "admin", "viewer": "viewer"}
# The kinds of Kubernetes itself, and of every component that extends its own roles, carry these labels.
_AGGREGATED = {"admin": ("admin", "edit", "view"), "operator": ("edit", "view"), "viewer": ("view",)}

# For containers that say nothing: a quota refuses pods without requests and limits. For memory the two are the same.
DEFAULT_REQUEST = {"cpu": "50m", "memory": "512Mi"}
DEFAULT_LIMIT = {"memory": "512Mi"}


def render(tenancy: Mapping[str, Any]) -> list[Body]:
    """The objects of a completed section `tenancy` of platform.yml."""
    flavour = tenancy["flavour"]
    if flavour != "kubernetes":
        found = f"{flavour!r} is not provided by this release"
        raise DocumentError("no such flavour", [Problem("platform.tenancy.flavour", found, "kubernetes")])
    objects = [_role(name) for name in ROLES]
    for workspace in tenancy["workspaces"]:
        objects.extend(_workspace(workspace))
        for project in workspace["projects"]:
            objects.extend(_project(workspace, project))
    return objects


def _role(name: str) -> Body:
    mine = [f"landfall.dev/aggregate-to-{one}" for one in ROLES[ROLES.index(name) :]]
    labels = [*(f"{_RBAC}/aggregate-to-{one}" for one in _AGGREGATED[name]), *mine]
    selectors = [{"matchLabels": {label: "true"}} for label in labels]
    role = _object(f"{_RBAC}/v1", "ClusterRole", f"landfall:{name}")
    return {**role, "aggregationRule": {"clusterRoleSelectors": selectors}}


def _workspace(workspace: Mapping[str, Any]) -> Iterable[Body]:
    name = f"landfall:workspace:{workspace['name']}"
    labels = {WORKSPACE_LABEL: workspace["name"]}
    quota = _quota_notes(workspace)
    notes = _notes({_DISPLAY_NAME: workspace["display"], NODE_PORTS: workspace["node_ports"], **quota})
    projects = [project["name"] for project in workspace["projects"]]
    rules = [{"apiGroups": [""], "resources": ["namespaces"], "resourceNames": projects, "verbs": ["get"]}]
    role = _object(f"{_RBAC}/v1", "ClusterRole", name, labels=labels, annotations=notes)
    yield {**role, "rules": rules} if projects else role  # a rule without names would mean every namespace
    yield _binding(f"{_RBAC}/v1", "ClusterRoleBinding", name, name, _users(workspace["members"]), labels=labels)


def _project(workspace: Mapping[str, Any], project: Mapping[str, Any]) -> Iterable[Body]:
    name = project["name"]
    labels = {WORKSPACE_LABEL: workspace["name"]}
    selector = ",".join(f"{key}={value}" for key, value in sorted(project["node_selector"].items()))
    notes = _notes({_DISPLAY_NAME: project["display"], NODE_PORTS: workspace["node_ports"], NODE_SELECTOR: selector})
    yield _object("v1", "Namespace", name, labels=labels, annotations=notes)
    hard = _hard(project["quota"])
    yield {**_object("v1", "ResourceQuota", "landfall", name, labels=labels), "spec": {"hard": hard} if hard else {}}
    limits = [{"type": "Container", "defaultRequest": dict(DEFAULT_REQUEST), "default": dict(DEFAULT_LIMIT)}]
    yield {**_object("v1", "LimitRange", "landfall", name, labels=labels), "spec": {"limits": limits}}
    for role in ROLES:
        everywhere = [one for one in workspace["members"] if _IN_PROJECTS.get(one["role"]) == role]
        here = [one for one in project["members"] if one["role"] == role]
        full_name = f"landfall:{role}"
        users = _users([*everywhere, *here])
        yield _binding(f"{_RBAC}/v1", "RoleBinding", full_name, full_name, users, namespace=name, labels=labels)


def _binding(api_version: str, kind: str, name: str, role: str, users: list[str], **metadata: Any) -> Body:
    reference = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role}
    binding = {**_object(api_version, kind, name, **metadata), "roleRef": reference}
    if users:
        binding["subjects"] = [{"apiGroup": _RBAC, "kind": "User", "name": user} for user in users]
    return binding


def _users(members: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({member["user"] for member in members})


def _hard(quota: Mapping[str, Any]) -> dict[str, str]:
    hard = {}
    if quota["cpu"] is not None:
        hard["requests.cpu"] = _cores(quota["cpu"])
    if quota["memory_gib"] is not None:
        # limits too: who requests little and takes much would take it from the others
        hard["requests.memory"] = hard["limits.memory"] = _memory(quota["memory_gib"])
    return hard


def _quota_notes(workspace: Mapping[str, Any]) -> dict[str, str]:
    # Kubernetes has no quota over several namespaces: the document checks the sum, and here it can be read.
    return {f"landfall.dev/quota-{key.replace('.', '-')}": value for key, value in _hard(workspace["quota"]).items()}


def _cores(cores: float) -> str:
    """As the server writes it itself."""
    return str(int(cores)) if cores == int(cores) else f"{round(cores * 1000)}m"


def _memory(gib: float) -> str:
    return f"{int(gib)}Gi" if gib == int(gib) else f"{round(gib * 1024)}Mi"


def _notes(values: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}


def _object(
    api_version: str,
    kind: str,
    name: str,
    namespace: str = "",
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Body:
    metadata: Body = {"name": name, "labels": {**_MANAGED_BY, **(labels or {})}}
    if namespace:
        metadata["namespace"] = namespace
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}
