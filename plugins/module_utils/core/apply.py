# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What putting objects into a cluster means: the wish, what became of each object, and what people are told of it."""

from __future__ import annotations

from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from typing import Any

from . import mask, owned
from .errors import DocumentError, LandfallError, OperationFailed, Problem
from .objects import Document, Identity, Manifest, read
from .order import waves

CREATED, CONFIGURED, UNCHANGED, DELETED, ABSENT = "created", "configured", "unchanged", "deleted", "absent"
CHANGES = (CREATED, CONFIGURED, DELETED)

Body = dict[str, Any]

# What a task may say, besides how the cluster is reached: for the module and for the action plugin.
ARGUMENTS: Body = {
    "resources": {"type": "raw"},
    "src": {"type": "path"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "field_manager": {"type": "str", "default": "landfall"},
    "on_conflict": {"type": "str", "choices": ["fail", "force"], "default": "fail"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
    "workers": {"type": "int", "default": 8},
    "sensitive_fields": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "kind": {"type": "str", "required": True},
            "api_version": {"type": "str"},
            "path": {"type": "str", "required": True},
        },
    },
}
RULES: Body = {"required_one_of": [["resources", "src"]], "mutually_exclusive": [["resources", "src"]]}


@dataclass(frozen=True)
class Wish:
    """What there shall be, or shall not be any more."""

    documents: list[Document]
    absent: bool = False
    field_manager: str = "landfall"
    force: bool = False
    wait: bool = True
    wait_timeout: float = 300
    workers: int = 8
    check: bool = False
    sensitive: mask.Sensitive = mask.NOTHING_MORE

    @classmethod
    def of_task(cls, params: Body, documents: list[Document], *, check: bool) -> Wish:
        """What a task says with ARGUMENTS."""
        sensitive, problems = mask.sensitive_of(params["sensitive_fields"])
        if problems:
            raise DocumentError(f"the task has {count(problems, 'problem')}", problems)
        return cls(
            documents=documents,
            absent=params["state"] == "absent",
            field_manager=params["field_manager"],
            force=params["on_conflict"] == "force",
            wait=params["wait"],
            wait_timeout=params["wait_timeout"],
            workers=max(1, params["workers"]),
            check=check,
            sensitive=sensitive,
        )


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
            }
            for one in self.done
        ]

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


def applied(manifest: Manifest, live: Body | None, after: Body, wish: Wish) -> Done:
    """What an apply did to an object that was `live` and that the server now shows as `after`."""
    if live is None:
        action = CREATED
    else:
        versions = [(body.get("metadata") or {}).get("resourceVersion") for body in (live, after)]
        same = versions[0] == versions[1] and not wish.check  # a dry run never moves the version
        action = CONFIGURED if not same and owned.differs(live, after, wish.field_manager) else UNCHANGED
    body = {**after, "apiVersion": manifest.api_version, "kind": manifest.identity.kind}
    if action == UNCHANGED:
        return Done(manifest.identity, action, body)
    before, shown = owned.both_sides(live or {}, after, wish.field_manager)
    if live is None:
        shown = _named(manifest, shown)
    return Done(manifest.identity, action, body, *mask.hide(before, shown, wish.sensitive.paths(manifest.body)))


def predicted(manifest: Manifest, wish: Wish) -> Done:
    """What an apply will do that cannot even be tried before others are there."""
    shown = mask.hide({}, manifest.body, wish.sensitive.paths(manifest.body))[1]
    return Done(manifest.identity, CREATED, manifest.body, {}, shown)


def deleted(manifest: Manifest, live: Body, wish: Wish) -> Done:
    """What a deletion did to an object that was `live`."""
    mine = _named(manifest, owned.project(live, owned.fields_of(live, wish.field_manager)))
    return Done(manifest.identity, DELETED, {}, mask.hide(mine, {}, wish.sensitive.paths(manifest.body))[0], {})


def _named(manifest: Manifest, mine: Body) -> Body:
    """What we own of an object, under its name, which nobody owns."""
    identity = manifest.identity
    names = {"name": identity.name, **({"namespace": identity.namespace} if identity.namespace else {})}
    metadata = {**names, **mine.get("metadata", {})}
    return {**mine, "apiVersion": manifest.api_version, "kind": identity.kind, "metadata": metadata}


def foretold(wish: Wish, because: str) -> Report:
    """What `wish` will do to a cluster that does not exist yet: all of it, or nothing where it is about absence."""
    manifests, problems = read(wish.documents)
    if problems:
        raise DocumentError(f"the objects have {count(problems, 'problem')}", problems)
    ordered = [one for wave in waves(manifests, absent=wish.absent) for one in wave]
    done = [Done(one.identity, ABSENT) if wish.absent else predicted(one, wish) for one in ordered]
    return Report(done, [because])


def together(errors: list[LandfallError], message: str) -> LandfallError:
    """One error that says all of them; of their kind where they are of one kind."""
    kinds = {type(error) for error in errors}
    kind = kinds.pop() if len(kinds) == 1 else OperationFailed
    every = [one for error in errors for one in error.problems or [Problem("server", error.message, "")]]
    return kind(message, list(dict.fromkeys(every)))


def scrubbed(error: LandfallError, secrets: list[str]) -> LandfallError:
    """`error` without the values of Secrets that a server may have quoted."""
    clean = [
        Problem(mask.scrub(one.path, secrets), mask.scrub(one.found, secrets), one.right) for one in error.problems
    ]
    return type(error)(mask.scrub(error.message, secrets), clean)


def count(things: int | Sized, noun: str) -> str:
    """`1 object`, `2 objects`."""
    number = things if isinstance(things, int) else len(things)
    return f"{number} {noun}{'' if number == 1 else 's'}"
