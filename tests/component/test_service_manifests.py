# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manifests and secrets of the shop in a real API server; this machine plays the guest."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient

from tests.component.kube_fixture import KubeServer, _free_port
from tests.component.task import run_task
from tests.unit.test_manifests import FACTS, MOVING, PLAN

SECRET = "Sesame-2026"


@pytest.fixture
def site(tmp_path: Path, kube_server: KubeServer, namespace: str) -> dict[str, Any]:
    """The plan of the shop for a namespace of this test, as files; and the modules' arguments."""
    plan = copy.deepcopy(PLAN)
    for one in plan["services"]:
        one["namespace"] = namespace
        one["expose"] = {}  # node ports are one per cluster, tests are many
    (tmp_path / "plan.yml").write_text(json.dumps(plan))
    (tmp_path / "workloads.yml").write_text(json.dumps(FACTS))
    images = [{"name": name, "image": f"registry.lab.example/{name}:1", "changed": True} for name in MOVING]
    return {
        "plan": plan,
        "manifests": {
            "plan_file": str(tmp_path / "plan.yml"),
            "workloads_file": str(tmp_path / "workloads.yml"),
            "services": MOVING,
            "images": images,
            "directory": str(tmp_path / "manifests"),
            "kubeconfig": kube_server.kubeconfig,
        },
    }


def apply(site: dict[str, Any], resources: list[Any], *, check: bool = False) -> dict[str, Any]:
    arguments = {"kubeconfig": site["manifests"]["kubeconfig"], "resources": resources, "wait": False}
    return run_task("kube_apply", arguments, check=check)


def test_the_shop_is_taken_by_the_api_server_and_unchanged_the_second_time(
    site: dict[str, Any], tmp_path: Path
) -> None:
    predicted = run_task("service_manifests", site["manifests"], check=True)
    assert predicted["changed"]
    assert not (tmp_path / "manifests").exists()
    made = run_task("service_manifests", site["manifests"])
    assert made["files"] == predicted["files"]
    everything = made["objects"] + made["services"]
    assert not apply(site, everything)["failed"]
    assert not run_task("service_manifests", site["manifests"])["changed"]
    assert not apply(site, everything)["changed"], "the server's defaults are no change"


def test_files_follow_and_go(site: dict[str, Any], tmp_path: Path) -> None:
    run_task("service_manifests", site["manifests"])
    place = tmp_path / "manifests" / "order"
    assert sorted(path.name for path in place.iterdir()) == [
        "deployment-order.yaml", "secret.yaml.masked", "service-order.yaml",
    ]  # fmt: skip
    (place / "ingress-order.yaml").write_text("kind: Ingress\n")  # of a former plan
    assert run_task("service_manifests", site["manifests"])["files"] == [str(place / "ingress-order.yaml")]
    assert not (place / "ingress-order.yaml").exists()


def test_bridges_until_a_service_has_moved(site: dict[str, Any], kube: KubeClient, namespace: str) -> None:
    arguments = {**site["manifests"], "state": "guests"}
    bridges = run_task("service_manifests", arguments)
    names = {one["metadata"]["name"] for one in bridges["objects"] if one["kind"] == "Service"}
    assert names == {"eureka", "gateway", "goods", "mariadb", "member", "order", "redis", "shop-web"}
    assert not apply(site, bridges["objects"])["failed"]
    slices = kube.list("discovery.k8s.io/v1", "EndpointSlice", namespace, labels="kubernetes.io/service-name=eureka")
    assert [one["endpoints"][0]["addresses"] for one in slices] == [["10.99.0.21"]]
    moved = run_task("service_manifests", site["manifests"])
    eureka = [one for one in moved["services"] if one["metadata"]["name"] == "eureka"]
    apply(site, eureka)
    live = kube.get("v1", "Service", "eureka", namespace)
    assert live
    assert live["spec"]["selector"] == {"app.kubernetes.io/name": "eureka"}
    again = run_task("service_manifests", arguments)
    assert "eureka" not in {one["metadata"]["name"] for one in again["objects"]}, "what has moved stays moved"
    assert not apply(site, again["objects"])["changed"]


def test_a_name_that_is_not_in_the_plan(site: dict[str, Any]) -> None:
    refused = run_task("service_manifests", {**site["manifests"], "services": ["mariadb"]})
    assert "services: mariadb: is no service that moves" in refused["msg"]


@pytest.fixture
def order(site: dict[str, Any], tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A process with secrets in its file, its environment and its command line; arguments for service_secrets."""
    port = _free_port()
    file = tmp_path / "application.yml"
    file.write_text(f"url: jdbc:mariadb://10.99.0.28:3306/orders\npassword: {SECRET}-file\n")
    code = "import http.server, sys; http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), None).serve_forever()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(port), f"-Dshop.token={SECRET}-word"],
        env={**os.environ, "DB_PASSWORD": f"{SECRET}-environment"},
    )
    items = [
        {"key": "application.yml", "source": "file", "path": str(file)},
        {"key": "DB_PASSWORD", "source": "environment", "pattern": "DB_PASSWORD"},
        {"key": "SHOP_TOKEN", "source": "value", "pattern": "-Dshop.token=(secret)"},
    ]
    namespace = site["plan"]["services"][0]["namespace"]
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "order", "namespace": namespace}}
    secret = {"name": "order", "guest": "order-01", "port": port, "items": items, "object": body}
    try:
        _wait_for(port)
        yield {
            "plan_file": site["manifests"]["plan_file"],
            "kubeconfig": site["manifests"]["kubeconfig"],
            "secret": secret,
            "process": process,
        }
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    import socket

    for _attempt in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail("the process does not listen")


def test_secrets_go_from_the_guest_into_the_cluster_unseen(
    order: dict[str, Any], kube: KubeClient, namespace: str
) -> None:
    process = order.pop("process")
    results = [run_task("service_secrets", order, check=True)]
    assert kube.get("v1", "Secret", "order", namespace) is None
    results.append(run_task("service_secrets", order))
    assert [one["changed"] for one in results] == [True, True], results
    live = kube.get("v1", "Secret", "order", namespace)
    assert live
    assert {key: base64.b64decode(value).decode() for key, value in live["data"].items()} == {
        "application.yml": f"url: jdbc:mariadb://mariadb:3306/orders\npassword: {SECRET}-file\n",
        "DB_PASSWORD": f"{SECRET}-environment",
        "SHOP_TOKEN": f"{SECRET}-word",
    }
    process.kill()
    process.wait()
    results.append(run_task("service_secrets", order))
    assert not results[-1]["changed"], "the guest is not needed any more"
    assert SECRET not in json.dumps(results)
    assert base64.b64encode(SECRET.encode()).decode()[:12] not in json.dumps(results)


def test_a_service_that_does_not_run_has_no_secrets_to_read(
    order: dict[str, Any], kube: KubeClient, namespace: str
) -> None:
    process = order.pop("process")
    process.kill()
    process.wait()
    refused = run_task("service_secrets", order)
    assert "nobody listens on port" in refused["msg"]
    assert kube.get("v1", "Secret", "order", namespace) is None
