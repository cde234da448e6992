#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far kubeadm has come on a node."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kubeadm_info
short_description: How far kubeadm has come on a node
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Reads the node's own files and, on a control plane, its own API server. Changes nothing.
  - Its RV(node) is what M(landfall.replatform.kubeadm) takes as O(landfall.replatform.kubeadm#module:joining).
attributes:
  check_mode:
    support: full
    description: Changes nothing.
  diff_mode:
    support: none
    description: There is nothing to show.
options:
  node_name:
    description: The name of the node in the cluster.
    type: str
    required: true
  node_address:
    description: The address that the other nodes reach it by.
    type: str
    required: true
  control_plane:
    description: Whether it is, or shall be, a control plane.
    type: bool
    default: false
  port:
    description: The port of the API server.
    type: int
    default: 6443
  wait:
    description: Seconds to wait for the API server of a node that has a whole control plane.
    type: int
    default: 30
seealso:
  - module: landfall.replatform.kubeadm
"""

EXAMPLES = r"""
- name: See which nodes are in the cluster
  landfall.replatform.kubeadm_info:
    node_name: "{{ inventory_hostname }}"
    node_address: "{{ ansible_host }}"
    control_plane: "{{ inventory_hostname in groups.control_planes }}"
  register: found
  become: true
"""

RETURN = r"""
node:
  description: The node, and how far it is.
  type: dict
  returned: always
  contains:
    name: {description: Its name., type: str, returned: always}
    address: {description: Its address., type: str, returned: always}
    control_plane: {description: Whether it is to be a control plane., type: bool, returned: always}
    joined: {description: Whether it is a whole member of its cluster., type: bool, returned: always}
    etcd_data: {description: Whether etcd has data on it., type: bool, returned: always}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients import kubeadm as client
from ansible_collections.landfall.replatform.plugins.module_utils.core import kubeadm
from ansible_collections.landfall.replatform.plugins.module_utils.core.kubeadm_config import Node
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run

ARGUMENTS: dict[str, Any] = {
    "node_name": {"type": "str", "required": True},
    "node_address": {"type": "str", "required": True},
    "control_plane": {"type": "bool", "default": False},
    "port": {"type": "int", "default": 6443},
    "wait": {"type": "int", "default": 30},
}


def verb(params: dict[str, Any], check_mode: bool) -> Outcome:
    node = Node(params["node_name"], params["node_address"], params["control_plane"])
    facts = client.look(node, params["port"], wait=params["wait"])
    found = {
        "name": node.name,
        "address": node.address,
        "control_plane": node.control_plane,
        "joined": kubeadm.is_joined(facts, control_plane=node.control_plane),
        "etcd_data": facts.etcd_data,
    }
    return Outcome(changed=False, values={"node": found})


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), verb)


if __name__ == "__main__":
    main()
