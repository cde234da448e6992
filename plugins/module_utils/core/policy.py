# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of the platform as ValidatingAdmissionPolicies: the API server keeps them itself, no component runs for it.

They hold in the namespaces of workspaces, for pods and for what makes pods. The names of the policies are fixed, and
each is always there: a rule that is empty in the document allows everything, so nothing is left over of the rule
before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .tenancy import NODE_PORTS, WORKSPACE_LABEL

Body = dict[str, Any]

PROBE_NAMESPACE = "landfall-policy"
_API = "admissionregistration.k8s.io/v1"
_MANAGED_BY = {"app.kubernetes.io/managed-by": "landfall"}
# whoever writes is warned as well, for an audit log is not on everywhere
_ACTIONS = {"enforce": ["Deny"], "audit": ["Warn", "Audit"]}

_WORKLOADS = (
    ("", "v1", ("pods", "pods/ephemeralcontainers", "replicationcontrollers")),
    ("apps", "v1", ("daemonsets", "deployments", "replicasets", "statefulsets")),
    ("batch", "v1", ("cronjobs", "jobs")),
)
_SERVICES = (("", "v1", ("services",)),)

_POD = (
    "object.kind == 'Pod' ? object.spec : "
    "object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec : object.spec.template.spec"
)
_CONTAINERS = (
    "variables.pod.containers"
    " + (has(variables.pod.initContainers) ? variables.pod.initContainers : [])"
    " + (has(variables.pod.ephemeralContainers) ? variables.pod.ephemeralContainers : [])"
)
_RANGE = (
    f"has(namespaceObject.metadata.annotations) && '{NODE_PORTS}' in namespaceObject.metadata.annotations ? "
    f"namespaceObject.metadata.annotations['{NODE_PORTS}'].split('-').map(port, int(port)) : []"
)


def render(policy: Mapping[str, Any]) -> list[Body]:
    """The objects of a completed section `policy` of platform.yml."""
    roots = [root.rstrip("/") for root in policy["host_path_roots"]]
    policies = [
        _policy(
            "landfall-host-network",
            _WORKLOADS,
            {"pod": _POD, "containers": _CONTAINERS},
            {
                "!has(variables.pod.hostNetwork) || !variables.pod.hostNetwork": (
                    "hostNetwork is not allowed: reach it through a Service, from outside through a node port"
                ),
                "variables.containers.all(one, !has(one.ports) || "
                "one.ports.all(port, !has(port.hostPort) || port.hostPort == 0))": (
                    "hostPort is not allowed: reach it through a Service, from outside through a node port"
                ),
            },
        ),
        _policy(
            "landfall-host-processes",
            _WORKLOADS,
            {"pod": _POD},
            {
                "!has(variables.pod.hostPID) || !variables.pod.hostPID": "hostPID is not allowed",
                "!has(variables.pod.hostIPC) || !variables.pod.hostIPC": "hostIPC is not allowed",
            },
        ),
        _policy(
            "landfall-host-paths",
            _WORKLOADS,
            {"pod": _POD, "roots": json.dumps(roots)},
            {
                "!has(variables.pod.volumes) || variables.pod.volumes.all(volume, !has(volume.hostPath) || "
                "variables.roots.exists(root, volume.hostPath.path == root || "
                "volume.hostPath.path.startsWith(root + '/')))": (
                    f"hostPath is allowed below {', '.join(roots)} only" if roots else "hostPath is not allowed"
                )
            },
        ),
        _policy(
            "landfall-registries",
            _WORKLOADS,
            {"pod": _POD, "containers": _CONTAINERS, "registries": json.dumps(policy["registries"])},
            {
                "variables.registries.size() == 0 || variables.containers.all(one, "
                "variables.registries.exists(registry, one.image.startsWith(registry + '/')))": (
                    f"images come from {', '.join(policy['registries'])} only, and are named in full"
                    if policy["registries"]
                    else "images may come from anywhere"
                )
            },
        ),
        _policy(
            "landfall-node-ports",
            _SERVICES,
            {"range": _RANGE},
            {
                "!has(object.spec.ports) || object.spec.ports.all(port, !has(port.nodePort) || port.nodePort == 0 || "
                "(variables.range.size() == 2 && port.nodePort >= variables.range[0] && "
                "port.nodePort <= variables.range[1]))": (
                    "a node port must lie in the range of the workspace, which its namespaces carry in the annotation "
                    f"{NODE_PORTS}; without one it has none"
                )
            },
        ),
    ]
    bindings = [_binding(one["metadata"]["name"], _ACTIONS[policy["mode"]]) for one in policies]
    return [*policies, *bindings, *_probe_namespace()]


