# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`changed` is exact while others write to the same objects all the time: five hundred objects, again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import CHANGES, Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import shop

Body = dict[str, Any]

_APPLICATIONS = 50
_WRITERS = 2
_KIND = {"apiVersion": "apps/v1", "kind": "Deployment"}
_APPLY = "application/apply-patch+yaml"


class Churn:
    """While it is entered, others write annotations and status of the Deployments of a namespace."""

    def __init__(self, kubeconfig: str, namespace: str) -> None:
        self.written = 0
        self._kubeconfig, self._namespace = kubeconfig, namespace
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(_WRITERS)]

    def __enter__(self) -> Churn:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, writer: int) -> None:
        with KubeClient.connect(kubeconfig=self._kubeconfig) as client:
            while not self._stop.is_set():
                for number in range(writer, _APPLICATIONS, _WRITERS):
                    self.written += 1
                    self._write(client, f"app{number}", self.written)

    def _write(self, client: KubeClient, name: str, turn: int) -> None:
        metadata = {"name": name, "namespace": self._namespace, "annotations": {"somebody.dev/seen": str(turn)}}
        client.apply({**_KIND, "metadata": metadata}, field_manager="somebody", force=True)
        answer = client.send(
            "PATCH",
            f"/apis/apps/v1/namespaces/{self._namespace}/deployments/{name}/status",
            query={"fieldManager": "controller", "force": "true"},
            body={**_KIND, "metadata": {"name": name}, "status": {"observedGeneration": turn, "replicas": turn % 3}},
            content_type=_APPLY,
        )
        assert answer.ok


@pytest.fixture
def bodies(kube: KubeClient, namespace: str) -> list[Body]:
    """Five hundred objects that are in the cluster, of which the Deployments need the server's word each time."""
    wanted = shop(namespace, _APPLICATIONS)
    for body in wanted:
        if body["kind"] == "Deployment":  # in units that the server writes otherwise
            [container] = body["spec"]["template"]["spec"]["containers"]
            container["resources"] = {"requests": {"cpu": "0.1"}, "limits": {"memory": "1024Mi"}}
    assert len(wanted) == 500
    assert put(kube, wanted).summary == "500 created"
    return wanted


@pytest.fixture
def churn(kube_server: KubeServer, namespace: str, bodies: list[Body]) -> Iterator[Churn]:
    with Churn(kube_server.kubeconfig, namespace) as running:
        yield running


def put(client: KubeClient, bodies: list[Body], *, check: bool = False) -> Report:
    return apply(client, Wish([("shop", one) for one in bodies], wait=False, check=check))


def changed(report: Report) -> set[str]:
    return {str(one.identity) for one in report.done if one.action in CHANGES}


def test_what_others_write_is_never_a_change(kube: KubeClient, bodies: list[Body], churn: Churn) -> None:
    for _run in range(5):
        for check in (True, False):
            before = churn.written
            assert put(kube, bodies, check=check).summary == "500 unchanged"
            assert churn.written > before, "nobody wrote meanwhile: that proves nothing"


def test_edits_and_removals_are_counted_exactly(
    kube: KubeClient, bodies: list[Body], churn: Churn, namespace: str
) -> None:
    """Six edits are six, three removals are three, in check mode as for real, and then nothing is left to do."""
    deployments = [one for one in bodies if one["kind"] == "Deployment"]
    config_maps = [one for one in bodies if one["kind"] == "ConfigMap"]
    edited = {f"Deployment {namespace}/app{number}" for number in range(4)}
    for number in range(4):
        deployments[number]["spec"]["template"]["spec"]["containers"][0]["image"] += "-patched"
    for number in (7, 8):
        config_maps[number]["data"]["more"] = "yes"
        edited.add(f"ConfigMap {namespace}/app{number}")
    assert [changed(put(kube, bodies, check=check)) for check in (True, False, True, False)] == [
        edited,
        edited,
        set(),
        set(),
    ]
    del deployments[5]["spec"]["template"]["spec"]["containers"][0]["args"]
    del deployments[6]["spec"]["template"]["spec"]["volumes"]
    del config_maps[7]["data"]["more"]
    removed = {f"Deployment {namespace}/app5", f"Deployment {namespace}/app6", f"ConfigMap {namespace}/app7"}
    assert [changed(put(kube, bodies, check=check)) for check in (True, False, False)] == [removed, removed, set()]
    there = kube.get("v1", "ConfigMap", "app7", namespace) or {}
    assert "more" not in there["data"], "a key that goes away here goes away there"
    template = (kube.get("apps/v1", "Deployment", "app5", namespace) or {})["spec"]["template"]["spec"]
    assert "args" not in template["containers"][0]
