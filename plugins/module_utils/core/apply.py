# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What putting objects into a cluster means: what became of each object, and what people are told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import mask, owned
from .applyset import scope_of
from .errors import DocumentError, LandfallError, OperationFailed, Problem, count
from .objects import Identity, Manifest
from .order import waves
from .wish import Wish

CREATED, CONFIGURED, UNCHANGED, DELETED, ABSENT = "created", "configured", "unchanged", "deleted", "absent"
RECREATED = "recreated"
CHANGES = (CREATED, CONFIGURED, RECREATED, DELETED)

Body = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What became of one object: the object afterwards, and both sides of what we own of it, fit to be seen."""

    identity: Identity
    action: str
    body: Body = field(repr=False, default_factory=dict)
    before: Any = None
    after: Any = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """What became of all of them."""

    done: list[Done]
    warnings: list[str]
    whole: dict[Identity, Body] | None = None  # the objects, fit to be seen, where they are wanted

    @property
    def changed(self) -> bool:
        return any(one.action in CHANGES for one in self.done)

    @property
    def summary(self) -> str:
        counts = [(action, sum(one.action == action for one in self.done)) for action in (*CHANGES, UNCHANGED, ABSENT)]
        return ", ".join(f"{count} {action}" for action, count in counts if count) or "nothing to do"

    def objects(self) -> list[Body]:
        return [
            {
                "kind": one.identity.kind,
                "namespace": one.identity.namespace,
                "name": one.identity.name,
                "action": one.action,
                "seconds": round(one.seconds, 3),
                **({"object": self.whole[one.identity]} if self.whole and one.identity in self.whole else {}),
            }
            for one in self.done
        ]

    def with_objects(self, wish: Wish) -> Report:
        """This report with whole objects in it."""
        shown = {
            one.identity: mask.hidden(_without_bookkeeping(one.body), wish.sensitive.paths(one.body))
            for one in self.done
            if one.body
        }
        return replace(self, whole=shown)

    def diff(self, render: Callable[[Any], str]) -> list[dict[str, str]]:
        """Both sides of every change, as Ansible shows diffs; `render` makes text of an object."""
        return [
            {
                "before": render(one.before),
                "after": render(one.after),
                "before_header": str(one.identity),
                "after_header": f"{one.identity} ({one.action})",
            }
            for one in self.done
            if one.action in CHANGES
        ]


def _without_bookkeeping(body: Body) -> Body:
    metadata = {key: value for key, value in (body.get("metadata") or {}).items() if key != "managedFields"}
    return {**body, "metadata": metadata}


def applied(manifest: Manifest, live: Body | None, after: Body, wish: Wish, *, taken_over: bool = False) -> Done:
    """What an apply did to an object that was `live` and that the server now shows as `after`.

    `taken_over` says that fields of others became ours before, which is a change in any case.
    """
    if live is None:
        return _written(manifest, CREATED, {}, after, wish)
    versions = [(body.get("metadata") or {}).get("resourceVersion") for body in (live, after)]
    same = versions[0] == versions[1] and not wish.check  # a dry run never moves the version
    if taken_over or (not same and owned.differs(live, after, wish.field_manager)):
        return _written(manifest, CONFIGURED, live, after, wish)
    return Done(manifest.identity, UNCHANGED, _whole(manifest, after))


def recreated(manifest: Manifest, live: Body, after: Body, wish: Wish) -> Done:
    """What became of an object that was `live`, and was deleted and made anew as `after`."""
    return _written(manifest, RECREATED, live, after, wish)


def _written(manifest: Manifest, action: str, live: Body, after: Body, wish: Wish) -> Done:
    before, shown = owned.both_sides(live, after, wish.field_manager)
    if not live:
        shown = _named(manifest, shown)
    sides = mask.hide(before, shown, wish.sensitive.paths(manifest.body))
    return Done(manifest.identity, action, _whole(manifest, after), *sides)


def _whole(manifest: Manifest, body: Body) -> Body:
    return {**body, "apiVersion": manifest.api_version, "kind": manifest.identity.kind}


def predicted(manifest: Manifest, wish: Wish) -> Done:
    """What an apply will do that cannot even be tried before others are there."""
    shown = mask.hide({}, manifest.body, wish.sensitive.paths(manifest.body))[1]
    return Done(manifest.identity, CREATED, manifest.body, {}, shown)


def deleted(manifest: Manifest, live: Body, wish: Wish) -> Done:
    """What a deletion did to an object that was `live`."""
    mine = _named(manifest, owned.project(live, owned.fields_of(live, wish.field_manager)))
    return Done(manifest.identity, DELETED, {}, mask.hide(mine, {}, wish.sensitive.paths(manifest.body))[0], {})


def leaving(live: Mapping[Identity, Body]) -> list[str]:
    """Warnings of objects that somebody has deleted: what is applied to these goes away with them."""
    return [
        f"{identity} is being deleted; what was applied to it goes away with it. Apply again when it is gone"
        for identity, body in live.items()
        if owned.is_leaving(body)
    ]


def _named(manifest: Manifest, mine: Body) -> Body:
    """What we own of an object, under its name, which nobody owns."""
    identity = manifest.identity
    names = {"name": identity.name, **({"namespace": identity.namespace} if identity.namespace else {})}
    metadata = {**names, **mine.get("metadata", {})}
    return {**mine, "apiVersion": manifest.api_version, "kind": identity.kind, "metadata": metadata}


def foretold(wish: Wish, because: str) -> Report:
    """What `wish` will do to a cluster that does not exist yet: all of it, or nothing where it is about absence."""
    manifests, problems = wish.manifests()
    if problems:
        raise DocumentError(f"the objects have {count(problems, 'problem')}", problems)
    ordered = [one for wave in waves(manifests, absent=wish.absent) for one in wave]
    done = [Done(one.identity, ABSENT) if wish.absent else predicted(one, wish) for one in ordered]
    if wish.applyset:
        parent = wish.applyset.body(scope_of(manifests))
        done.append(Done(wish.applyset.parent, CREATED, parent, {}, parent))
    report = Report(done, [because])
    return report.with_objects(wish) if wish.return_objects else report


def together(errors: list[LandfallError], message: str) -> LandfallError:
    """One error that says all of them; of their kind where they are of one kind."""
    kinds = {type(error) for error in errors}
    kind = kinds.pop() if len(kinds) == 1 else OperationFailed
    every = [one for error in errors for one in error.problems or [Problem("server", error.message, "")]]
    return kind(message, list(dict.fromkeys(every)))


def scrubbed(error: LandfallError, secrets: list[str]) -> LandfallError:
    """`error` without the values of Secrets that a server may have quoted."""
    clean = [
        replace(one, path=mask.scrub(one.path, secrets), found=mask.scrub(one.found, secrets)) for one in error.problems
    ]
    return type(error)(mask.scrub(error.message, secrets), clean)
