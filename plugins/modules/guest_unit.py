#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What guest_unit takes and returns; its action does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_unit
short_description: Stops a service on its guest for good, and starts it again
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - The host of the task is the guest. A service stops, and does not come back when the guest boots. A unit is stopped
    and disabled. What a script started is ended by the port that it listens on, and the line of cron or C(rc.local)
    that calls the script becomes a comment.
  - A script of C(init.d) is called with C(stop), and its links of the runlevels are renamed. A program of
    C(supervisord) is stopped by C(supervisorctl), and its section says C(autostart=false).
  - A process is asked to end (C(TERM)) and never killed.
  - With O(state=started) all of that is taken back.
  - Only a shell is needed on the guest.
options:
  started_by:
    description: What starts it. Without it, systemd where there is a unit, else whatever calls the script.
    type: str
    choices: [systemd, init, supervisor, cron, nohup]
  unit:
    description: Its systemd unit, or what C(supervisorctl) calls it.
    type: str
  script:
    description: The script that starts it, where it has no unit.
    type: str
  user:
    description: As whom the script runs.
    type: str
    default: root
  port:
    description: The port that it listens on; needed where it has no unit.
    type: int
  state:
    description: Whether it runs, now and after a boot.
    type: str
    choices: [stopped, started]
    required: true
  timeout:
    description: Seconds that it may take to end or to start.
    type: int
    default: 60
attributes:
  check_mode:
    support: full
    description: Looks, and tells whether something would change.
  diff_mode:
    support: full
    description: Whether it runs and whether it starts at boot.
"""

EXAMPLES = r"""
- name: The old gateway is not needed any more
  landfall.replatform.guest_unit:
    unit: gateway.service
    state: stopped
  delegate_to: gateway-01
  become: true

- name: Nor are the old orders, which no unit starts
  landfall.replatform.guest_unit:
    script: /usr/local/order/start.sh
    port: 8083
    state: stopped
  delegate_to: order-01
  become: true

- name: Nor the old members, a program of supervisord
  landfall.replatform.guest_unit:
    started_by: supervisor
    unit: member
    port: 8084
    state: stopped
  delegate_to: member-01
  become: true
"""

RETURN = r"""
state:
  description: What it is now.
  returned: success
  type: str
"""
