# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Five fresh hosts in containers on a network of their own, and nothing of them left afterwards."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

NETWORK = "landfall-bench"
SUBNET = "10.97.0"
ENDPOINT = f"{SUBNET}.9"
_IMAGE = "localhost/landfall/node:latest"
# As lab/README.md explains them: a host of its own for systemd, whatever the machine's cgroups are.
_FLAGS = (
    *("--privileged", "--cgroupns=private", "--systemd=false", "-e", "container=podman", "--stop-signal", "37"),
    *("--ulimit", "nofile=20000:20000", "--ulimit", "nproc=30000:30000"),
    *("--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp"),
)


@dataclass(frozen=True)
class Host:
    name: str
    address: str
    control_plane: bool

    @property
    def container(self) -> str:
        return f"{NETWORK}-{self.name}"


HOSTS = tuple(
    Host(name, f"{SUBNET}.{10 + number}", name.startswith("cp"))
    for number, name in enumerate(("cp-01", "cp-02", "cp-03", "worker-01", "worker-02"))
)


def podman(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(["podman", *arguments], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise SystemExit(f"podman {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout


def remove() -> None:
    """Take everything away that `fresh` made, or what a killed run left."""
    for host in HOSTS:
        podman("rm", "-f", "-t", "0", host.container, check=False)
        podman("volume", "rm", "-f", f"{host.container}-var", check=False)
    podman("network", "rm", "-f", NETWORK, check=False)


def fresh(directory: Path) -> None:
    """Five hosts as they come out of the template, with their keys in `directory`."""
    remove()
    keys = directory / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    if not (directory / "id").exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory / "id"], check=True)
    (keys / "ops").write_text((directory / "id.pub").read_text())
    podman("network", "create", "--subnet", f"{SUBNET}.0/24", "--gateway", f"{SUBNET}.1", "--disable-dns", NETWORK)
    for host in HOSTS:
        mounts = ("-v", f"{host.container}-var:/var", "-v", f"{keys}:/etc/ssh/authorized_keys:ro")
        network = ("--network", NETWORK, "--ip", host.address)
        names = ("--name", host.container, "--hostname", host.name)
        podman("run", "-d", *names, *_FLAGS, *mounts, *network, _IMAGE, "/sbin/init")
    (directory / "known_hosts").write_text("".join(_host_key(host) for host in HOSTS))


def _host_key(host: Host) -> str:
    for _ in range(60):
        scan = subprocess.run(
            ["ssh-keyscan", "-t", "ed25519", host.address], capture_output=True, text=True, check=False
        )
        if scan.stdout:
            return scan.stdout
        time.sleep(0.5)
    raise SystemExit(f"{host.container} does not answer on SSH")
