# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""workload_facts on the guests of the legacy suite: real systemd, JVMs, nginx and Redis, real SSH, no Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_settings import COMMANDS

from .guest_fixture import _FLAGS

ROOT = Path(__file__).resolve().parents[2]
GUESTS = ("order-01", "goods-01", "gateway-01", "redis-01", "edge-01", "web-01")
JVMS = ("order-01", "goods-01", "gateway-01")
SECRET_OF_ORDER = "Tea-and-cups-2019"
HANGING = "printf '#!/bin/sh\\nsleep 600\\n' > /usr/local/bin/tr && chmod 755 /usr/local/bin/tr"
_IMAGE = "localhost/landfall/guest-{}:latest"
_OPTIONS = tuple(one for one in _FLAGS if one not in ("--network", "none"))
_PLAY = """
- hosts: guests
  gather_facts: false
  tasks:
    - landfall.replatform.workload_facts: {arguments}
      register: found
    - ansible.builtin.copy:
        content: "{{{{ found | to_json }}}}"
        dest: "{directory}/{{{{ inventory_hostname }}}}.json"
        mode: "0600"
      delegate_to: localhost
"""


@dataclass
class Machines:
    """Containers of our own, reached over SSH at addresses of podman's own network."""

    directory: Path
    addresses: dict[str, str]

    def container(self, guest: str) -> str:
        return f"landfall-component-{os.getpid()}-{guest}"

    def known_hosts(self, **wrong: str) -> Path:
        path = self.directory / "known_hosts"
        lines = []
        for guest, address in self.addresses.items():
            key = _podman("exec", self.container(guest), "cat", "/etc/ssh/ssh_host_ed25519_key.pub").split()[:2]
            lines.append(f"{address} {wrong.get(guest, ' '.join(key))}")
        path.write_text("\n".join(lines) + "\n")
        return path

    def look(self, *guests: str, known_hosts: Path | None = None, user: str = "ops", **arguments: Any) -> Looked:
        """A playbook over these guests; what each told."""
        hosts = {guest: {"ansible_host": self.addresses.get(guest, "10.88.255.254")} for guest in guests}
        options = f"-o UserKnownHostsFile={known_hosts or self.known_hosts()} -o StrictHostKeyChecking=yes"
        variables = {
            "ansible_user": user,
            "ansible_ssh_private_key_file": str(self.directory / "key"),
            "ansible_ssh_common_args": options,
            "ansible_ssh_timeout": 4,
        }
        localhost = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inventory = {
            "all": {"hosts": {"localhost": localhost}, "children": {"guests": {"hosts": hosts, "vars": variables}}}
        }
        (self.directory / "inventory.json").write_text(json.dumps(inventory))
        (self.directory / "play.yml").write_text(
            _PLAY.format(arguments=json.dumps(arguments), directory=self.directory)
        )
        for old in self.directory.glob("*-0*.json"):
            old.unlink()
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), "-vvv", "-i", "inventory.json", "play.yml"],
            cwd=self.directory,
            env={
                **os.environ,
                "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".lab" / "collections"),
                "ANSIBLE_SSH_ARGS": "-o ControlMaster=no",  # each test logs in anew
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        told = {path.stem: json.loads(path.read_text())["workload"] for path in self.directory.glob("*-0*.json")}
        return Looked(done.returncode, done.stdout + done.stderr, told)


@dataclass
class Looked:
    code: int
    output: str
    told: dict[str, dict[str, Any]]

    def service(self, guest: str) -> dict[str, Any]:
        (one,) = self.told[guest]["services"]
        return dict(one)


def _podman(*arguments: str) -> str:
    done = subprocess.run(["podman", *arguments], capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        pytest.fail(f"podman {' '.join(arguments)}: {done.stderr} (`python -m lab build` makes the images)")
    return done.stdout.strip()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    directory = tmp_path_factory.mktemp("guests")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / "key")], check=True)
    authorized = directory / "ops"
    authorized.write_bytes((directory / "key.pub").read_bytes())
    authorized.chmod(0o644)
    found = Machines(directory, {})
    mount = f"{authorized}:/etc/ssh/authorized_keys/ops:ro"
    try:
        for guest in GUESTS:
            name = ("--name", found.container(guest), "--hostname", guest)
            _podman("run", "--detach", *name, *_OPTIONS, "-v", mount, _IMAGE.format(guest), "/sbin/init")
            inspect = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
            found.addresses[guest] = _podman("inspect", "--format", inspect, found.container(guest))
        _wait_until_they_serve(found)
        yield found
    finally:
        names = [found.container(guest) for guest in GUESTS]
        subprocess.run(
            ["podman", "rm", "--force", "--time", "0", "--volumes", *names], capture_output=True, check=False
        )


