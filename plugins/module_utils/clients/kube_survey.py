# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a list of objects meets in a cluster, read before anything is written: their kinds, and those that are there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from concurrent.futures import Executor
from typing import Any

from ..core import rights
from ..core.catalogue import Resource, defined_by
from ..core.errors import AccessDenied, NotFound, Problem
from ..core.migrate import migrated
from ..core.objects import Identity, Manifest, identity_of
from ..core.owned import applied_already
from ..core.rights import Right, Rights
from ..core.wish import Wish
from .kube import KubeClient
from .kube_rights import forbidden
from .kube_schemas import undeclared

_WORTH_A_LIST = 4  # so many objects of a kind in a namespace are read by one list, fewer one by one

Bodies = dict[Identity, dict[str, Any]]


class Survey:
    """The kinds of `manifests` and the live objects. `problems` holds what makes writing them impossible."""

    def __init__(self, client: KubeClient, manifests: list[Manifest], wish: Wish, threads: Executor) -> None:
        self._client, self._threads = client, threads
        self._catalogue = client.discover().with_definitions(manifests)
        self.resources: dict[Identity, Resource] = {}
        self.unknown: list[Manifest] = []  # of kinds that nobody serves any more
        self.problems: list[Problem] = []
        self.manifests = [one for one in manifests if self._place(one, wish.absent)]
        missing = self._missing_rights(wish) if wish.preflight and not self.problems else {}
        self.live: Bodies = {} if self.problems else self._read_live()
        self._let_go([one for one, names in missing.items() if one.verb != "create" or self._lacks(one, names)])
        self.outstanding = [one for one in self.manifests if wish.absent or not self._is_settled(one, wish)]
        self.settled = {one.identity for one in self.manifests} - {one.identity for one in self.outstanding}
        if not wish.absent:
            self._check()

    def _missing_rights(self, wish: Wish) -> Rights:
        """The rights that are missing; where even reading is, that and all others are told now."""
        wanted = rights.needed(self.manifests, self.resources, wish)
        refused = forbidden(self._client, wanted, self._threads)
        if any(one.verb == "get" for one in refused):
            self._let_go(refused)
        return {one: wanted.get(one, [one.name]) for one in refused}

    def _let_go(self, refused: list[Right]) -> None:
        if refused:
            raise AccessDenied("nothing was written: these credentials have too few rights", rights.problems(refused))

    def _lacks(self, right: Right, names: list[str]) -> bool:
        """Whether an object that `right` is about is not there yet, and would have to be created."""
        there = {(self.resources[one].plural, one.group, one.namespace, one.name) for one in self.live}
        return any((right.plural, right.group, right.namespace, name) not in there for name in names)

    def is_pending(self, identity: Identity) -> bool:
        """Whether the kind of an object comes with a definition that is not there yet."""
        resource = self.resources[identity]
        return (resource.api_version, resource.kind) in self._catalogue.pending

    def is_coming(self, identity: Identity) -> bool:
        """Whether an object is among the manifests and not there yet."""
        return identity in self.resources and identity not in self.live

    def add(self, resource: Resource, body: dict[str, Any]) -> Manifest:
        """Take in an object that nobody has named."""
        identity = identity_of(body)
        self.resources[identity], self.live[identity] = resource, body
        return Manifest(identity, resource.api_version, body, str(identity))

    def _is_settled(self, manifest: Manifest, wish: Wish) -> bool:
        """Whether it is certain that applying `manifest` would change nothing."""
        live = self.live.get(manifest.identity)
        if live is None or (wish.migrate and migrated(live, wish.field_manager) is not None):
            return False
        return applied_already(manifest.body, live, wish.field_manager)

    def _check(self) -> None:
        if not self.problems:
            self.problems.extend(self._missing_namespaces())
        if len(self.outstanding) > 1:
            # one object alone is refused as a whole, in the server's own words
            self.problems.extend(undeclared(self._client, self.outstanding, self._threads))

    def _place(self, manifest: Manifest, absent: bool) -> bool:
        """Find the kind of `manifest`; False where there is nothing to do about it."""
        identity = manifest.identity
        resource = self._catalogue.find(manifest.api_version, identity.kind)
        if resource is None:
            if absent and not self._catalogue.serves_version(manifest.api_version):
                self.unknown.append(manifest)  # with its definition gone, no object of it is left
            else:
                found = f"{identity.kind} ({manifest.api_version}) is not served"
                right = self._catalogue.near(manifest.api_version, identity.kind)
                self.problems.append(Problem(f"{manifest.where}.kind", found, right))
            return False
        where = f"{manifest.where}.metadata.namespace"
        if resource.namespaced and not identity.namespace:
            self.problems.append(Problem(where, "is missing", f"{identity} needs one"))
        elif identity.namespace and not resource.namespaced:
            self.problems.append(Problem(where, f"{identity.namespace!r} stands there", f"a {identity.kind} has none"))
        self.resources[identity] = resource
        return True

    def _read_live(self) -> Bodies:
        """All that is there; definitions first, since discovery lists their kinds for a while after they have gone."""
        definitions = {one.identity: one.body for one in self.manifests if defined_by(one.body)}
        live = self._read(definitions)
        for identity, body in definitions.items():
            if identity not in live:
                self._catalogue.without_definition(body)
        return live | self._read(one for one in self.resources if one not in definitions)

    def _read(self, identities: Iterable[Identity]) -> Bodies:
        groups: dict[tuple[Resource, str], list[Identity]] = {}
        for identity in identities:
            if not self.is_pending(identity):
                groups.setdefault((self.resources[identity], identity.namespace), []).append(identity)
        found: Bodies = {}
        for bodies in self._threads.map(self._read_group, groups.items()):
            found.update(bodies)
        return found

    def _read_group(self, group: tuple[tuple[Resource, str], list[Identity]]) -> Bodies:
        (resource, namespace), identities = group
        missing, found = {one.name: one for one in identities}, {}
        if len(identities) >= _WORTH_A_LIST:
            # who may not list may still read single ones, and of a kind that has just gone there are none
            with contextlib.suppress(AccessDenied, NotFound):
                for page, pages_left in self._client.pages(resource, namespace):
                    there = {body["metadata"]["name"]: body for body in page}
                    found.update({missing.pop(name): there[name] for name in missing.keys() & there.keys()})
                    if len(missing) <= pages_left:
                        break  # a few among very many
                else:
                    return found
        for name, identity in missing.items():
            body = self._client.get(resource.api_version, resource.kind, name, namespace)
            if body is not None:
                found[identity] = body
        return found

    def _missing_namespaces(self) -> list[Problem]:
        wanted = {one.namespace for one in self.resources if one.namespace}
        there = {one.namespace for one in self.live}
        coming = {one.name for one in self.resources if one.kind == "Namespace"}
        missing = set(self._threads.map(self._unless_there, sorted(wanted - there - coming)))
        return [
            Problem(f"{one.where}.metadata.namespace", f"{one.identity.namespace!r} does not exist", "one that does")
            for one in self.manifests
            if one.identity.namespace and one.identity.namespace in missing
        ]

    def _unless_there(self, namespace: str) -> str:
        try:
            return "" if self._client.get("v1", "Namespace", namespace) else namespace
        except AccessDenied:
            return ""  # a tenant may not look; the server will say it
