"""platform.yml: both documents that are shown parse, and everything that can be wrong is told with its path."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import (
    PLATFORM,
    parse_platform,
    parse_section,
    project_of,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.schema import Field, ListOf, Record, Shape, Table

from tests.unit.documents import NEXUS, TENANCY, VALID, told
from tests.unit.world import Json, merged, wish

ROOT = Path(__file__).resolve().parents[2]


def document(path: Path) -> Json:
    """A document of an inventory; what Ansible would template becomes an example of it."""
    text = re.sub(r"\{\{ lab_maven_central \}\}", "https://maven.example/central", path.read_text(encoding="utf-8"))
    raw: Json = yaml.safe_load(text)["replatform_platform"]
    return raw


@pytest.mark.parametrize("site", ["lab", "example"])
def test_the_inventories_documents_are_right_and_complete_ones_stay_so(site: str) -> None:
    platform = parse_platform(document(ROOT / "inventories" / site / "group_vars/all/platform.yml"))
    assert parse_platform(platform) == platform


def test_only_four_things_have_no_default() -> None:
    assert [line.split(":")[0] for line in told({})] == [
        "platform.site",
        "platform.vcenter.host",
        "platform.nodes.template",
        "platform.cluster.endpoint.address",
    ]
    complete = parse_platform(wish())
    assert complete["plan"]["workers"] == {"at_least": 2, "at_most": 40, "cpus": 16, "memory_gib": 64, "disk_gib": 200}
    assert complete["delivery"]["nexus"] is None
    assert complete["storage"]["classes"] == [
        {"name": "local", "kind": "local_path", "default": True, "server": None, "share": None}
    ]


def test_what_came_through_ansible_as_text_is_taken() -> None:
    raw = wish(version="1", plan={"fill": "0.7", "control_planes": {"count": "3"}}, console={"enabled": "no"})
    platform = parse_platform(raw)
    assert (platform["version"], platform["plan"]["fill"], platform["console"]) == (1, 0.7, {"enabled": False})


def test_the_valid_one_is_valid() -> None:
    assert parse_platform(VALID)["suite"]["project"] == "trade"


def test_everything_at_once() -> None:
    raw = merged(VALID, {"site": "My Mall", "cluster": {"version": "1.1"}, "plan": {"control_planes": {"count": 2}}})
    raw["tenancy"]["workspaces"][0]["members"][0] = {"user": "nobody", "role": "adminn"}
    raw["tenancy"]["workspaces"][1]["node_ports"] = "30000"
    assert [line.split(":")[0] for line in told(raw)] == [
        "platform.site",
        "platform.cluster.version",
        "platform.tenancy.workspaces[0].members[0].role",
        "platform.tenancy.workspaces[1].node_ports",
        "platform.plan.control_planes.count",
        "platform.tenancy.workspaces[0].members[0].user",
    ]


def test_a_section_alone_is_completed_and_checked_like_in_the_whole() -> None:
    assert parse_section("tenancy", TENANCY) == parse_platform(VALID)["tenancy"]
    assert parse_section("delivery.nexus", NEXUS) == parse_platform(VALID)["delivery"]["nexus"]
    assert parse_section("storage.classes", [{"name": "a", "kind": "local_path"}])[0]["default"] is False
    assert parse_section("tenancy", None)["flavour"] == "kubernetes"
    assert told({"users": [], "workspaces": TENANCY["workspaces"]}, "tenancy") == [
        "platform.tenancy.workspaces[0].members[0].user: 'wang' is not among platform.tenancy.users; there is none",
        "platform.tenancy.workspaces[0].projects[0].members[0].user: 'li' is not among platform.tenancy.users; "
        "there is none",
    ]
    assert told({"range": "10.0.0.1-10.0.0.9"}, "nodes.addresses") == [
        "platform.nodes.addresses.gateway: is missing; with a range, nodes need their gateway"
    ]
    assert told({}, "tenanc")[0] == "platform.tenanc: is not known; did you mean tenancy?"


def test_where_services_land() -> None:
    assert project_of(parse_platform(wish()), "a") == "default"
    assert project_of(parse_platform(wish(tenancy=TENANCY)), "a") == "trade"
    raw = wish(tenancy=TENANCY, suite={"project": "market", "services": {"a": {"project": "portal"}}})
    assert [project_of(parse_platform(raw), name) for name in "ab"] == ["portal", "market"]


def records(shape: Shape, path: str) -> list[tuple[str, Record]]:
    if isinstance(shape, Record):
        return [(path, shape)] + [
            found for name, one in shape.all_fields().items() for found in records(one.shape, f"{path}.{name}")
        ]
    inner = shape.item if isinstance(shape, ListOf) else shape.value if isinstance(shape, Table) else None
    return records(inner, path) if inner else []


@pytest.mark.parametrize(("path", "record"), records(PLATFORM, "platform"))
def test_no_shape_takes_the_value_of_a_secret(path: str, record: Record) -> None:
    fields: dict[str, Field] = record.all_fields()
    assert not [name for name in fields if re.search(r"(password|secret|token)$", name)], path
