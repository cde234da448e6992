#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tells where each service of the plan stands now."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_status
short_description: Tells where each service of the plan and its guests stand now
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Asks vCenter for the guests of the plan, with their power and the marks that the move leaves on them, and the
    cluster for the pods of the suite.
  - A service stands on its guests, is moving, is in the cluster, stays on its guests, or is nowhere, which is a
    reason to look.
  - Where there is no cluster yet, or it does not answer, the marks of the guests tell alone, and a warning says so.
  - It changes nothing.
options:
  plan_file:
    description: The plan, C(plan.yml).
    type: path
    required: true
  kubeconfig:
    description: How to reach the cluster. A file that is not there means that there is no cluster yet.
    type: path
    required: true
attributes:
  check_mode:
    support: full
    description: Runs as always, since it only looks.
  diff_mode:
    support: none
    description: There is nothing to differ.
extends_documentation_fragment:
  - landfall.replatform.vcenter
"""

EXAMPLES = r"""
- name: Where everything stands
  landfall.replatform.site_status:
    hostname: vcenter.mall.example
    plan_file: sites/mall/plan.yml
    kubeconfig: sites/mall/kubeconfig
  register: found

- name: On one screen
  ansible.builtin.debug:
    msg: "{{ found.lines }}"
"""

RETURN = r"""
services:
  description: Each service of the plan.
  returned: success
  type: list
  elements: dict
  sample:
    - service: gateway
      namespace: mall-trade
      wave: 1
      stands: cluster
      guests: [{"guest": "gateway-01", "power": "off", "state": "retired"}]
      pods: {"ready": 2, "wanted": 2}
guests:
  description: Each guest that the plan takes services from or frees, or that bears a mark.
  returned: success
  type: list
  elements: dict
  sample:
    - guest: gateway-01
      power: "off"
      state: retired
      since: "2026-03-01T22:14:05Z"
      freed_by: 1
      services: [gateway]
lines:
  description: Both on one screen, line by line.
  returned: success
  type: list
  elements: str
  sample: ["1     gateway   2/2   in the cluster  gateway-01 (off, retired)"]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import read_document
from ansible_collections.landfall.replatform.plugins.module_utils.clients.standing import suite_controllers
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere import read_in_session
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere_estate import read_estate
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import LandfallError
from ansible_collections.landfall.replatform.plugins.module_utils.core.standing import (
    guest_lines,
    guest_standings,
    lines,
    standings,
)
from ansible_collections.landfall.replatform.plugins.module_utils.module import VCENTER_ARGUMENTS, Outcome, run

ARGUMENTS: dict[str, Any] = {
    **VCENTER_ARGUMENTS,
    "plan_file": {"type": "path", "required": True},
    "kubeconfig": {"type": "path", "required": True},
}


def tell(params: dict[str, Any], _check_mode: bool) -> Outcome:
    """Ask both sides."""
    plan = read_document(params["plan_file"])
    guests = read_in_session(params, lambda vcenter: read_estate(vcenter, tags=False))["guests"]
    controllers, warnings = None, []
    try:
        controllers = suite_controllers(params["kubeconfig"])
    except LandfallError as error:
        warnings.append(f"the cluster did not answer, only the marks of the guests tell: {error}")
    found = standings(plan, guests, controllers)
    stood = guest_standings(plan, guests)
    shown = [*guest_lines(stood), "", *lines(found)]
    return Outcome(False, warnings=warnings, values={"services": found, "guests": stood, "lines": shown})


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), tell)


if __name__ == "__main__":
    main()
