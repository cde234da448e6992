# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a task asks for when it puts objects into a cluster: its arguments, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import mask
from .errors import DocumentError, count
from .objects import Document

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
