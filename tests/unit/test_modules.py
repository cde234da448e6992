"""Every module: what it documents is what it takes, and it can be run in check mode."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "plugins/modules").glob("*.py"))
FRAGMENTS = ROOT / "plugins/doc_fragments"
pytestmark = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)


class TakenError(Exception):
    """Carries what a module gave to AnsibleModule."""


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"under_test_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documented(module: ModuleType) -> dict[str, Any]:
    """The documentation with its fragments, as ansible-doc joins them."""
    text: dict[str, Any] = yaml.safe_load(module.DOCUMENTATION)
    for name in text.get("extends_documentation_fragment", []):
        fragment = load(FRAGMENTS / f"{name.rpartition('.')[2]}.py").ModuleDocFragment
        shared = yaml.safe_load(fragment.DOCUMENTATION)
        for key in ("options", "attributes"):
            text[key] = {**shared.get(key, {}), **text.get(key, {})}
    return text


def taken(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `main` gives to AnsibleModule; a module whose action does everything has no `main`."""

    def take(**given: Any) -> None:
        raise TakenError(given)

    monkeypatch.setattr(module, "AnsibleModule", take)
    with pytest.raises(TakenError) as caught:
        module.main()
    given: dict[str, Any] = caught.value.args[0]
    return given


def facts(options: dict[str, Any], nested: str) -> dict[str, Any]:
    """Of each option, what documentation and argument spec must agree upon."""
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "required": bool(option.get("required", False)) and "fallback" not in option,
            "default": option.get("default"),
            "choices": sorted(map(str, option.get("choices") or [])),
            "aliases": sorted(option.get("aliases") or []),
            "options": facts(option.get(nested) or {}, nested),
        }
        for name, option in options.items()
    }


def test_the_documentation_is_the_argument_spec(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load(path)
    if not hasattr(module, "main"):
        assert (ROOT / "plugins/action" / path.name).exists(), "neither a module nor the documentation of an action"
        return
    given = taken(module, monkeypatch)
    options = documented(module).get("options") or {}
    spec = given["argument_spec"]
    for name, option in spec.items():
        if "fallback" in option and options.get(name, {}).get("required"):
            options[name] = {**options[name], "required": False}
    assert facts(options, "suboptions") == facts(spec, "options")
    assert given.get("supports_check_mode") is True


def test_it_says_what_a_reader_needs(path: Path) -> None:
    module = load(path)
    text = documented(module)
    assert text["module"] == path.stem
    assert text["author"] in ("Landfall authors (@landfall)", ["Landfall authors (@landfall)"])
    assert text["version_added"] == "1.0.0"
    assert set(text["attributes"]) >= {"check_mode", "diff_mode"}
    assert yaml.safe_load(module.EXAMPLES)
    assert f"landfall.replatform.{path.stem}:" in module.EXAMPLES
    assert yaml.safe_load(module.RETURN)
