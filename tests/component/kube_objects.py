# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects for the tests of kube_apply."""

from __future__ import annotations

from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

Body = dict[str, Any]


def put(client: KubeClient, *bodies: Body, **options: Any) -> Report:
    """kube_apply of `bodies`; `options` are those of Wish."""
    return apply(client, Wish([(f"resources[{index}]", one) for index, one in enumerate(bodies)], **options))


def _object(api_version: str, kind: str, name: str, namespace: str = "", **rest: Any) -> Body:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def namespace_object(name: str) -> Body:
    return _object("v1", "Namespace", name)


def config_map(namespace: str, name: str, data: dict[str, str]) -> Body:
    return _object("v1", "ConfigMap", name, namespace, data=dict(data))


def secret(namespace: str, name: str, texts: dict[str, str]) -> Body:
    return _object("v1", "Secret", name, namespace, stringData=dict(texts))


def deployment(namespace: str, name: str, replicas: int = 1) -> Body:
    container = {
        "name": "main",
        "image": f"registry.lab.example/{name}:1",
        "ports": [{"containerPort": 8080}, {"containerPort": 53, "protocol": "UDP"}],
        "env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
        "args": ["--one", "--two"],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
    }
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], "volumes": []}}
    template["spec"]["volumes"] = [{"name": "scratch", "emptyDir": {}}]
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return _object("apps/v1", "Deployment", name, namespace, spec=spec)


def shop(namespace: str, applications: int) -> list[Body]:
    """What applications are made of, ten objects each, in no useful order."""
    bodies = []
    for number in range(applications):
        name = f"app{number}"
        labels = {"matchLabels": {"app": name}}
        rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
        subjects = [{"kind": "ServiceAccount", "name": name, "namespace": namespace}]
        ports = [{"name": "http", "port": 80, "targetPort": 8080}]
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        scale = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 3}
        bodies += [
            deployment(namespace, name),
            _object("autoscaling/v2", "HorizontalPodAutoscaler", name, namespace, spec=scale),
            _object("policy/v1", "PodDisruptionBudget", name, namespace, spec={"minAvailable": 1, "selector": labels}),
            _object("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec={"podSelector": labels}),
            _object(
                "rbac.authorization.k8s.io/v1", "RoleBinding", name, namespace, roleRef=reference, subjects=subjects
            ),
            _object("rbac.authorization.k8s.io/v1", "Role", name, namespace, rules=rules),
            _object("v1", "Service", name, namespace, spec={"selector": {"app": name}, "ports": ports}),
            secret(namespace, name, {"password": f"geheim-{number}"}),
            config_map(namespace, name, {"application.yml": "server:\n  port: 8080\n"}),
            _object("v1", "ServiceAccount", name, namespace),
        ]
    return bodies


def definition(plural: str) -> Body:
    """A custom resource definition: ships berth somewhere."""
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {"size": {"type": "integer"}, "ropes": {"type": "array", "items": {"type": "string"}}},
            }
        },
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    kind = plural[:-1].capitalize()  # two definitions of one kind would be in each other's way
    names = {"plural": plural, "singular": plural[:-1], "kind": kind, "listKind": f"{kind}List"}
    spec = {"group": "harbour.landfall.dev", "scope": "Namespaced", "names": names, "versions": [version]}
    name = f"{plural}.harbour.landfall.dev"
    return _object("apiextensions.k8s.io/v1", "CustomResourceDefinition", name, spec=spec)


def custom(namespace: str, name: str, spec: Body) -> Body:
    return _object("harbour.landfall.dev/v1", "Berth", name, namespace, spec=spec)


def deny(namespace: str, group: str, resources: str, expression: str) -> list[Body]:
    """A policy, and its binding, that refuses objects of one namespace for which an expression holds."""
    name, api = f"{namespace}-deny", "admissionregistration.k8s.io/v1"
    rule = {"apiGroups": [group], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": [resources]}
    labels = {"kubernetes.io/metadata.name": namespace}
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule], "namespaceSelector": {"matchLabels": labels}},
        "validations": [{"expression": f"!(has(object.metadata.labels) && ({expression}))", "message": "not here"}],
    }
    return [
        _object(api, "ValidatingAdmissionPolicy", name, spec=spec),
        _object(
            api, "ValidatingAdmissionPolicyBinding", name, spec={"policyName": name, "validationActions": ["Deny"]}
        ),
    ]
