# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real kube-apiserver on a real etcd, ready in about two seconds: one per test run, one namespace per test.

Fixtures: `kube_server` (session), `kube` (a client of its administrator), `namespace` (a fresh one), `controllers`
(of a file: a real kube-controller-manager, for what only controllers do). The binaries are the lab's own build
(`python -m lab build`); LANDFALL_PRODUCTS names another directory with etcd, kube-apiserver and
kube-controller-manager.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient

from tests.component.kube_certificates import Authority

_ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 60
_numbers = itertools.count(1)


def product(name: str) -> str:
    """The path of a binary of the lab's build. Without it tests fail: one that does not run proves nothing."""
    cache = Path(os.environ.get("LANDFALL_CACHE") or _ROOT / ".lab" / "cache")
    directory = Path(os.environ.get("LANDFALL_PRODUCTS") or cache / "products")
    if not (directory / name).exists():
        pytest.fail(f"{name} is missing in {directory}: build it with `python -m lab build`, or set LANDFALL_PRODUCTS")
    return str(directory / name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_with_parent() -> None:
    """In the child: end when pytest ends, however that happens."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class KubeServer:
    """etcd, kube-apiserver and, when asked for, kube-controller-manager in one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.authority = Authority(directory / "pki")
        self.port = _free_port()
        self._etcd_port = _free_port()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.kubeconfig = self.kubeconfig_for("administrator", groups=["system:masters"])

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._run(
            "etcd",
            "--unsafe-no-fsync",
            f"--data-dir={self.directory / 'etcd'}",
            f"--listen-client-urls=http://127.0.0.1:{self._etcd_port}",
            f"--advertise-client-urls=http://127.0.0.1:{self._etcd_port}",
            f"--listen-peer-urls=http://127.0.0.1:{_free_port()}",
        )
        self.start_apiserver()

    def start_apiserver(self) -> None:
        """Start the API server and wait until it is ready."""
        pki = self.authority
        self._run(
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self._etcd_port}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.port}",
            f"--tls-cert-file={pki.server.certificate}",
            f"--tls-private-key-file={pki.server.key}",
            f"--client-ca-file={pki.certificate}",
            f"--service-account-key-file={pki.server.key}",
            f"--service-account-signing-key-file={pki.server.key}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=RBAC",
            # no controller makes service accounts here unless a test asks for one
            "--disable-admission-plugins=ServiceAccount",
            "--endpoint-reconciler-type=none",
        )
        self._wait("/readyz", "kube-apiserver")

    def stop_apiserver(self) -> None:
        self._stop("kube-apiserver")

    def kill_apiserver(self) -> None:
        """End the API server as a machine that goes down does: no request is finished."""
        self._processes["kube-apiserver"].kill()
        self._stop("kube-apiserver")

    def start_controllers(self) -> None:
        """Start every controller that needs no cloud and no node."""
        self._run(
            "kube-controller-manager",
            f"--kubeconfig={self.kubeconfig}",
            f"--authentication-kubeconfig={self.kubeconfig}",
            f"--authorization-kubeconfig={self.kubeconfig}",
            f"--service-account-private-key-file={self.authority.server.key}",
            "--use-service-account-credentials=false",
            "--leader-elect=false",
            "--secure-port=0",
            "--bind-address=127.0.0.1",
            "--controllers=*,-node-lifecycle-controller,-node-ipam-controller,-bootstrap-signer-controller,"
            "-token-cleaner-controller,-certificatesigningrequest-signing-controller",
            "--concurrent-deployment-syncs=5",
        )

    def stop_controllers(self) -> None:
        self._stop("kube-controller-manager")

    def kubeconfig_for(self, user: str, groups: list[str] | None = None) -> str:
        """A kubeconfig, with everything in it, of a user with a certificate of his own."""
        path = self.directory / f"{user}.kubeconfig"
        if not path.exists():
            identity = self.authority.sign(user, groups or [])
            document = {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [
                    {
                        "name": "test",
                        "cluster": {"server": self.url, "certificate-authority-data": self.authority.data},
                    }
                ],
                "users": [
                    {
                        "name": user,
                        "user": {
                            "client-certificate-data": identity.certificate_data,
                            "client-key-data": identity.key_data,
                        },
                    }
                ],
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": user}}],
                "current-context": "test",
            }
            path.touch(mode=0o600)
            path.write_text(yaml.safe_dump(document))
        return str(path)

    def kubectl(self, *arguments: str, bodies: list[dict[str, Any]] | None = None, **environment: str) -> str:
        """What the real kubectl says, with `bodies` on its input."""
        done = subprocess.run(
            [product("kubectl"), "--kubeconfig", self.kubeconfig, *arguments],
            input=yaml.safe_dump_all(bodies) if bodies else None,
            capture_output=True,
            text=True,
            env={**os.environ, "HOME": str(self.directory), **environment},
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def stop(self) -> None:
        for name in ("kube-controller-manager", "kube-apiserver", "etcd"):  # one without its server ends slowly
            if name in self._processes:
                self._stop(name)

    def _run(self, name: str, *arguments: str) -> None:
        with (self.directory / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [product(name), *arguments], stdout=log, stderr=log, preexec_fn=_end_with_parent
            )

    def _stop(self, name: str) -> None:
        process = self._processes.pop(name)
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait(self, path: str, name: str) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        context = self.authority.client_context()
        while time.monotonic() < deadline:
            if self._processes[name].poll() is not None:
                break
            with (
                contextlib.suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(self.url + path, context=context, timeout=2),
            ):
                return
            time.sleep(0.05)
        log = (self.directory / f"{name}.log").read_text(errors="replace")
        pytest.fail(f"{name} did not get ready within {_READY_SECONDS} s:\n" + "\n".join(log.splitlines()[-15:]))


@contextlib.contextmanager
def running(directory: Path) -> Iterator[KubeServer]:
    """A server of its own, with its data in `directory`."""
    server = KubeServer(directory)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory / "etcd", ignore_errors=True)


@pytest.fixture(scope="session")
def kube_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeServer]:
    """The server of this test run."""
    with running(tmp_path_factory.mktemp("kube")) as server:
        yield server


@pytest.fixture(scope="module")
def controllers(kube_server: KubeServer) -> Iterator[KubeServer]:
    """The server of this test run with a running kube-controller-manager, which no other file meets."""
    kube_server.start_controllers()
    yield kube_server
    kube_server.stop_controllers()


@pytest.fixture
def kube(kube_server: KubeServer) -> Iterator[KubeClient]:
    """A client of the administrator."""
    with KubeClient.connect(kubeconfig=kube_server.kubeconfig) as client:
        yield client


@pytest.fixture
def namespace(kube: KubeClient) -> str:
    """A namespace that no other test uses."""
    name = f"test-{os.getpid()}-{next(_numbers)}"
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, field_manager="test")
    return name
