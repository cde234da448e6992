# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What pods complain of, whose they are, and when patience with them ends."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.pod_states import (
    CRASHES,
    LASTING_SECONDS,
    Patience,
    is_of,
    troubles,
    unready,
)

Body = dict[str, Any]
LONG = LASTING_SECONDS


def condition(kind: str, status: str, reason: str = "", message: str = "") -> Body:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def test_pods_say_what_keeps_them() -> None:
    crashed = {
        "name": "main",
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
        "lastState": {"terminated": {"exitCode": 1}},
    }
    status = {
        "conditions": [condition("PodScheduled", "False", "Unschedulable", "no node has 64Gi")],
        "initContainerStatuses": [{"name": "first", "state": {"terminated": {"exitCode": 2, "reason": "Error"}}}],
        "containerStatuses": [crashed, {"name": "new", "state": {"waiting": {"reason": "ContainerCreating"}}}],
    }
    assert [one.text for one in troubles({"status": status})] == [
        "Unschedulable: no node has 64Gi",
        "container first: Error (exit code 2)",
        "container main: CrashLoopBackOff: back-off (exit code 1)",
    ]
    assert [one.has_log for one in troubles({"status": status})] == [False, True, True]


def test_containers_that_run_without_being_ready() -> None:
    up = {"name": "main", "ready": False, "state": {"running": {}}}
    status = {"containerStatuses": [up, {**up, "ready": True}, {"name": "x", "ready": False, "state": {"waiting": {}}}]}
    assert [one.text for one in unready({"status": status})] == ["container main: runs, but is not ready"]


def pod(reason: str = "", restarts: int = 0, *, running: bool = False, init: bool = False) -> Body:
    state: Body = {"running": {}} if running else {"waiting": {"reason": reason or "ContainerCreating"}}
    container = {"name": "main", "restartCount": restarts, "state": state}
    return {"metadata": {"uid": "u"}, "status": {"initContainerStatuses" if init else "containerStatuses": [container]}}


# Each look: (seconds since the first one, the pod). The last verdict is compared, all before it are False.
Looks = list[tuple[float, Body]]


def verdicts(looks: Looks, *, old: bool = False, crashes: bool = True) -> list[bool]:
    patience = Patience()
    return [patience.is_over(one, at, old=old, crashes=crashes) for at, one in looks]


PULL, BACK_OFF, CRASH, CONFIG = "ErrImagePull", "ImagePullBackOff", "CrashLoopBackOff", "CreateContainerConfigError"


@pytest.mark.parametrize(
    ("looks", "over"),
    [
        ([(0, pod("InvalidImageName"))], True),
        ([(0, pod("ErrImageNeverPull"))], True),
        ([(0, pod())], False),
        ([(0, pod()), (600, pod())], False),
        ([(0, pod(PULL)), (10, pod(BACK_OFF)), (LONG - 1, pod(PULL))], False),
        ([(0, pod(PULL)), (10, pod(BACK_OFF)), (LONG, pod(BACK_OFF))], True),
        ([(0, pod(BACK_OFF)), (10, pod()), (LONG, pod(BACK_OFF))], False),
        ([(0, pod(CONFIG)), (LONG, pod(CONFIG))], True),
        ([(0, pod(CONFIG)), (LONG - 1, pod(CONFIG)), (LONG, pod(running=True))], False),
        ([(0, pod(CRASH, 1)), (10, pod(running=True, restarts=2)), (12, pod(CRASH, 2)), (40, pod(CRASH, 2))], False),
        ([(0, pod(CRASH, 1)), (LONG, pod(CRASH, 1))], True),
        ([(0, pod(running=True)), (9, pod(CRASH, CRASHES - 1))], False),
        ([(0, pod(running=True)), (9, pod(CRASH, CRASHES))], True),
        ([(0, pod(running=True, restarts=CRASHES))], False),
        ([(0, pod(CRASH, 1, init=True)), (LONG, pod(CRASH, 1, init=True))], True),
    ],
)
def test_patience_ends_where_nothing_mends_itself(looks: Looks, over: bool) -> None:
    assert verdicts(looks) == [*[False] * (len(looks) - 1), over]


