# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Kubernetes objects of a planned service: its pods and what they need, and the bridge to guests until it moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import pods
from .errors import DocumentError, Problem
from .plan import Plan
from .plan import Service as Planned
from .pod_template import Object, claim_name, controller, make, ports_of, selector_of
from .pods import Pod
from .rewrite import Change, Rewriter, is_called
from .workloads import ConfigurationFile, Service, Workloads

HIDDEN = "********"

_BUILDERS: dict[str, Callable[[Planned, Service, Plan, Rewriter], Pod]] = {
    "application": pods.application,
    "registry": pods.registry,
    "frontend": pods.frontend,
    "cache": pods.cache,
}
_STATEFUL = ("registry", "cache")


@dataclass(frozen=True)
class Rendered:
    """A service in the cluster.

    `objects` can be applied before the cut-over; `services` decide where its callers are led; `secrets` says what the
    Secret holds and where it is read, never a value; `masked` shows the Secret to people.
    """

    objects: list[Object]
    services: list[Object]
    secrets: Object | None
    masked: Object | None
    changes: list[Change]
    warnings: list[str]


def render(
    planned: Planned, plan: Plan, workloads: Workloads, image: str, inner: Sequence[ConfigurationFile] = ()
) -> Rendered:
    """The objects of one service that moves. `inner` are the settings inside its jar, which count least."""
    service = _found(planned, workloads)
    service = {**service, "configuration": [*inner, *service["configuration"]]}
    pod = _BUILDERS[planned["role"]](planned, service, plan, Rewriter(plan, planned["namespace"]))
    plain = {one.key: one.content for one in pod.files if one.content is not None}
    objects = [_claim(planned, number) for number in range(len(planned["data"]))]
    if plain:
        objects.append(make("v1", "ConfigMap", planned, data=plain))
    stateful = planned["role"] in _STATEFUL
    if stateful and planned["port"]:
        spec = {
            "clusterIP": "None",
            "publishNotReadyAddresses": True,
            "selector": selector_of(planned),
            "ports": ports_of(planned),
        }
        objects.append(make("v1", "Service", planned, name=f"{planned['name']}-headless", spec=spec))
    objects.append(controller(planned, pod, image, plain, stateful=stateful))
    if planned["replicas"] > 1:
        spec = {"maxUnavailable": 1, "selector": {"matchLabels": selector_of(planned)}}
        objects.append(make("policy/v1", "PodDisruptionBudget", planned, spec=spec))
    warnings = [
        f"{one['path']} on {planned['from'][0]['guest']} is not brought along; the volume starts empty"
        for one in planned["data"]
        if one["keep"] and planned["role"] != "cache"
    ]
    secrets, masked = _secrets(planned, pod)
    services = [_service(planned)] if planned["port"] else []
    return Rendered(objects, services, secrets, masked, pod.changes, [*pod.warnings, *warnings])


def called(plan: Plan) -> list[Planned]:
    """The services that pods call, or will."""
    return [one for one in plan["services"] if is_called(one, plan)]


def bridge(planned: Planned) -> list[Object]:
    """A Service without selector, and where its guests are: pods call a service on guests like any other."""
    spec: Object = {"type": "ClusterIP", "ports": ports_of(planned)}
    return [make("v1", "Service", planned, spec=spec), guest_slice(planned)]


def guest_slice(planned: Planned) -> Object:
    """The addresses of a service on its guests."""
    sources = [one for one in planned["from"] if one["address"]]
    body = make("discovery.k8s.io/v1", "EndpointSlice", planned, name=f"{planned['name']}-guests")
    body["metadata"]["labels"]["kubernetes.io/service-name"] = planned["name"]
    return {
        **body,
        "addressType": "IPv6" if any(":" in one["address"] for one in sources) else "IPv4",
        "endpoints": [{"addresses": [one["address"]], "conditions": {"ready": True}} for one in sources],
        "ports": [{"name": "main", "port": sources[0]["port"] or planned["port"], "protocol": "TCP"}],
    }


def _found(planned: Planned, workloads: Workloads) -> Service:
    """What the first guest told about the service."""
    source = planned["from"][0]
    for workload in workloads["guests"]:
        for service in workload["services"]:
            same = (service["unit"], service["script"]) == (source["unit"], source["script"])
            if workload["guest"] == source["guest"] and same and service["kind"] == planned["kind"]:
                return service
    found = f"the facts of {source['guest']} have no service with unit {source['unit'] or source['script']}"
    raise DocumentError(
        "plan and facts do not match", [Problem(f"service {planned['name']}", found, "assess and plan again")]
    )


def _secrets(planned: Planned, pod: Pod) -> tuple[Object | None, Object | None]:
    """Where each key of the Secret is read, and the Secret as people may see it."""
    items = [
        *({"key": one.key, "source": "file", "path": one.source} for one in pod.files if one.content is None),
        *(
            {
                "key": word.key,
                "source": word.source,
                "pattern": word.pattern,
                **({"path": word.path} if word.path else {}),
            }
            for word in pod.secrets.values()
        ),
    ]
    if not items:
        return None, None
    shell = make("v1", "Secret", planned)
    source = planned["from"][0]
    where = {"guest": source["guest"], "port": source["port"], "items": items}
    keys = [str(item["key"]) for item in items]
    return {"name": planned["name"], "object": shell, **where}, {**shell, "stringData": dict.fromkeys(keys, HIDDEN)}


def _service(planned: Planned) -> Object:
    node_port = planned["expose"].get("node_port")
    spec = {
        "type": "NodePort" if node_port else "ClusterIP",
        "selector": selector_of(planned),
        "ports": ports_of(planned, target="main", node_port=node_port),
    }
    return make("v1", "Service", planned, spec=spec)


def _claim(planned: Planned, number: int) -> Object:
    data = planned["data"][number]
    spec: Object = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": f"{data['size_gib']}Gi"}},
        **({"storageClassName": data["storage_class"]} if data["storage_class"] else {}),
    }
    return make("v1", "PersistentVolumeClaim", planned, name=claim_name(planned, number), spec=spec)
