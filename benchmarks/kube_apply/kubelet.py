# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A FAKE kubelet and scheduler: says of every pod of a namespace that it runs, a given time after it first saw it.

Nothing runs. Deployments are judged by the real kube-controller-manager, so a wait for them is a real wait.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient

_LOOK_SECONDS = 0.05


class FakeKubelet:
    """While it is entered, pods of `namespace` get ready `after` seconds."""

    def __init__(self, client: KubeClient, namespace: str, *, after: float) -> None:
        self._client, self._namespace, self._after = client, namespace, after
        self._seen: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> FakeKubelet:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            for pod in self._client.list("v1", "Pod", self._namespace):
                first = self._seen.setdefault(pod["metadata"]["name"], time.monotonic())
                if "containerStatuses" not in pod["status"] and time.monotonic() - first >= self._after:
                    self._say_ready(pod)

    def _say_ready(self, pod: dict[str, Any]) -> None:
        name = pod["spec"]["containers"][0]["name"]
        running = {"name": name, "image": "x", "imageID": "x", "restartCount": 0, "ready": True}
        status = {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{**running, "state": {"running": {}}}],
        }
        path = f"/api/v1/namespaces/{self._namespace}/pods/{pod['metadata']['name']}/status"
        self._client.send("PATCH", path, body={"status": status}, content_type="application/merge-patch+json")
