# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""eureka_instance against the shop's own Eureka server."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.component.kube_fixture import _end_with_parent, _free_port, product
from tests.component.task import run_task
from tests.unit.test_manifests import PLAN

GUEST, POD = ("order-01:order:8083", "order-01"), ("order-5d9f7-abcde", "order.mall-trade.svc")


@pytest.fixture(scope="module")
def eureka_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry that tells of changes within a second."""
    port, log = _free_port(), tmp_path_factory.mktemp("eureka") / "log"
    options = [
        f"--server.port={port}", "--eureka.server.response-cache-update-interval-ms=1000",
        "--eureka.server.enable-self-preservation=false",
    ]  # fmt: skip
    command = ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-jar", product("eureka-server.jar"), *options]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, preexec_fn=_end_with_parent)
    url = f"http://127.0.0.1:{port}/eureka"
    try:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/apps", timeout=2):
                break
            time.sleep(0.5)
        else:
            pytest.fail(f"Eureka did not start:\n{log.read_text()[-3000:]}")
        yield url
    finally:
        process.kill()
        process.wait()


def register(url: str, identity: str, host: str) -> None:
    """Registers an instance as a client does, for two minutes."""
    body = {
        "instance": {
            "instanceId": identity, "app": "ORDER", "hostName": host, "ipAddr": "10.0.0.1", "vipAddress": "order",
            "status": "UP", "port": {"$": 8083, "@enabled": "true"},
            "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
            "leaseInfo": {"durationInSecs": 120},
        }
    }  # fmt: skip
    ask("POST", f"{url}/apps/ORDER", json.dumps(body).encode())


def ask(method: str, url: str, body: bytes | None = None) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return bytes(answer.read())


def status(url: str, identity: str) -> str:
    return str(json.loads(ask("GET", f"{url}/apps/ORDER/{identity}"))["instance"]["status"])


def wait_until_told(url: str, *identities: str) -> None:
    for _attempt in range(100):
        told = ask("GET", f"{url}/apps").decode()
        if all(identity in told for identity in identities):
            return
        time.sleep(0.1)
    pytest.fail(f"{url} does not tell of {identities}")


@pytest.fixture
def arguments(eureka_url: str, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "plan.yml").write_text(json.dumps(PLAN))
    return {
        "plan_file": str(tmp_path / "plan.yml"),
        "services": ["order", "redis"],
        "url": eureka_url,
        "state": "drained",
        "settle_seconds": 0,
        "timeout": 20,
    }


@pytest.fixture
def instances(eureka_url: str) -> Iterator[None]:
    """One instance on a guest and one pod."""
    for identity, host in (GUEST, POD):
        register(eureka_url, identity, host)
    wait_until_told(eureka_url, GUEST[0], POD[0])
    yield
    for identity, _host in (GUEST, POD):
        ask("DELETE", f"{eureka_url}/apps/ORDER/{identity}")


@pytest.mark.usefixtures("instances")
def test_out_of_service_and_back(arguments: dict[str, Any], eureka_url: str) -> None:
    predicted = run_task("eureka_instance", arguments, check=True)
    assert (predicted["changed"], predicted["instances"]) == (True, [GUEST[0]])
    assert status(eureka_url, GUEST[0]) == "UP"
    assert run_task("eureka_instance", arguments)["instances"] == [GUEST[0]]
    assert (status(eureka_url, GUEST[0]), status(eureka_url, POD[0])) == ("OUT_OF_SERVICE", "UP")
    assert not run_task("eureka_instance", arguments)["changed"]
    back = {**arguments, "state": "in_service"}
    assert run_task("eureka_instance", back)["instances"] == [GUEST[0]]
    assert status(eureka_url, GUEST[0]) == "UP"


def test_without_a_pod_the_guest_stays_in_service(arguments: dict[str, Any], eureka_url: str) -> None:
    register(eureka_url, *GUEST)
    wait_until_told(eureka_url, GUEST[0])
    refused = run_task("eureka_instance", {**arguments, "timeout": 2})
    assert "callers see no pod of order" in refused["msg"]
    assert status(eureka_url, GUEST[0]) == "UP"
    ask("DELETE", f"{eureka_url}/apps/ORDER/{GUEST[0]}")


def test_no_registry_there(arguments: dict[str, Any]) -> None:
    refused = run_task("eureka_instance", {**arguments, "url": f"http://127.0.0.1:{_free_port()}/eureka"})
    assert refused["failed"]
    assert "does not answer" in refused["msg"]
