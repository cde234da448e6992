# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked of services, and the script that asks, in a real shell against real sockets."""

from __future__ import annotations

import http.server
import subprocess
import threading
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core import probe
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.front_door import targets_of
from ansible_collections.landfall.replatform.plugins.module_utils.core.probe import Question

from tests.unit.test_manifests import SUITE

PLAN: Any = yaml.safe_load((SUITE / "plan.yml").read_text())


def test_every_service_that_pods_call_is_asked_wherever_it_runs() -> None:
    asked = {one.service: (one.where, one.send) for one in probe.inside(PLAN, [])}
    assert asked == {
        "eureka": ("eureka.mall-trade.svc:8761", "/actuator/health"),
        "gateway": ("gateway.mall-trade.svc:8080", "/actuator/health"),
        "goods": ("goods.mall-trade.svc:8081", "/actuator/health"),
        "mariadb": ("mariadb.mall-trade.svc:3306", ""),
        "member": ("member.mall-trade.svc:8084", "/"),
        "order": ("order.mall-trade.svc:8083", "/actuator/health"),
        "redis": ("redis.mall-trade.svc:6379", "PING\\r\\n"),
        "shop-web": ("shop-web.mall-trade.svc:80", "/"),
    }


def test_outside_every_worker_and_the_front_door_are_asked() -> None:
    assert [(one.service, one.where) for one in probe.outside(PLAN, [])] == [
        ("gateway", "10.99.0.13:30300"),
        ("gateway", "10.99.0.14:30300"),
        ("shop-web", "10.99.0.13:30301"),
        ("shop-web", "10.99.0.14:30301"),
        ("front door", "10.99.0.30:80"),
    ]
    assert [one.service for one in probe.outside(PLAN, ["gateway"])] == ["gateway", "gateway"]


def test_workers_that_may_not_stand_yet_are_not_counted_on() -> None:
    nodes = [{**node, "waits_for": ["old-01"] if node["name"] == "worker-02" else []} for node in PLAN["nodes"]]
    later: Any = {**PLAN, "nodes": nodes}
    asked = [one.where for one in probe.outside(later, ["gateway", "shop-web"])]
    assert asked == ["10.99.0.13:30300", "10.99.0.13:30301"]
    assert [target.cluster for target in targets_of(later, ["gateway"])] == [("10.99.0.13:30300",)]


def test_services_of_guests_are_those_that_left_them() -> None:
    [goods] = [one for one in PLAN["services"] if one["name"] == "goods"]
    [database] = [one for one in PLAN["services"] if one["name"] == "mariadb"]
    guests = [part["guest"] for one in (goods, database) for part in one["from"]]
    assert probe.moved_from(PLAN, guests) == ["goods"], "mariadb stays"
    assert probe.moved_from(PLAN, ["win-fax"]) == []


def test_a_name_that_is_not_planned() -> None:
    with pytest.raises(DocumentError, match="services: ordre"):
        probe.inside(PLAN, ["ordre"])


@pytest.mark.parametrize(
    ("service", "said", "ok"),
    [
        ("order", "HTTP/1.1 200 OK", True),
        ("order", "HTTP/1.1 404 Not Found", True),
        ("order", "HTTP/1.1 503 Service Unavailable", False),
        ("order", None, False),
        ("order", "", False),
        ("redis", "+PONG", True),
        ("redis", "-NOAUTH Authentication required.", True),
        ("redis", "-LOADING Redis is loading the dataset in memory", False),
        ("mariadb", "connected", True),
    ],
)
def test_what_counts_as_an_answer(service: str, said: str | None, ok: bool) -> None:
    [question] = probe.inside(PLAN, [service])
    answer = question.judge(said)
    assert answer.ok is ok
    assert bool(probe.problems([answer])) is not ok


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.headers["Host"] == "127.0.0.1" and self.path == "/actuator/health" else 500)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


def test_the_script_asks() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"127.0.0.1:{server.server_port}"
        questions = [
            Question("nobody", "service", "127.0.0.1:9", "", "."),
            Question("a b", "service", here, "/actuator/health", r"HTTP/\S+ 2"),
            Question("wrong", "service", here, "/", r"HTTP/\S+ 2"),
            Question("no such host", "service", "nowhere.invalid:80", "/", "."),
        ]
        words = [word for one in questions for word in (one.service, one.where, probe.http(one))]
        done = subprocess.run(
            ["bash", "-c", probe.SCRIPT, "ask", *words], capture_output=True, text=True, check=True, timeout=30
        )
        server.shutdown()
    answers = {one.service: (one.ok, one.said) for one in probe.answers_of(questions, done.stdout)}
    assert answers["a b"] == (True, "HTTP/1.0 200 OK")
    assert answers["wrong"][0] is False
    assert answers["nobody"] == answers["no such host"] == (False, "no answer")
