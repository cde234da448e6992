# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where it lands and in which order: the nodes on their ESXi hosts, the graph, the waves, the services."""

from __future__ import annotations

from ..plan import Node
from ..planner.stages import stands_after
from .charts import Bar, bars, hosts
from .graph import AT_MOST, draw
from .markup import Child, Markup, Text, tag
from .model import Report
from .parts import amount, count, duration, figure, legend, percent, section, table
from .sentences import requests_reason, wave_reason

_HOSTS_DRAWN = 60


def nodes(report: Report) -> Markup:
    """The nodes, on the ESXi hosts that carry them."""
    carrying = [view for view in report.hosts if view.nodes]
    others = len(report.hosts) - len(carrying[:_HOSTS_DRAWN])
    rows: list[list[Child]] = [
        [
            node["name"],
            Text("control plane", "主节点") if node["role"] == "control_plane" else Text("worker", "工作节点"),
            node["cpus"],
            node["memory_gib"],
            node["disk_gib"],
            f"{node['cluster']} / {node['esxi_host']}",
            node["datastore"],
            node["address"] or "DHCP",
            _stands(node, report),
        ]
        for node in report.plan["nodes"]
    ]
    heads: list[Child] = [
        Text("Node", "节点"),
        Text("Role", "角色"),
        "CPU",
        Text("Memory, GiB", "内存 GiB"),
        Text("Disk, GiB", "磁盘 GiB"),
        Text("Cluster and ESXi host", "集群与 ESXi 主机"),
        Text("Datastore", "存储"),
        Text("Address", "地址"),
        Text("Stands", "建立时间"),
    ]
    return section(
        "nodes",
        Text("Nodes on the ESXi hosts", "节点在 ESXi 主机上的布局"),
        legend(
            ("staying", Text("used by guests that stay", "留下的虚拟机所用")),
            ("leaving", Text("used by guests that will go", "将空出的虚拟机所用")),
            ("control_plane", Text("control plane", "主节点")),
            ("worker", Text("worker", "工作节点")),
            ("free", Text("free", "空闲")),
        ),
        figure(
            "hosts-caption",
            Text("Memory of the ESXi hosts that carry nodes", "承载节点的 ESXi 主机内存"),
            hosts(carrying[:_HOSTS_DRAWN], named_by="hosts-caption"),
        ),
        tag(
            "p",
            Text(
                f"{count(others, 'more ESXi host')} not drawn. Guests count with the most memory that was seen.",
                f"另有 {others:,} 台 ESXi 主机未画出。虚拟机按实测最高内存计算。",
            ),
            class_="note",
        ),
        table(Text("The nodes", "节点列表"), heads, rows, {2, 3, 4}),
    )


def _stands(node: Node, report: Report) -> Text:
    """When a node is made, and whether it is a VM that was there before."""
    after = stands_after(node, report.plan["waves"])
    when = Text(f"after wave {after}", f"第 {after} 波之后") if after else Text("at first", "最先")
    taken_over = node.get("adopt")  # a plan that is frozen may be older than this field
    return Text(f"{when.en}, taken over", f"{when.zh}，接管现有虚拟机") if taken_over else when


def waves(report: Report) -> Markup:
    """The order of the move: who calls whom, what moves when, what it needs meanwhile."""
    plan, services = report.plan, {one["name"]: one for one in report.plan["services"]}
    if len(services) <= AT_MOST:
        caption = Text(
            "Who calls whom: callers stand left of what they call, and move before it",
            "调用关系：调用方在左，先于被调用方迁移",
        )
        graph: Child = figure("graph-caption", caption, draw(plan, named_by="graph-caption"))
    else:
        graph = tag(
            "p",
            Text(
                f"{len(services):,} services are too many for a drawing.",
                f"{len(services):,} 个服务太多，不绘制关系图。",
            ),
        )
    rows: list[list[Child]] = [
        [
            wave["number"],
            ", ".join(f"{name} ×{services[name]['replicas']}" for name in wave["services"]),
            ", ".join(wave["frees"]) or "–",
            duration(wave["minutes"]) if "minutes" in wave else "–",
            wave_reason(wave["because"]),
        ]
        for wave in plan["waves"]
    ]
    heads: list[Child] = [
        Text("Wave", "波次"),
        Text("Services and replicas", "服务与副本数"),
        Text("Guests free afterwards", "之后空出的虚拟机"),
        Text("About", "约需"),
        Text("Why then", "原因"),
    ]
    return section(
        "waves",
        Text("Services and waves", "服务与波次"),
        graph,
        table(Text("The waves", "各波次"), heads, rows)
        if rows
        else tag("p", Text("No service moves.", "没有服务要迁移。")),
        _peaks(report),
    )


def _peaks(report: Report) -> Child:
    if not report.plan["waves"]:
        return None
    lines = [
        Bar(
            Text(f"Wave {wave['number']}", f"第 {wave['number']} 波"),
            wave["peak"]["memory_gib"],
            None,
            Text(
                f"{amount(wave['peak']['memory_gib'])} GiB, {amount(wave['peak']['cpus'])} CPU",
                f"{amount(wave['peak']['memory_gib'])} GiB，{amount(wave['peak']['cpus'])} CPU",
            ),
        )
        for wave in report.plan["waves"]
    ]
    caption = Text(
        "Given to nodes and to guests that are not free yet, during each wave",
        "各波次期间分配给节点和尚未空出的虚拟机的资源",
    )
    return figure("peak-caption", caption, bars(lines, named_by="peak-caption"))


def services(report: Report) -> Markup:
    """Each service: where it runs today, what it asks for in the cluster, and why."""
    rows: list[list[Child]] = []
    for one in report.plan["services"]:
        asked = one["requests"]
        rows.append(
            [
                one["name"],
                one["kind"],
                ", ".join(sorted({source["guest"] for source in one["from"]})),
                one["wave"] if one["wave"] is not None else Text("stays", "留下"),
                one["replicas"] if one["moves"] else "–",
                f"{asked['cpu_millicores']:,}m" if asked else "–",
                f"{asked['memory_mib']:,} MiB" if asked else "–",
                requests_reason(asked["because"]) if asked else "–",
                percent(asked["confidence"], 1) if asked else "–",
                ", ".join(one["calls"]) or "–",
            ]
        )
    heads: list[Child] = [
        Text("Service", "服务"),
        Text("Kind", "类型"),
        Text("Runs on", "所在虚拟机"),
        Text("Wave", "波次"),
        Text("Replicas", "副本"),
        "CPU",
        Text("Memory", "内存"),
        Text("Because", "依据"),
        Text("Sure", "置信度"),
        Text("Calls", "调用"),
    ]
    note = Text(
        "Requests are those of one replica; the memory limit is the request.",
        "资源请求为单个副本的值；内存上限等于请求。",
    )
    return section(
        "services",
        Text("Services", "服务"),
        tag("p", note),
        table(Text("Every service of the plan", "计划中的全部服务"), heads, rows, {3, 4, 5, 6, 8}) if rows else None,
    )
