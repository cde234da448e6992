# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags on nodes: which are missing, and which cannot be attached."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import LandfallError
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_decision import decide
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_tags import Category, Tag
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_vms import differences

from .test_node_decision import OURS, WISH, ground, node

CATEGORIES = {
    "stage": Category({"production": "1", "test": "2"}, single=True),
    "purpose": Category({"kubernetes": "3", "web": "4"}),
    "rack": Category({"a1": "5"}, for_machines=False),
}


def tag(text: str) -> Tag:
    category, name = text.split("/")
    return {"category": category, "name": name}


WANTED = replace(WISH, tags=[tag("stage/production"), tag("purpose/kubernetes")])


@pytest.mark.parametrize(
    ("carries", "power", "action", "lacks"),
    [
        (["stage/production", "purpose/kubernetes"], "on", "unchanged", None),
        (["stage/production", "purpose/kubernetes", "purpose/web"], "on", "unchanged", None),
        (["purpose/web"], "on", "tagged", (["purpose/web"], ["purpose/kubernetes", "purpose/web", "stage/production"])),
        (["stage/production"], "off", "powered_on", (["stage/production"], ["purpose/kubernetes", "stage/production"])),
    ],
)
def test_which_tags_a_node_lacks(carries: list[str], power: str, action: str, lacks: Any) -> None:
    machine = replace(OURS, tags=frozenset(carries), power=power)
    (step,) = decide(WANTED, [node()], ground(machine, categories=CATEGORIES))
    assert (step.action, step.lacks.get("tags")) == (action, lacks)


def test_a_new_node_gets_them_all() -> None:
    _before, after = differences(decide(WANTED, [node()], ground(categories=CATEGORIES)), WANTED)
    assert after["cp-01"]["tags"] == ["stage/production", "purpose/kubernetes"]


@pytest.mark.parametrize(
    ("wanted", "carries", "path", "words"),
    [
        (["stages/test"], [], "tags[0].category", "no tag category 'stages'; did you mean stage?"),
        (["stage/tests"], [], "tags[0].name", "the category stage has no tag 'tests'; did you mean test?"),
        (["rack/a1"], [], "tags[0].category", "is not for virtual machines"),
        (["purpose/web", "stage/test"], ["stage/production"], "tags[1]", "cp-01 carries stage/production"),
    ],
)
def test_what_cannot_be_attached(wanted: list[str], carries: list[str], path: str, words: str) -> None:
    wish = replace(WISH, tags=[tag(text) for text in wanted])
    with pytest.raises(LandfallError) as caught:
        decide(wish, [node()], ground(replace(OURS, tags=frozenset(carries)), categories=CATEGORIES))
    (problem,) = caught.value.problems
    assert (problem.path, words in str(problem)) == (path, True), problem


def test_two_tags_where_one_may_be() -> None:
    wish = replace(WISH, tags=[tag("stage/production"), tag("stage/test")])
    with pytest.raises(LandfallError, match="an object carries one tag of the category stage"):
        decide(wish, [node()], ground(categories=CATEGORIES))
