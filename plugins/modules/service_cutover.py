#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What service_cutover takes and returns; its action does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_cutover
short_description: Switches the front door from guests to the cluster, and back
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - The host of the task is the front door, a web server that passes requests on. Where its configuration names a guest
    of one of O(services), it names the node ports of the workers afterwards; every other byte of its files stays.
  - What is replaced stays in the file as a comment, so O(state=legacy) needs no backup. One is made all the same, below
    C(/var/backups/landfall) on the guest.
  - A configuration that the front door does not take (C(nginx -t), C(haproxy -c)) is taken back at once. The reload is
    graceful, so requests that are under way end as they began.
  - Of nginx, servers of upstreams and C(proxy_pass) with an address are switched, of HAProxy lines C(server) of
    backends. Anything else that names a guest is refused before anything is written.
  - Only a shell is needed on the guest.
attributes:
  check_mode:
    support: full
    description: Reads the files and tells what would change in them.
  diff_mode:
    support: full
    description: Shows the files that change.
options:
  plan_file:
    description: The plan, C(plan.yml). Its services say where they listen today and at which node port later.
    type: path
    required: true
  services:
    description: Names of the services to switch. One that the front door does not name is none of its business.
    type: list
    elements: str
    required: true
  state:
    description: Where requests go.
    type: str
    choices: [cluster, legacy]
    default: cluster
  kind:
    description: What the front door is.
    type: str
    choices: [nginx, haproxy]
    default: nginx
  configuration:
    description: Files of its configuration, or patterns of them. Without any, those that Debian and Red Hat use.
    type: list
    elements: str
    default: []
  program:
    description: How it is called there, with options where it needs some. Without it, as O(kind) says.
    type: str
  reload:
    description:
      - The command that makes it use its files. Without it, C(nginx -s reload) or C(systemctl reload haproxy).
    type: str
"""

EXAMPLES = r"""
- name: Browsers reach the gateway in the cluster
  landfall.replatform.service_cutover:
    plan_file: sites/mall/plan.yml
    services: [gateway]
  delegate_to: edge-01
  become: true
"""

RETURN = r"""
files:
  description: The files that changed.
  returned: success
  type: list
  elements: str
  sample: [/etc/nginx/conf.d/shop.conf]
backups:
  description: Where they were copied before.
  returned: success
  type: list
  elements: str
  sample: [/var/backups/landfall/etc/nginx/conf.d/shop.conf.20261123T101500.4711]
"""
