#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Proves the document and everything that it names, before anything changes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Tries every credential, endpoint and file that the phases will need
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Checks C(platform.yml), then the vCenter (login, template, networks, clusters), the bundle (every digest), the Nexus
    (login), key files and the Maven settings.
  - Everything that is wrong is told at once, each with its path, what was found and what would be right.
  - It changes nothing.
attributes:
  check_mode:
    support: full
    description: Runs as always, since it only looks.
  diff_mode:
    support: none
    description: There is nothing to differ.
options:
  platform:
    description: The document, C(replatform_platform).
    type: dict
    required: true
  vcenter_user:
    description: User at the vCenter, by default from E(VMWARE_USER).
    type: str
    required: true
  vcenter_password:
    description: Its password, by default from E(VMWARE_PASSWORD).
    type: str
    required: true
  nexus_user:
    description: Administrator of the Nexus.
    type: str
    default: admin
  nexus_password:
    description: Its password, by default from E(NEXUS_ADMIN_PASSWORD).
    type: str
    default: ""
  nexus_initial_password:
    description: The first password of a fresh Nexus, by default from E(NEXUS_INITIAL_PASSWORD).
    type: str
  maven_settings_path:
    description: The settings file that the role C(maven) will edit.
    type: path
    default: ~/.m2/settings.xml
"""

EXAMPLES = r"""
- name: Everything that the phases will need
  landfall.replatform.preflight:
    platform: "{{ replatform_platform }}"
"""

RETURN = r"""
checks:
  description: What was tried.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "vCenter", "seconds": 0.4}]
problems:
  description: Everything that is wrong.
  returned: failure
  type: list
  elements: dict
  sample: [{"path": "platform.nodes.template", "found": "the vCenter has no template 'x'", "right": "one of debian-12"}]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible_collections.landfall.replatform.plugins.module_utils.clients.preflight import Credentials, look
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_platform
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run

ARGUMENTS: dict[str, Any] = {
    "platform": {"type": "dict", "required": True},
    "vcenter_user": {"type": "str", "required": True, "fallback": (env_fallback, ["VMWARE_USER"])},
    "vcenter_password": {
        "type": "str",
        "required": True,
        "no_log": True,
        "fallback": (env_fallback, ["VMWARE_PASSWORD"]),
    },
    "nexus_user": {"type": "str", "default": "admin"},
    "nexus_password": {
        "type": "str",
        "default": "",
        "no_log": True,
        "fallback": (env_fallback, ["NEXUS_ADMIN_PASSWORD"]),
    },
    "nexus_initial_password": {"type": "str", "no_log": True, "fallback": (env_fallback, ["NEXUS_INITIAL_PASSWORD"])},
    "maven_settings_path": {"type": "path", "default": "~/.m2/settings.xml"},
}


def preflight(params: dict[str, Any], check_mode: bool) -> Outcome:
    """Look at everything, in check mode too."""
    platform = parse_platform(params["platform"])
    vcenter = platform["vcenter"]
    credentials = Credentials(
        vcenter={
            "hostname": vcenter["host"],
            "port": vcenter["port"],
            "username": params["vcenter_user"],
            "password": params["vcenter_password"],
            "ca_path": vcenter["ca_path"],
            "thumbprint": vcenter["thumbprint"],
            "timeout": 30,
        },
        nexus_user=params["nexus_user"],
        nexus_password=params["nexus_password"],
        nexus_initial_password=params["nexus_initial_password"],
        settings_path=params["maven_settings_path"],
    )
    checks = look(platform, credentials)
    problems = [problem for check in checks for problem in check.problems]
    if problems:
        raise DocumentError("This site is not ready; nothing was changed:", problems)
    return Outcome(False, values={"checks": [{"name": check.name, "seconds": check.seconds} for check in checks]})


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), preflight)


if __name__ == "__main__":
    main()
