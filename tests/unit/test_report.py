"""The assessment report out of golden and of hostile estates: complete, in both languages, safe, without a secret."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.markup import Text
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.model import Report, make_report
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.page import gist, gist_of, page
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.parts import duration
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.rules import rule_title
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.sentences import (
    requests_reason,
    wave_reason,
)

from tests.unit import world

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(path for path in (Path(__file__).parent / "estates").iterdir() if path.is_dir())
VOID = ("meta", "input", "path", "rect", "line")


def load(case: Path) -> list[Any]:
    read = (yaml.load((case / f"{name}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            for name in ("estate", "workloads", "plan"))  # fmt: skip
    return list(read)


def report_of(case: Path) -> Report:
    return make_report(case.name, *load(case))


def small_report(guests: list[Json], workloads: list[Json], **more: Any) -> Report:
    facts = world.facts(guests, workloads, **more)
    plan = world.plan(guests, workloads, **more)
    return make_report("", facts.estate, facts.workloads, plan)


class Reader(HTMLParser):
    """Reads a page strictly: whatever opens closes, and what a browser would run is kept."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    def having(self, attribute: str) -> list[str]:
        return [value or "" for _tag, attributes in self.tags for key, value in attributes.items() if key == attribute]


def rows_of(text: str) -> Json:
    match = re.search(r'<script type="application/json" id="guest-data">(.*?)</script>', text)
    assert match
    facts: Json = json.loads(match[1])
    return facts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_page_is_whole(case: Path) -> None:
    report = report_of(case)
    text = page(report)
    assert text == page(report_of(case))
    read = Reader(text)
    names = read.having("id")
    assert len(names) == len(set(names))
    assert set(read.having("aria-labelledby")) <= set(names)
    assert {href.removeprefix("#") for href in read.having("href")} <= set(names)
    assert not [value for value in [*read.having("src"), *read.having("action")] if value]
    assert "http" not in re.sub(r"<meta[^>]*>", "", text).replace("http-equiv", "")
    classes = Counter(one for value in read.having("class") for one in value.split())
    assert classes["en"] == classes["zh"] > 100
    seen = " ".join(read.texts)
    for node in report.plan["nodes"]:
        assert node["name"] in seen
    for wave in report.plan["waves"]:
        assert f"Wave {wave['number']}" in seen
        assert f"第 {wave['number']} 波" in seen
    assert [row[0] for row in rows_of(text)["rows"]] == sorted(one["name"] for one in report.estate["guests"])
    assert gist_of(text) == gist(report)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_sentence_of_the_plan_is_said_in_chinese(case: Path) -> None:
    plan = report_of(case).plan
    said = [wave_reason(wave["because"]) for wave in plan["waves"]]
    said += [requests_reason(one["requests"]["because"]) for one in plan["services"] if one["requests"]]
    english = re.compile(r"\b(?:the|its|their|nothing|seen|over|threads|metaspace|says|least|of|so)\b")
    assert [text.zh for text in said if english.search(text.zh)] == []


@pytest.mark.parametrize(
    ("sentence", "chinese"),
    [
        ("2900 MiB seen + 15%; p95 1.30 cores over 2 replicas, at least 20m",
         "实测 2900 MiB + 15%；p95 1.30 核，由 2 个副本分担，至少 20m"),
        ("no statistics of a, b, so all of the CPUs there", "a, b 没有统计，按其全部 CPU"),
        ("something new", "something new"),
    ],
)  # fmt: skip
def test_the_reason_of_a_request(sentence: str, chinese: str) -> None:
    assert requests_reason(sentence) == Text(sentence, chinese)


def test_every_rule_of_the_planner_and_of_the_discovery_has_words() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*(ROOT / "plugins/module_utils/core").glob("discovery*.py"),
                     *(ROOT / "plugins/module_utils/core/planner").glob("*.py")]
    )  # fmt: skip
    shapes = (
        r'_(?:blocker|warning|finding)\(\s*"([a-z_]+)"',
        r'finding\(\s*"(?:blocker|warning|information)",\s*"([a-z_]+)"',
        r'"([a-z_]+)": \("(?:blocker|warning|information)"',
    )
    rules = {rule for shape in shapes for rule in re.findall(shape, source)}
    assert len(rules) > 30
    assert [rule for rule in sorted(rules) if rule_title(rule).en == rule_title(rule).zh] == []


