# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Action of guest_unit: stops or starts a service over the guest's own connection."""

from __future__ import annotations

from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest import Guest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest_units import Service, bring
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome
from ansible_collections.landfall.replatform.plugins.plugin_utils.guest_action import GuestAction


class ActionModule(GuestAction):
    ARGUMENTS = {  # noqa: RUF012 - as every plugin of Ansible writes it
        "started_by": {"type": "str", "choices": ["systemd", "init", "supervisor", "cron", "nohup"]},
        "unit": {"type": "str"},
        "script": {"type": "str"},
        "user": {"type": "str", "default": "root"},
        "port": {"type": "int"},
        "state": {"type": "str", "choices": ["stopped", "started"], "required": True},
        "timeout": {"type": "int", "default": 60},
    }

    def verb(self, arguments: dict[str, Any], guest: Guest, *, check: bool) -> Outcome:
        service = Service(**{name: arguments[name] for name in ("unit", "script", "user", "port", "started_by")})
        started = arguments["state"] == "started"
        before, after = bring(guest, service, running=started, patience=arguments["timeout"], dry=check)
        where = service.unit or service.script or f"port {service.port}"
        return Outcome(
            before.describe() != after.describe(),
            before.describe(),
            after.describe(),
            f"{guest.name}: {where}",
            values={"state": arguments["state"]},
        )
