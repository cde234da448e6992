# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller's half of `node_os`: brings the blobs that the node says it lacks, and nothing else."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.landfall.replatform.plugins.module_utils.clients.bundle_store import BundleStore
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import LandfallError
from ansible_collections.landfall.replatform.plugins.module_utils.module import failure

display = Display()
_INCOMING = "~/.landfall/blobs"


class ActionModule(ActionBase):  # type: ignore[misc]
    """Ask the node, bring what is missing, ask again."""

    TRANSFERS_FILES = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        directory = arguments.get("bundle_directory")
        if not directory:
            raise AnsibleActionFail("node_os needs bundle_directory: the offline bundle, a directory on the controller")
        try:
            store = BundleStore(os.path.expanduser(directory))
            arguments["entries"] = store.index_entries()
        except LandfallError as error:
            return {**result, "failed": True, **failure(error)}
        # In the home of the user that connects: the connection writes there without becoming root, and what has arrived
        # whole stays there for the next run where this one is killed.
        arguments["blob_directory"] = self._remote_expand_user(_INCOMING, sudoable=False)
        answer = self._execute_module(module_args=arguments, task_vars=task_vars)
        if answer.get("absent_blobs"):
            self._bring(store, arguments["blob_directory"], answer["absent_blobs"], task_vars or {})
            answer = self._execute_module(module_args=arguments, task_vars=task_vars)
        return {**result, **answer}

    def _bring(self, store: BundleStore, directory: str, digests: Sequence[str], task_vars: dict[str, Any]) -> None:
        made = self._low_level_execute_command(f"umask 077; mkdir -p {shlex.quote(directory)}", sudoable=False)
        if made["rc"]:
            raise AnsibleActionFail(f"{directory} cannot be made on the node: {made['stderr']}")
        size = sum(store.path(digest).stat().st_size for digest in digests)
        name = task_vars.get("inventory_hostname", "the node")
        display.display(f"{name}: bringing {len(digests)} blobs, {size >> 20} MiB")
        for digest in digests:
            self._connection.put_file(str(store.path(digest)), f"{directory}/{digest}")
