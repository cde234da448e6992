"""migration_plan and platform_spec as Ansible runs them: files in, plan.yml out, and what they refuse."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.component.modules import ROOT, run_module

Json = dict[str, Any]
CASE = ROOT / "tests/unit/estates/lab-like"


class Site:
    """A site's directory with the facts of the lab, and its document."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for name in ("estate", "workloads"):
            shutil.copy(CASE / f"{name}.yml", directory)
        self.platform: Json = yaml.safe_load((CASE / "platform.yml").read_text(encoding="utf-8"))

    @property
    def dest(self) -> Path:
        return self.directory / "plan.yml"

    def plan(self, *, check: bool = False, **more: Any) -> Json:
        files = {f"{name}_file": str(self.directory / f"{name}.yml") for name in ("estate", "workloads")}
        return run_module(
            "migration_plan", {"platform": self.platform, "dest": str(self.dest), **files, **more}, check=check
        )

    def change(self, name: str, how: Any) -> None:
        path = self.directory / f"{name}.yml"
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        how(document)
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def mark(state: str) -> Any:
    def change(estate: Json) -> None:
        next(one for one in estate["guests"] if one["name"] == "gateway-01")["landfall"] = {"state": state}

    return change


def grow(estate: Json) -> None:
    estate["guests"][0]["cpus"] += 2


def test_check_mode_predicts_what_the_run_writes_and_a_second_run_changes_nothing(site: Site) -> None:
    predicted = site.plan(check=True)
    assert not site.dest.exists()
    made = site.plan()
    assert predicted["changed"] is made["changed"] is True
    assert predicted["diff"] == made["diff"]
    assert site.dest.read_bytes() == (CASE / "plan.yml").read_bytes()
    assert made["diff"]["after"] == site.dest.read_text(encoding="utf-8")
    assert "\n".join(made["summary"]) + "\n" == (CASE / "summary.txt").read_text(encoding="utf-8")
    before = site.dest.stat()
    again = site.plan()
    assert (again["changed"], again["plan"]) == (False, made["plan"])
    assert "diff" not in again
    assert site.dest.stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in site.directory.iterdir() if path.name.startswith(".")] == []


def test_an_old_plan_is_refused(site: Site) -> None:
    missing = site.plan(state="verified")
    assert missing["failed"]
    assert "plan.yml is not there; run plan first" in missing["msg"]
    site.plan()
    assert site.plan(state="verified")["changed"] is False
    site.change("estate", grow)
    stale = site.plan(state="verified")
    assert stale["failed"]
    assert [problem["path"] for problem in stale["problems"]] == ["plan.inputs.estate"]
    assert site.plan()["changed"] is True
    assert not site.plan(state="verified")["failed"]


@pytest.mark.parametrize("state", ["moving", "moved", "retired"])
def test_once_a_wave_has_begun_the_plan_stays(site: Site, state: str) -> None:
    site.plan()
    text = site.dest.read_text(encoding="utf-8")
    site.change("estate", mark(state))
    site.change("estate", grow)
    assert site.plan()["changed"] is False
    assert not site.plan(state="verified")["failed"]
    site.platform["plan"]["workers"]["at_least"] = 3
    frozen = site.plan()
    assert frozen["changed"] is False
    assert "the wave of gateway-01 has begun, so the plan stays, although platform.yml has changed" in str(
        frozen["warnings"]
    )
    assert site.dest.read_text(encoding="utf-8") == text
    anew = site.plan(replan=True)
    assert len(anew["plan"]["nodes"]) == 6
    assert anew["changed"] is True


def test_a_wave_has_begun_and_the_plan_is_gone(site: Site) -> None:
    site.change("estate", mark("moving"))
    lost = site.plan()
    assert lost["failed"]
    assert "the wave of gateway-01 has begun; bring it back, or plan anew with replan: true" in lost["msg"]
    assert not site.dest.exists()
    assert site.plan(replan=True)["changed"] is True


def test_frozen_says_it_too(site: Site) -> None:
    site.plan()
    site.change("estate", grow)
    assert site.plan(frozen=True)["changed"] is False
    assert not site.plan(state="verified", frozen=True)["failed"]


def test_what_cannot_be_planned_leaves_the_last_plan(site: Site) -> None:
    site.plan()
    text = site.dest.read_text(encoding="utf-8")
    site.platform["plan"]["workers"]["memory_gib"] = 400
    refused = site.plan()
    assert refused["failed"]
    assert "the nodes do not fit onto the ESXi hosts\n  - node worker-01: needs 8 CPUs and 400 GiB" in refused["msg"]
    site.platform["plan"] = {"worker": {}}
    refused = site.plan()
    assert refused["problems"] == [
        {"path": "platform.plan.worker", "found": "is not known", "right": "did you mean workers?"}
    ]
    site.platform["plan"] = {}
    site.platform["estate"]["exclude"] = "contains(tags"
    assert site.plan()["problems"][0]["path"] == "platform.estate.exclude"
    assert site.dest.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "estate.yml is not there"),
        ("guests: [", "estate.yml is no YAML"),
        ("[]", "estate.yml is not what assess writes"),
        ("version: 9\n", "estate.yml.version: 9; 1; run assess again"),
        ("version: 1\n", "estate.yml.guests: is missing; run assess again"),
    ],
)
def test_facts_that_are_none(site: Site, text: str | None, says: str) -> None:
    path = site.directory / "estate.yml"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    refused = site.plan()
    assert refused["failed"]
    assert says in refused["msg"]
    assert not site.dest.exists()


def test_a_plan_that_is_none(site: Site) -> None:
    site.dest.write_text("version: 0\n", encoding="utf-8")
    assert "plan.yml.version: 0; 1; run plan again" in site.plan()["msg"]


def test_the_document_is_completed_or_refused_with_everything_at_once(site: Site) -> None:
    complete = run_module("platform_spec", {"platform": site.platform})
    assert (complete["changed"], complete["platform"]["cluster"]["registry"]["node_port"]) == (False, 30500)
    section = run_module("platform_spec", {"platform": {"users": [{"name": "li"}]}, "section": "tenancy"})
    assert section["platform"]["users"] == [{"name": "li", "email": None, "display": None}]
    wrong = {**site.platform, "sitee": "x", "vcenter": {"host": "v", "password": "Tea-and-cups"}, "retire": {"days": 1}}
    refused = run_module("platform_spec", {"platform": wrong})
    assert refused["failed"]
    assert [problem["path"] for problem in refused["problems"]] == [
        "platform.sitee",
        "platform.vcenter.password",
        "platform.retire.days",
    ]
    assert "Tea-and-cups" not in refused["msg"]
