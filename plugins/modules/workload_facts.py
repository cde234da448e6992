#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of this name: a guest has no Python to run a module with."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workload_facts
short_description: Tell which services run on a guest, over SSH with a shell alone
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Finds JVM services, Tomcats, nginx with its sites, Redis, FTP servers, databases, Nexus and whatever else listens on
    a guest, with what started each (systemd, a script of C(init.d), cron, C(rc.local), C(supervisord)), its user,
    ports, files, memory, and whom it talks to. A Eureka server tells its registry. Of a jar or war the few bytes are
    read that tell what is inside.
  - The guest needs a POSIX shell and the usual small programs; no Python, no agent, nothing is installed or left there.
    Two scripts go in over the connection that Ansible has to the guest, through standard input.
  - Passwords, tokens and keys in command lines, environments and files are recognised by their names, and C((secret))
    stands in their place. They never leave the controller's memory.
  - A guest that cannot be reached, whose host key is not the known one, that refuses the login or does not come to an
    end, or falls silent, is a finding in the result. The task does not fail, and the host stays in the play.
options:
  guest:
    description: The name of the guest in the estate. Without it, the name of the host in the inventory.
    type: str
  addresses:
    description: The addresses that vCenter tells of the guest, for a guest that tells none itself.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds that each of the two scripts may take on the guest.
    type: int
    default: 60
notes:
  - Root sees everything. With C(become) its way is used, else C(sudo -n) is tried, else a finding says that the result
    is partial.
  - Times out connections as the connection plugin does, C(ansible_ssh_timeout). A guest that is silent for half a
    minute while it is read counts as one that does not answer.
attributes:
  check_mode:
    description: Can run in check mode, as it changes nothing.
    support: full
  diff_mode:
    description: Has no changes to tell.
    support: none
  action:
    description: Runs wholly on the controller.
    support: full
seealso:
  - module: landfall.replatform.migration_plan
"""

EXAMPLES = r"""
- name: What runs on each guest
  hosts: guests
  gather_facts: false
  tasks:
    - name: Look
      landfall.replatform.workload_facts:
      register: found
"""

RETURN = r"""
workload:
  description: What the guest told. C(schemas/workloads.schema.json) of the collection tells the shape.
  returned: always
  type: dict
  contains:
    guest:
      description: Its name.
      type: str
    reachable:
      description: Whether it could be read.
      type: bool
    services:
      description: The services that run there.
      type: list
    lacks:
      description: Of the programs that a node needs, those that it has not.
      type: list
      elements: str
    findings:
      description: What a person should know; why it could not be read.
      type: list
  sample:
    guest: goods-01
    reachable: true
    services:
      - name: goods
        kind: jvm
        unit: goods-service.service
        ports: [8081]
        jar: {path: /home/goods/bin/goods.jar, size: 45102030}
    findings: []
"""
