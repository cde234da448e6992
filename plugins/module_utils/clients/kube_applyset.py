# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps the parent of an ApplySet, and finds the members that nobody wants any more."""

from __future__ import annotations

from concurrent.futures import Executor

from ..core.apply import CONFIGURED, CREATED, UNCHANGED, Body, Done
from ..core.applyset import ApplySet, Scope, is_left_over, scope_of
from ..core.catalogue import Resource
from ..core.errors import AccessDenied, NotFound, Problem
from ..core.objects import Identity, Manifest, identity_of
from .kube import KubeClient
from .kube_survey import Survey


class Keeper:
    """The set of one call. Its parent knows of every kind before the first object of it is written."""

    def __init__(self, client: KubeClient, applyset: ApplySet, survey: Survey, *, check: bool) -> None:
        self._client, self._set, self._survey, self._check = client, applyset, survey, check
        self._found = client.get("v1", "Secret", applyset.name, applyset.namespace)
        self._said = self._found
        self._wanted = scope_of(survey.manifests)

    def problems(self, *, force: bool) -> list[Problem]:
        """Why the set cannot be kept."""
        found = self._set.wrong_parent(self._found)
        if not force:
            found.extend(self._set.wrong_members(self._survey.manifests, self._survey.live))
        if self._found is None and not self.waits_for_namespace and not self._has_namespace():
            found.append(Problem("applyset.namespace", f"{self._set.namespace!r} does not exist", "one that does"))
        return found

    def _has_namespace(self) -> bool:
        try:
            return self._client.get("v1", "Namespace", self._set.namespace) is not None
        except AccessDenied:
            return True  # a tenant may not look; the server will say it

    @property
    def waits_for_namespace(self) -> bool:
        """Whether the parent can be written only when this call has made its namespace."""
        return self._survey.is_coming(Identity("", "Namespace", "", self._set.namespace))

    def widen(self) -> None:
        """Let the parent say where members have been and will be: what is interrupted now is found again."""
        self._say(self._set.scope(self._found) | self._wanted)

    def narrow(self) -> None:
        """Let the parent say where members are now, when everything else is deleted."""
        self._say(self._wanted)

    def done(self, *, pruned: bool) -> Done:
        """What became of the parent."""
        scope = self._wanted if pruned else self._set.scope(self._found) | self._wanted
        after = self._set.body(scope)
        if self._set.is_said_by(self._found, scope):
            return Done(self._set.parent, UNCHANGED, self._found or {})
        if self._found is None:
            return Done(self._set.parent, CREATED, self._said or after, {}, after)
        before = self._set.facts(self._found)
        return Done(self._set.parent, CONFIGURED, self._said or after, before, self._set.facts(after))

    def _say(self, scope: Scope) -> None:
        if not self._check and not self._set.is_said_by(self._said, scope):
            self._said = self._client.apply(self._set.body(scope), field_manager=self._set.manager, force=True)

    def left_over(self, threads: Executor) -> list[Manifest]:
        """Members that are not in the list, in the survey from now on."""
        scope = self._set.scope(self._found) | self._wanted
        places = [
            (resource, namespace)
            for group, kind in sorted(scope.kinds)
            # a kind that nobody serves any more has no objects left
            if (resource := self._client.catalogue.preferred(group, kind)) is not None
            for namespace in (sorted(scope.namespaces) if resource.namespaced else [""])
        ]
        found = [one for several in threads.map(lambda place: self._members(*place), places) for one in several]
        return [self._survey.add(resource, body) for resource, body in found]

    def _members(self, resource: Resource, namespace: str) -> list[tuple[Resource, Body]]:
        try:
            bodies, _version = self._client.list_with_version(resource, namespace, labels=self._set.selector)
        except NotFound:
            return []  # discovery lists a kind for a while after its definition has gone
        wanted = self._survey.resources
        return [(resource, body) for body in bodies if is_left_over(body) and identity_of(body) not in wanted]
