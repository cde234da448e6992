# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the lab asks podman for: exactly its own network, containers and volumes."""

from __future__ import annotations

import json
import subprocess

from lab.build.progress import StepFailed

from . import where


def run(*arguments: str) -> str:
    """One podman command; a failure ends the step with podman's own words."""
    ended = subprocess.run(["podman", *arguments], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise StepFailed(f"podman {arguments[0]}", ended.stderr.strip()[-600:])
    return ended.stdout


def succeeds(*arguments: str) -> bool:
    """Whether a podman question is answered with yes."""
    return subprocess.run(["podman", *arguments], capture_output=True, check=False).returncode == 0


def containers() -> dict[str, str]:
    """All containers of the lab with their state: running, exited …"""
    found = json.loads(run("ps", "-a", "--filter", f"label={where.LABEL}", "--format", "json"))
    return {one["Names"][0]: one["State"] for one in found}


def make_network() -> bool:
    """The bridge of the lab; whether it had to be made."""
    if succeeds("network", "exists", where.NETWORK):
        return False
    run(
        *("network", "create", "--subnet", where.SUBNET, "--gateway", where.GATEWAY, "--disable-dns"),
        *("--label", where.LABEL, where.NETWORK),
    )
    return True


def clear() -> dict[str, int]:
    """Remove every container and volume of the lab; how many there were."""
    found = list(containers())
    if found:
        run("rm", "-f", "-t", "0", *found)
    volumes = [name for name in run("volume", "ls", "-q").split() if _ours(name)]
    if volumes:
        run("volume", "rm", "-f", *volumes)
    return {"containers": len(found), "volumes": len(volumes)}


def clear_network() -> bool:
    """Remove the bridge; whether there was one."""
    if not succeeds("network", "exists", where.NETWORK):
        return False
    run("network", "rm", "-f", where.NETWORK)
    return True


def _ours(volume: str) -> bool:
    return volume.startswith("landfall-") and volume.endswith("-var")