def _wait_until_they_serve(found: Machines) -> None:
    deadline = time.monotonic() + 240
    ports = {"order-01": "1F93", "goods-01": "1F91", "gateway-01": "1F90", "redis-01": "18EB"}
    for guest in GUESTS:
        listening = f":{ports.get(guest, '0050')} .* 0A "
        files = ("/proc/net/tcp", "/proc/net/tcp6")
        command = ["podman", "exec", found.container(guest), "grep", "-q", listening, *files]
        while subprocess.run(command, capture_output=True, check=False).returncode:
            if time.monotonic() > deadline:
                pytest.fail(f"{guest} does not serve: {_podman('logs', found.container(guest))}")
            time.sleep(0.5)


@pytest.fixture(scope="module")
def looked(machines: Machines) -> Looked:
    return machines.look(*GUESTS)


def test_guests_have_no_python(machines: Machines) -> None:
    found = _podman("exec", machines.container("goods-01"), "sh", "-c", "command -v python3 python || echo none")
    assert found == "none"


def test_what_a_guest_lacks_to_become_a_node(machines: Machines, looked: Looked) -> None:
    for guest, told in looked.told.items():
        every = " ".join(["python3", *COMMANDS])
        look = f"PATH=$PATH:/usr/sbin:/sbin; for one in {every}; do command -v $one >/dev/null || echo $one; done"
        assert told["lacks"] == _podman("exec", machines.container(guest), "sh", "-c", look).split(), guest
        assert "python3" in told["lacks"]
        assert "mount" not in told["lacks"]


def test_a_service_that_a_script_started_at_boot(looked: Looked) -> None:
    assert looked.code == 0, looked.output
    order = looked.service("order-01")
    assert (order["name"], order["kind"], order["started_by"]) == ("order", "jvm", "cron")
    assert (order["unit"], order["script"]) == (None, "/usr/local/order/start.sh")
    assert (order["user"], order["working_directory"], order["ports"]) == ("root", "/usr/local/order", [8083])
    assert order["logs"] == ["/usr/local/order/nohup.out"]
    assert order["jar"]["path"] == "/usr/local/order/order.jar"
    assert order["memory"]["heap_max_mib"] == 192
    assert order["memory"]["peak_rss_mib"] > 80
    named = {(one["address"], one["port"]) for one in order["outbound"] if one["source"] == "configuration"}
    assert {("10.99.0.28", 3306), ("eureka-01", 8761), ("goods", 0), ("member", 0)} <= named


def test_a_service_of_an_older_generation(looked: Looked) -> None:
    goods = looked.service("goods-01")
    assert (goods["unit"], goods["user"], goods["ports"]) == ("goods-service.service", "goods", [8081])
    assert goods["runtime"] == {
        "java": 17, "spring_boot": "2.7.18", "application_name": "goods", "eureka": True, "eureka_server": False,
        "actuator": True, "profiles": ["prod"], "main_class": "example.mall.goods.GoodsApplication",
    }  # fmt: skip
    # the second is what a setting of the first points to
    paths = ["/home/goods/conf/application-prod.properties", "/home/goods/conf/catalogue.json"]
    assert [one["path"] for one in goods["configuration"]] == paths
    digest = _sha256("goods-01", looked)
    assert goods["jar"]["sha256"] == digest


def _sha256(guest: str, looked: Looked) -> str:
    path = looked.service(guest)["jar"]["path"]
    container = f"landfall-component-{os.getpid()}-{guest}"
    return _podman("exec", container, "sha256sum", path).split()[0]


def test_a_service_configured_by_its_environment(looked: Looked) -> None:
    gateway = looked.service("gateway-01")
    assert gateway["environment"]["SERVER_PORT"] == "8080"
    assert "INVOCATION_ID" not in gateway["environment"]
    assert [one["path"] for one in gateway["configuration"]] == ["/etc/default/gateway"]
    assert {"goods", "order", "member"} <= {one["address"] for one in gateway["outbound"]}, "routes inside the jar"


