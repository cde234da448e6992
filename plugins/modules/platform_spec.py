#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Completes and checks platform.yml, the one document a person writes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: platform_spec
short_description: Completes and checks the document that says what there shall be
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Fills the defaults of C(platform.yml) in, checks every value and what depends on one another, and returns the whole.
  - Everything that is wrong is told at once, each with its path, what was found and what would be right. A key that is
    not known is refused with the one that was probably meant; a secret that stands there is refused, and never shown.
  - It reads and changes nothing else.
attributes:
  check_mode:
    support: full
    description: Runs as always, since it only looks.
  diff_mode:
    support: none
    description: There is nothing to differ.
options:
  platform:
    description: The document, C(replatform_platform), or the section of it that O(section) names.
    type: raw
    required: true
  section:
    description: Only this section, for example V(tenancy) or V(delivery.nexus).
    type: str
"""

EXAMPLES = r"""
- name: What shall there be?
  landfall.replatform.platform_spec:
    platform: "{{ replatform_platform }}"
  register: spec

- name: The tenancy alone
  landfall.replatform.platform_spec:
    section: tenancy
    platform:
      workspaces: [{name: mall-consumer, projects: [{name: mall-trade}]}]
"""

RETURN = r"""
platform:
  description: The document, or the section, with every default.
  returned: success
  type: raw
  sample: {"version": 1, "site": "mall"}
problems:
  description: Everything that is wrong.
  returned: failure
  type: list
  elements: dict
  sample: [{"path": "platform.tenancy.users[0].name", "found": "is missing", "right": "it has no default"}]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_platform, parse_section
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run


def verb(params: dict[str, Any], check_mode: bool) -> Outcome:
    section = params["section"]
    raw = params["platform"]
    return Outcome(False, values={"platform": parse_section(section, raw) if section else parse_platform(raw)})


def main() -> None:
    module = AnsibleModule(
        argument_spec={"platform": {"type": "raw", "required": True}, "section": {"type": "str"}},
        supports_check_mode=True,
    )
    run(module, verb)


if __name__ == "__main__":
    main()
