# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What keeps pods from running, whose pods they are, and from when on waiting for them is of no use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Body = Mapping[str, Any]

# The kubelet will never take this otherwise, however often it tries: the name of the image is none, or the node shall
# not fetch it and does not have it.
_FINAL = frozenset({"InvalidImageName", "ErrImageNeverPull"})
# The kubelet tries again at once or every few seconds. A Secret may be on its way, a registry may be starting.
_TRYING = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImagePull",
        "ImageInspectError",
        "RegistryUnavailable",
        "RunContainerError",
        "SignatureValidationFailed",
    }
)
_CRASHING = "CrashLoopBackOff"
# Between two attempts the kubelet only waits: 10, 20, 40 … seconds, five minutes at last. What stands in this state
# when a wait begins may have been mended by the very call that waits; only a new attempt tells.
_BACKING_OFF = frozenset({_CRASHING, "ImagePullBackOff"})

LASTING_SECONDS = 30.0
"""So long without a break in trouble: 30 seconds of back-off are in the third pause at the earliest, after the third
failure in a row; a service that only waits for another one has found it by then."""

CRASHES = 5
"""So many restarts during one wait, where a node makes shorter pauses."""


@dataclass(frozen=True)
class Trouble:
    """One thing that keeps a pod from running, in the words of scheduler and kubelet."""

    text: str
    container: str = ""  # empty for the pod itself
    reason: str = ""
    has_log: bool = False  # whether the container ran, so that its log may tell more


def troubles(pod: Body) -> list[Trouble]:
    """What keeps `pod` from running."""
    scheduled = condition(pod, "PodScheduled")
    found = [Trouble(said(scheduled))] if scheduled.get("status") == "False" else []
    return [*found, *(trouble for one in _containers(pod) if (trouble := _trouble(one)))]


def unready(pod: Body) -> list[Trouble]:
    """The containers of `pod` that run without being ready: what a wait that took too long was waiting for."""
    return [
        Trouble(f"container {one['name']}: runs, but is not ready", one["name"], has_log=True)
        for one in _status(pod).get("containerStatuses") or []
        if not one.get("ready") and "running" in (one.get("state") or {})
    ]


def _containers(pod: Body) -> Iterator[Body]:
    for group in ("initContainerStatuses", "containerStatuses"):
        yield from _status(pod).get(group) or []


def _trouble(container: Body) -> Trouble | None:
    state = container.get("state") or {}
    ended, waiting = state.get("terminated") or {}, state.get("waiting") or {}
    last = (container.get("lastState") or {}).get("terminated") or {}
    name = container["name"]
    if waiting and waiting.get("reason") not in ("ContainerCreating", "PodInitializing"):
        exit_code = f" (exit code {last['exitCode']})" if "exitCode" in last else ""
        text = f"container {name}: {said(waiting)}{exit_code}"
        return Trouble(text, name, str(waiting.get("reason") or ""), has_log=bool(last))
    if ended.get("exitCode"):
        text = f"container {name}: {said(ended)} (exit code {ended['exitCode']})"
        return Trouble(text, name, str(ended.get("reason") or ""), has_log=True)
    return None


@dataclass
class _Seen:
    restarts: int
    reason: str
    untried: bool  # in a pause that began before the wait
    since: float | None = None


class Patience:
    """Remembers the containers that it saw in trouble: what mends itself does not end a wait."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], _Seen] = {}

    def is_over(self, pod: Body, now: float, *, old: bool, crashes: bool = True) -> bool:
        """Whether `pod` will not run by itself any more.

        `old` says that it was there when the wait began; without `crashes` its containers may crash as often as they
        like, since somebody else counts that.
        """
        if (pod.get("metadata") or {}).get("deletionTimestamp"):
            return False
        verdicts = [self._is_over(pod, one, now, old, crashes) for one in _containers(pod)]  # each one's time runs
        return any(verdicts)

    def _is_over(self, pod: Body, container: Body, now: float, old: bool, crashes: bool) -> bool:
        trouble = _trouble(container)
        reason = trouble.reason if trouble else ""
        restarts = container.get("restartCount") or 0
        key = (str((pod.get("metadata") or {}).get("uid")), str(container["name"]))
        seen = self._seen.setdefault(key, _Seen(restarts if old else 0, reason, old and reason in _BACKING_OFF))
        seen.untried = seen.untried and (reason, restarts) == (seen.reason, seen.restarts)
        lasts = reason in _BACKING_OFF | _TRYING and not seen.untried
        seen.since = (now if seen.since is None else seen.since) if lasts else None
        if reason == _CRASHING and not crashes:
            return False
        if reason == _CRASHING and restarts - seen.restarts >= CRASHES:
            return True
        return reason in _FINAL or (seen.since is not None and now - seen.since >= LASTING_SECONDS)


def controller(body: Body) -> Body:
    """The owner that manages an object, as its ownerReferences tell."""
    owners = (body.get("metadata") or {}).get("ownerReferences") or []
    return next((one for one in owners if one.get("controller")), {})


def is_of(pod: Body, workload: Body, replica_set: Body | None = None) -> bool:
    """Whether `pod` is one that `workload`, as it is now, wants to have.

    The pods of the template before are on their way out, and no sign of anything. `replica_set` is the pod's, where it
    has one.
    """
    metadata, mine = pod.get("metadata") or {}, workload.get("metadata") or {}
    owner, kind = controller(pod), workload.get("kind")
    if metadata.get("deletionTimestamp") or not observed(workload):
        return False
    if kind == "Pod":
        return bool(metadata.get("uid") == mine.get("uid"))
    if kind == "Deployment":
        revision = "deployment.kubernetes.io/revision"
        return (
            replica_set is not None
            and controller(replica_set).get("uid") == mine.get("uid")
            and _annotation(replica_set, revision) == _annotation(workload, revision)
        )
    if owner.get("uid") != mine.get("uid"):
        return False
    labels = metadata.get("labels") or {}
    if kind == "StatefulSet":
        return bool(labels.get("controller-revision-hash") == _status(workload).get("updateRevision"))
    if kind == "DaemonSet":
        generation = _annotation(workload, "deprecated.daemonset.template.generation")
        return bool(labels.get("pod-template-generation") == generation)
    return True


def observed(body: Body) -> bool:
    """Whether the status of an object speaks of it as it is now; where nothing tells, it does."""
    generation = _status(body).get("observedGeneration")
    return generation is None or generation >= (body.get("metadata") or {}).get("generation", 0)


def condition(body: Body, kind: str) -> Body:
    """One condition of an object's status; empty where it has none of that type."""
    return next((one for one in _status(body).get("conditions") or [] if one.get("type") == kind), {})


def said(state: Body) -> str:
    """What a condition or a state of a container says: `reason: message`."""
    return ": ".join(str(state[key]) for key in ("reason", "message") if state.get(key))


def _status(body: Body) -> Body:
    return body.get("status") or {}


def _annotation(body: Body, name: str) -> Any:
    return ((body.get("metadata") or {}).get("annotations") or {}).get(name)
