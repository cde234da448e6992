# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verbs that look: `status` and `show`; and those that play power failures: `kill` and `start`."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lab.build.places import PRODUCTS
from lab.build.progress import StepFailed, say

from . import podman, server, where


def running() -> bool:
    """Whether there is anything of a lab on this machine."""
    return server.running() is not None or bool(podman.containers())


def status() -> None:
    """A table of the machines with containers, and a line for all others."""
    if server.running() is None:
        left = podman.containers()
        say(f"vCenter does not run; {len(left)} containers of the lab are there" if left else "there is no lab")
        return
    machines = server.call("GET", "/machines")
    hosts = [one for one in machines if one.get("container")]
    with ThreadPoolExecutor(max_workers=4) as pool:
        services = list(pool.map(_services, hosts))
    rows = [("VM", "power", "ESXi host", "address", "ssh", "what listens")]
    for one, what in zip(hosts, services, strict=True):
        rows.append((one["name"], one["power"], one["host"], one["address"], "yes" if one["ready"] else "no", what))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print(
        f"and {len(machines) - len(hosts)} VMs without a container. vCenter: https://{where.SDK}/sdk, log {where.LOG}"
    )


def show() -> None:
    """What is where, and how to look at it."""
    print(f"""
vCenter (simulated)  https://{where.SDK}/sdk  user {where.USER}, password in {where.PASSWORD}
shop                 {where.SHOP}/ (the front door; behind it the guests, or the cluster once it has moved)
Nexus                http://10.99.0.31:8081/  user admin, password in {where.NEXUS_SECRETS[0]}
guests and nodes     ssh -i {where.SSH_KEY} ops@10.99.0.21 (python -m lab status lists them)
estate and plan      {where.SITE}/estate.yml, workloads.yml, plan.yml (scripts/demo plan shows it on one screen)
{_report()}cluster              KUBECONFIG={where.SITE}/kubeconfig {PRODUCTS}/kubectl get nodes,pods -A
""")


def _report() -> str:
    path = where.SITE / "report.html"
    return f"report               {path} (one page, for a browser)\n" if path.exists() else ""


def kill(name: str) -> None:
    """Pull the plug of a VM. The vCenter sees it powered off."""
    podman.run("kill", _container(name))


def start(name: str) -> None:
    """Put the plug in again. The vCenter sees it powered on."""
    podman.run("start", _container(name))


def _container(name: str) -> str:
    for one in server.call("GET", "/machines"):
        if one["name"] == name and one.get("container"):
            return str(one["container"])
    raise StepFailed(name, "no VM of that name has a container; `python -m lab status` lists them")


def _services(one: dict[str, Any]) -> str:
    """Programs and their ports, as the host itself tells."""
    if one["power"] != "poweredOn":
        return ""
    asked = ["podman", "exec", one["container"], "ss", "-ltnpH"]
    lines = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
    found: dict[str, set[int]] = {}
    for line in lines:
        port, owner = re.search(r":(\d+)\s", line), re.search(r'"([^"]+)"', line)
        if port and owner and owner[1] not in ("sshd", "systemd"):
            found.setdefault(owner[1], set()).add(int(port[1]))
    return " ".join(f"{name}:{','.join(map(str, sorted(ports)))}" for name, ports in sorted(found.items()))
