#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes plan.yml out of the facts and the wish, or proves that it is not stale."""

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_plan
short_description: Plans nodes, services and waves from what is there and what is wanted
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Reads C(estate.yml) and C(workloads.yml), which C(assess) wrote, and the document C(platform.yml), and writes
    C(plan.yml). The nodes with their sizes, ESXi hosts and addresses, the services with image, requests, replicas and
    whom they call, the waves in which they move, and what stands in the way.
  - The same facts give the same bytes. What is never the same twice (statistics, connections, where a guest runs)
    does not move what the last plan settled while that is still right; delete C(plan.yml) to start afresh.
  - Once a wave has begun the plan stays as it is, unless O(replan=true).
attributes:
  check_mode:
    support: full
    description: Plans, and writes nothing.
  diff_mode:
    support: full
    description: Shows how C(plan.yml) changes.
options:
  platform:
    description: The document, C(replatform_platform).
    type: dict
    required: true
  estate_file:
    description: C(estate.yml), on this host.
    type: path
    required: true
  workloads_file:
    description: C(workloads.yml), on this host.
    type: path
    required: true
  dest:
    description: C(plan.yml), on this host.
    type: path
    required: true
  state:
    description:
      - V(present) makes the plan.
      - V(verified) reads it, and fails where it was made from something else than what is there now.
    type: str
    choices: [present, verified]
    default: present
  replan:
    description: Plan anew although a wave has begun. Services that have moved stay as the last plan has them.
    type: bool
    default: false
  frozen:
    description: A wave has begun, whatever the marks of the guests in C(estate.yml) say.
    type: bool
    default: false
requirements:
  - PyYAML
  - jmespath, where the document selects guests
"""

EXAMPLES = r"""
- name: Plan the move
  landfall.replatform.migration_plan:
    platform: "{{ replatform_platform }}"
    estate_file: sites/mall/estate.yml
    workloads_file: sites/mall/workloads.yml
    dest: sites/mall/plan.yml
  register: planned

- name: Refuse to act on an old plan
  landfall.replatform.migration_plan:
    platform: "{{ replatform_platform }}"
    estate_file: sites/mall/estate.yml
    workloads_file: sites/mall/workloads.yml
    dest: sites/mall/plan.yml
    state: verified
"""

RETURN = r"""
plan:
  description: The plan, as C(plan.yml) has it.
  returned: success
  type: dict
  sample: {"version": 1, "waves": [{"number": 1, "services": ["gateway", "shop-web"]}]}
summary:
  description: The plan on one screen, line by line.
  returned: success
  type: list
  elements: str
  sample: ["Guests   58 count, 7 have services that move, 7 are free afterwards"]
blockers:
  description: What a person must settle before the services that it names can move.
  returned: success
  type: list
  elements: dict
  sample: [{"rule": "guest_unreadable", "severity": "blocker", "where": "promo-01", "found": "no route", "meant": null}]
problems:
  description: Everything that is wrong, with its path, what was found and what would be right.
  returned: failure
  type: list
  elements: dict
  sample: [{"path": "platform.nodes.adopt[0]", "found": "'x' is not a VM of this vCenter", "right": "did you mean y?"}]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.planning import Planning
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.summary import lines
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run


def verb(params: dict[str, Any], check_mode: bool) -> Outcome:
    files = {key: params[key] for key in ("estate_file", "workloads_file", "dest")}
    planning = Planning.of(params["platform"], **files)
    if params["state"] == "verified":
        planned = planning.verify(frozen=params["frozen"])
    else:
        planned = planning.make(replan=params["replan"], frozen=params["frozen"])
        if planned.after != planned.before and not check_mode:
            planning.write(planned.after)
    return Outcome(
        changed=planned.after != planned.before,
        before=planned.before,
        after=planned.after,
        header=params["dest"],
        warnings=planned.warnings,
        values={"plan": planned.plan, "summary": lines(planned.plan), "blockers": planned.plan["blockers"]},
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "platform": {"type": "dict", "required": True},
            "estate_file": {"type": "path", "required": True},
            "workloads_file": {"type": "path", "required": True},
            "dest": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["present", "verified"], "default": "present"},
            "replan": {"type": "bool", "default": False},
            "frozen": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    run(module, verb)


if __name__ == "__main__":
    main()
