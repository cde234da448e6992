# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pod template of a planned service, and the Deployment or StatefulSet around it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from . import pods
from .plan import Service as Planned
from .pods import Pod

Object = dict[str, Any]


def controller(planned: Planned, pod: Pod, image: str, plain: Mapping[str, str], *, stateful: bool) -> Object:
    name = planned["name"]
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]
    template = {
        # a new configuration makes new pods
        "metadata": {"labels": labels_of(planned), "annotations": {"landfall.dev/configuration": digest}},
        "spec": {
            "automountServiceAccountToken": False,
            # a Service called `redis` must not become REDIS_PORT=tcp://… in everybody's environment
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": pod.end_seconds,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": pod.user,
                "runAsGroup": pod.user,
                "fsGroup": pod.user,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            **({"nodeSelector": planned["node_selector"]} if planned["node_selector"] else {}),
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": selector_of(planned)},
                }
            ],
            "containers": [_container(planned, pod, image)],
            "volumes": _volumes(planned, pod),
        },
    }
    common = {
        "replicas": planned["replicas"],
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": selector_of(planned)},
        "template": template,
    }
    if stateful:
        spec = {**common, "serviceName": f"{name}-headless", "podManagementPolicy": "Parallel"}
        return make("apps/v1", "StatefulSet", planned, spec=spec)
    # a volume of one node cannot be mounted by the old and the new pod at a time
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    strategy = {"type": "Recreate"} if planned["data"] else rolling
    return make("apps/v1", "Deployment", planned, spec={**common, "strategy": strategy})


def _container(planned: Planned, pod: Pod, image: str) -> Object:
    requests = planned["requests"]
    secret = [
        {"name": variable, "valueFrom": {"secretKeyRef": {"name": planned["name"], "key": word.key}}}
        for variable, word in pod.secrets.items()
    ]
    own = {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    container: Object = {
        "name": planned["name"],
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        **({"command": pod.command} if pod.command else {}),
        **({"args": pod.arguments} if pod.arguments else {}),
        **({"workingDir": pod.working_directory} if pod.working_directory else {}),
        # those that others refer to come first
        "env": [*secret, own, *({"name": name, "value": value} for name, value in sorted(pod.environment.items()))],
    }
    if pod.port:
        container["ports"] = [{"name": "main", "containerPort": pod.port, "protocol": "TCP"}]
        container |= {"startupProbe": pod.startup} if pod.startup else {}
        container |= {"readinessProbe": pod.readiness, "livenessProbe": pod.liveness}
    if pod.drains:
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": pods.DRAIN_SECONDS}}}
    if requests:
        memory = f"{requests['memory_mib']}Mi"
        container["resources"] = {
            "requests": {"cpu": f"{requests['cpu_millicores']}m", "memory": memory},
            "limits": {"memory": memory},
        }
    container["securityContext"] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    mounts = [
        *({"name": f"data-{number}", "mountPath": one["path"]} for number, one in enumerate(planned["data"])),
        *({"name": f"scratch-{number}", "mountPath": path} for number, path in enumerate(pod.writable)),
        *(
            {
                "name": "configuration" if one.content is not None else "secret-files",
                "mountPath": one.path,
                "subPath": one.key,
                "readOnly": True,
            }
            for one in pod.files
        ),
    ]
    return {**container, "volumeMounts": mounts}


def _volumes(planned: Planned, pod: Pod) -> list[Object]:
    name = planned["name"]
    volumes: list[Object] = [
        {"name": f"data-{number}", "persistentVolumeClaim": {"claimName": claim_name(planned, number)}}
        for number in range(len(planned["data"]))
    ]
    volumes += [{"name": f"scratch-{number}", "emptyDir": {}} for number in range(len(pod.writable))]
    if any(one.content is not None for one in pod.files):
        volumes.append({"name": "configuration", "configMap": {"name": name}})
    secret = [{"key": one.key, "path": one.key} for one in pod.files if one.content is None]
    if secret:
        volumes.append({"name": "secret-files", "secret": {"secretName": name, "items": secret, "defaultMode": 0o440}})
    return volumes


def ports_of(planned: Planned, *, target: str = "", node_port: int | None = None) -> list[Object]:
    port: Object = {"name": "main", "port": planned["port"], "protocol": "TCP"}
    if target:
        port["targetPort"] = target
    if node_port:
        port["nodePort"] = node_port
    return [port]


def claim_name(planned: Planned, number: int) -> str:
    return f"{planned['name']}-data" + (f"-{number + 1}" if number else "")


def make(api_version: str, kind: str, planned: Planned, *, name: str = "", **parts: Any) -> Object:
    labels = labels_of(planned)
    if planned["wave"] is not None:
        labels["landfall.dev/wave"] = str(planned["wave"])
    metadata = {"name": name or planned["name"], "namespace": planned["namespace"], "labels": labels}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def labels_of(planned: Planned) -> dict[str, str]:
    return {
        **selector_of(planned),
        "app.kubernetes.io/component": planned["role"],
        "app.kubernetes.io/managed-by": "landfall",
        "app.kubernetes.io/part-of": "suite",
    }


def selector_of(planned: Planned) -> dict[str, str]:
    return {"app.kubernetes.io/name": planned["name"]}
