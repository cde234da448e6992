# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The waits of kube_apply, with the real controllers (pods are played, see kube_pods)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import OperationFailed
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_objects import deployment, namespace_object
from tests.component.kube_pods import BROKEN, Pods

pytestmark = pytest.mark.usefixtures("controllers")


def put(client: KubeClient, *bodies: dict[str, Any], **options: Any) -> Report:
    return apply(client, Wish([(f"resources[{index}]", one) for index, one in enumerate(bodies)], **options))


def test_ten_deployments_are_waited_for_at_once(kube: KubeClient, namespace: str) -> None:
    bodies = [deployment(namespace, f"d{number}") for number in range(10)]
    with Pods(kube, namespace):
        put(kube, *bodies, wait_timeout=60)
        ready = [one["status"]["availableReplicas"] for one in kube.list("apps/v1", "Deployment", namespace)]
        assert ready == [1] * 10
        started = time.monotonic()
        assert put(kube, *bodies).summary == "10 unchanged"
        assert time.monotonic() - started < 5, "nothing was left to wait for"


def test_a_rollout_ends_when_the_new_pods_are_there(kube: KubeClient, namespace: str) -> None:
    body = deployment(namespace, "rolling", replicas=3)
    body["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
    with Pods(kube, namespace):
        put(kube, body, wait_timeout=60)
        body["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.lab.example/rolling:2"
        put(kube, body, wait_timeout=60)
        pods = [pod for pod in kube.list("v1", "Pod", namespace) if "deletionTimestamp" not in pod["metadata"]]
    assert [pod["spec"]["containers"][0]["image"] for pod in pods] == ["registry.lab.example/rolling:2"] * 3


def test_time_that_is_over_tells_what_the_pods_wait_for(kube: KubeClient, namespace: str) -> None:
    with Pods(kube, namespace), pytest.raises(OperationFailed) as raised:
        put(kube, deployment(namespace, BROKEN), wait_timeout=4)
    assert raised.value.message == "1 object not ready after 4 seconds"
    [problem] = raised.value.problems
    assert problem.path == f"Deployment {namespace}/{BROKEN}"
    assert "0 of 1 replicas are available" in problem.found
    assert "container main: ImagePullBackOff: the registry has no such image" in problem.found


def test_a_deadline_that_is_exceeded_ends_every_wait(kube: KubeClient, namespace: str) -> None:
    hopeless, slow = deployment(namespace, BROKEN), deployment(namespace, f"{BROKEN}-slow")
    hopeless["spec"]["progressDeadlineSeconds"] = 1
    started = time.monotonic()
    with Pods(kube, namespace), pytest.raises(OperationFailed, match="waiting longer is of no use") as raised:
        put(kube, hopeless, slow, wait_timeout=120)
    assert time.monotonic() - started < 60
    assert "ProgressDeadlineExceeded" in raised.value.problems[0].found


def test_a_job_is_ready_when_it_is_done(kube: KubeClient, namespace: str) -> None:
    container = {"name": "main", "image": "registry.lab.example/job:1"}
    body = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "once", "namespace": namespace},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
    }
    with Pods(kube, namespace, after=0.5):
        put(kube, body, wait_timeout=60)
    assert kube.get("batch/v1", "Job", "once", namespace)["status"]["succeeded"] == 1


def test_a_namespace_is_absent_when_everything_in_it_is_gone(kube: KubeClient, namespace: str) -> None:
    put(kube, deployment(namespace, "inside"), wait=False)
    put(kube, namespace_object(namespace), absent=True, wait_timeout=60)
    assert kube.get("v1", "Namespace", namespace) is None
