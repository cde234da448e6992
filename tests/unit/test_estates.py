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


def test_the_ugly_estate_has_everything_that_went_wrong_somewhere() -> None:
    case = next(path for path in CASES if path.name == "ugly")
    found: estate.Estate = load(case, "estate")
    guests = found["guests"]
    names = [guest["name"] for guest in guests]
    states = {guest["connection_state"] for guest in guests}
    carrying = {host["cluster"] for host in found["esxi_hosts"]}
    assert len(names) > len(set(names))
    assert any("/" in name and "%2f" in name for name in names)
    assert any("%2f" in guest["folder"] for guest in guests)
    assert any(guest["folder"].endswith("/vapp") for guest in guests)
    assert any(guest["template"] for guest in guests)
    assert {"orphaned", "inaccessible"} <= states
    assert {"on", "off", "suspended"} == {guest["power_state"] for guest in guests}
    assert any(guest["annotation"].startswith("linked clone") and guest["disk_gib"] < 1 for guest in guests)
    assert {"not_installed", "not_running"} <= {guest["tools"] for guest in guests}
    assert any(not guest["statistics"] for guest in guests)
    assert any(not name.isascii() for name in names)
    assert any(cluster["name"] not in carrying for cluster in found["clusters"])
    assert any(not host["memory_gib"] for host in found["esxi_hosts"])
