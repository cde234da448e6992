#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verbs of kubeadm as states of a node."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kubeadm
short_description: Make a node the first of a cluster, or a further one, or none
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Brings a node to where C(kubeadm init) or C(kubeadm join) would bring it, from wherever it is. What stands is
    left alone, so a run that was killed in the middle goes on.
  - Where etcd has data, nothing is ever reset; C(kubeadm init) runs its missing phases. A join that has not come as
    far as etcd is taken back and done anew.
  - Tokens and keys reach kubeadm in a file of its own that only root reads, and that is removed afterwards.
attributes:
  check_mode:
    support: full
    description: Says which phases would run.
  diff_mode:
    support: full
    description: Shows whether the node is in the cluster, and kube-vip's manifest.
options:
  state:
    description:
      - V(init) makes the first control plane.
      - V(invite) makes a token, and a key for the certificates where a control plane is among O(joining), and takes
        members out of etcd that stand for nodes which have to join anew. On a control plane. The result is a secret,
          use C(no_log).
      - V(join) makes a worker or a further control plane, by an RV(invitation).
      - V(reset) takes everything back. The data of etcd is moved aside, never deleted.
    type: str
    choices: [init, invite, join, reset]
    required: true
  node_name:
    description: The name of the node in the cluster.
    type: str
    required: true
  node_address:
    description: The address that the other nodes reach it by; one of its own.
    type: str
    required: true
  control_plane:
    description: Whether the node is, or shall be, a control plane.
    type: bool
    default: false
  kubernetes_version:
    description: The version of Kubernetes, like V(1.36.4).
    type: str
    required: true
  endpoint:
    description: Where everybody finds the API server, as V(host:port).
    type: str
    required: true
  kube_vip_image:
    description: Hold the address of O(endpoint) by kube-vip with this image, in ARP mode. Not given, somebody else
      holds it.
    type: str
  cluster_name:
    description: The name of the cluster.
    type: str
    default: kubernetes
  pods:
    description: The network of pods.
    type: str
    default: 10.244.0.0/16
  services:
    description: The network of Services.
    type: str
    default: 10.96.0.0/16
  domain:
    description: The DNS domain of the cluster.
    type: str
    default: cluster.local
  cert_sans:
    description: Further names and addresses in the API server's certificate.
    type: list
    elements: str
    default: []
  kubelet:
    description: Settings for KubeletConfiguration. They are read when the cluster is made.
    type: dict
    default: {}
  kube_proxy:
    description: Settings for KubeProxyConfiguration. They are read when the cluster is made.
    type: dict
    default: {}
  etcd:
    description: Arguments of etcd, by their name without dashes. They are read when the cluster is made.
    type: dict
    default: {}
  ignore_preflight_errors:
    description: Checks of kubeadm whose failure is known and accepted.
    type: list
    elements: str
    default: []
  joining:
    description: The nodes that are to join, as RV(landfall.replatform.kubeadm_info#module:node) gives them. For
      O(state=invite).
    type: list
    elements: dict
    default: []
  invitation:
    description: What O(state=invite) returned. For O(state=join); not needed where the node is in the cluster, and
      in check mode.
    type: dict
    suboptions:
      token:
        description: Lets the kubelet ask for a certificate.
        type: str
      ca:
        description: The certificate of the cluster's authority, PEM. A node that has another one is refused.
        type: str
      certificate_key:
        description: Opens the certificates of control planes.
        type: str
      etcd_peers:
        description: Addresses of the members of etcd.
        type: list
        elements: str
        default: []
seealso:
  - module: landfall.replatform.kubeadm_info
  - module: landfall.replatform.node_os
"""

EXAMPLES = r"""
- name: Make the first control plane
  landfall.replatform.kubeadm:
    state: init
    node_name: cp-01
    node_address: 10.20.8.10
    control_plane: true
    kubernetes_version: 1.36.4
    endpoint: 10.20.8.9:6443
    kube_vip_image: ghcr.io/kube-vip/kube-vip:v0.9.2
  become: true
"""

RETURN = r"""
work:
  description: The phases that were run, or would be.
  type: list
  elements: str
  returned: always
  sample: [upload-config, mark-control-plane, bootstrap-token, kubelet-finalize, addon]
invitation:
  description: What a node needs to join. Secret; worth nothing after two hours.
  type: dict
  returned: when O(state=invite)
removed_members:
  description: Addresses of dead members that were taken out of etcd.
  type: list
  elements: str
  returned: when O(state=invite)
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kubeadm_states import Request, bring
from ansible_collections.landfall.replatform.plugins.module_utils.core.kubeadm_config import Cluster, Node
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run

ARGUMENTS: dict[str, Any] = {
    "state": {"type": "str", "choices": ["init", "invite", "join", "reset"], "required": True},
    "node_name": {"type": "str", "required": True},
    "node_address": {"type": "str", "required": True},
    "control_plane": {"type": "bool", "default": False},
    "kubernetes_version": {"type": "str", "required": True},
    "endpoint": {"type": "str", "required": True},
    "kube_vip_image": {"type": "str"},
    "cluster_name": {"type": "str", "default": "kubernetes"},
    "pods": {"type": "str", "default": "10.244.0.0/16"},
    "services": {"type": "str", "default": "10.96.0.0/16"},
    "domain": {"type": "str", "default": "cluster.local"},
    "cert_sans": {"type": "list", "elements": "str", "default": []},
    "kubelet": {"type": "dict", "default": {}},
    "kube_proxy": {"type": "dict", "default": {}},
    "etcd": {"type": "dict", "default": {}},
    "ignore_preflight_errors": {"type": "list", "elements": "str", "default": []},
    "joining": {"type": "list", "elements": "dict", "default": []},
    "invitation": {
        "type": "dict",
        "options": {
            "token": {"type": "str", "no_log": True},
            "ca": {"type": "str"},
            "certificate_key": {"type": "str", "no_log": True},
            "etcd_peers": {"type": "list", "elements": "str", "default": []},
        },
    },
}


def cluster_of(params: dict[str, Any]) -> Cluster:
    """The cluster as core knows it."""
    return Cluster(
        version=params["kubernetes_version"],
        endpoint=params["endpoint"],
        name=params["cluster_name"],
        pods=params["pods"],
        services=params["services"],
        domain=params["domain"],
        cert_sans=tuple(params["cert_sans"]),
        kubelet=params["kubelet"],
        kube_proxy=params["kube_proxy"],
        etcd=params["etcd"],
    )


def verb(params: dict[str, Any], check_mode: bool) -> Outcome:
    node = Node(
        params["node_name"],
        params["node_address"],
        params["control_plane"] or params["state"] in ("init", "invite"),
        tuple(params["ignore_preflight_errors"]),
    )
    request = Request(cluster_of(params), node, params["kube_vip_image"], params["joining"], params["invitation"] or {})
    change = bring(params["state"], request, check_mode=check_mode)
    values = {"work": list(change.work), **change.values}
    return Outcome(changed=change.changed, before=change.before, after=change.after, header=node.name, values=values)


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), verb)


if __name__ == "__main__":
    main()
