"""Every role: its defaults, its argument_specs, its README and the names of its variables agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())
pytestmark = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def specs(role: Path) -> dict[str, Any]:
    """The options of every entry point, as one."""
    points: dict[str, Any] = load(role / "meta/argument_specs.yml")["argument_specs"]
    return {name: option for point in points.values() for name, option in (point.get("options") or {}).items()}


def defaults(role: Path) -> dict[str, Any]:
    path = role / "defaults/main.yml"
    return (load(path) or {}) if path.exists() else {}


def test_defaults_and_argument_specs_name_the_same(role: Path) -> None:
    options, given = specs(role), defaults(role)
    assert sorted(set(given) - set(options)) == [], "defaults without an option"
    without = {name for name, option in options.items() if not option.get("required") and "default" not in option}
    # an option may be optional without a value; a default that is documented must exist
    assert sorted({name for name in options if name not in given} - without - required(options)) == []


def required(options: dict[str, Any]) -> set[str]:
    return {name for name, option in options.items() if option.get("required")}


def test_every_entry_point_has_a_task_file_and_is_described(role: Path) -> None:
    points: dict[str, Any] = load(role / "meta/argument_specs.yml")["argument_specs"]
    assert "main" in points
    for name, point in points.items():
        assert (role / "tasks" / f"{name}.yml").exists(), name
        assert point.get("short_description"), name
        assert all(option.get("description") for option in (point.get("options") or {}).values()), name


def test_variables_carry_the_name_of_their_role(role: Path) -> None:
    prefix = f"{role.name}_"
    assert [name for name in {*specs(role), *defaults(role)} if not name.startswith(prefix)] == []
    for path in sorted((role / "tasks").rglob("*.yml")):
        text = path.read_text(encoding="utf-8")
        kept = re.findall(r"^\s+register: (\S+)$", text, re.MULTILINE)
        assert [name for name in kept if not name.startswith(f"__{prefix}")] == [], path


def test_a_documented_default_is_the_default(role: Path) -> None:
    given = defaults(role)
    for name, option in specs(role).items():
        if "default" in option and name in given and "{{" not in str(given[name]):
            assert given[name] == option["default"], name


def test_it_has_a_readme_with_an_example(role: Path) -> None:
    text = (role / "README.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {role.name}\n")
    assert f"landfall.replatform.{role.name}" in text


def test_task_files_are_short(role: Path) -> None:
    for path in sorted(role.rglob("tasks/**/*.yml")):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 60, path
