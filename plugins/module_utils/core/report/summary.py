# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The summary: what moves, what it comes to, what is used before and after, what is saved."""

from __future__ import annotations

from typing import Any

from .charts import Bar, bars
from .markup import Child, Markup, Text, join, tag
from .model import Report
from .parts import amount, count, duration, figure, percent, section, signed, table


def summary(report: Report) -> Markup:
    """The first screen: one paragraph and the figures that people ask for."""
    facts: Any = report.plan["summary"]
    saved = facts["saved"]
    blockers = len(report.plan["blockers"])
    return section(
        "summary",
        Text("Summary", "摘要"),
        tag("p", _verdict(report), class_="verdict"),
        tag(
            "dl",
            _tile(Text("Guests that count", "计入的虚拟机"), f"{facts['guests']:,}", _of_all(report)),
            _tile(Text("Services that move", "要迁移的服务"), f"{facts['services']['moving']:,}", _staying(facts)),
            _tile(Text("Guests free afterwards", "之后空出的虚拟机"), f"{facts['guests_freed']:,}", None),
            _tile(Text("Nodes", "节点"), f"{facts['after']['nodes']:,}", _nodes(report)),
            _tile(Text("Waves", "波次"), f"{len(report.plan['waves']):,}", _time(facts)),
            _tile(Text("Machines", "机器数"), signed(-saved["guests"]), Text("more or fewer than today", "与今天相比")),
            _tile(Text("Blockers", "阻碍"), f"{blockers:,}", None, "bad" if blockers else "good"),
            class_="tiles",
        ),
    )


def _verdict(report: Report) -> list[Child]:
    facts: Any = report.plan["summary"]
    saved, blockers = facts["saved"], len(report.plan["blockers"])
    services, guests, waves = facts["services"]["moving"], facts["guests_moving"], len(report.plan["waves"])
    nodes, freed = facts["after"]["nodes"], facts["guests_freed"]
    sentences: list[Child] = [
        Text(
            f"{count(services, 'service')} on {count(guests, 'guest')} can land on a cluster of {count(nodes, 'node')} "
            f"in {count(waves, 'wave')}; then {count(freed, 'guest')} can go. ",
            f"{guests:,} 台虚拟机上的 {services:,} 个服务可分 {waves:,} 波迁入 {nodes:,} 个节点的集群，"
            f"之后可空出 {freed:,} 台虚拟机。",
        )
    ]
    sentences.append(_gain(saved["cpus"], saved["memory_gib"]))
    if blockers:
        what = Text(
            f"{count(blockers, 'blocker')} must be settled before everything can move.",
            f"全部迁移之前须解决 {blockers:,} 项阻碍。",
        )
    else:
        what = Text("Nothing that was found stands in the way.", "没有发现阻碍。")
    return [*sentences, tag("strong", what)]


def _gain(cpus: float, memory: float) -> Text:
    if cpus < 0 and memory < 0:
        return Text(
            "The cluster is given more than these guests give back: control planes and spare workers cost as much for "
            "few services as for many. ",
            "集群占用的资源多于这些虚拟机空出的：控制平面和备用工作节点的成本与服务多少无关。",
        )
    if cpus >= 0 and memory >= 0:
        return Text(
            f"That gives back {amount(cpus)} CPUs and {amount(memory)} GiB of memory. ",
            f"可收回 {amount(cpus)} 个 CPU 和 {amount(memory)} GiB 内存。",
        )
    return Text(
        f"Less the nodes, that gives back {signed(cpus)} CPUs and {signed(memory)} GiB of memory. ",
        f"扣除节点后收回 {signed(cpus)} 个 CPU 和 {signed(memory)} GiB 内存。",
    )


def _of_all(report: Report) -> Text:
    count_ = len(report.guests)
    return Text(f"of {count_:,} in vCenter", f"vCenter 中共 {count_:,} 台")


def _staying(facts: Any) -> Text | None:
    staying = facts["services"]["staying"]
    return (
        Text(f"and {staying:,} that they call and that stay", f"另有 {staying:,} 个被调用的服务留下")
        if staying
        else None
    )


def _time(facts: Any) -> Text | None:
    minutes = facts.get("minutes")
    if minutes is None:
        return None
    build, waves = duration(minutes["build"]), duration(minutes["waves"])
    return Text(f"about {waves.en}, after {build.en} to build", f"约 {waves.zh}，之前建集群 {build.zh}")


def _nodes(report: Report) -> Text:
    planes = sum(node["role"] == "control_plane" for node in report.plan["nodes"])
    workers = len(report.plan["nodes"]) - planes
    return Text(f"{planes} control planes, {workers} workers", f"{planes} 个主节点，{workers} 个工作节点")


def _tile(name: Text, value: str, note: Text | None, class_: str | None = None) -> Markup:
    return tag(
        "div", tag("dt", name), tag("dd", value, class_=class_), tag("dd", note, class_="note") if note else None
    )


