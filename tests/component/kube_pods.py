# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stands in for scheduler and kubelets, which need machines: says of every pod that it runs, or why it does not.

Only the status of pods is played here; Deployments, ReplicaSets and Jobs are judged by the real controllers.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import LandfallError

BROKEN = "broken"  # pods of an image with this in its name never run


class Pods:
    """While it is entered, pods of one namespace get a status."""

    def __init__(self, client: KubeClient, namespace: str, *, after: float = 0.1) -> None:
        self._client, self._namespace, self._after = client, namespace, after
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Pods:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._after):
            try:
                for pod in self._client.list("v1", "Pod", self._namespace):
                    if "deletionTimestamp" in pod["metadata"]:
                        self._client.delete("v1", "Pod", pod["metadata"]["name"], self._namespace)
                    elif not (pod.get("status") or {}).get("containerStatuses"):
                        self._tell(pod)
            except LandfallError:
                continue  # the pod went away meanwhile

    def _tell(self, pod: dict[str, Any]) -> None:
        name, spec = pod["metadata"]["name"], pod["spec"]
        container = {"name": spec["containers"][0]["name"], "image": "x", "imageID": "x", "restartCount": 0}
        if BROKEN in spec["containers"][0]["image"]:
            waiting = {"reason": "ImagePullBackOff", "message": "the registry has no such image"}
            status = {
                "phase": "Pending",
                "containerStatuses": [{**container, "ready": False, "state": {"waiting": waiting}}],
            }
        elif spec["restartPolicy"] != "Always":
            ended = {"terminated": {"exitCode": 0}}
            status = {"phase": "Succeeded", "containerStatuses": [{**container, "ready": False, "state": ended}]}
        else:
            ready = {"type": "Ready", "status": "True"}
            running = {**container, "ready": True, "state": {"running": {}}}
            status = {"phase": "Running", "conditions": [ready], "containerStatuses": [running]}
        self._client.send(
            "PATCH",
            f"/api/v1/namespaces/{self._namespace}/pods/{name}/status",
            body={"status": status},
            content_type="application/merge-patch+json",
        )
