"""The report in a real browser: no error, no request, the table, both languages, paper, the dark.

With LANDFALL_GOLDEN=write the screenshots of the documentation are taken.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.model import Report, make_report
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.page import page
from playwright.sync_api import Browser, Page, sync_playwright

from tests.component.modules import ROOT
from tests.component.report_estate import GUESTS, large_report

ESTATES = ROOT / "tests/unit/estates"
IMAGES = ROOT / "docs/images"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield started
        started.close()


class Opened:
    """A page in the browser, with everything that went wrong in it."""

    def __init__(self, browser: Browser, path: Path, **settings: Any) -> None:
        self.page: Page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **settings})
        self.page.set_default_timeout(10_000)
        self.wrong: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.url = path.as_uri()
        began = time.monotonic()
        self.page.goto(self.url)
        self.seconds = time.monotonic() - began

    def column(self, number: int) -> list[str]:
        return self.page.locator(f"#guest-table tbody tr > :nth-child({number})").all_inner_texts()

    def count(self) -> str:
        return self.page.locator("#guest-count").inner_text()

    def sort(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


def report_of(name: str) -> Report:
    read = [yaml.load((ESTATES / name / f"{one}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            for one in ("estate", "workloads", "plan")]  # fmt: skip
    return make_report(name, *read)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page(report_of("lab-like")), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: Browser, file: Path) -> Iterator[Opened]:
    shown = Opened(browser, file)
    yield shown
    assert shown.wrong == []
    assert shown.requests == [shown.url]  # itself, and nothing from a network
    shown.page.close()


def test_the_table_of_guests_is_filtered(opened: Opened) -> None:
    assert opened.count() == "61 of 61 guests, 61 shown"
    opened.page.get_by_label("Words in any column").fill("ORDER 10.99")
    assert opened.column(1) == ["order-01"]
    assert opened.count() == "1 of 61 guests, 1 shown"
    opened.page.get_by_label("Words in any column").fill("")
    opened.page.get_by_role("radio", name="free afterwards").check()
    assert opened.count() == "7 of 61 guests, 7 shown"
    assert set(opened.column(2)) == {"free afterwards"}
    opened.page.get_by_label("Words in any column").fill("no such guest")
    assert opened.count() == "0 of 61 guests, 0 shown"


def test_the_table_of_guests_is_sorted(opened: Opened) -> None:
    names = opened.column(1)
    assert names == sorted(names)
    opened.sort("Guest")
    assert opened.column(1) == names[::-1]
    opened.sort("GiB seen")
    seen = opened.column(11)
    numbers = [float(one) for one in seen if one != "–"]
    assert numbers == sorted(numbers)
    assert seen[len(numbers) :] == ["–"] * (len(seen) - len(numbers)) != []
    opened.sort("GiB seen")
    assert [float(one) for one in opened.column(11) if one != "–"] == numbers[::-1]
    assert opened.column(11)[-1] == "–"  # what is not known stays last
    head = opened.page.locator("th", has=opened.page.get_by_role("button", name="GiB seen", exact=True))
    assert head.get_attribute("aria-sort") == "descending"


def test_both_languages(opened: Opened) -> None:
    shown = opened.page
    assert shown.get_by_role("heading", name="Blockers and warnings").is_visible()
    english = shown.locator("main").inner_text()
    assert "阻碍" not in english
    shown.get_by_role("button", name="中文").click()
    assert shown.title() == "lab-like：从虚拟机到 Kubernetes"
    assert shown.evaluate("document.documentElement.lang") == "zh-CN"
    assert shown.get_by_role("heading", name="阻碍与警告").is_visible()
    chinese = shown.locator("main").inner_text()
    assert "Blockers" not in chinese
    assert "之后空出" in chinese
    assert "共 61 台" in opened.count()
    shown.get_by_role("button", name="English").click()
    assert shown.locator("main").inner_text() == english


def test_those_who_do_not_see_it_are_told(opened: Opened) -> None:
    tree = opened.page.locator("body").aria_snapshot()
    for said in (
        "- 'img \"Who calls whom: callers stand left of what they call, and move before it\"'",
        '- img "Memory of the ESXi hosts that carry nodes"',
        '- heading "Guests" [level=2]',
        '- columnheader "Guest"',
        '- button "English" [pressed]',
    ):
        assert said in tree, said
    assert opened.page.get_by_role("status").inner_text() == "61 of 61 guests, 61 shown"
    assert opened.page.locator("main :is(h1, h2, h3)").count() == 8


def test_the_pointer_shows_who_calls_whom(opened: Opened) -> None:
    opened.page.locator('g.service[data-service="order"]').hover()
    lit = opened.page.locator("path.call.lit")
    ends = {(one.get_attribute("data-from"), one.get_attribute("data-to")) for one in lit.all()}
    assert ends == {("gateway", "order"), *(("order", name) for name in ("eureka", "goods", "mariadb", "member"))}


def test_it_prints(opened: Opened, tmp_path: Path) -> None:
    paper = tmp_path / "report.pdf"
    opened.page.pdf(path=paper, format="A4")
    written = paper.read_bytes()
    assert written.startswith(b"%PDF")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", written)) <= 14
    opened.page.emulate_media(media="print")
    assert not opened.page.locator("nav").is_visible()
    assert not opened.page.get_by_label("Words in any column").is_visible()
    assert opened.page.locator("#guest-table").evaluate("it => it.scrollHeight - it.clientHeight") == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_no_wider_than_the_window(browser: Browser, file: Path, width: int) -> None:
    shown = Opened(browser, file, viewport={"width": width, "height": 800})
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
    shown.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(browser: Browser, file: Path, scheme: str) -> None:
    """Contrast as WCAG 2.2 AA asks: 4.5 to 1, for each pair of colours that text is drawn with."""
    shown = Opened(browser, file, color_scheme=scheme)
    colours = shown.page.evaluate(
        """() => Object.fromEntries(["paper", "ink", "quiet", "accent", "bad", "bad-soft", "warn", "warn-soft", "good",
             "good-soft", "soft"].map((name) => [name, getComputedStyle(document.documentElement)
             .getPropertyValue("--" + name).trim()]))"""
    )
    pairs = [("ink", "paper"), ("quiet", "paper"), ("accent", "paper"), ("bad", "paper"), ("good", "paper"),
             ("bad", "bad-soft"), ("warn", "warn-soft"), ("good", "good-soft"), ("ink", "soft"),
             ("quiet", "soft")]  # fmt: skip
    assert [pair for pair in pairs if contrast(*(colours[name] for name in pair)) < 4.5] == []
    shown.page.close()


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_hostile_names_run_nothing(browser: Browser, tmp_path: Path) -> None:
    report = report_of("lab-like")
    evil = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    report.estate["guests"][0]["name"] = evil
    report.plan["services"][0]["findings"].append(
        {"rule": evil, "severity": evil, "where": evil, "found": evil, "meant": evil}
    )
    path = tmp_path / "evil.html"
    path.write_text(page(make_report(evil, report.estate, {"version": 1, "guests": []}, report.plan)), encoding="utf-8")
    shown = Opened(browser, path)
    assert shown.page.title() == f"{evil}: from virtual machines to Kubernetes"
    assert evil in shown.column(1)
    assert (shown.wrong, shown.requests) == ([], [shown.url])
    shown.page.close()


def test_ten_thousand_guests_open_quickly(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    began = time.monotonic()
    path.write_text(page(large_report()), encoding="utf-8")
    made = time.monotonic() - began
    shown = Opened(browser, path)
    assert shown.count() == f"10,000 of {GUESTS:,} guests, 200 shown"
    began = time.monotonic()
    shown.page.get_by_label("Words in any column").fill("vm-09999")
    assert shown.column(1) == ["vm-09999"]
    filtered = time.monotonic() - began
    shown.page.get_by_label("Words in any column").fill("")
    shown.sort("CPU")
    shown.page.get_by_role("button", name="Show more").click()
    assert shown.count() == f"10,000 of {GUESTS:,} guests, 1,200 shown"
    for event, rows in (("beforeprint", 2_000), ("afterprint", 1_200)):  # on paper nobody can ask for more
        shown.page.evaluate("name => dispatchEvent(new Event(name))", event)
        assert len(shown.column(1)) == rows
    assert shown.wrong == []
    print(f"\n10,000 guests: made {made:.1f} s, {path.stat().st_size:,} bytes, open {shown.seconds:.1f} s, "
          f"filter {filtered:.2f} s")  # fmt: skip
    assert path.stat().st_size < 4_000_000
    assert shown.seconds < 4  # a second on a machine that does nothing else
    assert filtered < 2
    shown.page.close()


@pytest.mark.parametrize(
    ("estate", "name", "language", "scheme", "what"),
    [
        ("lab-like", "report", "en", "light", None),
        ("lab-like", "report-waves", "en", "light", "#waves"),
        ("ugly", "report-zh-dark", "zh", "dark", None),
    ],
)
def test_screenshots(
    browser: Browser, tmp_path: Path, estate: str, name: str, language: str, scheme: str, what: str | None
) -> None:
    path = tmp_path / "report.html"
    path.write_text(page(report_of(estate), language), encoding="utf-8")
    shown = Opened(browser, path, color_scheme=scheme, viewport={"width": 1180, "height": 1500})
    image = shown.page.locator(what).screenshot() if what else shown.page.screenshot()
    assert shown.wrong == []
    if os.environ.get("LANDFALL_GOLDEN") == "write":
        IMAGES.mkdir(parents=True, exist_ok=True)
        (IMAGES / f"{name}.png").write_bytes(image)
    assert len(image) > 20_000
    assert (IMAGES / f"{name}.png").exists()
    shown.page.close()
