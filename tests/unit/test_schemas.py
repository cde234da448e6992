"""schemas/: the JSON Schemas of the documents are current, and mean what the parser means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core import estate, plan, workloads
from ansible_collections.landfall.replatform.plugins.module_utils.core.json_schema import DIALECT, of_shape, of_type
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import PLATFORM, parse_platform

from tests.unit.documents import VALID
from tests.unit.golden import check_golden

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS: dict[str, Any] = {
    "platform": {
        "title": "platform.yml: what there shall be",
        "type": "object",
        "properties": {"replatform_platform": of_shape(PLATFORM)},
        "required": ["replatform_platform"],
    },
    "estate": {"title": "estate.yml: what is there", **of_type(estate.Estate)},
    "workloads": {"title": "workloads.yml: what runs on the guests", **of_type(workloads.Workloads)},
    "plan": {"title": "plan.yml: how it will land", **of_type(plan.Plan)},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_they_are_current(name: str) -> None:
    schema = {"$schema": DIALECT, **SCHEMAS[name]}
    jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(schema, indent=2, ensure_ascii=False)
    check_golden(ROOT / "schemas" / f"{name}.schema.json", text + "\n")


def test_the_example_and_every_completed_document_are_valid() -> None:
    example = yaml.safe_load((ROOT / "inventories/example/group_vars/all/platform.yml").read_text(encoding="utf-8"))
    for document in (example, {"replatform_platform": VALID}, {"replatform_platform": parse_platform(VALID)}):
        jsonschema.validate(document, SCHEMAS["platform"])


@pytest.mark.parametrize(
    "wrong", [{"sitee": "x"}, {"site": "My Mall"}, {"plan": {"fill": 2}}, {"policy": {"mode": "x"}}, {"storage": []}]
)
def test_what_the_parser_refuses_the_schema_refuses(wrong: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"replatform_platform": {**VALID, **wrong}}, SCHEMAS["platform"])
