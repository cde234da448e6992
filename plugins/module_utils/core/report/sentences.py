# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the plan says in English, in Chinese too. A sentence that nobody knows stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .markup import Text

_Table = Sequence[tuple[str, str]]

# Each part of a sentence of plan.yml, as a pattern, and what it says in Chinese. The parts are joined by "; ".
_WAVES: _Table = (
    (r"the registry is the last that anybody needs", "注册中心最后才不被需要"),
    (r"its callers have moved, and its data moves by replication", "调用方已迁移，数据通过复制迁移"),
    (r"(?:its|their) callers have moved: (.*)", r"调用方已迁移：\1"),
    (r"nothing calls (?:them|it) but the front door", "只有入口调用"),
    (r"nothing that moves calls (?:them|it)", "没有要迁移的服务调用"),
    (r"they call each other", "互相调用"),
    (r"more do not fit onto the workers by then", "届时的工作节点放不下更多"),
)
_REQUESTS: _Table = (
    (r"CPU as platform\.yml says", "CPU 按 platform.yml"),
    (r"memory as platform\.yml says", "内存按 platform.yml"),
    (r"(\d+) MiB seen, over (.*)", r"实测 \1 MiB，高于 \2"),
    (r"(\d+) MiB seen \+ (\d+%)", r"实测 \1 MiB + \2"),
    (r"nothing is known, (\d+) MiB is usual", r"无数据，按常见值 \1 MiB"),
    (r"no statistics of (.*), so all of the CPUs there", r"\1 没有统计，按其全部 CPU"),
    (r"(p95|average|maximum) ([\d.]+) cores", r"\1 \2 核"),
)
_WORDS: _Table = (
    (r" over (\d+) replicas", r"，由 \1 个副本分担"),
    (r", at least (\d+)m", r"，至少 \1m"),
    (r"metaspace ", "元空间 "),
    (r"(\d+) threads of ", r"\1 个线程各 "),
    (r"direct memory ", "直接内存 "),
    (r"average ", "平均 "),
    (r"maximum ", "最大 "),
)


def wave_reason(sentence: str) -> Text:
    """Why a wave is where it is."""
    return Text(sentence, "；".join(_said(part, _WAVES) for part in sentence.split("; ")))


def requests_reason(sentence: str) -> Text:
    """Why a service requests what it does."""
    return Text(sentence, "；".join(_request(part) for part in sentence.split("; ")))


def _request(part: str) -> str:
    for pattern, chinese in _WORDS:
        part = re.sub(pattern, chinese, part)
    head, comma, tail = part.partition("，")
    return _said(head, _REQUESTS) + comma + tail


def _said(part: str, table: _Table) -> str:
    for pattern, chinese in table:
        match = re.fullmatch(pattern, part)
        if match:
            return match.expand(chinese)
    return part
