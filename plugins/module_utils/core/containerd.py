# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What containerd reads: its configuration, its unit, and where it looks for the images of a registry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

CONFIG = "/etc/containerd/config.toml"
UNIT = "/etc/systemd/system/containerd.service"
REGISTRIES = "/etc/containerd/certs.d"


@dataclass(frozen=True)
class Registry:
    """The images named `host/…` come from `mirrors`, in this order."""

    host: str
    mirrors: tuple[str, ...]


def _string(value: str) -> str:
    # A TOML basic string and a JSON string agree for everything that can stand in these settings.
    return json.dumps(value, ensure_ascii=False)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def config(*, sandbox_image: str, systemd_cgroup: bool, restrict_oom_score_adj: bool) -> str:
    """config.toml, version 3."""
    return f"""version = 3

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = {_string(sandbox_image)}

[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = {_string(REGISTRIES)}

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = {_flag(restrict_oom_score_adj)}

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["/opt/cni/bin"]
  conf_dir = "/etc/cni/net.d"

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = {_flag(systemd_cgroup)}
"""


def unit(*, raised_limits: bool) -> str:
    """containerd.service. Raised limits are what a runtime should have; without CAP_SYS_RESOURCE they are refused."""
    limits = "LimitNOFILE=infinity\nLimitNPROC=infinity\nOOMScoreAdjust=-999\n" if raised_limits else ""
    return f"""[Unit]
Description=containerd, the container runtime of this node
After=network.target dbus.service

[Service]
Type=notify
ExecStart=/usr/local/bin/containerd
Restart=always
RestartSec=2
# Pods outlive a restart of containerd: only the daemon itself is stopped.
KillMode=process
Delegate=yes
TasksMax=infinity
{limits}
[Install]
WantedBy=multi-user.target
"""


def hosts_toml(registry: Registry) -> str:
    """Where the images of one registry are looked for; without a mirror that answers, at the host itself."""
    hosts = "".join(f'\n[host.{_string(url)}]\n  capabilities = ["pull", "resolve"]\n' for url in registry.mirrors)
    return f"server = {_string('https://' + registry.host)}\n{hosts}"


def registry_files(registries: Sequence[Registry]) -> dict[str, str]:
    """Path and text of each registry's hosts.toml."""
    return {f"{REGISTRIES}/{registry.host}/hosts.toml": hosts_toml(registry) for registry in registries}


def labelled_images(listing: str, label: str) -> dict[str, str]:
    """Image name -> value of `label`, out of what `ctr images ls` prints: labels are its last column."""
    found: dict[str, str] = {}
    for line in listing.splitlines()[1:]:
        columns = line.split()
        if not columns:
            continue
        labels = dict(pair.split("=", 1) for pair in columns[-1].split(",") if "=" in pair)
        if label in labels:
            found[columns[0]] = labels[label]
    return found
