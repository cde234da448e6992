"""assessment_report as Ansible runs it: files in, one page out, and what it refuses."""

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
    """A site's directory with facts and plan of the lab."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for name in ("estate", "workloads", "plan"):
            shutil.copy(CASE / f"{name}.yml", directory)
        self.dest = directory / "report.html"

    def report(self, *, check: bool = False, **more: Any) -> Json:
        files = {f"{name}_file": str(self.directory / f"{name}.yml") for name in ("estate", "workloads", "plan")}
        arguments = {**files, "dest": str(self.dest), "title": "lab", **more}
        return run_module("assessment_report", {k: v for k, v in arguments.items() if v is not None}, check=check)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_check_mode_predicts_and_a_second_run_changes_nothing(site: Site) -> None:
    predicted = site.report(check=True)
    assert not site.dest.exists()
    made = site.report()
    assert predicted == made
    assert made["changed"] is True
    assert made["size"] == site.dest.stat().st_size
    assert made["gist"].startswith("59 guests, 7 services in 5 waves, 5 nodes, 1 finding of which 0 blockers; plan ")
    assert made["diff"]["before"] == ""
    assert made["diff"]["after"].startswith(made["gist"] + "\n")
    assert len(made["diff"]["after"].splitlines()) == 2
    before = site.dest.stat()
    again = site.report()
    assert again["changed"] is False
    assert "diff" not in again
    assert site.dest.stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in site.directory.iterdir() if path.name.startswith(".")] == []


def test_the_difference_is_told_in_words(site: Site) -> None:
    site.report()
    plan = _plan()
    plan["waves"].pop()
    changed = site.report(plan=plan, plan_file=None, check=True)
    assert changed["changed"] is True
    assert "7 services in 5 waves" in changed["diff"]["before"]
    assert "7 services in 4 waves" in changed["diff"]["after"]
    assert "<" not in changed["diff"]["before"] + changed["diff"]["after"]
    site.dest.write_bytes(b"\xff something else")
    assert site.report()["diff"]["before"].startswith("no report\n")


def test_once_a_wave_has_begun_the_page_of_the_same_plan_stays(site: Site) -> None:
    path = site.directory / "estate.yml"
    estate = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    site.report()
    assessed = site.dest.read_bytes()
    estate["guests"][0]["statistics"] = {}
    path.write_text(yaml.safe_dump(estate), encoding="utf-8")
    assert site.report(check=True)["changed"] is True
    next(one for one in estate["guests"] if one["name"] == "gateway-01").update(landfall={"state": "moved"})
    path.write_text(yaml.safe_dump(estate), encoding="utf-8")
    kept = site.report()
    assert (kept["changed"], kept["size"]) == (False, len(assessed))
    assert site.dest.read_bytes() == assessed
    assert site.report(title="another", check=True)["changed"] is True
    assert site.report(language="zh", check=True)["changed"] is True
    plan = _plan()
    plan["nodes"].pop()
    assert site.report(plan=plan, plan_file=None, check=True)["changed"] is True
    site.dest.unlink()
    assert site.report()["changed"] is True


def test_a_plan_in_hand_gives_the_page_of_its_file(site: Site) -> None:
    site.report()
    (site.directory / "plan.yml").unlink()
    assert site.report(plan=_plan(), plan_file=None, check=True)["changed"] is False


def test_it_opens_in_the_language_that_is_asked_for(site: Site) -> None:
    site.report(language="zh")
    text = site.dest.read_text(encoding="utf-8")
    assert '<html lang="zh-CN"' in text
    assert "<title>lab：从虚拟机到 Kubernetes</title>" in text


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("plan", None, "plan.yml is not there"),
        ("estate", "guests: [", "estate.yml is no YAML"),
        ("workloads", "version: 9\n", "workloads.yml.version: 9; 1; run assess again"),
        ("plan", "version: 1\n", "plan.yml.waves: is missing; run plan again"),
    ],
)
def test_what_it_cannot_read(site: Site, name: str, text: str | None, says: str) -> None:
    path = site.directory / f"{name}.yml"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    refused = site.report()
    assert refused["failed"]
    assert says in refused["msg"]
    assert not site.dest.exists()


def test_one_plan_is_needed(site: Site) -> None:
    assert "one of the following is required" in site.report(plan_file=None)["msg"]
    assert "mutually exclusive" in site.report(plan=_plan())["msg"]


def _plan() -> Json:
    plan: Json = yaml.safe_load((CASE / "plan.yml").read_text(encoding="utf-8"))
    return plan