@pytest.mark.parametrize(
    ("looks", "over"),
    [
        # the pause of a failure that may have been mended by this very call tells nothing
        ([(0, pod(CRASH, 7)), (300, pod(CRASH, 7))], False),
        ([(0, pod(CRASH, 7)), (300, pod(running=True, restarts=8)), (310, pod(running=True, restarts=8))], False),
        ([(0, pod(CRASH, 7)), (300, pod(CRASH, 8)), (300 + LONG, pod(CRASH, 8))], True),
        ([(0, pod(BACK_OFF)), (200, pod(BACK_OFF)), (300, pod(PULL)), (310, pod(BACK_OFF))], False),
        ([(0, pod(BACK_OFF)), (200, pod(BACK_OFF)), (300, pod(PULL)), (300 + LONG, pod(BACK_OFF))], True),
        # this is tried all the time
        ([(0, pod(CONFIG)), (LONG, pod(CONFIG))], True),
        ([(0, pod(running=True, restarts=90)), (9, pod(CRASH, 91))], False),
        ([(0, pod("InvalidImageName"))], True),
    ],
)
def test_pods_that_were_there_before_get_another_try(looks: Looks, over: bool) -> None:
    assert verdicts(looks, old=True) == [*[False] * (len(looks) - 1), over]


def test_a_job_counts_its_crashes_itself() -> None:
    assert verdicts([(0, pod(CRASH, 1)), (LONG, pod(CRASH, 9))], crashes=False) == [False, False]
    assert verdicts([(0, pod(PULL)), (LONG, pod(BACK_OFF))], crashes=False) == [False, True]


def test_a_pod_that_is_on_its_way_out_tells_nothing() -> None:
    leaving = pod("InvalidImageName")
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert verdicts([(0, leaving)]) == [False]


def owned(uid: str, owner: str, *, labels: Body | None = None, revision: str = "") -> Body:
    metadata: Body = {"uid": uid, "ownerReferences": [{"uid": owner, "controller": True}], "labels": labels or {}}
    return {"metadata": {**metadata, "annotations": {"deployment.kubernetes.io/revision": revision}}}


def workload(kind: str, *, annotations: Body | None = None, **status: Any) -> Body:
    metadata = {"uid": "w", "generation": 2, "annotations": annotations or {}}
    return {"kind": kind, "metadata": metadata, "status": {"observedGeneration": 2, **status}}


REVISION_2 = {"deployment.kubernetes.io/revision": "2"}
GENERATION_2 = {"deprecated.daemonset.template.generation": "2"}


@pytest.mark.parametrize(
    ("pod", "workload", "replica_set", "expected"),
    [
        (owned("p", "rs"), workload("Deployment", annotations=REVISION_2), owned("rs", "w", revision="2"), True),
        (owned("p", "rs"), workload("Deployment", annotations=REVISION_2), owned("rs", "w", revision="1"), False),
        (owned("p", "rs"), workload("Deployment", annotations=REVISION_2), owned("rs", "other", revision="2"), False),
        (owned("p", "rs"), workload("Deployment", annotations=REVISION_2), None, False),
        (
            owned("p", "w", labels={"controller-revision-hash": "b"}),
            workload("StatefulSet", updateRevision="b"),
            None,
            True,
        ),
        (
            owned("p", "w", labels={"controller-revision-hash": "a"}),
            workload("StatefulSet", updateRevision="b"),
            None,
            False,
        ),
        (
            owned("p", "w", labels={"pod-template-generation": "2"}),
            workload("DaemonSet", annotations=GENERATION_2),
            None,
            True,
        ),
        (
            owned("p", "w", labels={"pod-template-generation": "1"}),
            workload("DaemonSet", annotations=GENERATION_2),
            None,
            False,
        ),
        (owned("p", "w"), workload("Job"), None, True),
        (owned("p", "other"), workload("Job"), None, False),
        (owned("p", "w"), workload("Job", observedGeneration=1), None, False),
        (owned("w", "other"), workload("Pod"), None, True),
    ],
)
def test_whose_pod_it_is(pod: Body, workload: Body, replica_set: Body | None, expected: bool) -> None:
    assert is_of(pod, workload, replica_set) is expected
