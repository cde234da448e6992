# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""service_cutover on a real nginx and a real HAProxy, with requests going through them."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.component.kube_fixture import _free_port
from tests.component.task import run_task


class Backend(http.server.ThreadingHTTPServer):
    """Answers with its name."""

    def __init__(self, name: str) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/slow":
                    time.sleep(2)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(name.encode())

            def log_message(self, *_arguments: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def backends() -> Iterator[tuple[int, int]]:
    """The ports of a service on its guest and in the cluster."""
    guest, cluster = Backend("guest"), Backend("cluster")
    yield guest.server_port, cluster.server_port
    for one in (guest, cluster):
        one.shutdown()
        one.server_close()


@dataclass(frozen=True)
class Door:
    """A kind of front door: its file, how it is started and told to reload, and a mistake with what is said of it."""

    text: str
    start: str
    program: str
    reload: str | None
    mistake: tuple[str, str]
    complaint: str


DOORS = {
    "nginx": Door(
        "pid {directory}/pid;\nerror_log {directory}/error.log notice;\nevents {{}}\nhttp {{\n    access_log off;\n"
        "    upstream gateway {{\n        server 127.0.0.1:{guest};\n    }}\n"
        "    server {{\n        listen 127.0.0.1:{port};\n"
        "        location / {{ proxy_pass http://gateway; }}\n    }}\n}}\n",
        "nginx -c {file}",
        "nginx -c {file}",
        None,
        ("proxy_pass", "proxy_pass_to"),
        'unknown directive "proxy_pass_to"',
    ),
    "haproxy": Door(
        "global\n    stats socket {directory}/socket level admin expose-fd listeners\n"
        "defaults\n    mode http\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n"
        "frontend shop\n    bind 127.0.0.1:{port}\n    default_backend gateway\n"
        "backend gateway\n    server gw1 127.0.0.1:{guest} check port {guest}\n",
        "haproxy -W -D -f {file} -p {directory}/pid",
        "haproxy",
        "kill -USR2 {pid}",
        ("default_backend", "default_backends"),
        "unknown keyword 'default_backends'",
    ),
}


def _pid(file: Path) -> int:
    """What a program writes there once it runs."""
    deadline = time.monotonic() + 10
    while not (file.exists() and file.read_text().strip()):
        assert time.monotonic() < deadline, f"{file} stays empty"
        time.sleep(0.05)
    return int(file.read_text())


@pytest.fixture(params=DOORS)
def front_door(request: Any, tmp_path: Path, backends: tuple[int, int]) -> Iterator[dict[str, Any]]:
    """A running front door: its port, its file, and the module's arguments for it."""
    port, door = _free_port(), DOORS[request.param]
    file = tmp_path / "shop.conf"
    file.write_text(door.text.format(directory=tmp_path, port=port, guest=backends[0]))
    subprocess.run(door.start.format(file=file, directory=tmp_path).split(), check=True)
    pid = _pid(tmp_path / "pid")
    plan = {
        "nodes": [{"name": "worker-01", "role": "worker", "address": "127.0.0.1"}],
        "services": [
            {
                "name": "gateway",
                "moves": True,
                "from": [{"guest": "gateway-01", "address": "127.0.0.1", "port": backends[0]}],
                "expose": {"node_port": backends[1]},
            },
            {
                "name": "order",
                "moves": True,
                "from": [{"guest": "o", "address": "10.9.9.9", "port": 8083}],
                "expose": {},
            },
        ],
    }
    (tmp_path / "plan.yml").write_text(json.dumps(plan))
    arguments = {
        "plan_file": str(tmp_path / "plan.yml"),
        "services": ["gateway", "order"],
        "kind": request.param,
        "configuration": [str(tmp_path / "*.conf")],
        "program": door.program.format(file=file),
        **({"reload": door.reload.format(pid=pid)} if door.reload else {}),
    }
    try:
        yield {"port": port, "file": file, "arguments": arguments, "plan": plan, "door": door}
    finally:
        os.kill(pid, signal.SIGTERM)


def answer(port: int, path: str = "/") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
        return str(response.read().decode())


def soon(port: int, wanted: str) -> bool:
    """Whether `wanted` answers within 200 looks: old workers may take a connection until they are told to end.

    Looks are counted and not seconds, so that a machine that stood still meanwhile does not use up the time.
    """
    for _look in range(200):
        if answer(port) == wanted:
            return True
        time.sleep(0.1)
    return False


def said_by(front_door: dict[str, Any]) -> str:
    """What the front door wrote about its reload, for whoever reads a failure."""
    log = front_door["file"].parent / "error.log"
    return log.read_text() if log.exists() else "it keeps no log"


def test_there_and_back(front_door: dict[str, Any], tmp_path: Path) -> None:
    port, file, arguments = front_door["port"], front_door["file"], front_door["arguments"]
    original = file.read_text()
    assert answer(port) == "guest"
    predicted = run_task("service_cutover", arguments, check=True)
    assert (predicted["changed"], predicted["files"], predicted["backups"]) == (True, [str(file)], [])
    assert file.read_text() == original
    done = run_task("service_cutover", arguments)
    assert done["changed"], done
    assert Path(done["backups"][0]).read_text() == original
    assert soon(port, "cluster"), said_by(front_door)
    assert not run_task("service_cutover", arguments)["changed"]
    back = {**arguments, "state": "legacy"}
    assert run_task("service_cutover", back)["changed"]
    assert file.read_text() == original
    assert soon(port, "guest"), said_by(front_door)
    assert not run_task("service_cutover", back)["changed"]


def test_no_request_fails_meanwhile(front_door: dict[str, Any]) -> None:
    port, done, failed, answers = front_door["port"], threading.Event(), [], []

    def ask(path: str) -> None:
        while not done.is_set():
            try:
                answers.append(answer(port, path))
            except OSError as error:
                failed.append(error)
            time.sleep(0.005)

    threads = [threading.Thread(target=ask, args=(path,)) for path in ("/", "/", "/slow")]
    for thread in threads:
        thread.start()
    try:
        assert run_task("service_cutover", front_door["arguments"])["changed"]
        assert soon(port, "cluster"), said_by(front_door)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not failed
    assert {"guest", "cluster"} <= set(answers)


def test_what_the_front_door_does_not_take_is_taken_back(front_door: dict[str, Any]) -> None:
    file, arguments, door = front_door["file"], front_door["arguments"], front_door["door"]
    # a mistake that somebody else made and that the front door has not read yet
    broken = file.read_text().replace(*door.mistake)
    file.write_text(broken)
    refused = run_task("service_cutover", arguments)
    assert refused["failed"]
    assert door.complaint in refused["msg"]
    assert file.read_text() == broken
    assert answer(front_door["port"]) == "guest"


def test_a_service_without_node_port_is_refused_before_anything_changes(front_door: dict[str, Any]) -> None:
    arguments = front_door["arguments"]
    front_door["plan"]["services"][0]["expose"] = {}
    Path(arguments["plan_file"]).write_text(json.dumps(front_door["plan"]))
    original = front_door["file"].read_text()
    refused = run_task("service_cutover", arguments)
    assert "service gateway: the front door calls it, and it has no node port" in refused["msg"]
    assert front_door["file"].read_text() == original


def test_no_file_at_all(front_door: dict[str, Any]) -> None:
    refused = run_task("service_cutover", {**front_door["arguments"], "configuration": ["/nowhere/*.conf"]})
    assert "none of /nowhere/*.conf is a file" in refused["msg"]


@pytest.fixture(autouse=True)
def _no_backups_stay() -> Iterator[None]:
    yield
    root = Path("/var/backups/landfall")
    for path in sorted((root / "tmp").rglob("*"), reverse=True) if (root / "tmp").exists() else []:
        path.rmdir() if path.is_dir() else path.unlink()
    for path in (root / "tmp", root):
        with contextlib.suppress(OSError):  # somebody else's lie there
            path.rmdir()
