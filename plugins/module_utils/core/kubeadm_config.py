# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What kubeadm reads: its configuration (v1beta4), the discovery file of a join, and the static pod of kube-vip.

Everything is written as JSON, which every reader of YAML takes, so that a node needs no YAML library.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]

_API = "kubeadm.k8s.io/v1beta4"
_CRI = "unix:///run/containerd/containerd.sock"
TOKEN_TTL = "1h0m0s"


# kubeadm's own (two minutes for etcd, one for the API server) are not enough where nodes share a slow disk, and
# giving up early costs a whole join.
_TIMEOUTS = {"etcdAPICall": "6m0s", "kubernetesAPICall": "4m0s", "controlPlaneComponentHealthCheck": "8m0s"}


@dataclass(frozen=True)
class Cluster:
    """The cluster that is made, or joined."""

    version: str
    endpoint: str  # host:port, for everybody
    name: str = "kubernetes"
    pods: str = "10.244.0.0/16"
    services: str = "10.96.0.0/16"
    domain: str = "cluster.local"
    cert_sans: tuple[str, ...] = ()
    kubelet: Mapping[str, Any] = field(default_factory=dict)
    kube_proxy: Mapping[str, Any] = field(default_factory=dict)
    etcd: Mapping[str, str] = field(default_factory=dict)  # command line arguments, without the dashes

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])


@dataclass(frozen=True)
class Node:
    """The node that kubeadm runs on."""

    name: str
    address: str
    control_plane: bool
    ignore_preflight_errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Invitation:
    """What a node needs to join. Secret, and worth nothing after an hour (the token) or two (the certificates)."""

    token: str
    ca: str  # PEM
    certificate_key: str = ""
    etcd_peers: tuple[str, ...] = ()  # addresses of etcd's members


def init(
    cluster: Cluster, node: Node, *, token: str, certificate_key: str = "", skip_phases: Sequence[str] = ()
) -> list[Document]:
    """For `kubeadm init` and each of its phases."""
    first: Document = {
        "apiVersion": _API,
        "kind": "InitConfiguration",
        "bootstrapTokens": [
            {
                "token": token,
                "ttl": TOKEN_TTL,
                "usages": ["signing", "authentication"],
                "groups": ["system:bootstrappers:kubeadm:default-node-token"],
            }
        ],
        "localAPIEndpoint": {"advertiseAddress": node.address, "bindPort": cluster.port},
        "nodeRegistration": _registration(node),
        "timeouts": _TIMEOUTS,
    }
    if certificate_key:
        first["certificateKey"] = certificate_key
    if skip_phases:
        first["skipPhases"] = list(skip_phases)
    return [first, _cluster(cluster), _kubelet(cluster), _kube_proxy(cluster)]


def join(
    cluster: Cluster, node: Node, invitation: Invitation, *, discovery_file: str, skip_phases: Sequence[str] = ()
) -> list[Document]:
    """For `kubeadm join`."""
    document: Document = {
        "apiVersion": _API,
        "kind": "JoinConfiguration",
        "discovery": {"file": {"kubeConfigPath": discovery_file}, "tlsBootstrapToken": invitation.token},
        "nodeRegistration": _registration(node),
        "timeouts": _TIMEOUTS,
    }
    if node.control_plane:
        document["controlPlane"] = {
            "localAPIEndpoint": {"advertiseAddress": node.address, "bindPort": cluster.port},
            "certificateKey": invitation.certificate_key,
        }
    if skip_phases:
        document["skipPhases"] = list(skip_phases)
    return [document]


def discovery(cluster: Cluster, invitation: Invitation) -> Document:
    """Where the cluster is, and the authority that must have signed for it: a kubeconfig without user and context."""
    authority = base64.b64encode(invitation.ca.encode()).decode()
    place = {"server": f"https://{cluster.endpoint}", "certificate-authority-data": authority}
    # kubeadm takes the cluster without a name where no context names one.
    return {"apiVersion": "v1", "kind": "Config", "clusters": [{"name": "", "cluster": place}]}


def text(documents: Sequence[Document]) -> str:
    """Documents as kubeadm reads them."""
    return "---\n".join(json.dumps(document, indent=1) + "\n" for document in documents)


def kube_vip(*, image: str, address: str, port: int, interface: str) -> Document:
    """The static pod that holds the API server's address: on the control plane that has the lease, by ARP."""
    environment = {
        "vip_arp": "true",
        "address": address,
        "port": str(port),
        "vip_interface": interface,
        "vip_subnet": "32",
        "cp_enable": "true",
        "cp_namespace": "kube-system",
        "vip_leaderelection": "true",
        "vip_leasename": "plndr-cp-lock",
        "vip_leaseduration": "5",
        "vip_renewdeadline": "3",
        "vip_retryperiod": "1",
        "prometheus_server": "127.0.0.1:2112",
    }
    kubeconfig = "/etc/kubernetes/admin.conf"
    node_name = {"name": "vip_nodename", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "kube-vip", "namespace": "kube-system", "labels": {"app.kubernetes.io/name": "kube-vip"}},
        "spec": {
            "hostNetwork": True,
            "priorityClassName": "system-node-critical",
            # The certificates name `kubernetes`: so it talks to the API server beside it, not to what it holds up.
            "hostAliases": [{"ip": "127.0.0.1", "hostnames": ["kubernetes"]}],
            "containers": [
                {
                    "name": "kube-vip",
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "args": ["manager"],
                    "env": [*({"name": name, "value": value} for name, value in environment.items()), node_name],
                    "securityContext": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"], "drop": ["ALL"]}},
                    "volumeMounts": [{"name": "kubeconfig", "mountPath": kubeconfig, "readOnly": True}],
                }
            ],
            "volumes": [{"name": "kubeconfig", "hostPath": {"path": kubeconfig, "type": "File"}}],
        },
    }


def _registration(node: Node) -> Document:
    document: Document = {
        "name": node.name,
        "criSocket": _CRI,
        "imagePullPolicy": "IfNotPresent",
        "kubeletExtraArgs": [{"name": "node-ip", "value": node.address}],
    }
    if node.ignore_preflight_errors:
        document["ignorePreflightErrors"] = list(node.ignore_preflight_errors)
    return document


def _cluster(cluster: Cluster) -> Document:
    document: Document = {
        "apiVersion": _API,
        "kind": "ClusterConfiguration",
        "clusterName": cluster.name,
        "kubernetesVersion": "v" + cluster.version.removeprefix("v"),
        "controlPlaneEndpoint": cluster.endpoint,
        "networking": {
            "podSubnet": cluster.pods,
            "serviceSubnet": cluster.services,
            "dnsDomain": cluster.domain,
        },
    }
    if cluster.cert_sans:
        document["apiServer"] = {"certSANs": list(cluster.cert_sans)}
    if cluster.etcd:
        arguments = [{"name": name, "value": str(value)} for name, value in sorted(cluster.etcd.items())]
        document["etcd"] = {"local": {"extraArgs": arguments}}
    return document


def _kubelet(cluster: Cluster) -> Document:
    return {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", **cluster.kubelet}


def _kube_proxy(cluster: Cluster) -> Document:
    return {"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration", **cluster.kube_proxy}
