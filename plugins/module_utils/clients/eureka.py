# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instances in Eureka: taken out of service on guests, and looked for in the cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from urllib.parse import quote

from ..core import eureka
from ..core.errors import OperationFailed
from ..core.eureka import Instance, Member
from .kube import KubeClient
from .rest import Http


class Eureka:
    """A registry by its address (`http://10.20.8.21:8761/eureka`)."""

    def __init__(self, url: str, *, timeout: float = 10) -> None:
        self.url = url.rstrip("/")
        self._http = Http(self.url, timeout=timeout)

    def instances(self) -> list[Instance]:
        """What callers are told: the registry answers out of a cache."""
        answer = self._http.request("GET", "/apps")
        if answer.status != 200:
            raise OperationFailed(f"{self.url}/apps answers {answer.status}; a registry that serves should answer 200")
        return eureka.instances_of(answer.json())

    def take_out(self, one: Instance) -> None:
        self._status("PUT", one, eureka.OUT_OF_SERVICE)

    def put_back(self, one: Instance) -> None:
        self._status("DELETE", one, eureka.UP)

    def _status(self, method: str, one: Instance, value: str) -> None:
        path = f"/apps/{quote(one.application)}/{quote(one.identity)}/status?value={value}"
        answer = self._http.request(method, path)
        if answer.status != 200:
            raise OperationFailed(
                f"{self.url}{path} answers {answer.status}; {one.identity} should be registered there"
            )


def drain(registry: Eureka, wanted: Sequence[Member], *, patience: float, settle: float, dry: bool) -> list[Instance]:
    """Have callers use pods only. The instances that were, or would be, taken out of service."""
    seen = registry.instances()
    if dry or not eureka.to_drain(wanted, seen):
        return eureka.to_drain(wanted, seen)

    def pods_are_seen() -> str | None:
        missing = eureka.without_pods(wanted, registry.instances())
        return f"callers see no pod of {', '.join(missing)}" if missing else None

    def guests_are_gone() -> str | None:
        left = eureka.to_drain(wanted, registry.instances())
        return f"callers still see {', '.join(one.identity for one in left)}" if left else None

    _until(pods_are_seen, patience)
    drained = eureka.to_drain(wanted, registry.instances())
    for one in drained:
        registry.take_out(one)
    _until(guests_are_gone, patience)
    # callers ask the registry, and their load balancers ask them, every few seconds
    time.sleep(settle)
    return drained


def restore(registry: Eureka, wanted: Sequence[Member], *, dry: bool) -> list[Instance]:
    """Instances on guests take requests again."""
    back = eureka.to_restore(wanted, registry.instances())
    for one in back if not dry else ():
        registry.put_back(one)
    return back


def wait_registered(
    client: KubeClient, name: str, namespace: str, wanted: Sequence[Member], *, patience: float
) -> None:
    """Wait until the registry in the cluster knows every pod. Pod by pod: such questions it answers from the start."""
    base = f"/api/v1/namespaces/{namespace}/services/{name}:main/proxy/eureka/apps"

    def is_complete() -> str | None:
        missing = [
            pod
            for member in wanted
            for pod in _pods(client, member)
            if not client.send("GET", f"{base}/{quote(member.application)}/{quote(pod)}").ok
        ]
        return f"it does not know {', '.join(missing)}" if missing else None

    _until(is_complete, patience)


def _pods(client: KubeClient, member: Member) -> list[str]:
    pods = client.list("v1", "Pod", member.namespace, labels=f"app.kubernetes.io/name={member.name}")
    return [
        one["metadata"]["name"]
        for one in pods
        if any(
            state["type"] == "Ready" and state["status"] == "True" for state in one["status"].get("conditions") or []
        )
    ]


def _until(wrong: Callable[[], str | None], patience: float) -> None:
    deadline = time.monotonic() + patience
    while reason := wrong():
        if time.monotonic() > deadline:
            raise OperationFailed(f"Eureka, after {patience:g} s: {reason}")
        time.sleep(1)
