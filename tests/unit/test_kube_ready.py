# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When objects are ready, what refusals mean, and when asking again helps."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import api_errors
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    AccessDenied,
    ConflictError,
    NotFound,
    OperationFailed,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.ready import gone, may_stay_unbound, readiness

Body = dict[str, Any]


def condition(kind: str, status: str, reason: str = "", message: str = "") -> Body:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def thing(api_version: str, kind: str, spec: Body, status: Body, generation: int = 2) -> Body:
    metadata = {"name": "x", "generation": generation}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec, "status": status}


def deployment(**status: Any) -> Body:
    return thing("apps/v1", "Deployment", {"replicas": 3}, {"observedGeneration": 2, **status})


ALL = {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}
LATE = [condition("Progressing", "False", "ProgressDeadlineExceeded", "too slow")]
JOB_FAILED = [condition("Failed", "True", "BackoffLimitExceeded", "3 pods failed")]


def stateful(spec: Body | None = None, **status: Any) -> Body:
    full = {"observedGeneration": 2, "readyReplicas": 3, "updatedReplicas": 3, "updateRevision": "b", **status}
    return thing("apps/v1", "StatefulSet", {"replicas": 3, **(spec or {})}, {"currentRevision": "b", **full})


def daemons(**status: Any) -> Body:
    full = {"observedGeneration": 2, "desiredNumberScheduled": 3, **status}
    return thing("apps/v1", "DaemonSet", {}, full)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (deployment(**ALL), None),
        (thing("apps/v1", "Deployment", {"replicas": 0}, {"observedGeneration": 2}), None),
        (thing("apps/v1", "Deployment", {"replicas": 3, "paused": True}, {"observedGeneration": 2}), None),
        (thing("apps/v1", "Deployment", {}, {}), "its controller has not seen it yet"),
        (deployment(**ALL, observedGeneration=1), "its controller has not seen the change yet"),
        (deployment(**{**ALL, "updatedReplicas": 1}), "1 of 3 replicas are new"),
        (deployment(**{**ALL, "replicas": 4}), "1 old replicas are still there"),
        (deployment(**{**ALL, "availableReplicas": 2}), "2 of 3 replicas are available"),
        (stateful(), None),
        (stateful(readyReplicas=2), "2 of 3 replicas are ready"),
        (stateful(updatedReplicas=1), "1 of 3 replicas are new"),
        (stateful(currentRevision="a"), "its rollout has not ended"),
        (stateful({"updateStrategy": {"type": "OnDelete"}}, updatedReplicas=0), None),
        (
            stateful({"updateStrategy": {"rollingUpdate": {"partition": 2}}}, updatedReplicas=1, currentRevision="a"),
            None,
        ),
        (daemons(updatedNumberScheduled=3, numberAvailable=3), None),
        (daemons(updatedNumberScheduled=3, numberAvailable=1), "1 of 3 pods are available"),
        (daemons(updatedNumberScheduled=2, numberAvailable=3), "2 of 3 pods are new"),
        (thing("batch/v1", "Job", {}, {"succeeded": 1}), "1 pods have succeeded"),
        (thing("batch/v1", "Job", {}, {"conditions": [condition("Complete", "True")]}), None),
        (thing("v1", "Pod", {}, {"phase": "Succeeded"}), None),
        (thing("v1", "Pod", {}, {"phase": "Running", "conditions": [condition("Ready", "True")]}), None),
        (thing("v1", "Pod", {}, {"phase": "Running", "conditions": [condition("Ready", "False")]}), "it is Running"),
        (thing("v1", "PersistentVolumeClaim", {}, {"phase": "Bound"}), None),
        (thing("v1", "PersistentVolumeClaim", {}, {"phase": "Pending"}), "its volume is not bound yet"),
        (thing("v1", "Service", {"type": "ClusterIP"}, {}), None),
        (thing("v1", "Service", {"type": "LoadBalancer"}, {}), "its load balancer has no address yet"),
        (thing("apiextensions.k8s.io/v1", "CustomResourceDefinition", {}, {}), "it is not established yet"),
        (
            thing(
                "apiregistration.k8s.io/v1",
                "APIService",
                {},
                {"conditions": [condition("Available", "False", "MissingEndpoints", "none")]},
            ),
            "MissingEndpoints: none",
        ),
        (thing("v1", "ConfigMap", {}, {}), None),
        (thing("x.dev/v1", "Deployment", {}, {}), None),
    ],
)
def test_ready_or_what_is_waited_for(body: Body, reason: str | None) -> None:
    state = readiness(body)
    assert (state.ready, state.reason, state.failed) == (reason is None, reason or "", False)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (deployment(**{**ALL, "availableReplicas": 0}, conditions=LATE), "ProgressDeadlineExceeded: too slow"),
        (thing("batch/v1", "Job", {}, {"conditions": JOB_FAILED}), "BackoffLimitExceeded: 3 pods failed"),
        (thing("v1", "Pod", {}, {"phase": "Failed", "reason": "Evicted", "message": "disk"}), "Evicted: disk"),
        (thing("v1", "PersistentVolumeClaim", {}, {"phase": "Lost"}), "its volume is lost"),
        (thing("v1", "Namespace", {}, {"phase": "Terminating"}), "it is being deleted"),
    ],
)
def test_what_will_never_be_ready(body: Body, reason: str) -> None:
    state = readiness(body)
    assert (state.ready, state.reason, state.failed) == (False, reason, True)


