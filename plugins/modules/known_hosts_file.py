#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Public SSH host keys, known before the first login."""

from __future__ import annotations

DOCUMENTATION = r"""
module: known_hosts_file
short_description: Keep the SSH host keys of many hosts in a known_hosts file
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Gives each host of a list exactly the keys that are told, in one step. A host that was made anew loses its old ones.
  - Lines of other hosts, hashed lines and comments stay as they are. A host without keys is left alone.
options:
  path:
    description: The file. It is made where it is missing, with its directory.
    type: path
    required: true
  hosts:
    description: The hosts.
    type: list
    elements: dict
    required: true
    suboptions:
      names:
        description: The addresses and names that it is reached by.
        type: list
        elements: str
        required: true
      keys:
        description: Its public keys, each C(type base64).
        type: list
        elements: str
        required: true
attributes:
  check_mode:
    description: Can run in check mode, and tells exactly what a run would do.
    support: full
  diff_mode:
    description: Tells the lines that change.
    support: full
seealso:
  - module: landfall.replatform.vsphere_nodes
"""

EXAMPLES = r"""
- name: The nodes are known before anybody logs in
  landfall.replatform.known_hosts_file:
    path: sites/mall/known_hosts
    hosts:
      - names: [10.20.8.10]
        keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbPs3nyyYbBE0nbQNBQlmSd5qmVUzr5B1lLKBL4kFIV"]
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import read_text, write_text
from ansible_collections.landfall.replatform.plugins.module_utils.core.known_hosts import merge
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run

HOST: dict[str, Any] = {
    "names": {"type": "list", "elements": "str", "required": True},
    "keys": {"type": "list", "elements": "str", "required": True, "no_log": False},
}
ARGUMENTS: dict[str, Any] = {
    "path": {"type": "path", "required": True},
    "hosts": {"type": "list", "elements": "dict", "required": True, "options": HOST},
}


def keep(params: dict[str, Any], check_mode: bool) -> Outcome:
    """Merge, and write where something differs."""
    path = params["path"]
    before = read_text(path) if os.path.exists(path) else ""
    after = merge(before, {name: host["keys"] for host in params["hosts"] for name in host["names"]})
    if after != before and not check_mode:
        write_text(path, after)
    return Outcome(after != before, before, after, header=path, values={"path": path})


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), keep)


if __name__ == "__main__":
    main()
