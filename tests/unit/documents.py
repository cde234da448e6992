"""A document that is right, for tests that make it wrong in one place, and what the parser then tells."""

from __future__ import annotations

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_platform, parse_section

from tests.unit.world import Json, wish


def told(raw: object, section: str | None = None) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse_section(section, raw) if section else parse_platform(raw)
    return [str(problem) for problem in caught.value.problems]


TENANCY: Json = {
    "users": [{"name": "wang"}, {"name": "li"}],
    "workspaces": [
        {
            "name": "mall",
            "node_ports": "30300-30399",
            "quota": {"cpu": 10, "memory_gib": 20},
            "members": [{"user": "wang", "role": "admin"}],
            "projects": [
                {
                    "name": "trade",
                    "quota": {"cpu": 6, "memory_gib": 20},
                    "members": [{"user": "li", "role": "operator"}],
                },
                {"name": "market", "quota": {"cpu": 4}},
            ],
        },
        {"name": "supplier", "node_ports": "30400-30449", "projects": [{"name": "portal"}]},
    ],
}
NEXUS: Json = {
    "url": "http://nexus:8081",
    "repositories": [
        {"name": "central", "type": "proxy", "remote": "https://maven.example/central"},
        {"name": "releases", "type": "hosted"},
        {"name": "public", "type": "group", "members": ["releases", "central"]},
    ],
}
VALID = wish(tenancy=TENANCY, delivery={"nexus": NEXUS}, suite={"project": "trade", "services": {"gateway": {}}})