def probes(policy: Mapping[str, Any]) -> list[Body]:
    """One object per rule that it refuses, to be tried until each is refused; none where nothing is refused."""
    if policy["mode"] != "enforce":
        return []
    image = f"{policy['registries'][0] if policy['registries'] else 'registry.invalid'}/probe:1"
    several = [
        _probe_pod("host-network", image, hostNetwork=True),
        _probe_pod("host-processes", image, hostPID=True),
    ]
    if all(root.strip("/") for root in policy["host_path_roots"]):
        volume = {"name": "host", "hostPath": {"path": "/landfall-policy-probe"}}
        several.append(_probe_pod("host-paths", image, volumes=[volume]))
    if policy["registries"]:
        several.append(_probe_pod("registries", "registry.invalid/probe:1"))
    service = {"type": "NodePort", "selector": {"app": "probe"}, "ports": [{"port": 80}]}
    return [*several, {"apiVersion": "v1", "kind": "Service", **_metadata("node-ports"), "spec": service}]


def _policy(
    name: str,
    resources: tuple[tuple[str, str, tuple[str, ...]], ...],
    variables: Mapping[str, str],
    validations: Mapping[str, str],
) -> Body:
    rules = [
        {"apiGroups": [group], "apiVersions": [version], "operations": ["CREATE", "UPDATE"], "resources": list(kinds)}
        for group, version, kinds in resources
    ]
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": rules},
        # what was there before the rule may still lose a finalizer or get a label
        "matchConditions": [{"name": "new", "expression": "oldObject == null || object.spec != oldObject.spec"}],
        "variables": [{"name": key, "expression": expression} for key, expression in variables.items()],
        "validations": [{"expression": key, "message": message} for key, message in validations.items()],
    }
    metadata = {"name": name, "labels": dict(_MANAGED_BY)}
    return {"apiVersion": _API, "kind": "ValidatingAdmissionPolicy", "metadata": metadata, "spec": spec}


def _binding(name: str, actions: list[str]) -> Body:
    selector = {"matchExpressions": [{"key": WORKSPACE_LABEL, "operator": "Exists"}]}
    spec = {"policyName": name, "validationActions": list(actions), "matchResources": {"namespaceSelector": selector}}
    metadata = {"name": name, "labels": dict(_MANAGED_BY)}
    return {"apiVersion": _API, "kind": "ValidatingAdmissionPolicyBinding", "metadata": metadata, "spec": spec}


def _probe_namespace() -> list[Body]:
    """Where the probes are tried, though never made: nothing can run there."""
    labels = {**_MANAGED_BY, WORKSPACE_LABEL: PROBE_NAMESPACE}
    metadata = {"name": "nothing", "namespace": PROBE_NAMESPACE, "labels": dict(_MANAGED_BY)}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": PROBE_NAMESPACE, "labels": labels}},
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": {"pods": "0"}}},
    ]


def _probe_pod(name: str, image: str, **spec: Any) -> Body:
    containers = [{"name": "probe", "image": image}]
    return {"apiVersion": "v1", "kind": "Pod", **_metadata(name), "spec": {"containers": containers, **spec}}


def _metadata(name: str) -> Body:
    return {"metadata": {"name": f"probe-{name}", "namespace": PROBE_NAMESPACE}}
