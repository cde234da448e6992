# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page: one file that needs nothing else, in both languages, the same bytes for the same facts."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from typing import Any

from . import guests, landing, reasons
from .markup import Child, Markup, Text, join, tag
from .model import Report
from .parts import count
from .script import SCRIPT
from .style import STYLE
from .summary import summary, utilisation

LANGUAGES = {"en": "en", "zh": "zh-CN"}
_GIST = "landfall-gist"


def page(report: Report, language: str = "en") -> str:
    """The whole file. `language` (a key of LANGUAGES) is the one that it opens in."""
    name = Text(f"{report.title}: from virtual machines to Kubernetes", f"{report.title}：从虚拟机到 Kubernetes")
    sections = [
        summary(report),
        utilisation(report),
        landing.nodes(report),
        landing.waves(report),
        landing.services(report),
        reasons.findings(report),
        guests.guests(report),
        reasons.method(report),
    ]
    return (
        "<!DOCTYPE html>\n"
        + tag(
            "html",
            _head(report, language, name.zh if language == "zh" else name.en),
            tag(
                "body",
                tag("a", Text("To the content", "跳到内容"), href="#summary", class_="skip"),
                tag("header", _languages(language), tag("h1", name), _about(report), _contents()),
                tag("main", sections),
                tag("script", Markup(SCRIPT)),
            ),
            lang=LANGUAGES[language],
            data_title_en=name.en,
            data_title_zh=name.zh,
        )
        + "\n"
    )


def gist(report: Report, language: str = "en") -> str:
    """The report on one line: for a diff that people can read, and to know the page of a plan again."""
    facts: Any = report.plan["summary"]
    identity = json.dumps([report.title, language, report.plan], sort_keys=True)
    return (
        f"{count(facts['guests'], 'guest')}, {count(facts['services']['moving'], 'service')} in "
        f"{count(len(report.plan['waves']), 'wave')}, {count(facts['after']['nodes'], 'node')}, "
        f"{count(len(report.findings), 'finding')} of which {count(len(report.plan['blockers']), 'blocker')}; "
        f"plan {hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    )


def gist_of(text: str) -> str | None:
    """The gist that a page carries; None where it is no page of ours."""
    match = re.search(rf'<meta name="{_GIST}" content="([^"]*)"/>', text[:4000])
    return html.unescape(match[1]) if match else None


def _head(report: Report, language: str, title: str) -> Markup:
    # what a name smuggled in could never run: only this style and this script, and nothing from a network
    ours = f"style-src '{_hash(STYLE)}'; script-src '{_hash(SCRIPT)}'"
    policy = f"default-src 'none'; {ours}; base-uri 'none'; form-action 'none'"
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name=_GIST, content=gist(report, language)),
        tag("title", title),
        tag("style", Markup(STYLE)),
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _languages(language: str) -> Markup:
    buttons = [
        tag(
            "button",
            name,
            type="button",
            lang=LANGUAGES[key],
            data_language=key,
            aria_pressed=str(key == language).lower(),
        )
        for key, name in (("en", "English"), ("zh", "中文"))
    ]
    return tag("div", buttons, class_="languages", role="group", aria_label="Language / 语言")


def _about(report: Report) -> Child:
    vcenter = report.estate["vcenter"]
    name = f"{vcenter['host']} {vcenter['version']}"
    return tag("p", Text(f"Assessment of vCenter {name}", f"vCenter {name} 评估报告"), class_="about")


def _contents() -> Markup:
    entries = (
        ("summary", Text("Summary", "摘要")),
        ("utilisation", Text("Utilisation", "利用率")),
        ("nodes", Text("Nodes", "节点")),
        ("waves", Text("Waves", "波次")),
        ("services", Text("Services", "服务")),
        ("findings", Text("Blockers", "阻碍")),
        ("guests", Text("Guests", "虚拟机")),
        ("method", Text("Method", "方法")),
    )
    links = [tag("li", tag("a", name, href=f"#{anchor}")) for anchor, name in entries]
    return tag("nav", tag("ul", join(links)), aria_label="Contents / 目录")
