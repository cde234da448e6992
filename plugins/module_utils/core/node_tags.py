# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tags that every node of a site carries. They are attached, never made and never taken away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from .errors import Problem
from .schema import near


class Tag(TypedDict):
    category: str
    name: str


@dataclass(frozen=True)
class Category:
    """A category of tags, as vCenter has it."""

    tags: Mapping[str, str]  # name -> id
    single: bool = False  # an object carries at most one of its tags
    for_machines: bool = True


def in_words(tags: Sequence[Tag]) -> list[str]:
    return [f"{tag['category']}/{tag['name']}" for tag in tags]


def without_tags(tags: Sequence[Tag], categories: Mapping[str, Category]) -> Iterator[Problem]:
    """Why these tags cannot be attached to anything."""
    each = Counter(tag["category"] for tag in tags)
    for index, tag in enumerate(tags):
        category = categories.get(tag["category"])
        if category is None:
            found = f"there is no tag category {tag['category']!r}"
            yield Problem(f"tags[{index}].category", found, near(tag["category"], sorted(categories)))
            continue
        if not category.for_machines:
            found = f"the category {tag['category']} is not for virtual machines"
            yield Problem(f"tags[{index}].category", found, "one that is")
        if category.single and each[tag["category"]] > 1:
            found = f"an object carries one tag of the category {tag['category']}"
            yield Problem(f"tags[{index}]", found, "one of them")
        if tag["name"] not in category.tags:
            found = f"the category {tag['category']} has no tag {tag['name']!r}"
            yield Problem(f"tags[{index}].name", found, near(tag["name"], sorted(category.tags)))


def against_tags(
    name: str, carries: frozenset[str], tags: Sequence[Tag], categories: Mapping[str, Category]
) -> Iterator[Problem]:
    """Why they cannot be attached to the VM `name`, which has those that it `carries`."""
    for index, tag in enumerate(tags):
        category, (wanted,) = categories.get(tag["category"]), in_words([tag])
        others = sorted(one for one in carries if one.startswith(f"{tag['category']}/") and one != wanted)
        if category is not None and category.single and others:
            yield Problem(f"tags[{index}]", f"{name} carries {others[0]}, and one tag of that category", others[0])
