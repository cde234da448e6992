# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pods behind what is waited for: whether they will ever run, what they complain of, and what they wrote last."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

from ..core.catalogue import Resource
from ..core.errors import AccessDenied, LandfallError, Problem
from ..core.hashes import secrets_of
from ..core.mask import scrub, secret_values
from ..core.objects import Identity, group_of
from ..core.pod_states import Patience, Trouble, controller, is_of, troubles, unready
from .kube import KubeClient

_KINDS = frozenset(
    {
        ("", "Pod"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "ReplicaSet"),
        ("apps", "StatefulSet"),
        ("batch", "Job"),
    }
)
_PAUSE = 2.0  # seconds between two looks: most waits are over before the first one
_PODS_SHOWN = 3
_LOGS_SHOWN = 2
_LINES = 10
_LINE_LENGTH = 300

Body = dict[str, Any]


def has_pods(resource: Resource) -> bool:
    """Whether objects of a kind stand for pods."""
    return (group_of(resource.api_version), resource.kind) in _KINDS


class PodWatch:
    """Looks at the pods of the workloads of one namespace, as long as a wait lasts."""

    def __init__(self, client: KubeClient, namespace: str, workloads: Mapping[Identity, Resource]) -> None:
        self._client, self._namespace = client, namespace
        self._workloads = {(one.kind, one.name): (one, resource) for one, resource in workloads.items()}
        self._patience = Patience()
        self._old: set[str] | None = None

    def run(self, over: threading.Event, give_up: Callable[[Identity], None]) -> None:
        """Until the wait is `over`, name every workload whose pods will not run by themselves any more."""
        while not over.wait(_PAUSE):
            try:
                self._look(give_up)
            except AccessDenied:
                return  # who may not see pods waits for what the workloads say
            except LandfallError:
                continue  # something went away meanwhile, or an API server did for a moment

    def _look(self, give_up: Callable[[Identity], None]) -> None:
        pods, now = _Pods(self._client, self._namespace), time.monotonic()
        if self._old is None:
            self._old = {pod["metadata"]["uid"] for pod in pods.bodies}
        for pod in pods.bodies:
            old = pod["metadata"]["uid"] in self._old
            # a Job counts the crashes of its pods itself, and knows how many are too many
            crashes = controller(pod).get("kind") != "Job"
            if self._patience.is_over(pod, now, old=old, crashes=crashes):
                for key in pods.owners(pod) & self._workloads.keys():
                    identity, resource = self._workloads[key]
                    if pod in pods.of(identity, resource):
                        give_up(identity)


def complaint(client: KubeClient, resource: Resource, identity: Identity) -> tuple[str, list[Problem]]:
    """What keeps the pods of a workload, and the last lines of those that ran; nothing where nobody may look."""
    if not has_pods(resource):
        return "", []
    try:
        pods = _Pods(client, identity.namespace)
        mine = pods.of(identity, resource)
    except LandfallError:
        return "", []
    found = [(pod, every) for pod in mine if (every := troubles(pod) or unready(pod))]
    said = [f"pod {pod['metadata']['name']}: {'; '.join(one.text for one in every)}" for pod, every in found]
    ran = [(pod, one) for pod, every in found for one in every if one.has_log][:_LOGS_SHOWN]
    logs = [pods.last_lines(pod, one) for pod, one in ran]
    return " | ".join(said[:_PODS_SHOWN]), [log for log in logs if log.found]


class _Pods:
    """The pods of one namespace as they are now, and who manages them."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        self._client, self._namespace = client, namespace
        self.bodies = client.list("v1", "Pod", namespace)

    def owners(self, pod: Body) -> set[tuple[str, str]]:
        """Kind and name of the pod itself, of what manages it, and of what manages that."""
        every = [controller(pod), controller(self._replica_set(pod) or {})]
        return {("Pod", pod["metadata"]["name"]), *((one["kind"], one["name"]) for one in every if one)}

    def of(self, identity: Identity, resource: Resource) -> list[Body]:
        """Those that a workload wants to have as it is now."""
        workload = self._client.get(resource.api_version, resource.kind, identity.name, self._namespace)
        mine = [pod for pod in self.bodies if (identity.kind, identity.name) in self.owners(pod)]
        return [pod for pod in mine if workload and is_of(pod, workload, self._replica_set(pod))]

    def _replica_set(self, pod: Body) -> Body | None:
        owner = controller(pod)
        return self._replica_sets.get(owner["uid"]) if owner.get("kind") == "ReplicaSet" else None

    def _secrets(self, pod: Body) -> list[Body]:
        """The Secrets that a pod uses, as far as one may see them."""
        found = []
        for name in secrets_of(pod):
            with suppress(LandfallError):
                found.append(self._client.get("v1", "Secret", name, self._namespace))
        return [one for one in found if one]

    @cached_property
    def _replica_sets(self) -> dict[str, Body]:
        every = self._client.list("apps/v1", "ReplicaSet", self._namespace)
        return {one["metadata"]["uid"]: one for one in every}

    def last_lines(self, pod: Body, trouble: Trouble) -> Problem:
        """The end of a container's log, as a part of an error; empty where there is none to be had."""
        name = pod["metadata"]["name"]
        where = f"log of pod {name}, container {trouble.container}"
        path = f"/api/v1/namespaces/{self._namespace}/pods/{name}/log"
        try:
            text = self._client.text(path, {"container": trouble.container, "tailLines": str(_LINES)}, where)
        except LandfallError:
            return Problem(where, "", "")
        # A program may write down what it was given in confidence; results of tasks are kept for long.
        text = scrub(text, secret_values(self._secrets(pod)))
        lines = [line[:_LINE_LENGTH] for line in text.splitlines()[-_LINES:]]
        return Problem(where, "".join(f"\n      {line}" for line in lines), "")
