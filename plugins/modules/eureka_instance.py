#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instances in Eureka during a move."""

from __future__ import annotations

DOCUMENTATION = r"""
module: eureka_instance
short_description: Leads callers from instances on guests to pods, by Eureka
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - With O(state=drained), waits until callers see a pod of each service, then takes the instances on guests out of
    service, and waits until no caller can have one in its caches. After that a guest's service can be stopped.
  - With O(state=in_service), instances on guests take requests again.
  - With O(state=registered), waits until the registry in the cluster knows every ready pod; after the registry itself
    has moved.
  - Services that do not register are none of its business.
options:
  plan_file:
    description: The plan, C(plan.yml).
    type: path
    required: true
  services:
    description: Names of the services; none means all that move.
    type: list
    elements: str
    default: []
  state:
    description: What shall be.
    type: str
    choices: [drained, in_service, registered]
    required: true
  url:
    description: The registry on its guest, by default where the plan found it.
    type: str
  timeout:
    description: Seconds that each wait may take.
    type: int
    default: 180
  settle_seconds:
    description: How long callers may keep an instance after the registry has stopped to tell them of it.
    type: int
    default: 12
attributes:
  check_mode:
    support: full
    description: Looks and waits for nothing.
  diff_mode:
    support: full
    description: The instances whose state changes.
extends_documentation_fragment:
  - landfall.replatform.kube
"""

EXAMPLES = r"""
- name: Callers use the orders in the cluster
  landfall.replatform.eureka_instance:
    plan_file: sites/mall/plan.yml
    services: [order]
    state: drained

- name: The registry in the cluster knows everybody
  landfall.replatform.eureka_instance:
    kubeconfig: sites/mall/kubeconfig
    plan_file: sites/mall/plan.yml
    state: registered
"""

RETURN = r"""
instances:
  description: The instances whose state changed.
  returned: success
  type: list
  elements: str
  sample: ["order-01:order:8083"]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients import eureka as client
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import read_document
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.core import eureka
from ansible_collections.landfall.replatform.plugins.module_utils.module import KUBE_ARGUMENTS, Outcome, run

ARGUMENTS: dict[str, Any] = {
    **KUBE_ARGUMENTS,
    "plan_file": {"type": "path", "required": True},
    "services": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["drained", "in_service", "registered"], "required": True},
    "url": {"type": "str"},
    "timeout": {"type": "int", "default": 180},
    "settle_seconds": {"type": "int", "default": 12},
}


def eureka_instance(params: dict[str, Any], check_mode: bool) -> Outcome:
    """One look at the registry against what shall be."""
    plan = read_document(params["plan_file"])
    wanted, registry = eureka.members(plan, params["services"]), eureka.registry(plan)
    if registry is None or not wanted:
        return Outcome(False, values={"instances": []})
    if params["state"] == "registered":
        if not check_mode:
            with KubeClient.connect(**{name: params[name] for name in KUBE_ARGUMENTS}) as cluster:
                name, namespace = registry["name"], registry["namespace"]
                client.wait_registered(cluster, name, namespace, wanted, patience=params["timeout"])
        return Outcome(False, values={"instances": []})
    source = registry["from"][0]
    server = client.Eureka(params["url"] or f"http://{source['address']}:{source['port']}/eureka")
    if params["state"] == "drained":
        settle, patience = params["settle_seconds"], params["timeout"]
        found = client.drain(server, wanted, patience=patience, settle=settle, dry=check_mode)
        states = (eureka.UP, eureka.OUT_OF_SERVICE)
    else:
        found = client.restore(server, wanted, dry=check_mode)
        states = (eureka.OUT_OF_SERVICE, eureka.UP)
    names = [one.identity for one in found]
    before, after = ("".join(f"{name}: {state}\n" for name in names) for state in states)
    return Outcome(bool(found), before, after, "instances", values={"instances": names})


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), eureka_instance)


if __name__ == "__main__":
    main()
