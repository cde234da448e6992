# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits for many objects at once: one list and one watch per kind and namespace, all of them in parallel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

from ..core.catalogue import Resource
from ..core.objects import Identity
from ..core.ready import Readiness
from .kube import KubeClient, Objects
from .kube_pods import PodWatch, has_pods

Judge = Callable[[Identity, Any], Readiness]
"""What an object's body, or None where it is not there, says about what is waited for."""

Groups = dict[tuple[Resource, str], list[Identity]]
States = dict[Identity, Readiness]

_ROUND_SECONDS = 5.0
_SHORTEST_ROUND = 0.2
_LISTED = "LISTED"


def wait_for(
    client: KubeClient, wanted: Mapping[Identity, Resource], judge: Judge, seconds: float, *, pods: bool = False
) -> States:
    """Wait until `judge` finds all of `wanted` ready; those that are not, as soon as one has failed or time is over.

    With `pods` it also ends when the pods of a workload will not run by themselves any more.
    """
    groups: Groups = {}
    for identity, resource in wanted.items():
        groups.setdefault((resource, identity.namespace), []).append(identity)
    return _Wait(client, judge, time.monotonic() + seconds).run(groups, pods=pods) if groups else {}


class _Wait:
    """One wait: a thread for each kind in each namespace, and one for the pods of each namespace."""

    def __init__(self, client: KubeClient, judge: Judge, deadline: float) -> None:
        self._client, self._judge, self._deadline = client, judge, deadline
        self._stop, self._over = threading.Event(), threading.Event()
        self._hopeless: set[Identity] = set()

    def run(self, groups: Groups, *, pods: bool) -> States:
        workloads: dict[str, dict[Identity, Resource]] = {}
        for (resource, namespace), identities in groups.items():
            if pods and has_pods(resource):
                workloads.setdefault(namespace, {}).update(dict.fromkeys(identities, resource))
        with ThreadPoolExecutor(max_workers=len(groups) + len(workloads)) as threads:
            watches = [PodWatch(self._client, namespace, every) for namespace, every in workloads.items()]
            looks = [threads.submit(one.run, self._over, self._give_up) for one in watches]
            try:
                results = list(threads.map(self._follow, groups, groups.values()))
            finally:
                self._over.set()
            for look in looks:
                look.result()
        left = {identity: state for result in results for identity, state in result.items() if not state.ready}
        return {one: replace(state, failed=state.failed or one in self._hopeless) for one, state in left.items()}

    def _give_up(self, identity: Identity) -> None:
        self._hopeless.add(identity)
        self._stop.set()

    def _follow(self, group: tuple[Resource, str], identities: list[Identity]) -> States:
        resource, namespace = group
        by_name = {identity.name: identity for identity in identities}
        fields = f"metadata.name={identities[0].name}" if len(identities) == 1 else ""
        state: States = {}
        with closing(self._changes(resource, namespace, fields)) as changes:
            for event, bodies in changes:
                there = {body["metadata"]["name"]: body for body in bodies}
                for name in by_name if event == _LISTED else by_name.keys() & there.keys():
                    body = None if event == "DELETED" else there.get(name)
                    state[by_name[name]] = self._judge(by_name[name], body)
                if self._is_over(state):
                    break
        return state

    def _changes(self, resource: Resource, namespace: str, fields: str) -> Generator[tuple[str, Objects], None, None]:
        """All objects at the beginning of each round, and then each change; until time is over."""
        while True:
            items, version = self._client.list_with_version(resource, namespace, fields=fields)
            started = time.monotonic()
            yield _LISTED, items
            seconds = min(_ROUND_SECONDS, self._deadline - started)
            if seconds <= 0:
                return
            for event, body in self._client.watch(resource, namespace, version, fields=fields, seconds=seconds):
                if event == "ERROR" or time.monotonic() > self._deadline:  # that version is too old to go on from
                    break
                yield event, [body]
            time.sleep(max(0.0, _SHORTEST_ROUND - (time.monotonic() - started)))

    def _is_over(self, state: States) -> bool:
        if any(one.failed for one in state.values()):
            self._stop.set()  # one failure ends every wait: the task fails anyway
        return self._stop.is_set() or all(one.ready for one in state.values())
