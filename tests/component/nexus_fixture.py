"""A real Nexus Repository on a free port of the loopback, with its first password, for one test session."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.build.places import PRODUCTS
from tests.component.servers import free_port, stop

ADMIN_PASSWORD = "Adm1n-of-tests"  # the tests of nexus_config give it; before them, the first password is right


@dataclass(frozen=True)
class RunningNexus:
    url: str
    initial_password: str


@pytest.fixture(scope="session")
def nexus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNexus]:
    home = tmp_path_factory.mktemp("nexus")
    for name in ("nexus.tar", "java-11.tar"):
        subprocess.run(["tar", "-xf", PRODUCTS / name, "-C", home], check=True)
    work = home / "sonatype-work" / "nexus3"
    (work / "etc").mkdir(parents=True)
    port = free_port()
    settings = f"application-port={port}\napplication-host=127.0.0.1\nnexus.onboarding.enabled=false\n"
    (work / "etc" / "nexus.properties").write_text(settings)
    environment = os.environ | {
        "JAVA_HOME": str(home / "java-11"),
        "JAVA_MIN_MEM": "512m",
        "JAVA_MAX_MEM": "512m",
        "EXTRA_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    }
    with (home / "nexus.log").open("w") as log:
        process = subprocess.Popen(
            [home / "nexus" / "bin" / "nexus", "server"], env=environment, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, home / "nexus.log", process)
        yield RunningNexus(url, (work / "admin.password").read_text())
    finally:
        stop(process)


def _wait_for(url: str, log: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert process.poll() is None, f"Nexus ended: {log.read_text()[-2000:]}"
        try:
            with urllib.request.urlopen(f"{url}/service/rest/v1/status/writable", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    raise AssertionError(f"Nexus did not start: {log.read_text()[-2000:]}")
