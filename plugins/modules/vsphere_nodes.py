#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""VMware hosts as node VMs: a list of them, in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vsphere_nodes
short_description: Make, resize and remove the node VMs of a cluster
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Clones every node of a list from one template, together, each on the ESXi host and datastore that the plan gives
    it. Sizes it, grows its disk, marks it, switches it on, and waits until it has its address and has published its
    SSH host keys.
  - An existing node is compared and brought to its size. What a killed run has left is recognised and finished.
  - Everything that forbids the list is told at once, before anything is touched. Names and addresses that others
    have, unknown templates, hosts, networks and datastores, memory and disk that are not there, a resize that needs
    the node shut down.
  - A node carries the custom attributes C(landfall.role) and C(landfall.site). A virtual machine without them is
    touched only where its node says O(nodes[].adopt).
  - An adopted virtual machine is a node as the others are, but that it came with its network, its folder and its disks,
    and that nothing here deletes it.
  - What people clone from a node carries its stamp, which names the node. It is no node, and is left alone with a
    warning.
  - Control planes of one cluster are kept on different ESXi hosts by a DRS rule.
options:
  state:
    description:
      - V(present) makes and resizes the O(nodes).
      - V(absent) deletes those of the O(nodes) that are there, or every node of O(site) where the list is empty.
      - An adopted node is never deleted. V(absent) takes the marks of Landfall away from it, and it runs on.
    type: str
    choices: [present, absent]
    default: present
  site:
    description: Whose nodes they are. A node of another site is never touched.
    type: str
    required: true
  nodes:
    description: The nodes, as the plan has them.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the virtual machine, and host name of the guest.
        type: str
        required: true
      role:
        description: What it is in the cluster.
        type: str
        choices: [control_plane, worker]
        required: true
      cpus:
        description: Virtual CPUs.
        type: int
        required: true
      memory_gib:
        description: Memory.
        type: int
        required: true
      disk_gib:
        description: Size of its first disk, at least that of the template.
        type: int
        required: true
      disks:
        description:
          - Its disks behind the first, in their order. Missing ones are added, thin and beside the first.
          - They grow. A smaller size than a disk has is refused. Further disks that it has are left alone.
        type: list
        elements: dict
        default: []
        suboptions:
          size_gib:
            description: Size of the disk.
            type: int
            required: true
      esxi_host:
        description: The ESXi host that it is cloned to. DRS may move it later.
        type: str
        required: true
      datastore:
        description: The datastore that it is cloned to.
        type: str
        required: true
      address:
        description: Its IPv4 address. Without one, DHCP gives it one.
        type: str
      adopt:
        description:
          - A virtual machine of this name exists and becomes the node, whoever made it.
          - It is stamped and marked, brought to its CPUs and memory, switched on and waited for. A disk that is larger
            than O(nodes[].disk_gib) stays. Its network, folder, host and datastore stay as well.
          - Its guest has to run open-vm-tools and publish its SSH host keys as the template does. One that runs without
            is refused. One that is off is waited for until O(wait_timeout).
        type: bool
        default: false
      waits_for:
        description:
          - Guests of this vCenter whose memory the node is to have. While one of them is on, the node is left for a
            later run, and nothing is counted for it. A guest that is gone counts as off.
          - An adopted one that waits for itself waits until M(landfall.replatform.vsphere_retire) has taken it out of
            service. It keeps the marks of that, and is a node from then on, which nothing retires.
          - A node that exists already waits for nobody.
        type: list
        elements: str
        default: []
      cluster:
        description: The vSphere cluster of O(nodes[].esxi_host). For information.
        type: str
      labels:
        description: Labels in Kubernetes. For information.
        type: dict
        default: {}
  template:
    description:
      - Name of the template, or of an item of the content library O(library).
      - It must run open-vm-tools and publish its SSH host keys, see the role C(nodes).
    type: str
  library:
    description:
      - Name of the content library that has the template, as an item of the type C(vm-template). Needs vSphere 7.0.
      - Without it, the template is one of the inventory.
    type: str
  folder:
    description: Inventory path of the folder for the nodes, such as C(/DC0/vm/kubernetes). Made where it is missing.
    type: str
  network:
    description: Name of the network or distributed port group of their first network card.
    type: str
  networks:
    description:
      - Networks of their further cards, in their order, such as one for storage. A missing card is added, and one that
        hangs elsewhere is moved, also while a node runs. Further cards that a node has are left alone.
      - DHCP addresses them where vCenter customizes the guest. With O(customization=guestinfo) the guest sees to them.
    type: list
    elements: str
    default: []
  customization:
    description:
      - How a new guest learns its name and address.
      - V(linux_prep) is vCenter's own customization by open-vm-tools.
      - V(guestinfo) leaves it to cloud-init in the guest, with its data source VMware. C(guestinfo.metadata) names
        the guest and its network in version 2 of cloud-init's format, and C(guestinfo.userdata) is O(userdata).
    type: str
    choices: [linux_prep, guestinfo]
    default: linux_prep
  userdata:
    description:
      - User data of cloud-init, such as a text that begins with C(#cloud-config). Needs O(customization=guestinfo).
      - It is read when a node starts for the first time. A node that exists does not change with it.
      - Whoever may read the configuration of a virtual machine in vCenter may read it too.
    type: str
  gateway:
    description: Their gateway.
    type: str
  prefix:
    description: Length of their network's prefix.
    type: int
    default: 24
  dns:
    description: Their name servers.
    type: list
    elements: str
    default: []
  domain:
    description: Their DNS domain.
    type: str
    default: localdomain
  tags:
    description:
      - Tags that every node carries. The vCenter has them already. Other tags of a node stay.
    type: list
    elements: dict
    default: []
    suboptions:
      category:
        description: The category of the tag.
        type: str
        required: true
      name:
        description: The tag.
        type: str
        required: true
  control_plane_anti_affinity:
    description: Whether to keep control planes on different ESXi hosts by a DRS rule.
    type: bool
    default: true
  allow_power_cycle:
    description: Whether a node may be shut down to be resized, one after the other.
    type: bool
    default: false
  confirm:
    description: Must be V(true) to delete with O(state=absent).
    type: bool
    default: false
  wait_timeout:
    description: Seconds that the clones, and the guests until they can be reached, may each take.
    type: int
    default: 900
attributes:
  check_mode:
    description: Can run in check mode, and tells exactly what a run would do.
    support: full
  diff_mode:
    description: Tells what changes at each node.
    support: full
seealso:
  - module: landfall.replatform.migration_plan
  - module: landfall.replatform.vsphere_estate_info
extends_documentation_fragment:
  - landfall.replatform.vcenter
"""

EXAMPLES = r"""
- name: The nodes of the plan
  landfall.replatform.vsphere_nodes:
    hostname: vcenter.mall.example
    ca_path: files/vcenter-ca.pem
    site: mall
    template: debian-12-node
    folder: /DC0/vm/kubernetes
    network: vm-prod
    gateway: 10.20.8.1
    prefix: 24
    dns: [10.20.0.2]
    nodes:
      - name: cp-01
        role: control_plane
        cpus: 8
        memory_gib: 16
        disk_gib: 100
        esxi_host: esx-a1
        datastore: ds-a-ssd
        address: 10.20.8.10

- name: A machine that is there becomes a node, another one is made when old guests are off
  landfall.replatform.vsphere_nodes:
    hostname: vcenter.mall.example
    ca_path: files/vcenter-ca.pem
    site: mall
    template: debian-12-node
    folder: /DC0/vm/kubernetes
    network: vm-prod
    allow_power_cycle: true
    nodes:
      - name: build-07
        adopt: true
        role: worker
        cpus: 8
        memory_gib: 32
        disk_gib: 100
        esxi_host: esx-a2
        datastore: ds-a-ssd
      - name: worker-03
        role: worker
        cpus: 8
        memory_gib: 32
        disk_gib: 100
        esxi_host: esx-a3
        datastore: ds-a-ssd
        waits_for: [goods-01, order-01]

- name: Nothing of the site is left
  landfall.replatform.vsphere_nodes:
    hostname: vcenter.mall.example
    ca_path: files/vcenter-ca.pem
    site: mall
    state: absent
    confirm: true
"""

RETURN = r"""
nodes:
  description: The nodes, in the order they were given.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    role:
      description: Its role.
      type: str
    address:
      description: Its address; null where DHCP decides and it does not run yet.
      type: str
    uuid:
      description: The instance UUID of its virtual machine; empty before it is made.
      type: str
    host_keys:
      description: Its public SSH host keys, as it published them through vCenter.
      type: list
    waits_for:
      description: The guests that are still on, for a node that is left for a later run.
      type: list
    action:
      description:
        - What was done, or would be in check mode.
        - One of C(created), C(finished) (what a killed run left), C(adopted), C(resized), C(connected), C(powered_on),
          C(tagged), C(unchanged), C(waiting), C(removed) or C(released) (an adopted one, given back).
      type: str
      sample: created
known_hosts:
  description: Addresses and public host keys, as M(landfall.replatform.known_hosts_file) takes them.
  returned: success
  type: list
  elements: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere import connect
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere_nodes import make_nodes, remove_nodes
from ansible_collections.landfall.replatform.plugins.module_utils.module import VCENTER_ARGUMENTS, Outcome, run

DISK: dict[str, Any] = {"size_gib": {"type": "int", "required": True}}
TAG: dict[str, Any] = {name: {"type": "str", "required": True} for name in ("category", "name")}
NODE: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "role": {"type": "str", "required": True, "choices": ["control_plane", "worker"]},
    "cpus": {"type": "int", "required": True},
    "memory_gib": {"type": "int", "required": True},
    "disk_gib": {"type": "int", "required": True},
    "esxi_host": {"type": "str", "required": True},
    "datastore": {"type": "str", "required": True},
    "address": {"type": "str"},
    "disks": {"type": "list", "elements": "dict", "default": [], "options": DISK},
    "adopt": {"type": "bool", "default": False},
    "waits_for": {"type": "list", "elements": "str", "default": []},
    "cluster": {"type": "str"},
    "labels": {"type": "dict", "default": {}},
}
ARGUMENTS: dict[str, Any] = {
    **VCENTER_ARGUMENTS,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "site": {"type": "str", "required": True},
    "nodes": {"type": "list", "elements": "dict", "default": [], "options": NODE},
    "template": {"type": "str"},
    "library": {"type": "str"},
    "folder": {"type": "str"},
    "network": {"type": "str"},
    "networks": {"type": "list", "elements": "str", "default": []},
    "customization": {"type": "str", "choices": ["linux_prep", "guestinfo"], "default": "linux_prep"},
    "userdata": {"type": "str", "no_log": True},
    "gateway": {"type": "str"},
    "prefix": {"type": "int", "default": 24},
    "dns": {"type": "list", "elements": "str", "default": []},
    "domain": {"type": "str", "default": "localdomain"},
    "tags": {"type": "list", "elements": "dict", "default": [], "options": TAG},
    "control_plane_anti_affinity": {"type": "bool", "default": True},
    "allow_power_cycle": {"type": "bool", "default": False},
    "confirm": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 900},
}


def nodes(params: dict[str, Any], check_mode: bool) -> Outcome:
    """One session for the whole list."""
    with connect(params) as vcenter:
        verb = remove_nodes if params["state"] == "absent" else make_nodes
        made = verb(vcenter, params, check_mode=check_mode)
    before, after = (to_yaml(side) if side else "" for side in (made.before, made.after))
    there = [one for one in made.machines if one["address"] and one["action"] != "waiting"]
    known = [{"names": [one["address"]], "keys": one["host_keys"]} for one in there]
    values = {"nodes": made.machines, "known_hosts": known}
    header = f"nodes of {params['site']}"
    return Outcome(made.changed, before, after, header=header, warnings=made.warnings, values=values)


def main() -> None:
    needed = ["template", "folder", "network"]
    module = AnsibleModule(
        argument_spec=ARGUMENTS, supports_check_mode=True, required_if=[("state", "present", needed)]
    )
    run(module, nodes)


if __name__ == "__main__":
    main()
