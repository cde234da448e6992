#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Guests out of service, and back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vsphere_retire
short_description: Mark guests, shut them down, bring them back, and delete them after a quarantine
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Keeps the way of a guest out of service on the guest itself, in the custom attributes C(landfall.state),
    C(landfall.wave) and C(landfall.since). Whoever looks into vCenter sees it, and no other memory is needed.
  - Shuts guests down through VMware Tools. Where there are none, or they do not answer, the power is cut.
  - Templates and nodes of a cluster are refused, before anything is touched.
  - Deletes a guest only when it is retired, off, and out of its quarantine, when nobody else stands on its disks, and
    with O(confirm=true). Until then O(state=restored) brings it back as it was.
options:
  guests:
    description: Names of the virtual machines.
    type: list
    elements: str
    required: true
  state:
    description:
      - V(marked) writes the O(mark).
      - V(shut_down) writes the mark V(retired) and shuts the guest down.
      - V(restored) takes all marks back and switches the guest on.
      - V(deleted) deletes the guest with its disks. One that is not there is gone already.
    type: str
    choices: [marked, shut_down, restored, deleted]
    default: marked
  mark:
    description: What C(landfall.state) is to be with O(state=marked). From V(moving) on, the site's plan is frozen.
    type: str
    choices: [moving, moved, retired]
    default: retired
  wave:
    description: The wave to write as C(landfall.wave).
    type: int
  workloads:
    description:
      - What M(landfall.replatform.workload_facts) has just told of guests, each as its
        RV(landfall.replatform.workload_facts#module:workload).
      - A guest to whose services another machine is connected stays, and so does one that could not be read.
    type: list
    elements: dict
    default: []
  ignored_ports:
    description: Ports of O(workloads) whose connections do not count, as those of monitoring that asks every machine.
    type: list
    elements: int
    default: []
  quarantine_days:
    description: Days from C(landfall.since) until a retired guest may be deleted.
    type: int
    default: 14
  confirm:
    description: Must be V(true) to delete with O(state=deleted), except in check mode.
    type: bool
    default: false
  shutdown_timeout:
    description: Seconds that a guest may take to shut down before its power is cut.
    type: int
    default: 120
  wait_timeout:
    description: Seconds that vCenter may take to switch a guest on or off, or to delete it.
    type: int
    default: 300
notes:
  - C(landfall.since) is written when C(landfall.state) changes or a guest is shut down, and stays as it is otherwise.
  - A disk that another virtual machine uses too, as a shared disk or as the base of a linked clone, holds its guest
    back, and so do a disk that several machines may write and one that is a LUN of a storage.
attributes:
  check_mode:
    description: Can run in check mode, and tells exactly what a run would do.
    support: full
  diff_mode:
    description: Tells what changes at each guest.
    support: full
seealso:
  - module: landfall.replatform.vsphere_estate_info
extends_documentation_fragment:
  - landfall.replatform.vcenter
"""

EXAMPLES = r"""
- name: The first wave begins
  landfall.replatform.vsphere_retire:
    hostname: vcenter.mall.example
    guests: [gateway-01, web-01]
    mark: moving
    wave: 1

- name: Nobody needs these any more
  landfall.replatform.vsphere_retire:
    hostname: vcenter.mall.example
    guests: [gateway-01, web-01]
    state: shut_down

- name: Back as it was
  landfall.replatform.vsphere_retire:
    hostname: vcenter.mall.example
    guests: [gateway-01]
    state: restored

- name: Four weeks later
  landfall.replatform.vsphere_retire:
    hostname: vcenter.mall.example
    guests: [gateway-01, web-01]
    state: deleted
    quarantine_days: 28
    confirm: true
"""

RETURN = r"""
guests:
  description: The guests, in the order they were given.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    state:
      description: Its mark; null where it has none.
      type: str
    wave:
      description: The wave that it went with.
      type: str
    since:
      description: Since when it has this state, in UTC.
      type: str
    power:
      description: Whether it is C(on), C(off) or C(suspended); null where it is deleted.
      type: str
    action:
      description: What was done, or would be in check mode.
      type: str
      sample: shut_down
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere import connect
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere_retirement import delete, retire
from ansible_collections.landfall.replatform.plugins.module_utils.module import VCENTER_ARGUMENTS, Outcome, run

ARGUMENTS: dict[str, Any] = {
    **VCENTER_ARGUMENTS,
    "guests": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": ["marked", "shut_down", "restored", "deleted"], "default": "marked"},
    "mark": {"type": "str", "choices": ["moving", "moved", "retired"], "default": "retired"},
    "wave": {"type": "int"},
    "workloads": {"type": "list", "elements": "dict", "default": []},
    "ignored_ports": {"type": "list", "elements": "int", "default": []},
    "quarantine_days": {"type": "int", "default": 14},
    "confirm": {"type": "bool", "default": False},
    "shutdown_timeout": {"type": "int", "default": 120},
    "wait_timeout": {"type": "int", "default": 300},
}


def guests(params: dict[str, Any], check_mode: bool) -> Outcome:
    """One session for the whole list."""
    with connect(params) as vcenter:
        work = delete if params["state"] == "deleted" else retire
        made = work(vcenter, params, check_mode=check_mode)
    before, after = (to_yaml(side) if made.changed else "" for side in (made.before, made.after))
    return Outcome(made.changed, before, after, header="guests", values={"guests": made.machines})


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), guests)


if __name__ == "__main__":
    main()
