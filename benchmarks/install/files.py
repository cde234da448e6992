# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is copied and typed by hand: the very files that Landfall would write, laid out before the clock runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients.bundle_store import BundleStore
from ansible_collections.landfall.replatform.plugins.module_utils.core import kubeadm_config, node_settings
from ansible_collections.landfall.replatform.plugins.module_utils.core.kubeadm_config import Cluster, Node
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_settings import Settings

from benchmarks.install import hosts

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "bench0.0123456789abcdef"
KEY = "0" * 64
_CACHE = "var/cache/by-hand"


def lay_out(directory: Path, bundle: Path) -> None:
    """Fill `directory` with files/, ssh_config and the configurations of kubeadm and kube-vip."""
    constrained = yaml.safe_load((ROOT / "inventories/lab/group_vars/nodes.yml").read_text())
    defaults = yaml.safe_load((ROOT / "roles/node_os/defaults/main.yml").read_text())
    for kind in ("control_plane", "worker"):
        _tree(directory / "files" / kind, bundle, kind, constrained, defaults)
    (directory / "ssh_config").write_text(
        "".join(f"Host {one.name}\n  HostName {one.address}\n" for one in hosts.HOSTS)
        + f"Host *\n  User ops\n  IdentityFile {directory}/id\n  UserKnownHostsFile {directory}/known_hosts\n"
        + f"  StrictHostKeyChecking yes\n  ControlMaster auto\n  ControlPersist 60s\n  ControlPath {directory}/%C\n"
    )
    vip = kubeadm_config.kube_vip(
        image="ghcr.io/kube-vip/kube-vip:v0.9.2", address=hosts.ENDPOINT, port=6443, interface="eth0"
    )
    _write(directory / "kube-vip.yaml", [vip])
    cluster = Cluster(
        version="1.36.4",
        endpoint=f"{hosts.ENDPOINT}:6443",
        kubelet=constrained["kubernetes_kubelet"],
        kube_proxy=constrained["kubernetes_kube_proxy"],
    )
    accepted = tuple(constrained["kubernetes_ignore_preflight_errors"])
    for host in hosts.HOSTS:
        # kube-vip's manifest lies there before kubeadm looks
        node = Node(host.name, host.address, host.control_plane, (*accepted, "DirAvailable--etc-kubernetes-manifests"))
        if host.name == "cp-01":
            _write(directory / "init.yaml", kubeadm_config.init(cluster, node, token=TOKEN, certificate_key=KEY))
        else:
            _write(directory / f"join-{host.name}.yaml", [_join(cluster, node)])


def _join(cluster: Cluster, node: Node) -> dict[str, Any]:
    invitation = kubeadm_config.Invitation(TOKEN, "", KEY)
    document = kubeadm_config.join(cluster, node, invitation, discovery_file="")[0]
    found = {"token": TOKEN, "apiServerEndpoint": cluster.endpoint, "caCertHashes": ["@HASH@"]}
    return {**document, "discovery": {"bootstrapToken": found}}


def _tree(target: Path, bundle: Path, kind: str, constrained: dict[str, Any], defaults: dict[str, Any]) -> None:
    settings = Settings(
        roles=(kind,),
        cgroup_driver=constrained["node_os_cgroup_driver"],
        restrict_oom_score_adj=constrained["node_os_restrict_oom_score_adj"],
        raised_limits=constrained["node_os_raised_limits"],
        swap=constrained["node_os_swap"],
        sysctls=defaults["node_os_sysctls"],
        kernel_modules=tuple(defaults["node_os_kernel_modules"]),
    )
    store = BundleStore(bundle)
    wanted = node_settings.wanted(settings, store.entries(), "amd64")
    blobs = {path: program.entry for path, program in wanted.programs.items()}
    blobs |= {f"{_CACHE}/images/{entry.name}": entry for entry in wanted.images.values()}
    blobs[f"{_CACHE}/cni-plugins"] = wanted.cni
    for path, file in wanted.files.items():
        place = _place(target, path)
        place.write_text(file.content)
    for path, entry in blobs.items():
        _place(target, path).symlink_to(store.path(entry.sha256).resolve())
    _place(target, "opt/cni/bin/.keep").touch()


def _place(target: Path, path: str) -> Path:
    place = target / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _write(path: Path, documents: list[dict[str, Any]]) -> None:
    path.write_text(kubeadm_config.text(documents))
