#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One call that makes a host what a node must be."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_os
short_description: Make a host what a Kubernetes node must be
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Brings a host everything that a node needs before kubeadm, in one call and out of the offline bundle alone.
    Programs and CNI plugins by digest, the configuration of containerd, units, kernel modules and settings, swap,
      and the images that must be
    there before anything can be pulled.
  - Only what differs is changed, only blobs that are missing travel from the controller, and only what runs with
    something old is restarted. The kubelet is enabled but started by kubeadm.
  - A kernel module that is built in counts as loaded; C(modprobe) never has to succeed for it.
  - A host that lacks operating system packages is refused before anything changes, with the whole list.
attributes:
  check_mode:
    support: full
    description: Says exactly which steps would be taken; nothing is brought to the node.
  diff_mode:
    support: full
    description: Shows files in full, everything else in a line each.
options:
  roles:
    description: What the node will be.
    type: list
    elements: str
    choices: [control_plane, worker]
    required: true
  bundle_directory:
    description: The offline bundle, a directory on the controller. Needed unless O(entries) is given.
    type: path
  entries:
    description: The entries of the bundle's index. The action part of this module fills it in from O(bundle_directory).
    type: list
    elements: dict
  blob_directory:
    description: Where on the node the blobs arrive, named by their sha256. The action part of this module fills it in.
    type: path
  endpoint_mode:
    description: How the cluster's endpoint is held up; decides whether control planes get the image of kube-vip.
    type: str
    choices: [kube_vip, external]
    default: kube_vip
  network_plugin:
    description: The pod network. Images of flannel are brought to every node; others bring theirs.
    type: str
    choices: [flannel, calico, cilium]
    default: flannel
  cgroup_driver:
    description: Who makes the control groups of pods.
    type: str
    choices: [systemd, cgroupfs]
    default: systemd
  restrict_oom_score_adj:
    description: Never ask for an OOM score below containerd's own. Needed on a host without CAP_SYS_RESOURCE.
    type: bool
    default: false
  raised_limits:
    description: Let containerd's unit raise its limits and lower its OOM score. Not possible without CAP_SYS_RESOURCE.
    type: bool
    default: true
  swap:
    description: Whether swap is turned off, now and in fstab.
    type: str
    choices: [disabled, kept]
    default: disabled
  registries:
    description: Registries whose images come from a mirror.
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: The host part of image names.
        type: str
        required: true
      mirrors:
        description: URLs, tried in this order.
        type: list
        elements: str
        required: true
  sysctls:
    description: Kernel settings, now and at boot.
    type: dict
    default: {}
  kernel_modules:
    description: Kernel modules that must be there, now and at boot.
    type: list
    elements: str
    default: []
  hosts:
    description: Names and addresses for a block of their own in C(/etc/hosts). Empty leaves no block.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Make the host a worker
  landfall.replatform.node_os:
    roles: [worker]
    bundle_directory: /srv/landfall/bundle
    registries:
      - host: registry.mall.example
        mirrors: ["http://10.20.8.9:30500"]
    kernel_modules: [overlay, br_netfilter]
    sysctls: {net.ipv4.ip_forward: "1", net.bridge.bridge-nf-call-iptables: "1"}
  become: true
"""

RETURN = r"""
steps:
  description: What was done, or would be done in check mode, in order.
  type: list
  elements: str
  returned: always
  sample: ["install /usr/local/bin/kubelet 1.36.4", "restart kubelet"]
absent_blobs:
  description: Digests that have to be brought first. Then nothing has been done; the action part brings them and
    calls again.
  type: list
  elements: str
  returned: when blobs are missing on the node
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients import host, node
from ansible_collections.landfall.replatform.plugins.module_utils.core import node_os
from ansible_collections.landfall.replatform.plugins.module_utils.core.bundle import VERSION, parse_index
from ansible_collections.landfall.replatform.plugins.module_utils.core.containerd import Registry
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_settings import (
    Settings,
    check,
    wanted,
)
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run

ARGUMENTS: dict[str, Any] = {
    "roles": {"type": "list", "elements": "str", "choices": ["control_plane", "worker"], "required": True},
    "bundle_directory": {"type": "path"},
    "entries": {"type": "list", "elements": "dict"},
    "blob_directory": {"type": "path"},
    "endpoint_mode": {"type": "str", "choices": ["kube_vip", "external"], "default": "kube_vip"},
    "network_plugin": {"type": "str", "choices": ["flannel", "calico", "cilium"], "default": "flannel"},
    "cgroup_driver": {"type": "str", "choices": ["systemd", "cgroupfs"], "default": "systemd"},
    "restrict_oom_score_adj": {"type": "bool", "default": False},
    "raised_limits": {"type": "bool", "default": True},
    "swap": {"type": "str", "choices": ["disabled", "kept"], "default": "disabled"},
    "registries": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "host": {"type": "str", "required": True},
            "mirrors": {"type": "list", "elements": "str", "required": True},
        },
    },
    "sysctls": {"type": "dict", "default": {}},
    "kernel_modules": {"type": "list", "elements": "str", "default": []},
    "hosts": {"type": "dict", "default": {}},
}


def settings(params: dict[str, Any]) -> Settings:
    """The module's options as core knows them."""
    return Settings(
        roles=tuple(params["roles"]),
        endpoint_mode=params["endpoint_mode"],
        network_plugin=params["network_plugin"],
        cgroup_driver=params["cgroup_driver"],
        restrict_oom_score_adj=params["restrict_oom_score_adj"],
        raised_limits=params["raised_limits"],
        swap=params["swap"],
        registries=tuple(Registry(item["host"], tuple(item["mirrors"])) for item in params["registries"]),
        sysctls={key: str(value) for key, value in params["sysctls"].items()},
        kernel_modules=tuple(params["kernel_modules"]),
        hosts=params["hosts"],
    )


def verb(params: dict[str, Any], check_mode: bool) -> Outcome:
    chosen = settings(params)
    check(chosen)
    entries = parse_index({"version": VERSION, "entries": params["entries"] or []})
    goal = wanted(chosen, entries, node.machine())
    with host.alone(wait=300):
        found = node.look(goal)
        node_os.check_host(goal, found, node.loadable(goal, found))
        node_os.check_upgrade(goal, found)
        steps = node_os.difference(goal, found)
        before, after = node_os.as_text(steps)
        done = {"steps": [str(step) for step in steps]}
        if not check_mode:
            absent = node.absent_blobs(steps, params["blob_directory"] or "")
            if absent:
                return Outcome(changed=False, values={"steps": [], "absent_blobs": absent})
            for step in steps:
                node.take(step, params["blob_directory"] or "")
    return Outcome(changed=bool(steps), before=before, after=after, header="node", values=done)


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), verb)


if __name__ == "__main__":
    main()