def test_servers_that_are_no_jvm(looked: Looked) -> None:
    redis = looked.service("redis-01")
    assert (redis["kind"], redis["ports"], redis["data"]) == ("redis", [6379], ["/var/lib/redis"])
    assert redis["unit"] == "redis-server.service"
    web, edge = looked.service("web-01"), looked.service("edge-01")
    assert (web["kind"], web["document_root"]) == ("nginx", "/var/www/shop")
    assert edge["document_root"] is None
    door = next(one for one in edge["configuration"] if one["path"].endswith("conf.d/shop.conf"))
    container = f"landfall-component-{os.getpid()}-edge-01"
    assert door["content"].strip() == _podman("exec", container, "cat", "/etc/nginx/conf.d/shop.conf")
    assert {("10.99.0.22", 8080), ("10.99.0.29", 80)} <= {(one["address"], one["port"]) for one in edge["outbound"]}


def test_no_secret_leaves_the_guest_for_any_eye(looked: Looked) -> None:
    order = looked.service("order-01")
    (configuration,) = order["configuration"]
    assert configuration["secrets"] == ["spring.datasource.password"]
    assert "password: (secret)" in configuration["content"]
    assert SECRET_OF_ORDER not in json.dumps(looked.told)
    assert SECRET_OF_ORDER not in looked.output, "not even with -vvv"


def test_nothing_stays_behind(machines: Machines, looked: Looked) -> None:
    time.sleep(1)
    for guest in JVMS:
        commands = _podman("exec", machines.container(guest), "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\000' ' '")
        assert "sleep" not in commands
        assert _podman("exec", machines.container(guest), "ls", "/home/ops") == ""


def test_a_host_key_that_does_not_match(machines: Machines) -> None:
    wrong = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbPs3nyyYbBE0nbQNBQlmSd5qmVUzr5B1lLKBL4kFIV"
    looked = machines.look("web-01", "redis-01", known_hosts=machines.known_hosts(**{"web-01": wrong}))
    assert looked.code == 0, looked.output
    assert looked.told["redis-01"]["reachable"]
    web = looked.told["web-01"]
    assert (web["reachable"], web["services"]) == (False, [])
    (finding,) = web["findings"]
    assert (finding["rule"], finding["severity"], finding["where"]) == ("unreadable_guest", "blocker", "web-01")
    assert finding["found"] == "its SSH host key is not the one that is known"


def test_a_guest_that_refuses_the_login(machines: Machines) -> None:
    looked = machines.look("web-01", user="nobody-here")
    assert looked.code == 0, looked.output
    assert looked.told["web-01"]["findings"][0]["found"] == "it refuses the login"


def test_a_guest_that_is_not_there(machines: Machines) -> None:
    looked = machines.look("gone-01", addresses=["10.88.255.254"])
    assert looked.code == 0, looked.output
    gone = looked.told["gone-01"]
    assert gone["addresses"] == ["10.88.255.254"]
    assert gone["findings"][0]["found"] in ("it does not answer", "it cannot be reached")


def test_a_guest_that_does_not_come_to_an_end(machines: Machines) -> None:
    _podman("exec", machines.container("edge-01"), "sh", "-c", HANGING)
    looked = machines.look("edge-01", "web-01", timeout=20)
    assert looked.code == 0, looked.output
    assert looked.told["web-01"]["reachable"]
    assert "did not come to an end" in looked.told["edge-01"]["findings"][0]["found"]
    assert "sleep" not in _podman("exec", machines.container("edge-01"), "sh", "-c", "cat /proc/[0-9]*/comm")


def test_a_guest_that_freezes_while_it_answers(machines: Machines) -> None:
    container = machines.container("redis-01")
    _podman("exec", container, "sh", "-c", HANGING)
    freezing = threading.Thread(target=_freeze_once_asked, args=(container,))
    freezing.start()
    try:
        looked = machines.look("redis-01", "web-01", timeout=90)
    finally:
        freezing.join()
        _podman("unpause", container)
    assert looked.code == 0, looked.output
    assert looked.told["web-01"]["reachable"]
    (finding,) = looked.told["redis-01"]["findings"]
    assert (finding["severity"], finding["found"]) == ("blocker", "it does not answer")


def _freeze_once_asked(container: str) -> None:
    deadline = time.monotonic() + 60
    # Processes end while they are listed; there is no tr to be had now.
    while "sleep\000600" not in _podman("exec", container, "sh", "-c", "cat /proc/[0-9]*/cmdline || true"):
        assert time.monotonic() < deadline, "nobody asked"
        time.sleep(0.2)
    _podman("pause", container)
