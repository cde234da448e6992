# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When an object is ready, when it never will be, and what it is waiting for: one predicate per kind.

A status counts only where it speaks of the object as it is now (observedGeneration).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .pod_states import condition, observed, said, troubles

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Readiness:
    """`ready`, or why not; `failed` means that waiting longer is of no use."""

    ready: bool
    reason: str = ""
    failed: bool = False


READY = Readiness(True)


def readiness(body: Body) -> Readiness:
    """How far `body` is. Kinds that have nothing to become are ready as soon as they exist."""
    group = str(body.get("apiVersion") or "").rpartition("/")[0]
    predicate = _PREDICATES.get((group, str(body.get("kind"))))
    if predicate is None:
        return READY
    if not observed(body):
        return _waiting("its controller has not seen the change yet")
    return predicate(body)


def gone(body: Body | None) -> Readiness:
    """How far the deletion of an object is."""
    if body is None:
        return READY
    finalizers = (body.get("metadata") or {}).get("finalizers") or (body.get("spec") or {}).get("finalizers") or []
    conditions = [one.get("message") for one in _status(body).get("conditions") or [] if one.get("status") == "True"]
    reason = f"still there, finalizers: {', '.join(finalizers)}" if finalizers else "still there"
    return _waiting("; ".join([reason, *(text for text in conditions if text)]))


def _waiting(reason: str) -> Readiness:
    return Readiness(False, reason)


def _failed(reason: str) -> Readiness:
    return Readiness(False, reason, failed=True)


def _status(body: Body) -> Body:
    return body.get("status") or {}


def _spec(body: Body) -> Body:
    return body.get("spec") or {}


def _deployment(body: Body) -> Readiness:
    if _spec(body).get("paused"):
        return READY
    progressing = condition(body, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return _failed(said(progressing))
    status = _status(body)
    wanted = _spec(body).get("replicas", 1)
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if "observedGeneration" not in status:
        return _waiting("its controller has not seen it yet")
    if updated < wanted:
        return _waiting(f"{updated} of {wanted} replicas are new")
    if status.get("replicas", 0) > updated:
        return _waiting(f"{status['replicas'] - updated} old replicas are still there")
    return READY if available >= wanted else _waiting(f"{available} of {wanted} replicas are available")


def _stateful_set(body: Body) -> Readiness:
    status, spec = _status(body), _spec(body)
    strategy = spec.get("updateStrategy") or {}
    wanted = spec.get("replicas", 1)
    if "observedGeneration" not in status:
        return _waiting("its controller has not seen it yet")
    if status.get("readyReplicas", 0) < wanted:
        return _waiting(f"{status.get('readyReplicas', 0)} of {wanted} replicas are ready")
    if strategy.get("type") == "OnDelete":
        return READY
    partition = (strategy.get("rollingUpdate") or {}).get("partition") or 0
    if status.get("updatedReplicas", 0) < wanted - partition:
        return _waiting(f"{status.get('updatedReplicas', 0)} of {wanted - partition} replicas are new")
    if not partition and status.get("updateRevision") != status.get("currentRevision"):
        return _waiting("its rollout has not ended")
    return READY


def _daemon_set(body: Body) -> Readiness:
    status = _status(body)
    if "observedGeneration" not in status:
        return _waiting("its controller has not seen it yet")
    wanted = status.get("desiredNumberScheduled", 0)
    updated, available = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
    on_delete = (_spec(body).get("updateStrategy") or {}).get("type") == "OnDelete"
    if updated < wanted and not on_delete:
        return _waiting(f"{updated} of {wanted} pods are new")
    return READY if available >= wanted else _waiting(f"{available} of {wanted} pods are available")


def _replica_set(body: Body) -> Readiness:
    wanted, available = _spec(body).get("replicas", 1), _status(body).get("availableReplicas", 0)
    return READY if available >= wanted else _waiting(f"{available} of {wanted} replicas are available")


def _job(body: Body) -> Readiness:
    failed = condition(body, "Failed")
    if failed.get("status") == "True":
        return _failed(said(failed))
    done = condition(body, "Complete").get("status") == "True" or _spec(body).get("suspend")
    return READY if done else _waiting(f"{_status(body).get('succeeded', 0)} pods have succeeded")


def _pod(body: Body) -> Readiness:
    phase = _status(body).get("phase", "Pending")
    if phase == "Failed":
        return _failed(said(_status(body)) or "it failed")
    if phase == "Succeeded" or condition(body, "Ready").get("status") == "True":
        return READY
    return _waiting("; ".join(one.text for one in troubles(body)) or f"it is {phase}")


def _claim(body: Body) -> Readiness:
    phase = _status(body).get("phase")
    if phase == "Lost":
        return _failed("its volume is lost")
    return READY if phase == "Bound" else _waiting("its volume is not bound yet")


def may_stay_unbound(claim: Body, classes: Mapping[str, Body]) -> bool:
    """Whether a claim waits for its first pod, as its storage class wants it: nobody else need wait for that."""
    wanted = ((claim.get("metadata") or {}).get("annotations") or {}).get("volume.kubernetes.io/selected-node")
    storage_class = classes.get(str(_spec(claim).get("storageClassName")), {})
    return not wanted and storage_class.get("volumeBindingMode") == "WaitForFirstConsumer"


def _definition(body: Body) -> Readiness:
    names = condition(body, "NamesAccepted")
    if names.get("status") == "False":
        return _failed(said(names))
    return READY if condition(body, "Established").get("status") == "True" else _waiting("it is not established yet")


def _api_service(body: Body) -> Readiness:
    available = condition(body, "Available")
    return READY if available.get("status") == "True" else _waiting(said(available) or "it is not available yet")


def _namespace(body: Body) -> Readiness:
    if _status(body).get("phase") == "Terminating":
        return _failed("it is being deleted")
    return READY


def _service(body: Body) -> Readiness:
    if _spec(body).get("type") != "LoadBalancer":
        return READY
    addresses = (_status(body).get("loadBalancer") or {}).get("ingress")
    return READY if addresses else _waiting("its load balancer has no address yet")


def _route(body: Body) -> Readiness:
    routers = [one for entry in _status(body).get("ingress") or [] for one in entry.get("conditions") or []]
    admitted = [one for one in routers if one.get("type") == "Admitted"]
    if any(one.get("status") == "True" for one in admitted):
        return READY
    refused = [said(one) for one in admitted if one.get("status") == "False"]
    return _failed("; ".join(refused)) if refused else _waiting("no router has admitted it yet")


_PREDICATES: dict[tuple[str, str], Callable[[Body], Readiness]] = {
    ("", "Namespace"): _namespace,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "Service"): _service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
    ("apiregistration.k8s.io", "APIService"): _api_service,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "StatefulSet"): _stateful_set,
    ("batch", "Job"): _job,
    ("route.openshift.io", "Route"): _route,
}
