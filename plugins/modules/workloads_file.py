#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all guests told, as one document."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workloads_file
short_description: Write what the guests told as workloads.yml
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Writes the results of M(landfall.replatform.workload_facts) of many guests as the one document that the plan reads,
    sorted, the same bytes for the same facts.
  - Facts are no change of the site, so a fresh copy is never reported as one. Nothing is written in check mode.
options:
  dest:
    description: The file. Its directory is made where it is missing.
    type: path
    required: true
  workloads:
    description: What the guests told.
    type: list
    elements: dict
    required: true
attributes:
  check_mode:
    description: Can run in check mode, and writes nothing then.
    support: full
  diff_mode:
    description: Has no changes to tell.
    support: none
seealso:
  - module: landfall.replatform.workload_facts
"""

EXAMPLES = r"""
- name: One document for the plan
  landfall.replatform.workloads_file:
    dest: sites/mall/workloads.yml
    workloads: "{{ groups['guests'] | map('extract', hostvars, ['found', 'workload']) }}"
"""

RETURN = r"""
guests:
  description: How many guests told something.
  returned: success
  type: int
services:
  description: How many services run there.
  returned: success
  type: int
unreadable:
  description: The guests that could not be read, with the reason.
  returned: success
  type: list
  elements: str
  sample: ["goods-01: it refuses the login"]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import write_text
from ansible_collections.landfall.replatform.plugins.module_utils.core.document_text import facts_text
from ansible_collections.landfall.replatform.plugins.module_utils.core.workloads import VERSION
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run

ARGUMENTS: dict[str, Any] = {
    "dest": {"type": "path", "required": True},
    "workloads": {"type": "list", "elements": "dict", "required": True},
}


def keep(params: dict[str, Any], check_mode: bool) -> Outcome:
    """Sort and write."""
    guests = sorted(params["workloads"], key=lambda one: str(one["guest"]))
    if not check_mode:
        write_text(params["dest"], facts_text({"version": VERSION, "guests": guests}))
    values = {
        "guests": len(guests),
        "services": sum(len(one["services"]) for one in guests),
        "unreadable": [f"{one['guest']}: {one['findings'][0]['found']}" for one in guests if not one["reachable"]],
    }
    return Outcome(False, values=values)


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), keep)


if __name__ == "__main__":
    main()
