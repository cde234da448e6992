# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node gets, read by those who will read it: containerd, kubeadm, the API server and a shell."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import time
from pathlib import Path

import jinja2
import pytest
import tomllib
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.core import containerd, kubeadm_config
from ansible_collections.landfall.replatform.plugins.module_utils.core.kubeadm_config import Cluster, Invitation, Node

from tests.component.kube_fixture import product

ROOT = Path(__file__).resolve().parents[2]
CLUSTER = Cluster("1.36.4", "10.20.8.9:6443", cert_sans=("api.mall.example",), kubelet={"failSwapOn": False})
INVITATION = Invitation("abcdef.0123456789abcdef", "ca", "0" * 64)


@pytest.mark.parametrize("constrained", [False, True])
def test_containerd_takes_its_configuration(tmp_path: Path, constrained: bool) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        containerd.config(
            sandbox_image="registry.k8s.io/pause:3.10.2",
            systemd_cgroup=not constrained,
            restrict_oom_score_adj=constrained,
        )
    )
    dump = subprocess.run(
        [product("containerd"), "--config", str(path), "config", "dump"], capture_output=True, text=True, check=True
    )
    plugins = tomllib.loads(dump.stdout)["plugins"]
    runtime, images = plugins["io.containerd.cri.v1.runtime"], plugins["io.containerd.cri.v1.images"]
    assert runtime["restrict_oom_score_adj"] is constrained
    assert runtime["containerd"]["runtimes"]["runc"]["options"]["SystemdCgroup"] is not constrained
    assert runtime["cni"]["conf_dir"] == "/etc/cni/net.d"
    assert images["pinned_images"]["sandbox"] == "registry.k8s.io/pause:3.10.2"
    assert images["registry"]["config_path"] == containerd.REGISTRIES
    assert "unknown" not in dump.stderr.lower()


def test_hosts_toml_names_the_mirrors_in_order() -> None:
    mirrors = ("http://10.20.8.13:30500", "http://10.20.8.9:30500")
    text = tomllib.loads(containerd.hosts_toml(containerd.Registry("registry.mall.example", mirrors)))
    assert text["server"] == "https://registry.mall.example"
    assert tuple(text["host"]) == mirrors


def validate(documents: list[kubeadm_config.Document], path: Path) -> subprocess.CompletedProcess[str]:
    path.write_text(kubeadm_config.text(documents))
    command = [product("kubeadm"), "config", "validate", "--config", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("certificate_key", "skip"), [("", ()), ("0" * 64, ("preflight", "certs"))])
def test_kubeadm_takes_what_it_needs_to_make_a_cluster(
    certificate_key: str, skip: tuple[str, ...], tmp_path: Path
) -> None:
    node = Node("cp-01", "10.20.8.10", True, ("Swap",))
    documents = kubeadm_config.init(
        CLUSTER, node, token=INVITATION.token, certificate_key=certificate_key, skip_phases=skip
    )
    done = validate(documents, tmp_path / "kubeadm.yaml")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("node", [Node("cp-02", "10.20.8.11", True), Node("worker-01", "10.20.8.13", False)])
def test_kubeadm_takes_what_it_needs_to_join(node: Node, tmp_path: Path) -> None:
    discovery = tmp_path / "discovery"
    discovery.write_text(kubeadm_config.text([kubeadm_config.discovery(CLUSTER, INVITATION)]))
    documents = kubeadm_config.join(CLUSTER, node, INVITATION, discovery_file=str(discovery))
    done = validate(documents, tmp_path / "kubeadm.yaml")
    assert (done.returncode, done.stderr) == (0, "")


def test_kubeadm_would_say_what_it_does_not_know(tmp_path: Path) -> None:
    documents = kubeadm_config.init(CLUSTER, Node("cp-01", "10.20.8.10", True), token=INVITATION.token)
    documents[1]["clusterNmae"] = "mall"
    assert "clusterNmae" in validate(documents, tmp_path / "kubeadm.yaml").stderr


def test_the_api_server_takes_the_static_pod_of_kube_vip(kube: KubeClient) -> None:
    pod = kubeadm_config.kube_vip(image="kube-vip:v1", address="10.20.8.9", port=6443, interface="eth0")
    assert kube.apply(pod, dry_run=True)["spec"]["hostNetwork"] is True


@pytest.mark.parametrize(
    ("subnet", "network"), [("10.244.3.1/24", "10.244.3.0/24"), ("10.244.0.65/26", "10.244.0.64/26")]
)
def test_a_node_gets_its_cni_configuration_when_flannel_is_up(tmp_path: Path, subnet: str, network: str) -> None:
    template = (ROOT / "roles/network/templates/write-cni.sh.j2").read_text()
    script = jinja2.Template(template, undefined=jinja2.StrictUndefined).render(network_pods="10.244.0.0/16")
    for place in ("/run/flannel", "/etc/cni/net.d"):
        (tmp_path / place[1:]).mkdir(parents=True)
        script = script.replace(place, str(tmp_path / place[1:]))
    target = tmp_path / "etc/cni/net.d/10-flannel.conflist"
    process = subprocess.Popen(["sh", "-c", script])
    try:
        time.sleep(0.5)
        assert not target.exists(), "before flannel is up there is nothing to write"
        environment = f"FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET={subnet}\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n"
        (tmp_path / "run/flannel/subnet.env").write_text(environment)
        deadline = time.monotonic() + 10
        while not target.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        process.terminate()
        assert process.wait(10) == 0, "it ends when it is asked to"
    bridge, portmap = json.loads(target.read_text())["plugins"]
    assert ipaddress.ip_network(bridge["ipam"]["ranges"][0][0]["subnet"]) == ipaddress.ip_network(network)
    assert bridge["mtu"] == 1450
    assert portmap["capabilities"] == {"portMappings": True}
