#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether planned services answer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_probe
short_description: Asks every service of the plan whether it answers from the cluster
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - A pod of the suite asks each service that pods call, by the name of its Service, whether it runs in the cluster or
    stayed on a guest. From here, every worker's node ports and the front door are asked.
  - It asks again until all answer well, and ends with each one that does not.
  - It changes nothing.
options:
  plan_file:
    description: The plan, C(plan.yml).
    type: path
    required: true
  services:
    description: Names of the services; none means all, and the front door.
    type: list
    elements: str
    default: []
  guests:
    description: Guests; only the services that moved from these are asked. An empty list asks none.
    type: list
    elements: str
  timeout:
    description: Seconds until an answer that is not good counts.
    type: int
    default: 60
attributes:
  check_mode:
    support: full
    description: Runs as always, since it only looks.
  diff_mode:
    support: none
    description: There is nothing to differ.
extends_documentation_fragment:
  - landfall.replatform.kube
"""

EXAMPLES = r"""
- name: Every service of the plan answers
  landfall.replatform.service_probe:
    kubeconfig: sites/mall/kubeconfig
    plan_file: sites/mall/plan.yml
"""

RETURN = r"""
answers:
  description: What each said.
  returned: success
  type: list
  elements: dict
  sample: [{"service": "redis", "how": "service", "where": "redis.mall-trade.svc:6379", "said": "+PONG", "ok": true}]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import read_document
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.probe import ask_until_all_answer
from ansible_collections.landfall.replatform.plugins.module_utils.core.probe import moved_from
from ansible_collections.landfall.replatform.plugins.module_utils.module import KUBE_ARGUMENTS, Outcome, run

ARGUMENTS: dict[str, Any] = {
    **KUBE_ARGUMENTS,
    "plan_file": {"type": "path", "required": True},
    "services": {"type": "list", "elements": "str", "default": []},
    "guests": {"type": "list", "elements": "str"},
    "timeout": {"type": "int", "default": 60},
}


def service_probe(params: dict[str, Any], _check_mode: bool) -> Outcome:
    """Ask."""
    plan = read_document(params["plan_file"])
    names = params["services"] if params["guests"] is None else moved_from(plan, params["guests"])
    if params["guests"] is not None and not names:
        return Outcome(False, values={"answers": []})
    with KubeClient.connect(**{name: params[name] for name in KUBE_ARGUMENTS}) as client:
        answers = ask_until_all_answer(client, plan, names, patience=params["timeout"])
    return Outcome(False, values={"answers": [one.document() for one in answers]})


def main() -> None:
    exclusive = [("services", "guests")]
    run(AnsibleModule(argument_spec=ARGUMENTS, mutually_exclusive=exclusive, supports_check_mode=True), service_probe)


if __name__ == "__main__":
    main()
