# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits that end early, and those that must not; with the real controllers (kubelets are played, see kube_kubelet)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients import kube_pods, kube_wait
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core import pod_states
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import OperationFailed
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_fixture import KubeServer
from tests.component.kube_kubelet import RUNNING, STARTING, Body, Kubelet, Play, waiting
from tests.component.kube_objects import deployment, secret

LASTING = 3.0
NEVER = 100  # seconds that no test may last


@pytest.fixture(autouse=True)
def _impatience(controllers: KubeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a minute is long for a test."""
    monkeypatch.setattr(pod_states, "LASTING_SECONDS", LASTING)
    monkeypatch.setattr(kube_pods, "_PAUSE", 0.3)
    monkeypatch.setattr(kube_wait, "_ROUND_SECONDS", 1.0)


@pytest.fixture
def node(kube_server: KubeServer, kube: KubeClient, namespace: str) -> Any:
    """Makes the node of this test."""
    return lambda play, log="": Kubelet(kube, namespace, kube_server.authority.server, play, log)


def put(client: KubeClient, *bodies: Body, **options: Any) -> Report:
    documents = [(f"resources[{index}]", one) for index, one in enumerate(bodies)]
    return apply(client, Wish(documents, **{"wait_timeout": NEVER, **options}))


def failure(client: KubeClient, *bodies: Body, **options: Any) -> OperationFailed:
    started = time.monotonic()
    with pytest.raises(OperationFailed) as raised:
        put(client, *bodies, **options)
    assert time.monotonic() - started < NEVER / 2
    return raised.value


def stateful_set(namespace: str, name: str) -> Body:
    body = deployment(namespace, name)
    body["kind"] = "StatefulSet"
    body["spec"]["serviceName"] = name
    return body


def daemon_set(namespace: str, name: str) -> Body:
    body = deployment(namespace, name)
    body["kind"] = "DaemonSet"
    del body["spec"]["replicas"]
    return body


def job(namespace: str, name: str) -> Body:
    body = deployment(namespace, name)
    spec = {**body["spec"]["template"]["spec"], "restartPolicy": "OnFailure"}
    return {**body, "apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": spec}}}


def bare_pod(namespace: str, name: str) -> Body:
    body = deployment(namespace, name)
    return {**body, "apiVersion": "v1", "kind": "Pod", "spec": body["spec"]["template"]["spec"]}


@pytest.mark.parametrize("make", [deployment, stateful_set, daemon_set, job, bare_pod])
def test_an_image_that_cannot_be_had_ends_the_wait(kube: KubeClient, namespace: str, node: Any, make: Any) -> None:
    with node(lambda _pod, _age: waiting("ErrImageNeverPull", "it is not here")):
        error = failure(kube, make(namespace, "shop"))
    assert error.message == "1 object not ready and waiting longer is of no use"
    [problem] = error.problems
    assert problem.path == f"{make(namespace, 'shop')['kind']} {namespace}/shop"
    assert "container main: ErrImageNeverPull: it is not here" in problem.found


def test_a_pull_that_fails_for_long_ends_the_wait(kube: KubeClient, namespace: str, node: Any) -> None:
    def play(_pod: Body, age: float) -> Body:
        return waiting("ErrImagePull" if age % 2 < 1 else "ImagePullBackOff", "no such image")

    with node(play):
        assert "ImagePull" in failure(kube, deployment(namespace, "shop")).problems[0].found


def test_a_pull_that_succeeds_after_all_is_no_failure(kube: KubeClient, namespace: str, node: Any) -> None:
    def play(_pod: Body, age: float) -> Body:
        return waiting("ErrImagePull", "a registry is starting") if age < LASTING / 2 else RUNNING

    with node(play):
        assert put(kube, deployment(namespace, "shop")).changed


LOG = "".join(f"line {number}\n" for number in range(20)) + "refused: the password is sesame-open\n"


def test_a_crash_ends_the_wait_with_the_last_lines(kube: KubeClient, namespace: str, node: Any) -> None:
    bodies = [deployment(namespace, "shop"), secret(namespace, "door", {"password": "sesame-open"})]
    with node(lambda _pod, age: waiting("CrashLoopBackOff", restarts=1 + int(age / 5)), LOG):
        error = failure(kube, *bodies)
    problem, log = error.problems
    assert "container main: CrashLoopBackOff (exit code 1)" in problem.found
    assert log.path.startswith("log of pod shop-")
    assert log.path.endswith(", container main")
    assert log.found.splitlines()[-2:] == ["      line 19", "      refused: the password is ********"]
    assert len(log.found.splitlines()) == 11, "the first is empty"
    assert "sesame" not in str(error)


def test_secrets_that_the_call_does_not_name_stay_hidden_too(kube: KubeClient, namespace: str, node: Any) -> None:
    put(kube, secret(namespace, "door", {"password": "sesame-open"}))
    body = deployment(namespace, "shop")
    body["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"secretRef": {"name": "door"}}]
    with node(lambda _pod, _age: STARTING, LOG):
        error = failure(kube, body, wait_timeout=2)
    assert error.problems[1].found.endswith("refused: the password is ********")


def test_a_crash_during_the_start_is_no_failure(kube: KubeClient, namespace: str, node: Any) -> None:
    """Twice down, each time for a while that is short enough: it waits for another service, say."""

    def play(_pod: Body, age: float) -> Body:
        if age < LASTING * 0.6:
            return waiting("CrashLoopBackOff", restarts=1)
        if age < LASTING * 0.9:
            return {**STARTING, "restartCount": 1}
        return waiting("CrashLoopBackOff", restarts=2) if age < LASTING * 1.5 else {**RUNNING, "restartCount": 2}

    with node(play):
        assert put(kube, deployment(namespace, "shop")).changed


def test_crashes_without_a_pause_are_counted(kube: KubeClient, namespace: str, node: Any) -> None:
    def play(_pod: Body, age: float) -> Body:
        restarts = int(age)
        return (
            waiting("CrashLoopBackOff", restarts=restarts) if age % 1 > 0.5 else {**STARTING, "restartCount": restarts}
        )

    with node(play):
        assert "CrashLoopBackOff" in failure(kube, deployment(namespace, "shop")).problems[0].found


@pytest.mark.parametrize("make", [deployment, daemon_set])
def test_pods_of_the_template_before_tell_nothing(kube: KubeClient, namespace: str, node: Any, make: Any) -> None:
    """A broken rollout is mended by the next one, whatever its pods complain of until they are gone."""
    body = make(namespace, "shop")

    def play(pod: Body, age: float) -> Body:
        if pod["spec"]["containers"][0]["image"].endswith(":1"):
            return waiting("InvalidImageName") if age > 1 else STARTING
        return RUNNING if age > LASTING else STARTING

    with node(play):
        failure(kube, body)
        body["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.lab.example/shop:2"
        assert put(kube, body).changed


def test_what_crashed_before_the_call_gets_another_try(kube: KubeClient, namespace: str, node: Any) -> None:
    """A Deployment that waits in a long pause after crashes; the call mends the Secret that it lacked."""
    body = deployment(namespace, "shop")
    mended: list[float] = []

    def play(_pod: Body, _age: float) -> Body:
        if mended and time.monotonic() - mended[0] > LASTING * 2:
            return {**RUNNING, "restartCount": 9}
        return waiting("CrashLoopBackOff", restarts=8)

    with node(play):
        put(kube, body, wait=False)
        while not any((one.get("status") or {}).get("containerStatuses") for one in kube.list("v1", "Pod", namespace)):
            time.sleep(0.1)
        mended.append(time.monotonic())
        report = put(kube, body, secret(namespace, "door", {"password": "sesame"}))
        assert report.summary == "1 created, 1 unchanged"


def test_a_job_may_crash_as_often_as_it_allows_itself(kube: KubeClient, namespace: str, node: Any) -> None:
    def play(_pod: Body, age: float) -> Body:
        if age < LASTING * 2:
            return waiting("CrashLoopBackOff", restarts=1)
        return {"ready": False, "restartCount": 1, "state": {"terminated": {"exitCode": 0}}}

    with node(play):
        error = failure(kube, job(namespace, "once"), wait_timeout=LASTING * 2)
    assert error.message == "1 object not ready after 6 seconds"


def test_time_that_is_over_shows_what_an_unready_pod_wrote(kube: KubeClient, namespace: str, node: Any) -> None:
    with node(lambda _pod, _age: STARTING, "still connecting to db-01\n"):
        problem, log = failure(kube, deployment(namespace, "shop"), wait_timeout=3).problems
    assert "container main: runs, but is not ready" in problem.found
    assert log.found == "\n      still connecting to db-01"


def test_who_may_not_see_pods_still_waits(kube_server: KubeServer, kube: KubeClient, namespace: str, node: Any) -> None:
    rules = [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["*"]}]
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "deployer"}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": rules}
    binding = {**role, "kind": "RoleBinding", "roleRef": reference, "subjects": [{"kind": "User", "name": "deployer"}]}
    del binding["rules"]
    put(kube, *({**one, "metadata": {"name": "deployer", "namespace": namespace}} for one in (role, binding)))
    play: Play = lambda _pod, age: waiting("InvalidImageName") if age < 2 else RUNNING  # noqa: E731
    with node(play), KubeClient.connect(kubeconfig=kube_server.kubeconfig_for("deployer")) as deployer:
        assert put(deployer, deployment(namespace, "shop")).changed
