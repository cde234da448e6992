#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings a Nexus to the wanted state: one read, then only the requests that are left."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nexus_config
short_description: Configures the repositories and deploy users of a Nexus Repository
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Compares everything that is wanted with one read of the Nexus and sends only what is missing or differs.
  - Settings that are not named here are kept as they are, and nothing is ever deleted.
  - What Nexus cannot change (format, type and blob store of a repository) is refused before the first request.
attributes:
  check_mode:
    support: full
    description: Predicts exactly the requests of a run.
  diff_mode:
    support: full
    description: Shows each subject before and after, without passwords.
options:
  url:
    description: Address of the Nexus, for example V(http://nexus.mall.example:8081).
    type: str
    required: true
  admin_user:
    description: The administrator.
    type: str
    default: admin
  admin_password:
    description:
      - The password that the administrator has or, with O(initial_password), shall have.
      - Without it the environment variable E(NEXUS_ADMIN_PASSWORD) counts.
    type: str
    required: true
  initial_password:
    description:
      - The password of a fresh Nexus, out of its C(admin.password) file.
      - Without it the environment variable E(NEXUS_INITIAL_PASSWORD) counts.
    type: str
  ca_path:
    description: Certificate authorities to trust for an C(https) address; the system's without it.
    type: path
  timeout:
    description: Seconds to wait for an answer.
    type: int
    default: 60
  blob_stores:
    description: File blob stores that shall exist.
    type: list
    elements: str
    default: []
  anonymous:
    description: Whether anybody may read without logging in. Kept as it is where not given.
    type: bool
  repositories:
    description: Repositories that shall exist. The order of group members is kept.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      format:
        description: Its format.
        type: str
        choices: [maven2, npm, raw]
        default: maven2
      type:
        description: Whether it holds artefacts itself, fetches them, or joins others.
        type: str
        choices: [hosted, proxy, group]
        required: true
      remote:
        description: Where a proxy fetches from.
        type: str
      version_policy:
        description: Versions that a Maven repository takes.
        type: str
        choices: [release, snapshot, mixed]
        default: release
      write_policy:
        description:
          - Whether a hosted repository takes a version twice.
          - Without it V(allow_once) for releases and V(allow) for snapshots.
        type: str
        choices: [allow, allow_once, deny]
      members:
        description: The repositories that a group joins, first match first.
        type: list
        elements: str
      blob_store:
        description: Its blob store; V(default) for a new one, and whatever it has for one that exists.
        type: str
      online:
        description: Whether it answers.
        type: bool
        default: true
  deployers:
    description: Users that build agents deploy with.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: User name.
        type: str
        required: true
      password:
        description: Its password.
        type: str
        required: true
      repositories:
        description: Hosted repositories it may deploy to; every hosted one of O(repositories) without it.
        type: list
        elements: str
        default: []
      email:
        description: Its e-mail address.
        type: str
        default: ""
"""

EXAMPLES = r"""
- name: The site's Maven repositories
  landfall.replatform.nexus_config:
    url: http://nexus.mall.example:8081
    admin_password: "{{ nexus_admin_password }}"
    repositories:
      - {name: mall-releases, type: hosted, version_policy: release}
      - {name: mall-snapshots, type: hosted, version_policy: snapshot}
      - {name: aliyun, type: proxy, remote: "https://maven.aliyun.com/repository/public"}
      - {name: mall-public, type: group, members: [mall-releases, mall-snapshots, aliyun]}
    deployers:
      - {name: deploy, password: "{{ nexus_deploy_password }}", repositories: [mall-releases, mall-snapshots]}
"""

RETURN = r"""
requests:
  description: What was changed, or would be in check mode, in the order of the requests.
  returned: success
  type: list
  elements: str
  sample: ["repository mall-releases", "user deploy"]
"""

import json
from typing import Any

from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible_collections.landfall.replatform.plugins.module_utils.clients.nexus import connect
from ansible_collections.landfall.replatform.plugins.module_utils.core.nexus import (
    FORMATS,
    KINDS,
    Deployer,
    Wanted,
    changes,
)
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run

REPOSITORY: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "format": {"type": "str", "choices": list(FORMATS), "default": "maven2"},
    "type": {"type": "str", "choices": list(KINDS), "required": True},
    "remote": {"type": "str"},
    "version_policy": {"type": "str", "choices": ["release", "snapshot", "mixed"], "default": "release"},
    "write_policy": {"type": "str", "choices": ["allow", "allow_once", "deny"]},
    "members": {"type": "list", "elements": "str"},
    "blob_store": {"type": "str"},
    "online": {"type": "bool", "default": True},
}
DEPLOYER: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "password": {"type": "str", "required": True, "no_log": True},
    "repositories": {"type": "list", "elements": "str", "default": []},
    "email": {"type": "str", "default": ""},
}
ARGUMENTS: dict[str, Any] = {
    "url": {"type": "str", "required": True},
    "admin_user": {"type": "str", "default": "admin"},
    "admin_password": {
        "type": "str",
        "required": True,
        "no_log": True,
        "fallback": (env_fallback, ["NEXUS_ADMIN_PASSWORD"]),
    },
    "initial_password": {"type": "str", "no_log": True, "fallback": (env_fallback, ["NEXUS_INITIAL_PASSWORD"])},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 60},
    "blob_stores": {"type": "list", "elements": "str", "default": []},
    "anonymous": {"type": "bool"},
    "repositories": {"type": "list", "elements": "dict", "default": [], "options": REPOSITORY},
    "deployers": {"type": "list", "elements": "dict", "default": [], "options": DEPLOYER},
}


def configure(params: dict[str, Any], check_mode: bool) -> Outcome:
    """Compare and, outside check mode, send."""
    wanted = Wanted(
        blob_stores=tuple(params["blob_stores"]),
        repositories=tuple(params["repositories"]),
        deployers=tuple(
            Deployer(one["name"], one["password"], tuple(one["repositories"]), one["email"])
            for one in params["deployers"]
        ),
        anonymous=params["anonymous"],
    )
    user = params["admin_user"]
    nexus, fresh = connect(
        params["url"],
        user=user,
        password=params["admin_password"],
        initial_password=params["initial_password"],
        ca_path=params["ca_path"],
        timeout=params["timeout"],
    )
    requests = changes(wanted, nexus.state(wanted))
    if not check_mode:
        for request in requests:
            nexus.send(request)
        if fresh:
            # Last: a run that is killed before finds the first password still valid and goes on.
            nexus.change_password(user, params["admin_password"])
    subjects = [request.subject for request in requests] + ([f"password of {user}"] if fresh else [])
    return Outcome(
        changed=bool(subjects),
        before=_page({request.subject: request.before for request in requests}),
        after=_page({request.subject: request.after for request in requests}),
        header=params["url"],
        values={"requests": subjects},
    )


def _page(subjects: dict[str, Any]) -> str:
    return json.dumps(subjects, indent=2, sort_keys=True, ensure_ascii=False) + "\n" if subjects else ""


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), configure)


if __name__ == "__main__":
    main()
