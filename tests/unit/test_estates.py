"""Golden estates: facts and wish in, the whole plan out, to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import read_document, to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core import estate, plan, workloads
from ansible_collections.landfall.replatform.plugins.module_utils.core.json_schema import of_type
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.make import Facts, check_fresh, make_plan
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.summary import lines

from tests.unit.golden import check_golden
from tests.unit.world import facts_of

CASES = sorted(path for path in (Path(__file__).parent / "estates").iterdir() if path.is_dir())


def load(case: Path, name: str) -> Any:
    return read_document(str(case / f"{name}.yml"))


def facts(case: Path) -> Facts:
    return facts_of(load(case, "estate"), load(case, "workloads"), load(case, "platform"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_plan(case: Path) -> None:
    made = make_plan(facts(case))
    check_golden(case / "plan.yml", to_yaml(made))
    check_golden(case / "summary.txt", "\n".join(lines(made)) + "\n")
    jsonschema.validate(made, of_type(plan.Plan))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_planning_again_over_the_file_changes_no_byte(case: Path) -> None:
    previous = load(case, "plan")
    assert to_yaml(make_plan(facts(case), previous)) == to_yaml(previous)
    check_fresh(previous, facts(case))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_facts_have_the_shapes_that_assess_writes(case: Path) -> None:
    jsonschema.validate(load(case, "estate"), of_type(estate.Estate))
    jsonschema.validate(load(case, "workloads"), of_type(workloads.Workloads))
