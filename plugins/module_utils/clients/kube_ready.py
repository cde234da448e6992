# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a call waits for after it has written, and what it says where that does not come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from ..core import ready
from ..core.apply import Done
from ..core.catalogue import Resource
from ..core.errors import AccessDenied, LandfallError, OperationFailed, Problem, count
from ..core.objects import Identity
from ..core.ready import Readiness
from ..core.wish import Wish
from .kube import KubeClient
from .kube_pods import complaint
from .kube_wait import Judge, States, wait_for

Body = Mapping[str, Any]


class Waits:
    """The waits of one call, for objects of `resources`."""

    def __init__(self, client: KubeClient, wish: Wish, resources: Mapping[Identity, Resource]) -> None:
        self._client, self._wish, self._resources = client, wish, resources

    def until_ready(self, done: Iterable[Done]) -> None:
        """Until everything is what its kind means by ready, and what the task waits for."""
        self._wait([one.identity for one in done if not self._is_wanted(one.identity, one.body).ready], self._is_wanted)

    def until_established(self, done: Iterable[Done]) -> None:
        """Until later waves may stand on it, whether the task waits for anything or not."""
        self._wait([one.identity for one in done if not self._is_ready(one.identity, one.body).ready], self._is_ready)

    def until_gone(self, identities: Iterable[Identity]) -> None:
        self._wait(list(identities), lambda _identity, body: ready.gone(body), goal="gone")

    def _wait(self, identities: list[Identity], judge: Judge, goal: str = "ready") -> None:
        seconds = self._wish.wait_timeout
        wanted = {one: self._resources[one] for one in identities}
        left = wait_for(self._client, wanted, judge, seconds, pods=goal == "ready")
        if left:
            raise self._too_late(left, goal)

    def _is_wanted(self, identity: Identity, body: Body | None) -> Readiness:
        kind = [self._is_ready(identity, body)] if self._wish.wait or body is None else []
        expected = [one.judge(body) for one in self._wish.expectations if body is not None and one.is_of(identity)]
        left = [state for state in (*kind, *expected) if not state.ready]
        return next((state for state in left if state.failed), left[0] if left else ready.READY)

    def _is_ready(self, identity: Identity, body: Body | None) -> Readiness:
        if body is None:
            return Readiness(False, "somebody deleted it", failed=True)
        state = ready.readiness(body)
        is_claim = (identity.group, identity.kind) == ("", "PersistentVolumeClaim")
        if is_claim and not state.ready and not state.failed and self._may_stay_unbound(body):
            return ready.READY
        return state

    def _may_stay_unbound(self, claim: Body) -> bool:
        return self._storage_classes is None or ready.may_stay_unbound(claim, self._storage_classes)

    @cached_property
    def _storage_classes(self) -> dict[str, dict[str, Any]] | None:
        """By name; None for who may not see them, and then does not wait for what may never come."""
        try:
            classes = self._client.list("storage.k8s.io/v1", "StorageClass")
        except AccessDenied:
            return None
        return {one["metadata"]["name"]: one for one in classes}

    def _too_late(self, left: States, goal: str) -> LandfallError:
        problems: list[Problem] = []
        logs: list[Problem] = []
        for identity, state in sorted(left.items(), key=lambda one: (not one[1].failed, one[0])):
            pods, written = complaint(self._client, self._resources[identity], identity)
            problems.append(Problem(str(identity), "; ".join(part for part in (state.reason, pods) if part), ""))
            logs.extend(written)
        failed = any(state.failed for state in left.values())
        when = "and waiting longer is of no use" if failed else f"after {self._wish.wait_timeout:g} seconds"
        return OperationFailed(f"{count(left, 'object')} not {goal} {when}", [*problems, *logs])
