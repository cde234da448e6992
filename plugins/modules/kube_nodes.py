#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits for the nodes of a cluster, and gives them their labels."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_nodes
short_description: Wait for nodes and label them
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Waits until nodes are registered, or ready, and gives them their labels, all in one call.
  - A label that was given here and is wanted no more is taken away; labels of others stay.
  - Never creates a node; that is what its kubelet does.
extends_documentation_fragment:
  - landfall.replatform.kube
attributes:
  check_mode:
    support: full
    description: Says which labels would change; does not wait for nodes that the same run would make.
  diff_mode:
    support: full
    description: Shows our labels of each node that changes.
options:
  names:
    description: The nodes that must be there.
    type: list
    elements: str
    required: true
  labels:
    description: For each node that is named here, exactly these labels.
    type: dict
    default: {}
  condition:
    description: What to wait for.
    type: str
    choices: [registered, ready]
    default: registered
  timeout:
    description: Seconds to wait.
    type: int
    default: 300
"""

EXAMPLES = r"""
- name: Wait for the nodes and give them their zone
  landfall.replatform.kube_nodes:
    kubeconfig: sites/mall/kubeconfig
    names: [cp-01, worker-01, worker-02]
    labels:
      worker-01: {landfall.dev/zone: prod-a}
      worker-02: {landfall.dev/zone: prod-b}
    condition: ready
"""

RETURN = r"""
nodes:
  description: The names of all nodes of the cluster.
  type: list
  elements: str
  returned: always
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_nodes import label, wait_for
from ansible_collections.landfall.replatform.plugins.module_utils.module import KUBE_ARGUMENTS, Outcome, run

ARGUMENTS: dict[str, Any] = {
    **KUBE_ARGUMENTS,
    "names": {"type": "list", "elements": "str", "required": True},
    "labels": {"type": "dict", "default": {}},
    "condition": {"type": "str", "choices": ["registered", "ready"], "default": "registered"},
    "timeout": {"type": "int", "default": 300},
}


def verb(params: dict[str, Any], check_mode: bool) -> Outcome:
    ready = params["condition"] == "ready"
    with KubeClient.connect(**{key: params[key] for key in KUBE_ARGUMENTS}) as client:
        # A check does not wait for what the run before it would have made.
        names, timeout = ([], 0) if check_mode else (params["names"], params["timeout"])
        nodes = wait_for(client, names, ready=ready, timeout=timeout)
        before, after = label(client, nodes, params["labels"], coming=params["names"] if check_mode else ())
    return Outcome(
        changed=before != after, before=before, after=after, header="labels of nodes", values={"nodes": sorted(nodes)}
    )


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), verb)


if __name__ == "__main__":
    main()
