# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a task asks for when it puts objects into a cluster: its arguments, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import expect, hashes, mask, routes
from .applyset import TOOLING, ApplySet
from .errors import DocumentError, Problem, count
from .objects import Document, Manifest, plain, read

Body = dict[str, Any]

# What a task may say, besides how the cluster is reached: for the module and for the action plugin.
ARGUMENTS: Body = {
    "resources": {"type": "raw"},
    "src": {"type": "path"},
    "append_hash": {"type": "bool", "default": False},
    "flavour": {"type": "str", "choices": ["kubernetes", "openshift"], "default": "kubernetes"},
    "routes": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "field_manager": {"type": "str", "default": "landfall"},
    "on_conflict": {"type": "str", "choices": ["fail", "force", "migrate"], "default": "fail"},
    "recreate": {"type": "bool", "default": False},
    "preflight": {"type": "bool", "default": False},
    "return_objects": {"type": "bool", "default": False},
    "applyset": {
        "type": "dict",
        "options": {
            "name": {"type": "str", "required": True},
            "namespace": {"type": "str", "required": True},
            "tooling": {"type": "str", "default": TOOLING},
        },
    },
    "prune": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_for": expect.ARGUMENT,
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
RULES: Body = {
    "required_one_of": [["resources", "src"]],
    "mutually_exclusive": [["resources", "src"]],
    "required_if": [["prune", True, ["applyset"]]],
}


@dataclass(frozen=True)
class Wish:
    """What there shall be, or shall not be any more."""

    documents: list[Document]
    append_hash: bool = False
    routes: bool = False
    absent: bool = False
    field_manager: str = "landfall"
    force: bool = False
    migrate: bool = False
    recreate: bool = False
    preflight: bool = False
    return_objects: bool = False
    applyset: ApplySet | None = None
    prune: bool = False
    wait: bool = True
    wait_timeout: float = 300
    workers: int = 8
    check: bool = False
    sensitive: mask.Sensitive = mask.NOTHING_MORE
    expectations: tuple[expect.Expectation, ...] = ()

    @classmethod
    def of_task(
        cls, params: Body, documents: list[Document], *, check: bool, compiled: Callable[[str], expect.Search]
    ) -> Wish:
        """What a task says with ARGUMENTS; `compiled` understands JMESPath."""
        sensitive, problems = mask.sensitive_of(params["sensitive_fields"])
        expectations, meaningless = expect.expectations_of(params["wait_for"], compiled)
        problems += meaningless
        if expectations and params["state"] == "absent":
            problems.append(Problem("wait_for", "is there with state: absent", "what shall go away becomes nothing"))
        if params["applyset"] and params["state"] == "absent":
            right = "an empty list with prune, which deletes all of a set"
            problems.append(Problem("applyset", "is there with state: absent", right))
        if params["routes"] and params["flavour"] != "openshift":
            problems.append(Problem("routes", "is there without flavour: openshift", "only OpenShift has routes"))
        if problems:
            raise DocumentError(f"the task has {count(problems, 'problem')}", problems)
        return cls(
            documents=documents,
            append_hash=params["append_hash"],
            routes=params["routes"],
            absent=params["state"] == "absent",
            field_manager=params["field_manager"],
            force=params["on_conflict"] == "force",
            migrate=params["on_conflict"] == "migrate",
            recreate=params["recreate"],
            preflight=params["preflight"],
            return_objects=params["return_objects"],
            applyset=ApplySet(**plain(params["applyset"])) if params["applyset"] else None,
            prune=params["prune"],
            wait=params["wait"],
            wait_timeout=params["wait_timeout"],
            workers=max(1, params["workers"]),
            check=check,
            sensitive=sensitive,
            expectations=expectations,
        )

    def manifests(self) -> tuple[list[Manifest], list[Problem]]:
        """The objects as they shall be written, and everything that is wrong with how they are given."""
        manifests, problems = read(self.documents)
        if problems:
            return manifests, problems
        if self.routes:
            manifests, problems = routes.routed(manifests)
        if self.append_hash:
            manifests = hashes.appended(manifests)
        if self.applyset:
            manifests = [self.applyset.member(manifest) for manifest in manifests]
        return manifests, problems
