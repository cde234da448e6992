#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mirrors and servers in Maven's settings.xml, every untouched byte kept."""

from __future__ import annotations

DOCUMENTATION = r"""
module: maven_settings
short_description: Edits Maven's settings.xml in place
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Adds or changes mirrors and servers by their C(id) and sets simple values.
  - Comments, blank lines, quotes and whatever else was not asked for keep every byte.
  - A file that is not well formed, or has two entries of one C(id), is refused and not touched.
attributes:
  check_mode:
    support: full
    description: Predicts exactly what a run writes.
  diff_mode:
    support: full
    description: Shows the file before and after, passwords hidden.
options:
  path:
    description: The file. It is made where there is none.
    type: path
    required: true
  mirrors:
    description: Entries of C(<mirrors>).
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Its name.
        type: str
        required: true
      mirror_of:
        description: The repositories it stands for, for example V(*) or V(*,!inhouse).
        type: str
        required: true
      url:
        description: Its address.
        type: str
        required: true
  servers:
    description: Entries of C(<servers>), the logins of repositories.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: The repository or mirror that it belongs to.
        type: str
        required: true
      username_env:
        description: Environment variable of the build that holds the user name; written as C(${env.NAME}).
        type: str
        required: true
      password_env:
        description:
          - Environment variable of the build that holds the password.
          - It is written as C(${env.NAME}), so that no secret is in the file.
        type: str
        required: true
  local_repository:
    description: Directory of the local repository.
    type: path
  offline:
    description: Whether Maven works without its repositories.
    type: bool
  backup:
    description: Whether to keep a copy of the file beside it before it changes.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Builds resolve through the site's Nexus
  landfall.replatform.maven_settings:
    path: ~/.m2/settings.xml
    mirrors:
      - {id: nexus, mirror_of: "*", url: "http://nexus.mall.example:8081/repository/mall-public/"}
    servers:
      - {id: nexus, username_env: NEXUS_USER, password_env: NEXUS_PASSWORD}
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
backup_file:
  description: The copy that was kept.
  returned: when a file was changed and O(backup=true)
  type: str
"""

import os
import tempfile
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.core.settings_xml import (
    EMPTY,
    Section,
    edit,
    masked,
    shadowed_mirrors,
)
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run

MIRROR: dict[str, Any] = {name: {"type": "str", "required": True} for name in ("id", "mirror_of", "url")}
SERVER: dict[str, Any] = {
    "id": {"type": "str", "required": True},
    "username_env": {"type": "str", "required": True},
    "password_env": {"type": "str", "required": True, "no_log": False},  # the name of a variable
}
ARGUMENTS: dict[str, Any] = {
    "path": {"type": "path", "required": True},
    "mirrors": {"type": "list", "elements": "dict", "default": [], "options": MIRROR},
    "servers": {"type": "list", "elements": "dict", "default": [], "options": SERVER},
    "local_repository": {"type": "path"},
    "offline": {"type": "bool"},
    "backup": {"type": "bool", "default": True},
}


def _sections(params: dict[str, Any]) -> list[Section]:
    mirrors = [{"id": one["id"], "mirrorOf": one["mirror_of"], "url": one["url"]} for one in params["mirrors"]]
    servers = [
        {"id": one["id"], "username": f"${{env.{one['username_env']}}}", "password": f"${{env.{one['password_env']}}}"}
        for one in params["servers"]
    ]
    return [Section("mirrors", "mirror", tuple(mirrors)), Section("servers", "server", tuple(servers))]


def _values(params: dict[str, Any]) -> dict[str, str]:
    values: dict[str, str] = {}
    if params["local_repository"] is not None:
        values["localRepository"] = params["local_repository"]
    if params["offline"] is not None:
        values["offline"] = str(params["offline"]).lower()
    return values


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)

    def settings(params: dict[str, Any], check_mode: bool) -> Outcome:
        path = os.path.realpath(params["path"])
        exists = os.path.exists(path)
        before = b""
        if exists:
            with open(path, "rb") as file:
                before = file.read()
        after = edit(before or EMPTY, _sections(params), _values(params), path)
        values: dict[str, Any] = {"path": path}
        if after != before and not check_mode:
            if exists and params["backup"]:
                values["backup_file"] = module.backup_local(path)
            _write(module, path, after)
        hidden = [
            f"Mirror '{one}' never answers: one before it takes everything (*)" for one in shadowed_mirrors(after)
        ]
        return Outcome(after != before, masked(before), masked(after), header=path, warnings=hidden, values=values)

    run(module, settings)


def _write(module: AnsibleModule, path: str, content: bytes) -> None:
    """Replace the file in one step, so that a build that starts meanwhile reads the old or the new one."""
    directory = os.path.dirname(path)
    os.makedirs(directory, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=directory, prefix=".settings-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    new = not os.path.exists(path)
    module.atomic_move(draft, path)  # keeps owner and mode of a file that was there
    if new:
        os.chmod(path, 0o600)  # people put passwords here by hand


if __name__ == "__main__":
    main()