def test_what_becomes_of_each_guest() -> None:
    def there(name: str, number: int, **more: Any) -> Json:
        return world.guest(name, addresses=[f"10.0.1.{number}"], **more)

    guests = [
        there("shop-01", 21), there("both-01", 22), there("lost-01", 23), there("other-01", 24, power_state="off"),
        there("gone-01", 25, landfall={"state": "retired"}, power_state="off"), there("model", 26, template=True),
        there("cp-01", 27, landfall={"role": "control_plane"}),
    ]  # fmt: skip
    unread = {"rule": "unreadable_guest", "severity": "blocker", "where": "lost-01", "found": "no route", "meant": None}
    workloads = [
        world.workload("shop-01", world.service("shop"), addresses=["10.0.1.21"]),
        world.workload("both-01", world.service("pay"), world.plain("nexus", 8081), addresses=["10.0.1.22"]),
        world.workload("lost-01", addresses=["10.0.1.23"], reachable=False, findings=[unread]),
    ]
    report = small_report(guests, workloads)
    assert {view.guest["name"]: view.fate for view in report.guests} == {
        "shop-01": "freed", "both-01": "emptied", "lost-01": "blocked", "other-01": "stays", "gone-01": "freed",
        "model": "template", "cp-01": "node",
    }  # fmt: skip
    no_node = {"rule": "no_such_node", "severity": "blocker", "where": "shop", "found": "no worker", "meant": None}
    plan: Any = {**report.plan, "blockers": [no_node]}
    blocked = make_report("", report.estate, {"version": 1, "guests": []}, plan)
    assert [view.guest["name"] for view in blocked.guests if view.fate == "blocked"] == ["shop-01"]
    rows = {row[0]: row for row in rows_of(page(report))["rows"]}
    assert rows["both-01"][2] == "nexus, pay"
    assert rows["gone-01"][12] == "retired"
    assert (report.coverage.asked, report.coverage.answered, report.coverage.running) == (3, 2, 4)
    assert (report.coverage.month, report.coverage.without) == (4, 0)


def test_how_full_the_clusters_are() -> None:
    """512 GiB each; shop-01 was seen with 3.6 GiB and goes, base-01 with 7.2 stays, and nodes come."""
    guests = [
        world.guest("shop-01", addresses=["10.0.1.21"], esxi_host="esx-1"),
        world.guest("base-01", addresses=["10.0.1.22"], esxi_host="esx-1", statistics={"month": world.usage(0.1, 6.0)}),
    ]
    workloads = [
        world.workload("shop-01", world.service("shop"), addresses=["10.0.1.21"]),
        world.workload("base-01", addresses=["10.0.1.22"]),
    ]
    report = small_report(guests, workloads)
    (first,) = [view for view in report.hosts if view.host["name"] == "esx-1"]
    assert (round(first.leaving, 1), round(first.staying, 1)) == (3.6, 7.2)
    given = sum(node["memory_gib"] for node in report.plan["nodes"])
    shares = [f"{100 * part / (3 * 512):.0f}%" for part in (10.8, 10.8 + given, 7.2 + given)]
    assert len(set(shares)) > 1
    row = '<th scope="row">A</th><td class="number">3</td><td class="number">1,536</td>'
    assert row + "".join(f'<td class="number">{share}</td>' for share in shares) in page(report)


def test_each_finding_is_told_once_and_the_time_is_said() -> None:
    report = report_of(next(case for case in CASES if case.name == "ugly"))
    told = [(one["rule"], one["where"], one["found"]) for one in report.findings]
    assert len(told) == len(set(told))
    assert [one["severity"] for one in report.findings] == sorted(
        (one["severity"] for one in report.findings), key=["blocker", "warning", "information"].index
    )
    assert {one["rule"] for one in report.plan["warnings"]} <= {one["rule"] for one in report.findings}
    text = page(report)
    minutes: Any = report.plan["summary"]["minutes"]
    assert f"about {duration(minutes['waves']).en}, after {duration(minutes['build']).en} to build" in text
    old: Any = {key: value for key, value in report.plan.items() if key != "warnings"}
    old["summary"] = {key: value for key, value in report.plan["summary"].items() if key != "minutes"}
    old["waves"] = [{key: value for key, value in wave.items() if key != "minutes"} for wave in report.plan["waves"]]
    assert "min, after" not in page(make_report("", report.estate, {"version": 1, "guests": []}, old))


HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</script><script>alert(2)</script>",
    "' onmouseover='alert(3)", "<!--", "]]>", "&lt;b&gt;", "\u202eabc", "a\x00b", "{{ 7 * 7 }}", "\u2028",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_only_names(name: str) -> None:
    guests = [
        world.guest(name, guest_os=name, folder=name, addresses=["10.0.1.21"], datastores=[name]),
        world.guest("quiet-01", addresses=["10.0.1.22"]),
    ]
    finding = {"rule": "old_shell", "severity": "warning", "where": name, "found": name, "meant": name}
    workloads = [world.workload(name, world.service("shop", unit=name), addresses=["10.0.1.21"], findings=[finding])]
    hosts = [world.host(f"{name} {number}") for number in range(3)]
    facts = world.facts(guests, workloads, hosts=hosts)
    report = make_report(name, facts.estate, facts.workloads, world.plan(guests, workloads, hosts=hosts))
    text = page(report)
    read = Reader(text)
    plain = Reader(page(make_report("", *load(CASES[0]))))
    assert [one for one, _ in read.tags if one in ("script", "img")] == ["script"] * 2
    assert {key for _tag, keys in read.tags for key in keys} <= {key for _tag, keys in plain.tags for key in keys}
    assert name in [row[0] for row in rows_of(text)["rows"]]
    visible = name.replace("\x00", "\ufffd")
    assert visible in "".join(read.texts)
    assert gist_of(text) == gist(report)


def test_no_secret_and_nothing_that_people_wrote_freely_comes_in() -> None:
    hidden = "Tea-and-cups"
    guests = [
        world.guest("shop-01", annotation=hidden, attributes={"note": hidden}, tags=[hidden], host_keys=[hidden],
                    addresses=["10.0.1.21"]),
    ]  # fmt: skip
    service = world.service(
        "shop",
        environment={"DB_PASSWORD": hidden},
        flags=["-Xmx512m", f"-Dpassword={hidden}"],
        arguments=[hidden],
        command=["java", hidden],
        configuration=[world.configuration("/opt/shop/application.yml", f"password: {hidden}\n")],
    )
    assert hidden not in page(small_report(guests, [world.workload("shop-01", service, addresses=["10.0.1.21"])]))


def test_nothing_to_move_is_a_page_too() -> None:
    report = small_report([{**world.guest("a-01"), "statistics": {}}], [])
    text = page(report, "zh")
    read = Reader(text)
    assert 'lang="zh-CN" data-title-en="vcenter: from virtual machines' in text
    assert "没有服务要迁移。" in read.texts
    assert report.coverage.without == 1
    assert rows_of(text)["rows"][0][8:11] == [None, 8, None]


def test_many_services_are_told_and_not_drawn() -> None:
    names = [f"s{number:03}" for number in range(160)]
    guests = [
        world.guest(f"{name}-01", addresses=[f"10.1.0.{index + 1}"], esxi_host=f"esx-{index % 3 + 1}")
        for index, name in enumerate(names)
    ]
    workloads = [
        world.workload(one["name"], world.service(name, flags=["-Xmx64m"]), addresses=one["addresses"])
        for name, one in zip(names, guests, strict=True)
    ]
    platform = world.wish(plan={"requests": {"cpu_floor_millicores": 20}, "workers": {"at_most": 60}})
    text = page(small_report(guests, workloads, platform=platform))
    assert "160 services are too many for a drawing." in text
    assert "graph-caption" not in Reader(text).having("id")


def test_nodes_that_stand_later_or_were_there_before_are_said_to() -> None:
    report = report_of(next(case for case in CASES if case.name == "tight"))
    text = page(report)
    for words in ("after wave 2", "第 2 波之后", "after wave 1, taken over", "最先"):
        assert words in text
    # what is taken over neither goes nor comes
    assert next(view.fate for view in report.guests if view.guest["name"] == "old-batch-01") == "node"
    old: Any = {**report.plan, "nodes": [_without(node, "adopt", "waits_for") for node in report.plan["nodes"]]}
    assert ", taken over" not in page(make_report("", report.estate, {"version": 1, "guests": []}, old))


def _without(record: Any, *keys: str) -> Any:
    return {key: value for key, value in record.items() if key not in keys}
