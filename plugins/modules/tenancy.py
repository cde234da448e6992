#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Workspaces, projects and members as objects of Kubernetes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tenancy
short_description: Render workspaces, projects and members as objects of Kubernetes
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Completes and checks the tenancy of C(platform.yml) and renders it. It talks to nobody and changes nothing; hand its
    C(objects) to M(landfall.replatform.kube_apply).
  - In the flavour V(kubernetes) a project is a Namespace with ResourceQuota and LimitRange, and a member a subject in
    one of three RoleBindings of it, to the ClusterRoles C(landfall:admin), C(landfall:operator) and
    C(landfall:viewer). These aggregate the roles that Kubernetes and its extensions ship.
  - Members of a workspace with the role C(admin) or C(viewer) have it in each of its projects. C(regular) and
    C(self-provisioner) only see that the projects exist; Kubernetes cannot let somebody make namespaces of one
    workspace.
  - Kubernetes has no quota over several namespaces. That the quotas of a workspace's projects fit into its own is
    checked here.
options:
  flavour:
    description:
      - The platform that the objects are for. This release provides V(kubernetes).
    type: str
    default: kubernetes
    choices: [kubernetes, kubesphere_v3, kubesphere_v4]
  users:
    description:
      - Everybody who may be a member, C({name, email, display}). A user's C(name) is the user name of the cluster's
        authentication, such as the common name of a client certificate.
    type: list
    elements: dict
    default: []
  workspaces:
    description:
      - Workspaces with their members, node ports, quotas and projects, as in C(tenancy.workspaces) of C(platform.yml).
    type: list
    elements: dict
    default: []
attributes:
  check_mode:
    support: full
    description: It changes nothing in any mode.
  diff_mode:
    support: none
    description: It changes nothing.
"""

EXAMPLES = r"""
- name: One workspace with one project
  landfall.replatform.tenancy:
    users:
      - {name: wang}
      - {name: li}
    workspaces:
      - name: mall-consumer
        node_ports: 30300-30399
        members: [{user: wang, role: admin}]
        projects:
          - name: mall-trade
            members: [{user: li, role: operator}]
            quota: {cpu: 12, memory_gib: 16}
  register: rendered

- name: Into the cluster
  landfall.replatform.kube_apply:
    kubeconfig: sites/mall/kubeconfig
    resources: "{{ rendered.objects }}"
"""

RETURN = r"""
objects:
  description: The objects.
  returned: success
  type: list
  elements: dict
projects:
  description: The names of the projects, which are namespaces.
  returned: success
  type: list
  elements: str
problems:
  description: What is wrong, where, and what would be right.
  returned: failure
  type: list
  elements: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_section
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform_tenancy import FLAVOURS
from ansible_collections.landfall.replatform.plugins.module_utils.core.tenancy import render
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run


def tenancy(params: dict[str, Any], _check: bool) -> Outcome:
    section = parse_section("tenancy", {key: params[key] for key in ("flavour", "users", "workspaces")})
    projects = [project["name"] for workspace in section["workspaces"] for project in workspace["projects"]]
    return Outcome(changed=False, values={"objects": render(section), "projects": projects})


def main() -> None:
    arguments = {
        "flavour": {"type": "str", "default": "kubernetes", "choices": list(FLAVOURS)},
        "users": {"type": "list", "elements": "dict", "default": []},
        "workspaces": {"type": "list", "elements": "dict", "default": []},
    }
    run(AnsibleModule(argument_spec=arguments, supports_check_mode=True), tenancy)


if __name__ == "__main__":
    main()
