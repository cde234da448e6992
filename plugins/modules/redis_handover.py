#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Redis in the cluster takes over from the one on a guest."""

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_handover
short_description: Hands a Redis over from its guest to its pod, by replication
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - The pod becomes a replica of the guest's Redis. When it is level, writes at the guest wait for a moment, the data
    are compared, the pod is promoted, the guest's Redis becomes a replica, and O(service) leads clients to the pod.
  - Nothing that waited at the guest is applied there, and clients connected there are cut off, so that they come back
    through the Service. Up to the promotion a failure takes everything back.
  - A Service that leads to pods means that it has happened. A run that was killed is taken up where it ended.
  - The guest's Redis is asked directly, the pod's through the API server.
options:
  plan_file:
    description: The plan, C(plan.yml).
    type: path
    required: true
  name:
    description: Name of the service in the plan.
    type: str
    default: redis
  service:
    description: The Service as it is to be, with its selector.
    type: dict
    required: true
  pod:
    description: Name of the pod that takes over; by default the first of the StatefulSet.
    type: str
  timeout:
    description: Seconds that the replication may take to come level, and that writes may wait at the most.
    type: int
    default: 60
attributes:
  check_mode:
    support: full
    description: Tells whether it has happened.
  diff_mode:
    support: full
    description: Where clients are led.
extends_documentation_fragment:
  - landfall.replatform.kube
"""

EXAMPLES = r"""
- name: The pod takes over
  landfall.replatform.redis_handover:
    kubeconfig: sites/mall/kubeconfig
    plan_file: sites/mall/plan.yml
    service: "{{ redis.services | first }}"
"""

RETURN = r"""
keys:
  description: Keys of each database that were handed over.
  returned: when it happened now
  type: dict
  sample: {"0": 25}
paused_seconds:
  description: How long writes waited.
  returned: when it happened now
  type: float
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import read_document
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.redis_move import Move
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError, Problem
from ansible_collections.landfall.replatform.plugins.module_utils.module import KUBE_ARGUMENTS, Outcome, run

ARGUMENTS: dict[str, Any] = {
    **KUBE_ARGUMENTS,
    "plan_file": {"type": "path", "required": True},
    "name": {"type": "str", "default": "redis"},
    "service": {"type": "dict", "required": True},
    "pod": {"type": "str"},
    "timeout": {"type": "int", "default": 60},
}


def redis_handover(params: dict[str, Any], check_mode: bool) -> Outcome:
    """Look where the Service leads, and hand over where it does not lead to pods."""
    services = read_document(params["plan_file"])["services"]
    planned = next((one for one in services if one["name"] == params["name"] and one["role"] == "cache"), None)
    if planned is None:
        known = ", ".join(one["name"] for one in services if one["role"] == "cache")
        raise DocumentError("not in the plan", [Problem(f"name: {params['name']}", "is no cache", f"one of {known}")])
    guest = f"guest: {planned['from'][0]['guest']}\n"
    with KubeClient.connect(**{name: params[name] for name in KUBE_ARGUMENTS}) as client:
        move = Move(client, planned, params["service"], params["pod"] or f"{planned['name']}-0")
        if move.has_happened():
            return Outcome(move.settle(check=check_mode))
        if check_mode:
            return Outcome(True, guest, "cluster: true\n", planned["name"])
        done = move.hand_over(params["timeout"])
    values = {"keys": {str(database): count for database, count in done.keys.items()}}
    values |= {"paused_seconds": done.paused_seconds}
    return Outcome(True, guest, "cluster: true\n", planned["name"], values=values)


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), redis_handover)


if __name__ == "__main__":
    main()
