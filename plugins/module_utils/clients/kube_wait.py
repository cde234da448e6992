# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits for many objects at once: one list and one watch per kind and namespace, all of them in parallel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..core.catalogue import Resource
from ..core.errors import LandfallError
from ..core.objects import Identity
from ..core.ready import Readiness, pod_troubles
from .kube import KubeClient

Judge = Callable[[Any], Readiness]
"""What an object's body, or None where it is not there, says about what is waited for."""

_ROUND_SECONDS = 5.0
_SHORTEST_ROUND = 0.2


def wait_for(
    client: KubeClient, wanted: Mapping[Identity, Resource], judge: Judge, seconds: float
) -> dict[Identity, Readiness]:
    """Wait until `judge` finds all of `wanted` ready; those that are not, as soon as one has failed or time is over."""
    groups: dict[tuple[Resource, str], list[Identity]] = {}
    for identity, resource in wanted.items():
        groups.setdefault((resource, identity.namespace), []).append(identity)
    if not groups:
        return {}
    deadline, stop = time.monotonic() + seconds, threading.Event()
    with ThreadPoolExecutor(max_workers=len(groups)) as threads:
        results = threads.map(
            lambda group: _follow(client, group[0][0], group[0][1], group[1], judge, deadline, stop), groups.items()
        )
        return {identity: one for result in results for identity, one in result.items() if not one.ready}


def _follow(
    client: KubeClient,
    resource: Resource,
    namespace: str,
    identities: list[Identity],
    judge: Judge,
    deadline: float,
    stop: threading.Event,
) -> dict[Identity, Readiness]:
    by_name = {identity.name: identity for identity in identities}
    fields = f"metadata.name={identities[0].name}" if len(identities) == 1 else ""
    while True:
        items, version = client.list_with_version(resource, namespace, fields=fields)
        there = {item["metadata"]["name"]: item for item in items}
        state = {identity: judge(there.get(name)) for name, identity in by_name.items()}
        started = time.monotonic()
        seconds = min(_ROUND_SECONDS, deadline - started)
        if _over(state, stop) or seconds <= 0:
            return state
        for event, body in client.watch(resource, namespace, version, fields=fields, seconds=seconds):
            name = (body.get("metadata") or {}).get("name")
            if event == "ERROR":  # that version is too old to go on from
                break
            if name in by_name:
                state[by_name[name]] = judge(None if event == "DELETED" else body)
            if _over(state, stop):
                return state
            if time.monotonic() > deadline:
                break
        time.sleep(max(0.0, _SHORTEST_ROUND - (time.monotonic() - started)))


def _over(state: dict[Identity, Readiness], stop: threading.Event) -> bool:
    if any(one.failed for one in state.values()):
        stop.set()  # one failure ends every wait: the task fails anyway
    return stop.is_set() or all(one.ready for one in state.values())


def pods_of(client: KubeClient, resource: Resource, identity: Identity) -> str:
    """What the pods of a workload complain of; empty for anything else, or where nobody may look."""
    try:
        body = client.get(resource.api_version, resource.kind, identity.name, identity.namespace) or {}
        labels = ((body.get("spec") or {}).get("selector") or {}).get("matchLabels") if body else None
        if not isinstance(labels, dict):
            return ""
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        pods = client.list("v1", "Pod", identity.namespace, labels=selector)
    except LandfallError:
        return ""
    troubles = [
        f"pod {pod['metadata']['name']}: {'; '.join(found)}" for pod in pods if (found := list(pod_troubles(pod)))
    ]
    return " | ".join(troubles[:3])