def test_a_deadline_of_the_rollout_before_does_not_count() -> None:
    assert not readiness(deployment(**ALL, observedGeneration=1, conditions=LATE)).failed


def test_gone_says_who_holds_it() -> None:
    assert gone(None).ready
    pod = thing("v1", "Pod", {}, {"conditions": [{"type": "Ready", "status": "True"}]})  # no message, as pods have it
    assert gone(pod).reason == "still there"
    held = {"metadata": {"finalizers": ["a.dev/x"]}, "status": {"conditions": [condition("Stuck", "True", "", "why")]}}
    assert gone(held).reason == "still there, finalizers: a.dev/x; why"
    assert (
        gone({"metadata": {}, "spec": {"finalizers": ["kubernetes"]}}).reason == "still there, finalizers: kubernetes"
    )


@pytest.mark.parametrize(
    ("spec", "annotations", "expected"),
    [
        ({"storageClassName": "late"}, {}, True),
        ({"storageClassName": "late"}, {"volume.kubernetes.io/selected-node": "worker-01"}, False),
        ({"storageClassName": "early"}, {}, False),
        ({"storageClassName": "without-an-object"}, {}, False),
        ({}, {}, False),
    ],
)
def test_a_claim_that_waits_for_its_first_pod(spec: Body, annotations: Body, expected: bool) -> None:
    claim = thing("v1", "PersistentVolumeClaim", spec, {"phase": "Pending"})
    claim["metadata"]["annotations"] = annotations
    classes = {"late": {"volumeBindingMode": "WaitForFirstConsumer"}, "early": {"volumeBindingMode": "Immediate"}}
    assert may_stay_unbound(claim, classes) is expected


@pytest.mark.parametrize(
    ("attempt", "code", "retry_after", "wait"),
    [
        (0, None, None, 0.2),
        (2, None, None, 0.8),
        (9, None, None, 5.0),
        (0, 429, "1", 1.0),
        (0, 503, "60", 5.0),
        (1, 503, None, 0.4),
        (0, 200, None, None),
        (0, 409, None, None),
        (0, 422, None, None),
        (0, 500, None, None),
        (0, 500, "1", None),
    ],
)
def test_asking_again(attempt: int, code: int | None, retry_after: str | None, wait: float | None) -> None:
    assert api_errors.wait_before_retry(attempt, code, retry_after) == wait


def told(code: int, **status: Any) -> tuple[type, list[str]]:
    error = api_errors.meaning(code, status, "Thing x")
    return type(error), [str(problem) for problem in error.problems]


def test_refusals_in_words() -> None:
    causes = [
        {"reason": "FieldManagerConflict", "field": ".spec.a", "message": 'conflict with "kubectl" using apps/v1'},
        {"reason": "FieldManagerConflict", "field": ".spec.b", "message": 'conflict with "hpa"'},
    ]
    kind, problems = told(409, reason="Conflict", details={"causes": causes})
    assert kind is ConflictError
    assert problems == [
        "Thing x .spec.a: is owned by kubectl using apps/v1; leave the field out, or take it with on_conflict: migrate",
        "Thing x .spec.b: is owned by hpa; leave the field out, or take it with on_conflict: force",
    ]
    policy = "things \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no way"
    assert told(422, message=policy) == (AccessDenied, ["Thing x: policy p (binding b) refuses it: no way"])
    mutating = "things \"x\" is forbidden: policy 'p' with binding 'b' denied request: it failed"
    assert told(403, message=mutating) == (AccessDenied, ["Thing x: policy p (binding b) refuses it: it failed"])
    webhook = 'admission webhook "w.dev" denied the request: never'
    assert told(403, message=webhook) == (AccessDenied, ["Thing x: webhook w.dev refuses it: never"])
    typed = "failed to create typed patch object (ns/x; apps/v1, Kind=Thing): .spec.foo: field not declared in schema"
    assert told(500, message=typed) == (
        OperationFailed,
        ["Thing x: .spec.foo: field not declared in schema; fields and values as the kind defines them"],
    )
    invalid = {"causes": [{"field": "spec.a", "message": "Invalid value"}, {"field": "spec.b", "message": "Required"}]}
    assert told(422, message="x", details=invalid)[1] == ["Thing x .spec.a: Invalid value", "Thing x .spec.b: Required"]
    assert told(401)[0] is AccessDenied
    assert told(404, message="gone") == (NotFound, ["Thing x: gone"])
    assert told(500) == (OperationFailed, ["Thing x: the server answered 500"])


def test_a_kind_that_is_not_served_is_not_an_object_that_is_not_there() -> None:
    assert api_errors.is_unserved(404, api_errors.status_of("404 page not found\n"))
    assert not api_errors.is_unserved(404, {"details": {"name": "x"}})
    assert not api_errors.is_unserved(409, {})
