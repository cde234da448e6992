"""The shop's services as pods will run them: real JVMs, configured by their environment alone, with a real Redis."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lab.build.places import PRODUCTS
from lab.suite import products
from tests.component.servers import free_port, stop

SEED = products.HERE / "guests/redis-01/rootfs/usr/local/share/members/seed.redis"
JAVA = ("java", "-Xmx160m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar")


@dataclass
class Suite:
    logs: Path
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *argv: str, **environment: str) -> None:
        with (self.logs / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(argv, env=os.environ | environment, stdout=log, stderr=log)

    def pod(self, name: str, **environment: str) -> None:
        """A service with what its Deployment would say."""
        self.ports[name] = free_port()
        registry = f"http://localhost:{self.ports['eureka-server']}/eureka/" if self.ports else ""
        pod = {
            "SERVER_PORT": str(self.ports[name]),
            "EUREKA_CLIENT_SERVICEURL_DEFAULTZONE": registry,
            "EUREKA_INSTANCE_HOSTNAME": "localhost",
            "EUREKA_INSTANCE_PREFER_IP_ADDRESS": "false",
            "EUREKA_INSTANCE_NON_SECURE_PORT": str(self.ports[name]),
            "EUREKA_INSTANCE_INSTANCE_ID": f"{name}-7d9f-x2x4z",
        }
        self.start(name, *JAVA, str(PRODUCTS / f"{name}.jar"), **pod | environment)

    def get(self, name: str, path: str, body: object = None) -> Any:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://localhost:{self.ports[name]}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def instances(self) -> dict[str, dict[str, Any]]:
        found = self.get("eureka-server", "/eureka/apps")["applications"]["application"]
        return {instance["app"].lower(): instance for application in found for instance in application["instance"]}

    def wait(self, until: Callable[[], bool], seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                if until():
                    return
            except urllib.error.HTTPError as error:
                error.close()
            except OSError:
                pass
            ended = {name: process.returncode for name, process in self.processes.items() if process.poll()}
            assert not ended, f"ended: {ended}, logs in {self.logs}"
            assert time.monotonic() < deadline, f"not so after {seconds} s; logs in {self.logs}"
            time.sleep(0.5)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    running = Suite(tmp_path_factory.mktemp("suite"))
    redis = free_port()
    with ExitStack() as ending:
        ending.callback(lambda: [stop(process) for process in running.processes.values()])
        running.start("redis", "redis-server", "--port", str(redis), "--save", "", "--dir", str(running.logs))
        running.pod(
            "eureka-server",
            EUREKA_SERVER_RESPONSE_CACHE_UPDATE_INTERVAL_MS="1000",
            EUREKA_SERVER_ENABLE_SELF_PRESERVATION="false",
        )
        catalogue = products.HERE / "guests/goods-01/rootfs/home/goods/conf/catalogue.json"
        running.pod("goods", GOODS_CATALOGUE=catalogue.as_uri())
        running.pod("member", SPRING_DATA_REDIS_HOST="localhost", SPRING_DATA_REDIS_PORT=str(redis))
        running.pod("gateway")
        ping = ["redis-cli", "-p", str(redis), "ping"]  # commands to nobody are an error that redis-cli does not tell
        running.wait(lambda: subprocess.run(ping, capture_output=True, check=False).stdout == b"PONG\n")
        with SEED.open() as seed:
            subprocess.run(["redis-cli", "-e", "-p", str(redis)], stdin=seed, stdout=subprocess.DEVNULL, check=True)
        running.wait(lambda: {"goods", "member", "gateway"} <= set(running.instances()))
        running.wait(lambda: bool(running.get("gateway", "/api/goods")))
        running.wait(lambda: bool(running.get("gateway", "/api/members")))
        yield running


@pytest.mark.parametrize("name", ["goods", "member", "gateway"])
def test_a_pod_registers_the_name_and_port_that_its_environment_gives(suite: Suite, name: str) -> None:
    instance = suite.instances()[name]
    assert (instance["hostName"], instance["port"]["$"]) == ("localhost", suite.ports[name])
    assert instance["instanceId"] == f"{name}-7d9f-x2x4z"


def test_the_gateway_finds_the_catalogue(suite: Suite) -> None:
    assert suite.get("gateway", "/api/goods/7") == {"id": 7, "name": "Yixing teapot, 180 ml", "price": 329.9}


def test_points_end_in_the_redis_that_the_environment_names(suite: Suite) -> None:
    before = suite.get("gateway", "/api/members/m-1004")
    after = suite.get("gateway", "/api/members/m-1004/points", {"order": 2001, "points": 30})
    assert after["points"] == before["points"] + 30
    assert after["lastOrders"] == [2001, *before["lastOrders"]]


def test_a_service_that_ends_leaves_the_registry(suite: Suite) -> None:
    stop(suite.processes.pop("goods"))
    suite.wait(lambda: "goods" not in suite.instances(), seconds=20)


def test_the_projects_pass_their_own_tests(tmp_path: Path) -> None:
    work = shutil.copytree(products.HERE, tmp_path / "suite", ignore=shutil.ignore_patterns("target", "guests"))
    ended = subprocess.run(
        [*products.MAVEN, "--quiet", "--threads", "2", "test"], cwd=work, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-4000:]
    assert sum(1 for _ in work.rglob("surefire-reports/*.xml")) >= 6


def test_the_pages_pass_their_own_tests_and_name_their_assets_by_content(tmp_path: Path) -> None:
    work = shutil.copytree(products.HERE / "shop-web", tmp_path / "shop-web")
    ended = subprocess.run(["node", "--test"], cwd=work, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:]
    subprocess.run(["node", "build.mjs"], cwd=work, check=True)
    assets = {path.name for path in (work / "dist/assets").iterdir()}
    page = (work / "dist/index.html").read_text()
    assert {name for name in assets if name in page} == {name for name in assets if name.startswith(("app-", "shop-"))}
