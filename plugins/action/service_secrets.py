# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Action of service_secrets: from the guest straight into the cluster; no variable and no result ever has a value."""

from __future__ import annotations

import base64
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import read_document
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest import Guest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core import secret_sources
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import NotFound
from ansible_collections.landfall.replatform.plugins.module_utils.core.rewrite import Rewriter
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish
from ansible_collections.landfall.replatform.plugins.module_utils.module import KUBE_ARGUMENTS, Outcome
from ansible_collections.landfall.replatform.plugins.plugin_utils.guest_action import GuestAction


class ActionModule(GuestAction):
    ARGUMENTS = {  # noqa: RUF012 - as every plugin of Ansible writes it
        **KUBE_ARGUMENTS,
        "plan_file": {"type": "path", "required": True},
        "secret": {"type": "dict", "required": True},
    }

    def verb(self, arguments: dict[str, Any], guest: Guest, *, check: bool) -> Outcome:
        wanted = arguments["secret"]
        body, items = wanted["object"], wanted["items"]
        metadata = body["metadata"]
        mark = secret_sources.fingerprint(items)
        values = {"name": metadata["name"], "keys": sorted(item["key"] for item in items)}
        with KubeClient.connect(**{name: arguments[name] for name in KUBE_ARGUMENTS}) as client:
            live = client.get("v1", "Secret", metadata["name"], metadata["namespace"])
            annotations = ((live or {}).get("metadata") or {}).get("annotations") or {}
            # What has moved is the cluster's own: it may have been rotated there, and the guest may be gone.
            if annotations.get(secret_sources.MARK) == mark:
                return Outcome(False, values=values)
            data = self._read(arguments, guest, metadata["namespace"])
            filled = {
                **body,
                "metadata": {**metadata, "annotations": {secret_sources.MARK: mark}},
                "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
            }
            report = apply(client, Wish([(f"Secret of {metadata['name']}", filled)], wait=False, check=check))
        return Outcome(report.changed, warnings=report.warnings, values=values)

    @staticmethod
    def _read(arguments: dict[str, Any], guest: Guest, namespace: str) -> dict[str, str]:
        items, port = arguments["secret"]["items"], arguments["secret"]["port"]
        command: list[str] = []
        environment: list[str] = []
        if secret_sources.needs_process(items):
            pids = guest.listeners(port)
            if not pids:
                raise NotFound(
                    f"{guest.name}: nobody listens on port {port}; the service should run until it has moved"
                )
            process = guest.read(f"/proc/{pids[0]}/cmdline", f"/proc/{pids[0]}/environ")
            command = secret_sources.words_of(process[f"/proc/{pids[0]}/cmdline"])
            environment = secret_sources.words_of(process[f"/proc/{pids[0]}/environ"])
        files = {path: guest.read(path) for path in secret_sources.files_of(items)}
        texts = {path: next(iter(found.values())).decode() for path, found in files.items() if found}
        rewriter = Rewriter(read_document(arguments["plan_file"]), namespace)
        return secret_sources.values(items, texts, command, environment, rewriter)
