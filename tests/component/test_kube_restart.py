# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An API server that goes away in the middle of an apply: nothing is lost, and whatever was left undone is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients import kube_requests
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import LandfallError
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_fixture import KubeServer, running
from tests.component.kube_objects import config_map, deployment
from tests.component.kube_pods import Pods

Body = dict[str, Any]

_NAMESPACE = "default"
_OBJECTS = 400


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeServer]:
    """A server that may go down without disturbing other tests."""
    with running(tmp_path_factory.mktemp("restart")) as own:
        yield own


@pytest.fixture
def client(server: KubeServer) -> Iterator[KubeClient]:
    with KubeClient.connect(kubeconfig=server.kubeconfig) as administrator:
        yield administrator


def wish(prefix: str, **options: Any) -> Wish:
    bodies = [config_map(_NAMESPACE, f"{prefix}-{number}", {"a": str(number)}) for number in range(_OBJECTS)]
    return Wish([("list", one) for one in bodies], workers=2, **options)


def written(client: KubeClient, prefix: str) -> int:
    return sum(one["metadata"]["name"].startswith(prefix) for one in client.list("v1", "ConfigMap", _NAMESPACE))


class Writer:
    """An apply that runs beside the test."""

    def __init__(self, client: KubeClient, wanted: Wish) -> None:
        self.reports: list[Report] = []
        self.errors: list[LandfallError] = []
        self._client, self._wanted = client, wanted
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.reports.append(apply(self._client, self._wanted))
        except LandfallError as error:
            self.errors.append(error)

    def is_in_the_middle(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        self._thread.join()


def in_the_middle_of(client: KubeClient, wanted: Wish, prefix: str) -> Writer:
    """A writer that has written some, and not yet all."""
    before = written(client, prefix)
    writer = Writer(client, wanted)
    while written(client, prefix) == before:
        assert writer.is_in_the_middle()
    return writer


@pytest.mark.parametrize("end", [KubeServer.stop_apiserver, KubeServer.kill_apiserver], ids=["stopped", "killed"])
def test_a_restart_in_the_middle_loses_nothing(
    server: KubeServer, client: KubeClient, end: Callable[[KubeServer], None]
) -> None:
    prefix = end.__name__.partition("_")[0]
    writer = in_the_middle_of(client, wish(prefix), prefix)
    end(server)
    assert writer.is_in_the_middle(), "the server went after the last object: that proves nothing"
    server.start_apiserver()
    writer.end()
    assert [str(error) for error in writer.errors] == []
    assert [report.summary for report in writer.reports] == [f"{_OBJECTS} created"]
    assert apply(client, wish(prefix)).summary == f"{_OBJECTS} unchanged"


def test_a_restart_in_the_middle_of_a_deletion(server: KubeServer, client: KubeClient) -> None:
    apply(client, wish("gone"))
    writer = in_the_middle_of(client, wish("gone", absent=True), "gone")
    server.kill_apiserver()
    assert writer.is_in_the_middle()
    server.start_apiserver()
    writer.end()
    assert [str(error) for error in writer.errors] == []
    assert [report.summary for report in writer.reports] == [f"{_OBJECTS} deleted"], "also what nobody confirmed"
    assert written(client, "gone") == 0


def test_a_server_that_stays_away_is_told_once_and_the_next_run_converges(
    server: KubeServer, client: KubeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kube_requests, "_PATIENCE_SECONDS", 1.0)
    writer = in_the_middle_of(client, wish("away"), "away")
    server.kill_apiserver()
    writer.end()
    server.start_apiserver()
    [error] = writer.errors
    assert "could not be written" in error.message
    assert [problem.path for problem in error.problems] == [server.url], "once, not for every object"
    there = written(client, "away")
    assert 0 < there < _OBJECTS
    predicted, done = apply(client, wish("away", check=True)), apply(client, wish("away"))
    assert predicted.summary == done.summary == f"{_OBJECTS - there} created, {there} unchanged"
    assert apply(client, wish("away")).summary == f"{_OBJECTS} unchanged"


def test_a_wait_outlives_a_restart(server: KubeServer, client: KubeClient) -> None:
    server.start_controllers()
    bodies = [deployment(_NAMESPACE, f"d{number}") for number in range(3)]
    writer = Writer(client, Wish([("list", one) for one in bodies], wait_timeout=120))
    while len(client.list("v1", "Pod", _NAMESPACE)) < 3:
        assert writer.is_in_the_middle()
    server.kill_apiserver()
    server.start_apiserver()
    assert writer.is_in_the_middle(), "nobody has said yet that a pod runs"
    with Pods(client, _NAMESPACE):
        writer.end()
    assert [str(error) for error in writer.errors] == []
    assert [report.summary for report in writer.reports] == ["3 created"]