def utilisation(report: Report) -> Markup:
    """Given and used before, given and requested after; and what the difference is."""
    facts: Any = report.plan["summary"]
    before, after = facts["before"], facts["after"]
    measure, cpu_used = next(
        ((key, value) for key, value in before["used"].items() if key.startswith("cpu_")), ("", 0.0)
    )
    measure = measure.removeprefix("cpu_")
    today, later = Text("Guests, today", "虚拟机（现在）"), Text("Nodes, afterwards", "节点（之后）")
    cpu = [
        Bar(today, before["cpus"], cpu_used, _says(before["cpus"], cpu_used, measure, "CPU")),
        Bar(
            later, after["cpus"], after["requested"]["cpu"], _says(after["cpus"], after["requested"]["cpu"], "", "CPU")
        ),
    ]
    memory_used, memory_asked = before["used"].get("memory_max_gib", 0.0), after["requested"]["memory_gib"]
    memory = [
        Bar(today, before["memory_gib"], memory_used, _says(before["memory_gib"], memory_used, "maximum", "GiB")),
        Bar(later, after["memory_gib"], memory_asked, _says(after["memory_gib"], memory_asked, "", "GiB")),
    ]
    return section(
        "utilisation",
        Text("Utilisation before and after", "迁移前后的利用率"),
        tag(
            "p",
            Text(
                "Of the guests whose services move. Light is what they are given, dark what is used (before) or "
                "requested (after).",
                "只统计服务要迁移的虚拟机。浅色为分配量，深色为使用量（之前）或请求量（之后）。",
            ),
        ),
        figure("cpu-caption", "CPU", bars(cpu, named_by="cpu-caption")),
        figure("memory-caption", Text("Memory", "内存"), bars(memory, named_by="memory-caption")),
        _saving(report),
        _clusters(report),
    )


def _says(given: float, used: float, measure: str, unit: str) -> Text:
    share = percent(used, given)
    words = {"p95": ("p95", "p95"), "average": ("on average", "平均"), "maximum": ("at most", "最高")}
    en, zh = words.get(measure, ("requested", "请求"))
    return Text(
        f"{amount(given)} {unit}, {amount(used, 2)} {en} ({share})",
        f"{amount(given)} {unit}，{zh} {amount(used, 2)}（{share}）",
    )


def _saving(report: Report) -> Markup:
    facts: Any = report.plan["summary"]
    saved, new = facts["saved"], [node for node in report.plan["nodes"] if not node.get("adopt")]
    guests, cpus, memory = saved["guests"], saved["cpus"], saved["memory_gib"]
    come = len(new), sum(node["cpus"] for node in new), sum(node["memory_gib"] for node in new)
    rows: list[list[Child]] = [
        [
            Text("Guests that go", "空出的虚拟机"),
            *map(amount, (guests + come[0], cpus + come[1], memory + come[2])),
        ],
        [Text("Nodes that come", "新增的节点"), *map(amount, come)],
        [tag("strong", Text("Saved", "节省")), *(tag("strong", signed(one)) for one in (guests, cpus, memory))],
    ]
    systems = saved["operating_systems_memory_gib"]
    note = Text(
        f"Of it, by the number of operating systems alone: {signed(systems)} GiB of memory.",
        f"其中仅因操作系统数量变化：{signed(systems)} GiB 内存。",
    )
    heads: list[Child] = [Text("What", "项目"), Text("Machines", "机器"), "CPU", Text("Memory, GiB", "内存 GiB")]
    return join(table(Text("Saving", "节省"), heads, rows, {1, 2, 3}), tag("p", note, class_="note"))


def _clusters(report: Report) -> Child:
    """Of each cluster of ESXi hosts: how full its memory is today, while both sides run, and afterwards."""
    rows: list[list[Child]] = []
    for name in sorted({view.host["cluster"] for view in report.hosts}):
        own = [view for view in report.hosts if view.host["cluster"] == name]
        total = sum(view.host["memory_gib"] for view in own)
        staying, leaving = sum(view.staying for view in own), sum(view.leaving for view in own)
        given = sum(node["memory_gib"] for view in own for node in view.nodes)
        shares = [percent(part, total) for part in (staying + leaving, staying + leaving + given, staying + given)]
        rows.append([name, len(own), amount(total), *shares])
    heads: list[Child] = [
        Text("Cluster of ESXi hosts", "ESXi 集群"),
        Text("Hosts", "主机"),
        Text("Memory, GiB", "内存 GiB"),
        Text("Today", "现在"),
        Text("While both run", "并行期间"),
        Text("Afterwards", "之后"),
    ]
    caption = Text("How full the memory of the clusters is", "各集群的内存占用")
    return table(caption, heads, rows, {1, 2, 3, 4, 5}) if rows else None
