# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nodes are cloned from: a template of the inventory, or that of an item of a content library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .errors import Problem
from .schema import near

VM_TEMPLATE = "vm-template"


@dataclass(frozen=True)
class Library:
    """A content library as it was found. Without a name there is none, and `others` are there."""

    name: str | None
    items: Mapping[str, str]  # name -> type
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """What a clone has from its template."""

    disk_gib: float  # its first disk
    cards: int = 1


def without_source(
    name: str, library_name: str | None, library: Library | None, templates: Mapping[str, Template]
) -> Iterator[Problem]:
    """Why nothing can be cloned from the template `name`."""
    if library is not None and library.name is None:
        right = near(str(library_name), sorted(library.others))
        yield Problem("library", f"there is no content library {library_name!r}", right)
    elif library is not None and name not in library.items:
        found = f"the content library {library.name} has no item {name!r}"
        yield Problem("template", found, near(name, sorted(library.items)))
    elif library is not None and library.items[name] != VM_TEMPLATE:
        found = f"the item {name} of the content library {library.name} is of the type {library.items[name]}"
        yield Problem("template", found, f"one of the type {VM_TEMPLATE}, as Clone as Template to Library makes it")
    elif name not in templates:
        known = ", ".join(sorted(templates))
        right = f"one of {known}" if known else "the vCenter shows no template"
        yield Problem("template", f"there is no template {name!r}", right)
    elif not templates[name].cards:
        yield Problem("template", f"the template {name} has no network card", "a template with one: a node needs it")
