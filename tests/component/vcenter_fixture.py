# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's vCenter program without containers, on ports of its own.

Fixtures: `vcenter` (module: the estate of lab/estate.yml, shared by the tests of one file; faults and counted calls are
reset for each test by `quiet_vcenter`, which is autouse where it is imported), `vcenter_factory` (for estates of one's
own). Import them in the test file or in a conftest.
"""

from __future__ import annotations

import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyVim.connect import SmartStubAdapter
from pyVmomi import vim

from lab.centre import program, secrets

from .servers import free_port, stop

USER = "administrator@vsphere.local"
READ_ONLY_USER = "readonly@vsphere.local"
PASSWORD = "a long secret for tests"


class VCenter:
    """One running vCenter: how to reach it (host, port, user, password, ca_path), and what its control port offers."""

    def __init__(self, directory: Path, estate: Path = program.ESTATE, keep_state: bool = True) -> None:
        self.host, self.port = "127.0.0.1", free_port()
        self.user, self.read_only_user, self.password = USER, READ_ONLY_USER, PASSWORD
        self.directory, self.estate, self.keep_state = directory, estate, keep_state
        self.ca_path = directory / "ca.pem"
        self._certificate, self._key = directory / "server.crt", directory / "server.key"
        self.log = directory / "vcenter.log"
        self._control_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        secrets.certificate(self.ca_path, self._certificate, self._key, "IP:127.0.0.1,DNS:localhost")
        (directory / "password").write_text(PASSWORD)

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}/sdk"

    def start(self) -> None:
        """Start it and wait until it answers."""
        state = ["--state", str(self.directory / "state")] if self.keep_state else []
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(str(program.binary()), "--no-containers", "--estate", str(self.estate)),
                    *("--listen", f"{self.host}:{self.port}", "--control", f"127.0.0.1:{self._control_port}"),
                    *("--tls-cert", str(self._certificate), "--tls-key", str(self._key)),
                    *("--username", USER, "--readonly-username", READ_ONLY_USER),
                    *("--password-file", str(self.directory / "password")),
                    *state,
                ],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 120
        while True:
            try:
                self.control("GET", "/health")
                return
            except OSError:  # it listens before its estate stands
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the vCenter program did not start:\n{self.log.read_text()}") from None
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process:
            stop(self._process)
            self._process = None

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process
        self._process.kill()
        self._process.wait()
        self._process = None

    @contextmanager
    def session(self, user: str = USER, password: str = PASSWORD) -> Iterator[Any]:
        """pyVmomi's service instance, logged in; logged out at the end."""
        context = ssl.create_default_context(cafile=str(self.ca_path))
        stub = SmartStubAdapter(host=self.host, port=self.port, sslContext=context)
        instance = vim.ServiceInstance("ServiceInstance", stub)
        try:
            instance.content.sessionManager.Login(user, password)
            try:
                yield instance
            finally:
                instance.content.sessionManager.Logout()
        finally:
            stub.DropConnections()

    def control(self, method: str, path: str, body: object = None) -> Any:
        return program.control(f"http://127.0.0.1:{self._control_port}", method, path, body)

    def fault(self, method: str, **rule: object) -> None:
        """Add a rule: count, skip, delay (seconds), fault, probability, object, task.

        `fault` is one of vim's, or "connection", "503" or "truncated".
        """
        self.control("POST", "/faults", {"method": method, **rule})

    def clear_faults(self) -> None:
        self.control("DELETE", "/faults")

    def calls(self) -> dict[str, int]:
        """How often each SOAP method was called since `reset_calls`."""
        return dict(self.control("GET", "/calls"))

    def reset_calls(self) -> None:
        self.control("POST", "/reset-calls")

    def sessions(self) -> list[dict[str, Any]]:
        """The sessions that are logged in now."""
        return list(self.control("GET", "/sessions"))

    def machines(self) -> dict[str, dict[str, Any]]:
        """All VMs by name: power, host, address, ready."""
        return {machine["name"]: machine for machine in self.control("GET", "/machines")}


@pytest.fixture(scope="module")
def vcenter_factory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., VCenter]]:
    """Start vCenters: `vcenter_factory(estate=path)`; all end with the module."""
    running: list[VCenter] = []

    def start(**options: Any) -> VCenter:
        server = VCenter(tmp_path_factory.mktemp("vcenter"), **options)
        running.append(server)
        server.start()
        return server

    yield start
    for server in running:
        server.stop()


@pytest.fixture(scope="module")
def vcenter(vcenter_factory: Callable[..., VCenter]) -> VCenter:
    return vcenter_factory()


@pytest.fixture(autouse=True)
def quiet_vcenter(request: pytest.FixtureRequest) -> None:
    """No faults and no counted calls from the test before, where a test uses `vcenter`."""
    if "vcenter" in request.fixturenames:
        server = request.getfixturevalue("vcenter")
        server.clear_faults()
        server.reset_calls()
