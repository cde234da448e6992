# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""kube_apply inside the controller's worker: no process, no copy, no import per task.

Ansible loads an action plugin's class in its parent process before it forks the worker, so what is imported here at
module level (the kubernetes package, by way of the client) is paid for once per playbook. Over a connection to
another host, and with become, the module of the same name runs there instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.landfall.replatform.plugins.module_utils.clients import kube_access
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import result_of, run_task
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_files import documents_of
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import LandfallError
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import ARGUMENTS, RULES
from ansible_collections.landfall.replatform.plugins.module_utils.module import (
    KUBE_ARGUMENTS,
    Outcome,
    failure,
    success,
)


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        if arguments.get("src"):
            arguments["src"] = self._found(str(arguments["src"]))
        try:
            if self._runs_here():
                return self._run_here(arguments)
            if "src" in arguments:
                documents = documents_of(None, arguments.pop("src"))
                arguments["resources"] = [document for _where, document in documents]
        except LandfallError as error:
            return {"failed": True, **failure(error)}
        name = "landfall.replatform.kube_apply"
        result: dict[str, Any] = self._execute_module(module_name=name, module_args=arguments, task_vars=task_vars)
        told = (result.get("invocation") or {}).get("module_args") or {}
        if "resources" in told:
            told["resources"] = "not shown"  # Secrets in it would be, where the module refuses its arguments
        return result

    def _runs_here(self) -> bool:
        return self._connection.transport == "local" and not self._connection.become and kube_access.MISSING is None

    def _run_here(self, arguments: dict[str, Any]) -> dict[str, Any]:
        # Validation copies what it looks at, and that takes longer than applying a long list: any value is right here.
        resources = arguments.get("resources")
        with self._environment():
            self._task.args = arguments if resources is None else {**arguments, "resources": "given"}
            _result, params = self.validate_argument_spec({**KUBE_ARGUMENTS, **ARGUMENTS}, **RULES)
            params["resources"] = resources
            report = run_task(params, check=self._task.check_mode)
        values = result_of(report, diff=self._task.diff)
        return success(Outcome(report.changed, warnings=report.warnings, values=values), diff=False)

    def _found(self, src: str) -> str:
        try:
            return str(self._find_needle("files", os.path.expanduser(src)))
        except AnsibleError as error:
            raise AnsibleActionFail(str(error)) from error

    @contextmanager
    def _environment(self) -> Iterator[None]:
        """The task's `environment:`, for the fallbacks of the options and for the exec plugins of a kubeconfig."""
        given: dict[str, Any] = {}
        self._compute_environment_string(given)
        before = dict(os.environ)
        os.environ.update({key: str(value) for key, value in given.items()})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
