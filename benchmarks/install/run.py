#!/usr/bin/env python3
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""3 + 2 nodes out of the bundle, by hand and by Landfall, on the same fresh hosts in one run; prints the ratio.

    .lab/venv/bin/python benchmarks/install/run.py [--rounds N] [--bundle DIRECTORY]

Both get the same programs, images, configuration files and kubeadm settings out of the same bundle, and both end when
the five nodes are Ready.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
import conftest as _importable  # noqa: E402, F401

from benchmarks.install import hosts  # noqa: E402
from benchmarks.install.files import lay_out  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--bundle", type=Path, default=ROOT / ".lab" / "bundle")
    options = parser.parse_args()
    for blob in (options.bundle / "blobs" / "sha256").iterdir():
        blob.read_bytes()  # neither side pays for the disk
    ratios = []
    try:
        for number in range(1, options.rounds + 1):
            with tempfile.TemporaryDirectory(prefix="landfall-bench-") as name:
                directory = Path(name)
                by_hand = timed("by hand", by_hand_in, directory, options.bundle)
                landfall = timed("Landfall", landfall_in, directory, options.bundle)
            ratios.append(landfall / by_hand)
            print(
                f"round {number}: by hand {by_hand:.1f} s, Landfall {landfall:.1f} s, ratio {ratios[-1]:.2f}\n",
                flush=True,
            )
    finally:
        hosts.remove()
    print(f"ratio {sum(ratios) / len(ratios):.2f} (at most 1.5 is wanted)")


def timed(what: str, install, directory: Path, bundle: Path) -> float:  # type: ignore[no-untyped-def]
    """Seconds that an installation takes on fresh hosts."""
    hosts.fresh(directory)
    command, environment = install(directory, bundle)
    print(f"{what}:", flush=True)
    began = time.monotonic()
    done = subprocess.run(command, env={**os.environ, **environment}, cwd=ROOT, check=False)
    seconds = time.monotonic() - began
    if done.returncode:
        raise SystemExit(f"{what} failed; the hosts are removed")
    return seconds


def by_hand_in(directory: Path, bundle: Path) -> tuple[list[str], dict[str, str]]:
    """What is prepared before the clock runs: the files, and the commands in by_hand.sh."""
    (directory / "inventory.json").write_text(json.dumps(inventory(directory, bundle)))
    lay_out(directory, bundle)
    render = [ansible(), "--inventory", str(directory / "inventory.json"), str(HERE / "render.yml")]
    subprocess.run(render, env={**os.environ, **ansible_environment()}, cwd=ROOT, check=True, capture_output=True)
    cache = Path(os.environ.get("LANDFALL_CACHE") or ROOT / ".lab" / "cache")
    return [str(HERE / "by_hand.sh"), str(directory)], {"KUBECTL": str(cache / "products" / "kubectl")}


def landfall_in(directory: Path, bundle: Path) -> tuple[list[str], dict[str, str]]:
    (directory / "inventory.json").write_text(json.dumps(inventory(directory, bundle)))
    (directory / "kubeconfig").unlink(missing_ok=True)
    return [ansible(), "--inventory", str(directory / "inventory.json"), str(HERE / "build.yml")], ansible_environment()


def ansible() -> str:
    return str(Path(sys.executable).with_name("ansible-playbook"))


def ansible_environment() -> dict[str, str]:
    return {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".lab" / "collections")}


def inventory(directory: Path, bundle: Path) -> dict[str, object]:
    ssh = {
        "ansible_user": "ops",
        "ansible_ssh_private_key_file": str(directory / "id"),
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={directory / 'known_hosts'} -o StrictHostKeyChecking=yes",
        "kubernetes_labels": {},
    }
    groups = {
        name: {
            "hosts": {one.name: {"ansible_host": one.address} for one in hosts.HOSTS if one.control_plane is control}
        }
        for name, control in (("control_planes", True), ("workers", False))
    }
    cluster = {
        "bundle": str(bundle),
        "endpoint": {"mode": "kube_vip", "address": hosts.ENDPOINT},
        "network": {"plugin": "flannel", "backend": "host-gw"},
        "registry": {"host": "registry.lab.example"},
    }
    shared = {
        "replatform_directory": str(directory),
        "replatform_platform": {"site": "bench", "cluster": cluster},
        "network_hosts": {},
    }
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return {
        "all": {"hosts": {"localhost": local}, "vars": shared, "children": {"nodes": {"vars": ssh, "children": groups}}}
    }


if __name__ == "__main__":
    main()
