#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What service_secrets takes and returns; its action does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_secrets
short_description: Reads a service's secrets on its guest and puts them into a Secret
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - The host of the task is the guest. Secrets are read from its files, and from the environment and the command line of
    the process that runs, and go straight into the cluster. They are in no variable, no result, no diff and no file.
  - It happens once. A Secret that was filled from the same places is left alone, since it may have been changed in the
    cluster, and the guest may be gone by then.
  - Only a shell is needed on the guest.
options:
  plan_file:
    description: The plan, C(plan.yml). Addresses of guests in the values become names of Services.
    type: path
    required: true
  secret:
    description: One of RV(landfall.replatform.service_manifests#module:secrets).
    type: dict
    required: true
attributes:
  check_mode:
    support: full
    description: Reads the secrets and tells whether the Secret would change.
  diff_mode:
    support: none
    description: There is nothing that may be seen.
extends_documentation_fragment:
  - landfall.replatform.kube
"""

EXAMPLES = r"""
- name: The order service's secrets
  landfall.replatform.service_secrets:
    kubeconfig: sites/mall/kubeconfig
    plan_file: sites/mall/plan.yml
    secret: "{{ order.secrets | first }}"
  delegate_to: "{{ order.secrets[0].guest }}"
  become: true
"""

RETURN = r"""
name:
  description: Name of the Secret.
  returned: success
  type: str
keys:
  description: What it holds.
  returned: success
  type: list
  elements: str
"""
