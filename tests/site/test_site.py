"""The whole job in the lab, in the order of this file: from nothing, again, in check mode, and killed in the middle."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from lab.suite import check

ROOT = Path(__file__).resolve().parents[2]
KUBECONFIG = ROOT / "sites" / "lab" / "kubeconfig"
FRONT_DOOR = "http://10.99.0.30"
RECAP = re.compile(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


def command(*arguments: str) -> str:
    """Run a command out of the checkout, its output shown as it comes, and return that output."""
    script = f". scripts/env && exec {' '.join(arguments)}"
    lines = []
    with subprocess.Popen(
        ["bash", "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    assert process.returncode == 0, f"{' '.join(arguments)} ended with {process.returncode}"
    return "".join(lines)


def playbook(name: str, *arguments: str) -> dict[str, int]:
    """Run a playbook on the lab; how many tasks changed something, by host."""
    output = command("ansible-playbook", f"landfall.replatform.{name}", "-i", "inventories/lab", *arguments)
    recap = {host: int(changed) for host, changed, _, _ in RECAP.findall(output)}
    assert recap, "no recap in the output"
    return recap


def kubectl(*arguments: str) -> str:
    cache = os.environ.get("LANDFALL_CACHE", str(ROOT / ".lab" / "cache"))
    program = Path(cache, "products", "kubectl")
    return subprocess.run(
        [program, "--kubeconfig", KUBECONFIG, *arguments], check=True, capture_output=True, text=True, timeout=60
    ).stdout


def node_table() -> dict[str, tuple[bool, bool]]:
    """Node name → (Ready, is a control plane)."""
    items = yaml.safe_load(kubectl("get", "nodes", "-o", "json"))["items"]
    return {
        item["metadata"]["name"]: (
            any(one["type"] == "Ready" and one["status"] == "True" for one in item["status"]["conditions"]),
            "node-role.kubernetes.io/control-plane" in item["metadata"]["labels"],
        )
        for item in items
    }


def eureka_hosts() -> dict[str, set[str]]:
    """Application → the host names its instances registered, as the Eureka in the cluster tells it."""
    answer = kubectl("get", "--raw", "/api/v1/namespaces/mall-trade/services/http:eureka:8761/proxy/eureka/apps")
    applications = json.loads(answer)["applications"]["application"]
    return {one["name"]: {instance["hostName"] for instance in one["instance"]} for one in applications}


def test_the_whole_way_from_nothing() -> None:
    command("scripts/demo")
    nodes = node_table()
    assert len(nodes) == 5
    assert all(ready for ready, _ in nodes.values())
    assert sum(control_plane for _, control_plane in nodes.values()) == 3
    shop = check.shop(FRONT_DOOR)  # fails where orders or Redis data from before the move are gone
    assert shop["past_orders"] == sum(map(len, check.PAST_ORDERS.values()))


def test_nothing_of_the_suite_is_on_the_host_network_and_eureka_knows_service_names() -> None:
    pods = yaml.safe_load(kubectl("get", "pods", "-n", "mall-trade", "-o", "json"))["items"]
    assert pods
    assert not [pod["metadata"]["name"] for pod in pods if pod["spec"].get("hostNetwork")]
    services = set(kubectl("get", "services", "-n", "mall-trade", "-o", "name").replace("service/", "").split())
    registered = eureka_hosts()
    assert {"GATEWAY", "GOODS", "ORDER", "MEMBER"} <= registered.keys()
    assert {host.split(".")[0] for hosts in registered.values() for host in hosts} <= services


def test_the_new_build_came_through_the_sites_nexus() -> None:
    log = command("podman", "exec", "landfall-nexus-01", "cat", "/opt/sonatype-work/nexus3/log/request.log")
    assert re.search(r"GET /repository/mall-public/org/springframework/boot/\S+ HTTP/1.1\" 200", log)
    assert re.search(r"PUT /repository/mall-releases/\S+\.jar HTTP/1.1\" 201", log)


def test_status_tells_where_everything_stands() -> None:
    output = command("ansible-playbook", "landfall.replatform.status", "-i", "inventories/lab")
    assert re.search(r"gateway +2/2 +in the cluster +gateway-01 \(", output), "of a service that moved"
    assert re.search(r"gateway-01 +(on|off) +(moved|retired) +20\S+Z +wave \d+ +gateway", output), "of its guest"
    assert "NOWHERE" not in output


def test_a_second_run_changes_nothing_and_is_quick() -> None:
    began = time.monotonic()
    output = command("scripts/demo")
    assert {host: int(changed) for host, changed, _, _ in RECAP.findall(output) if changed != "0"} == {}
    assert time.monotonic() - began < 240


def test_check_mode_predicts_no_change() -> None:
    assert {host: changed for host, changed in playbook("site", "--check").items() if changed} == {}


def _killed_in_the_middle_of_kubeadm_init(deadline: float) -> None:
    """Start the site in a session of its own and kill all of it while etcd's data is being made on the first node."""
    script = ". scripts/env && exec ansible-playbook landfall.replatform.site -i inventories/lab"
    with (ROOT / ".lab" / "logs" / "killed-run.log").open("w") as log:
        run = subprocess.Popen(["bash", "-c", script], cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    while time.monotonic() < deadline:
        assert run.poll() is None, "the run ended before it could be killed: .lab/logs/killed-run.log"
        probe = "test -e /etc/kubernetes/manifests/etcd.yaml && pgrep -x kubeadm"
        if (
            subprocess.run(
                ["podman", "exec", "landfall-cp-01", "sh", "-c", probe], capture_output=True, check=False
            ).returncode
            == 0
        ):
            os.killpg(run.pid, signal.SIGKILL)
            subprocess.run(["podman", "exec", "landfall-cp-01", "pkill", "-KILL", "-x", "kubeadm"], check=False)
            run.wait()
            return
        time.sleep(0.2)
    pytest.fail("kubeadm init was never seen running")


def test_a_run_killed_in_the_middle_of_kubeadm_init_goes_on() -> None:
    command("scripts/demo", "down")
    command("scripts/demo", "lab")
    _killed_in_the_middle_of_kubeadm_init(time.monotonic() + 600)
    playbook("site")
    nodes = node_table()
    assert len(nodes) == 5
    assert all(ready for ready, _ in nodes.values())
    check.shop(FRONT_DOOR)
