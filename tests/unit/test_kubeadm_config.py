"""What kubeadm reads, against golden files, and what must never stand in it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core import kubeadm_config
from ansible_collections.landfall.replatform.plugins.module_utils.core.kubeadm_config import Cluster, Invitation, Node

from tests.unit.golden import check_golden

GOLDEN = Path(__file__).parent / "node_files"
CLUSTER = Cluster(
    version="1.36.4",
    endpoint="10.20.8.9:6443",
    name="mall",
    cert_sans=("api.mall.example",),
    kubelet={"failSwapOn": False},
    kube_proxy={"mode": "nftables"},
)
FIRST = Node("cp-01", "10.20.8.10", True, ("Swap",))
INVITATION = Invitation("abcdef.0123456789abcdef", "-----CERTIFICATE-----\n", "k" * 64, ("10.20.8.10",))


@pytest.mark.parametrize(
    ("name", "documents"),
    [
        (
            "init.yaml",
            kubeadm_config.init(CLUSTER, FIRST, token=INVITATION.token, skip_phases=("preflight", "certs")),
        ),
        (
            "upload-certs.yaml",
            kubeadm_config.init(CLUSTER, FIRST, token=INVITATION.token, certificate_key=INVITATION.certificate_key),
        ),
        (
            "join-control-plane.yaml",
            kubeadm_config.join(
                CLUSTER,
                Node("cp-02", "10.20.8.11", True),
                INVITATION,
                discovery_file="/run/d",
                skip_phases=("preflight",),
            ),
        ),
        (
            "join-worker.yaml",
            kubeadm_config.join(CLUSTER, Node("worker-01", "10.20.8.13", False), INVITATION, discovery_file="/run/d"),
        ),
        ("discovery.yaml", [kubeadm_config.discovery(CLUSTER, INVITATION)]),
        (
            "kube-vip.yaml",
            [kubeadm_config.kube_vip(image="kube-vip:v1", address="10.20.8.9", port=6443, interface="eth0")],
        ),
    ],
)
def test_documents(name: str, documents: list[kubeadm_config.Document]) -> None:
    text = kubeadm_config.text(documents)
    assert list(yaml.safe_load_all(text)) == documents
    check_golden(GOLDEN / name, text)


def test_a_worker_never_hears_of_the_certificate_key() -> None:
    documents = kubeadm_config.join(CLUSTER, Node("w", "10.20.8.13", False), INVITATION, discovery_file="/run/d")
    assert INVITATION.certificate_key not in json.dumps(documents)


def test_the_authority_is_what_the_discovery_trusts() -> None:
    cluster = kubeadm_config.discovery(CLUSTER, INVITATION)["clusters"][0]["cluster"]
    assert base64.b64decode(cluster["certificate-authority-data"]).decode() == INVITATION.ca
    assert cluster["server"] == "https://10.20.8.9:6443"


@pytest.mark.parametrize("version", ["1.36.4", "v1.36.4"])
def test_the_version_has_its_letter_once(version: str) -> None:
    documents = kubeadm_config.init(Cluster(version, "10.20.8.9:6443"), FIRST, token="t")
    assert documents[1]["kubernetesVersion"] == "v1.36.4"
