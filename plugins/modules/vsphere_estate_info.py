#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a vCenter has, in one sweep."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vsphere_estate_info
short_description: Read a whole vCenter in one paged sweep
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Reads clusters, ESXi hosts, datastores, networks and virtual machines with one login. The number of property
    calls grows with the page of 1,000 objects, never with the guest.
  - Folder paths, clusters, tags, custom attributes and the SSH host keys that guests published in guestinfo come along.
  - Orphaned and inaccessible virtual machines and templates are told as what they are, not left out.
  - Reading needs the privileges of the role C(Read-only) on the root of the vCenter, C(System.Anonymous),
    C(System.Read) and C(System.View), and no others.
options:
  include:
    description:
      - Which guests count, as JMESPath over a guest's facts. Without it, all but templates and the nodes that Landfall
        made. All are told; the RV(counted) ones get statistics, and are the RV(selected) ones without O(select).
      - C(raw_device_mappings) is among the facts only with O(devices).
    type: str
  exclude:
    description: Which of them do not count, as JMESPath over a guest's facts.
    type: str
  select:
    description:
      - Which guests are to be looked into, as JMESPath over a guest's facts. Without it, those that count.
      - Of these, the ones that are on are RV(selected).
    type: str
  devices:
    description:
      - Whether to read the virtual devices, which cost more than all other properties together.
      - Without them, C(disk_gib) is what the datastores hold and promised, and C(raw_device_mappings) is not known.
    type: bool
    default: false
  tags:
    description: Whether to read tags, through the vCenter's REST interface.
    type: bool
    default: true
  statistics:
    description:
      - What the guests that count used, the last day at 300 seconds and the last O(statistics.days) at 7200 seconds.
      - Without it, no statistics are read.
    type: dict
    suboptions:
      days:
        description: How far back. The vCenter keeps 30 days of such samples unless told otherwise.
        type: int
        default: 30
  dest:
    description:
      - Where to write the estate as YAML on the machine that runs the module, for later phases.
      - Facts are no change of the site, so a fresh copy is never reported as one. Nothing is written in check mode.
    type: path
notes:
  - The sizes are GiB, the clock rates MHz.
  - Where the session or the connection breaks off, the sweep begins again in a new session, twice at most.
seealso:
  - module: landfall.replatform.vsphere_nodes
  - module: landfall.replatform.vsphere_retire
attributes:
  check_mode:
    description: Can run in check mode, which reads as usual and writes no file.
    support: full
  diff_mode:
    description: Has no changes to tell.
    support: none
extends_documentation_fragment:
  - landfall.replatform.vcenter
"""

EXAMPLES = r"""
- name: What is there, with a month of statistics, for the plan
  landfall.replatform.vsphere_estate_info:
    hostname: vcenter.mall.example
    ca_path: files/vcenter-ca.pem
    include: "folder == '/DC0/vm/legacy'"
    exclude: "starts_with(name, 'win-') || contains(tags, 'keep-on-vm')"
    select: "contains(tags, 'spring-cloud')"
    devices: true
    statistics:
      days: 30
    dest: sites/mall/estate.yml
  register: found
"""

RETURN = r"""
estate:
  description: What is there. C(schemas/estate.json) of the collection tells the shape.
  returned: success
  type: dict
  contains:
    vcenter:
      description: Host, instance UUID and version.
      type: dict
    clusters:
      description: Clusters, and ESXi hosts that stand alone.
      type: list
    esxi_hosts:
      description: Sizes, use and state of each host.
      type: list
    datastores:
      description: Capacity and free space of each datastore.
      type: list
    networks:
      description: Networks and port groups.
      type: list
    guests:
      description: The virtual machines, templates too.
      type: list
      sample:
        - name: goods-01
          folder: /DC0/vm/legacy
          cluster: Prod-A
          power_state: "on"
          addresses: [10.99.0.23]
          cpus: 4
          memory_gib: 8.0
          tags: [production, spring-cloud]
counted:
  description: Names of the guests that count.
  returned: success
  type: list
  elements: str
selected:
  description: The guests that are to be looked into and are on.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "goods-01", "address": "10.20.8.23", "addresses": [], "host_keys": [], "state": null}]
known_hosts:
  description: The addresses and public host keys of those, as M(landfall.replatform.known_hosts_file) takes them.
  returned: success
  type: list
  elements: dict
begun:
  description: Guests that a wave has begun to move, or has moved. With any, the plan of the site is frozen.
  returned: success
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import write_text
from ansible_collections.landfall.replatform.plugins.module_utils.clients.selection import selection
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere import read_in_session
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere_estate import read_estate
from ansible_collections.landfall.replatform.plugins.module_utils.core.document_text import facts_text
from ansible_collections.landfall.replatform.plugins.module_utils.core.grouping import Choice
from ansible_collections.landfall.replatform.plugins.module_utils.module import VCENTER_ARGUMENTS, Outcome, run

ARGUMENTS: dict[str, Any] = {
    **VCENTER_ARGUMENTS,
    "include": {"type": "str"},
    "exclude": {"type": "str"},
    "select": {"type": "str"},
    "devices": {"type": "bool", "default": False},
    "tags": {"type": "bool", "default": True},
    "statistics": {"type": "dict", "options": {"days": {"type": "int", "default": 30}}},
    "dest": {"type": "path"},
}


def tell(params: dict[str, Any], check_mode: bool) -> Outcome:
    """Sweep, select, and keep a copy where one is wanted."""
    choice = Choice(
        include=selection("include", params["include"], otherwise=True),
        exclude=selection("exclude", params["exclude"], otherwise=False),
        select=selection("select", params["select"], otherwise=True) if params["select"] else None,
    )
    wish = {
        "devices": params["devices"],
        "tags": params["tags"],
        "days": params["statistics"]["days"] if params["statistics"] else None,
        "measured": choice.counts,
    }
    estate = read_in_session(params, lambda vcenter: read_estate(vcenter, **wish))
    if params["dest"] and not check_mode:
        write_text(params["dest"], facts_text(estate))
    return Outcome(False, values={"estate": estate, **choice.of(estate["guests"])})


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), tell)


if __name__ == "__main__":
    main()
