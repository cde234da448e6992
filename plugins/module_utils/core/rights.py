# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody must be allowed to do for a call, and how to say what he is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import ready, recreate
from .catalogue import Resource
from .errors import Problem
from .objects import Identity, Manifest, group_of
from .wish import Wish

Body = dict[str, Any]

_VERBS = ("get", "list", "watch", "create", "patch", "delete")
_BY_NAME = {"get", "patch", "delete"}  # a role may allow these for single objects


@dataclass(frozen=True)
class Right:
    """One verb on the objects of a kind in a namespace, or on one of them."""

    verb: str
    group: str
    plural: str
    namespace: str
    name: str = ""

    @property
    def review(self) -> Body:
        """The question to the server."""
        attributes = {"verb": self.verb, "group": self.group, "resource": self.plural, "namespace": self.namespace}
        return {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {**attributes, "name": self.name}},
        }


Rights = dict[Right, list[str]]
"""Rights, and the names of the objects that each is needed for."""


def needed(manifests: Iterable[Manifest], resources: Mapping[Identity, Resource], wish: Wish) -> Rights:
    """The rights that `wish` needs for these objects."""
    rights: Rights = {}
    for manifest in manifests:
        identity, resource = manifest.identity, resources[manifest.identity]
        for verb in _verbs(manifest, wish):
            right = Right(verb, group_of(resource.api_version), resource.plural, identity.namespace)
            rights.setdefault(right, []).append(identity.name)
    if wish.applyset:
        for verb in ("get", "create", "patch"):
            right = Right(verb, "", "secrets", wish.applyset.namespace)
            rights.setdefault(right, []).append(wish.applyset.name)
    return rights


def _verbs(manifest: Manifest, wish: Wish) -> set[str]:
    writing = {"get", "delete"} if wish.absent else {"get", "create", "patch"}
    pruning = {"list", "delete"} if wish.prune else set()
    replacing = {"delete"} if wish.recreate and not recreate.kept_for(manifest, manifest.body) else set()
    # what is ready as soon as it stands there is never watched
    watching = wish.absent or not ready.readiness(manifest.body).ready
    return writing | pruning | replacing | ({"list", "watch"} if wish.wait and watching else set())


def by_name(right: Right, names: Iterable[str]) -> list[Right]:
    """What to ask for where a role allows something to single objects only."""
    return [replace(right, name=name) for name in names] if right.verb in _BY_NAME else []


def problems(forbidden: Iterable[Right]) -> list[Problem]:
    """What is forbidden, for each kind in each namespace."""
    groups: dict[Right, list[Right]] = {}
    for right in forbidden:
        groups.setdefault(replace(right, verb=""), []).append(right)
    return [
        Problem(_place(key), f"these credentials may not {_verbs_of(several)} them", "a role that allows it")
        for key, several in sorted(groups.items(), key=lambda one: _place(one[0]))
    ]


def _place(right: Right) -> str:
    kind = f"{right.plural}.{right.group}" if right.group else right.plural
    named = f"{kind} {right.name}" if right.name else kind
    return f"{named} in {right.namespace}" if right.namespace else named


def _verbs_of(rights: Iterable[Right]) -> str:
    verbs = sorted({right.verb for right in rights}, key=_VERBS.index)
    return f"{', '.join(verbs[:-1])} and {verbs[-1]}" if len(verbs) > 1 else verbs[0]
