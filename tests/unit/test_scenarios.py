"""Every role has a Molecule scenario that runs it alone, again, in check mode, and looks at what it did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "extensions" / "molecule"
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
APART = {"default", "inventory"}  # the fresh hosts, and where all of them are


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def roles_of(playbook: Path) -> set[str]:
    """The roles that tasks of a playbook include."""

    def walk(value: Any) -> set[str]:
        if isinstance(value, list):
            return {name for item in value for name in walk(item)}
        if not isinstance(value, dict):
            return set()
        own = {
            value[key]["name"]
            for key in ("ansible.builtin.include_role", "ansible.builtin.import_role")
            if key in value
        }
        return own | {name for item in value.values() for name in walk(item)}

    return walk(load(playbook))


@pytest.mark.parametrize("role", ROLES)
def test_a_scenario_runs_the_role_and_looks_at_what_it_did(role: str) -> None:
    scenario = SCENARIOS / role
    missing = [name for name in ("molecule.yml", "converge.yml", "verify.yml") if not (scenario / name).exists()]
    assert missing == []
    assert f"landfall.replatform.{role}" in roles_of(scenario / "converge.yml")
    assert all(play["tasks"] for play in load(scenario / "verify.yml"))


def test_no_scenario_is_without_a_role() -> None:
    assert sorted({path.name for path in SCENARIOS.iterdir() if path.is_dir()} - APART - set(ROLES)) == []


def test_each_runs_again_in_check_mode_and_is_looked_at() -> None:
    steps = ["converge", "idempotence", "check", "verify"]
    for path in [SCENARIOS / "config.yml", *SCENARIOS.glob("*/molecule.yml")]:
        wanted = ["create", "destroy"] if path.parent.name == "default" else steps
        own = (load(path) or {}).get("scenario", {}).get("test_sequence", steps)
        assert [step for step in own if step in wanted] == wanted, path
