# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The edge to Ansible of the actions that work on a guest without Python there: arguments in, Outcome or error out."""

from __future__ import annotations

from typing import Any, ClassVar

from ansible.plugins.action import ActionBase
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest import Guest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import LandfallError
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, failure, success


class GuestAction(ActionBase):
    """An action plugin gives ARGUMENTS (as its module documents them) and `verb`."""

    ARGUMENTS: ClassVar[dict[str, Any]] = {}
    _supports_check_mode = True
    _supports_async = False

    def verb(self, arguments: dict[str, Any], guest: Guest, *, check: bool) -> Outcome:
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(argument_spec=self.ARGUMENTS)
        name = str(self._task.delegate_to or (task_vars or {}).get("inventory_hostname", "the guest"))
        try:
            outcome = self.verb(arguments, Guest(self._connection, name), check=self._task.check_mode)
        except LandfallError as error:
            return {"failed": True, **failure(error)}
        return success(outcome, diff=self._task.diff)
