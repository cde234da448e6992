# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The action part of workload_facts, which is all of it: guests have no Python."""

from __future__ import annotations

from typing import Any, ClassVar

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.landfall.replatform.plugins.module_utils.clients.discovery import read_guest, refused
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import OperationFailed

display = Display()
_SILENCE = 30  # seconds without a sign of life from the guest's SSH server


class ActionModule(ActionBase):
    """Reads one guest; what goes wrong there is a finding in its result, never a failed host."""

    ARGUMENTS: ClassVar[dict[str, Any]] = {
        "guest": {"type": "str"},
        "addresses": {"type": "list", "elements": "str", "default": []},
        "timeout": {"type": "int", "default": 60},
    }
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(argument_spec=self.ARGUMENTS)
        name = arguments["guest"] or str((task_vars or {})["inventory_hostname"])
        # A guest's answer has its secrets in it until they are recognised here: at -vvv too, it is not printed.
        self._connection._play_context.no_log = True
        self._end_when_silent()
        try:
            workload = read_guest(self._connection, name, timeout=arguments["timeout"])
        except (AnsibleConnectionFailure, OperationFailed) as error:
            workload = refused(name, arguments["addresses"], str(error))
            display.warning(f"{name} could not be read: {workload['findings'][0]['found']}")
        workload["addresses"] = workload["addresses"] or arguments["addresses"]
        return {"changed": False, "workload": workload}

    def _end_when_silent(self) -> None:
        """A guest that freezes, or a road that breaks, while it answers: SSH itself would wait for it for ever."""
        if self._connection.transport == "ssh":
            said = self._connection.get_option("ssh_extra_args") or ""
            alive = f"-o ServerAliveInterval={_SILENCE // 3} -o ServerAliveCountMax=3"
            self._connection.set_option("ssh_extra_args", f"{said} {alive}".strip())
