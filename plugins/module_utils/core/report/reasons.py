# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands in the way, how the numbers were made, and how sure they are."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from ..workloads import Finding
from .charts import Bar, bars
from .markup import Child, Markup, Text, join, tag
from .model import Report
from .parts import as_found, count, figure, percent, section, table
from .rules import SEVERITIES, rule_title

_SHOWN = 40  # findings of one rule; plan.yml has them all
_SURE, _FAIR = 0.8, 0.5
_METHOD = (
    Text(
        "CPU: what all guests of a service used (of the day at 5 minutes and the month at 2 hours the larger), shared "
        "among the services of a guest, divided by the replicas.",
        "CPU：服务所有虚拟机的用量（取一天 5 分钟采样与一个月 2 小时采样中的较大值），"
        "按虚拟机上的服务分摊，再除以副本数。",
    ),
    Text(
        "Memory: heap, metaspace, threads, direct memory and the JVM itself where the flags are known; otherwise the "
        "most that was seen, plus a reserve. A JVM gives no memory back, so what its guest used says little.",
        "内存：已知 JVM 参数时按堆、元空间、线程、直接内存和 JVM 自身相加；否则按实测最高值加余量。"
        "JVM 不归还内存，虚拟机的内存用量参考价值不大。",
    ),
    Text(
        "Waves: callers move before what they call, because a pod reaches a guest easily and a guest hardly reaches a "
        "pod. Services that call each other move together; the registry moves last.",
        "波次：调用方先于被调用方迁移，因为 Pod 访问虚拟机容易，反之困难。互相调用的服务一起迁移，注册中心最后。",
    ),
    Text(
        "Calls come from established connections, from configurations and from Eureka. A call that did not happen "
        "while somebody looked, and stands in no configuration, is not known here.",
        "调用关系来自已建立的连接、配置文件和 Eureka。观察期间没有发生且配置中没有的调用无法得知。",
    ),
    Text(
        "Time: an estimate out of the number of services and the data that comes along, of one person who watches; its "
        "few numbers stand in platform.yml too.",
        "时间：按服务数量和随迁数据估算，假设一人值守；所用的几个数字也在 platform.yml 里。",
    ),
    Text(
        "Whoever wants another plan changes platform.yml and plans again; every number here follows from it.",
        "想要另一个计划，请修改 platform.yml 并重新计划；这里的每个数字都由它得出。",
    ),
)
_BOUND_BY = {
    "cpu": Text("CPU", " CPU "),
    "memory": Text("memory", "内存"),
    "pods": Text("the number of pods", " Pod 数量"),
    "replicas": Text("replicas that stand apart", "副本分散"),
}


def findings(report: Report) -> Markup:
    """The findings, by how much they matter and by rule."""
    title = Text("Blockers and warnings", "阻碍与警告")
    if not report.findings:
        return section("findings", title, tag("p", Text("Nothing was found that stands in the way.", "没有发现问题。")))
    groups = [list(group) for _key, group in groupby(report.findings, key=lambda one: (one["severity"], one["rule"]))]
    return section("findings", title, [_group(group) for group in groups])


def _group(group: list[Finding]) -> Markup:
    severity, rule = group[0]["severity"], group[0]["rule"]
    head = join(
        tag("span", SEVERITIES.get(severity, severity), class_=f"pill {severity}"),
        " ",
        rule_title(rule),
        tag("span", f" {rule} · {len(group):,}", class_="quiet"),
    )
    rows: list[list[Child]] = [
        [as_found(one["where"]), as_found(one["found"]), as_found(one["meant"] or "–")] for one in group[:_SHOWN]
    ]
    heads = [Text("Where", "位置"), Text("Found", "发现"), Text("What would be right", "正确做法")]
    left = len(group) - _SHOWN
    more = tag("p", Text(f"{left:,} more stand in plan.yml.", f"另有 {left:,} 项见 plan.yml。"), class_="note")
    return tag("div", table(head, heads, rows), more if left > 0 else None, class_="findings")


def method(report: Report) -> Markup:
    """How the numbers came about, and how far they can be trusted."""
    return section(
        "method",
        Text("Method and confidence", "方法与置信度"),
        tag("ul", [tag("li", sentence) for sentence in _METHOD]),
        tag("p", _workers(report)),
        _confidence(report),
        _coverage(report),
        tag("p", Text("Made from", "依据："), [" ", _inputs(report)], class_="note"),
    )


def _workers(report: Report) -> Text:
    facts: Any = report.plan["summary"]
    bound, workers = facts["bound"], facts["workers"]
    planned, needed = workers["planned"], workers.get("needed", workers["planned"])
    by = _BOUND_BY.get(bound["by"], Text(bound["by"], bound["by"]))
    return Text(
        f"Workers: {planned} planned, {needed} needed. No plan can need fewer than {bound['workers']} (by {by.en}), "
        f"{bound['with_lost']} with those that may be lost.",
        f"工作节点：计划 {planned} 个，需要 {needed} 个。任何计划至少需要 {bound['workers']} 个（受{by.zh}限制），"
        f"计入允许损失的节点后为 {bound['with_lost']} 个。",
    )


def _confidence(report: Report) -> Child:
    asked = [one["requests"]["confidence"] for one in report.plan["services"] if one["requests"]]
    if not asked:
        return None
    groups = (
        (Text("Sure (80% and more)", "可靠（80% 以上）"), sum(one >= _SURE for one in asked)),
        (Text("Fair (50% and more)", "尚可（50% 以上）"), sum(_FAIR <= one < _SURE for one in asked)),
        (Text("Guessed (below 50%)", "推测（50% 以下）"), sum(one < _FAIR for one in asked)),
    )
    lines = [
        Bar(name, number, None, Text(f"{count(number, 'service')}, {share}", f"{number:,} 个服务，{share}"))
        for name, number in groups
        for share in [percent(number, len(asked))]
    ]
    caption = Text("How sure the requests of the services are", "服务资源请求的置信度")
    return figure("confidence-caption", caption, bars(lines, named_by="confidence-caption"))


def _coverage(report: Report) -> Markup:
    seen = report.coverage
    rows: list[list[Child]] = [
        [
            Text("Guests that are on, with statistics of a month", "开机且有一个月统计的虚拟机"),
            seen.month,
            percent(seen.month, seen.running),
        ],
        [Text("with statistics of a day only", "只有一天统计"), seen.day, percent(seen.day, seen.running)],
        [Text("without statistics", "没有统计"), seen.without, percent(seen.without, seen.running)],
        [
            Text("Guests that were asked over SSH, and answered", "通过 SSH 询问并回答的虚拟机"),
            seen.answered,
            percent(seen.answered, seen.asked),
        ],
    ]
    heads: list[Child] = [Text("What was read", "读取情况"), Text("Guests", "虚拟机"), Text("Share", "占比")]
    return table(Text("What the numbers stand on", "数据基础"), heads, rows, {1, 2})


def _inputs(report: Report) -> Markup:
    """Which facts this is: the digests that the plan carries."""
    inputs = report.plan["inputs"]
    vcenter = report.estate["vcenter"]
    parts = [f"vCenter {vcenter['host']} {vcenter['version']}"]
    parts += [
        f"{name} {digest[:19]}…"
        for name, digest in (
            ("estate", inputs["estate"]),
            ("workloads", inputs["workloads"]),
            ("platform", inputs["platform"]),
        )
    ]
    return tag("span", "; ".join(parts), class_="found")
