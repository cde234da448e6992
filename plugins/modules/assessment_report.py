#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the assessment report: one HTML page out of the facts and the plan."""

from __future__ import annotations

DOCUMENTATION = r"""
module: assessment_report
short_description: Writes the assessment and the plan as one self-contained HTML page
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Reads C(estate.yml), C(workloads.yml) and the plan, and writes one HTML file that needs nothing else, no network
    and no other file. A summary, the utilisation before and after, the nodes on their ESXi hosts, the services with
    whom they call and their waves, what stands in the way, every guest in a table that can be filtered and sorted, and
    how the numbers were made.
  - The page is in English and in Chinese, with a switch. It prints, and it is readable in the dark.
  - The same facts give the same bytes. Once a wave has begun, the page of the same plan stays as it was, since what is
    there now is no longer what was assessed. Annotations, attributes and configurations do not come in, and no secret.
attributes:
  check_mode:
    support: full
    description: Makes the page, and writes nothing.
  diff_mode:
    support: full
    description: Shows in two lines what the page comes to, not its HTML.
options:
  estate_file:
    description: C(estate.yml), on this host.
    type: path
    required: true
  workloads_file:
    description: C(workloads.yml), on this host.
    type: path
    required: true
  plan_file:
    description: C(plan.yml), on this host.
    type: path
  plan:
    description: The plan, as M(landfall.replatform.migration_plan) returns it. For where its file is not written yet.
    type: dict
  dest:
    description: The page, on this host.
    type: path
    required: true
  title:
    description: What the page is about, such as the name of the site. The name of the vCenter where it is left out.
    type: str
    default: ""
  language:
    description: The language in which the page opens.
    type: str
    choices: [en, zh]
    default: en
requirements:
  - PyYAML
"""

EXAMPLES = r"""
- name: The assessment as a page
  landfall.replatform.assessment_report:
    estate_file: sites/mall/estate.yml
    workloads_file: sites/mall/workloads.yml
    plan_file: sites/mall/plan.yml
    dest: sites/mall/report.html
    title: mall
    language: zh
"""

RETURN = r"""
file:
  description: Where the page is.
  returned: success
  type: str
  sample: sites/mall/report.html
size:
  description: Its size in bytes.
  returned: success
  type: int
  sample: 54832
gist:
  description: What it comes to, on one line.
  returned: success
  type: str
  sample: "59 guests, 7 services in 5 waves, 5 nodes, 1 finding of which 0 blockers; plan 166f79ddfd28"
problems:
  description: Everything that is wrong, with its path, what was found and what would be right.
  returned: failure
  type: list
  elements: dict
  sample: [{"path": "estate.yml.version", "found": "0", "right": "1; run assess again"}]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.reporting import Reporting
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run


def verb(params: dict[str, Any], check_mode: bool) -> Outcome:
    names = ("estate_file", "workloads_file", "dest", "title", "language")
    reported = Reporting(**{name: params[name] for name in names}).make(params["plan"], params["plan_file"])
    if reported.changed and not check_mode:
        reported.write()
    before, after = reported.told()
    return Outcome(
        changed=reported.changed,
        before=before,
        after=after,
        header=params["dest"],
        values={"file": params["dest"], "size": len(reported.page), "gist": reported.gist},
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "estate_file": {"type": "path", "required": True},
            "workloads_file": {"type": "path", "required": True},
            "plan_file": {"type": "path"},
            "plan": {"type": "dict"},
            "dest": {"type": "path", "required": True},
            "title": {"type": "str", "default": ""},
            "language": {"type": "str", "choices": ["en", "zh"], "default": "en"},
        },
        mutually_exclusive=[("plan", "plan_file")],
        required_one_of=[("plan", "plan_file")],
        supports_check_mode=True,
    )
    run(module, verb)


if __name__ == "__main__":
    main()
