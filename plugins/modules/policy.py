#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of the platform as ValidatingAdmissionPolicies."""

from __future__ import annotations

DOCUMENTATION = r"""
module: policy
short_description: Render the rules of the platform as ValidatingAdmissionPolicies
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Completes and checks the policy of C(platform.yml) and renders it. It talks to nobody and changes nothing; hand its
    C(objects) to M(landfall.replatform.kube_apply).
  - The rules hold in namespaces with the label C(landfall.dev/workspace), for pods and for everything that makes
    pods. No host network and no host ports, no processes of the host, directories of the host only below some roots,
    images only from some registries, node ports only in the range that the namespace carries in the annotation
    C(landfall.dev/node-ports).
  - The API server keeps them itself, a second or so after they were written.
options:
  mode:
    description:
      - V(enforce) refuses, V(audit) warns and leaves an annotation in the audit log.
    type: str
    default: enforce
    choices: [enforce, audit]
  host_path_roots:
    description:
      - Directories below which pods may mount directories of their node. Without any, no pod may.
    type: list
    elements: str
    default: []
  registries:
    description:
      - Hosts, with port where there is one, from which images may come. Without any, they may come from anywhere.
        Images must be named in full then.
    type: list
    elements: str
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
- name: Rules
  landfall.replatform.policy:
    mode: enforce
    host_path_roots: [/srv/data]
    registries: [registry.mall.example]
  register: rendered

- name: Into the cluster
  landfall.replatform.kube_apply:
    kubeconfig: sites/mall/kubeconfig
    resources: "{{ rendered.objects }}"
"""

RETURN = r"""
objects:
  description: The policies, their bindings, and a namespace in which nothing can run, for trying them.
  returned: success
  type: list
  elements: dict
probes:
  description:
    - One object for each rule that it refuses. When a dry run of M(landfall.replatform.kube_apply) refuses all of
      them, the rules are in effect. Empty where nothing is refused.
  returned: success
  type: list
  elements: dict
problems:
  description: What is wrong, where, and what would be right.
  returned: failure
  type: list
  elements: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_section
from ansible_collections.landfall.replatform.plugins.module_utils.core.policy import probes, render
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run


def policy(params: dict[str, Any], _check: bool) -> Outcome:
    section = parse_section("policy", {key: params[key] for key in ("mode", "host_path_roots", "registries")})
    return Outcome(changed=False, values={"objects": render(section), "probes": probes(section)})


def main() -> None:
    arguments = {
        "mode": {"type": "str", "default": "enforce", "choices": ["enforce", "audit"]},
        "host_path_roots": {"type": "list", "elements": "str", "default": []},
        "registries": {"type": "list", "elements": "str", "default": []},
    }
    run(AnsibleModule(argument_spec=arguments, supports_check_mode=True), policy)


if __name__ == "__main__":
    main()
