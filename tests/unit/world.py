"""A small world for the planner's tests: an estate, its workloads and a wish, each changed where a test needs it."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.selection import selection
from ansible_collections.landfall.replatform.plugins.module_utils.core.plan import Plan
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.guests import Questions
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.make import Facts, make_plan
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_platform

Json = dict[str, Any]


def merged(base: Json, more: Json) -> Json:
    """`base` with `more` laid over it, mapping by mapping."""
    result = copy.deepcopy(base)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else copy.deepcopy(value)
    return result


def usage(cores: float, gib: float, *, confidence: float = 1.0, seconds: int = 7200) -> Json:
    def series(value: float) -> Json:
        low, high = round(value * 0.6, 4), round(value * 1.2, 4)
        return {"samples": 360, "confidence": confidence, "average": low, "p95": value, "maximum": high}

    return {"interval_seconds": seconds, "cpu_cores": series(cores), "memory_gib": series(gib)}


def guest(name: str, **more: Any) -> Json:
    number = sum(map(ord, name)) % 200 + 20
    base = {
        "name": name,
        "uuid": f"uuid-{name}",
        "datacenter": "DC0",
        "folder": "/DC0/vm/legacy",
        "cluster": "A",
        "esxi_host": "esx-1",
        "power_state": "on",
        "template": False,
        "connection_state": "connected",
        "guest_os": "Debian GNU/Linux 12 (64-bit)",
        "guest_id": "debian12_64Guest",
        "hostname": name,
        "addresses": [f"10.0.1.{number}"],
        "tools": "running",
        "cpus": 4,
        "cores_per_socket": 4,
        "memory_gib": 8.0,
        "disk_gib": 60.0,
        "cpu_hot_add": False,
        "memory_hot_add": False,
        "snapshots": 0,
        "raw_device_mappings": 0,
        "datastores": ["ds-1"],
        "networks": ["vm-prod"],
        "tags": [],
        "attributes": {},
        "landfall": {},
        "annotation": "",
        "host_keys": [],
        "statistics": {"month": usage(0.4, 3.0)},
    }
    return merged(base, more)


def host(name: str, **more: Any) -> Json:
    base = {
        "name": name,
        "cluster": "A",
        "sockets": 2,
        "cores": 32,
        "threads": 64,
        "cpu_mhz": 2400,
        "memory_gib": 512.0,
        "cpu_used_mhz": 4000,
        "memory_used_gib": 40.0,
        "power_state": "on",
        "in_maintenance": False,
        "datastores": ["ds-1", "ds-2"],
    }
    return merged(base, more)


def service(name: str, **more: Any) -> Json:
    """A Spring Boot service, unless said otherwise."""
    base = {
        "name": name,
        "kind": "jvm",
        "unit": f"{name}.service",
        "started_by": "systemd",
        "script": None,
        "user": "app",
        "pid": 812,
        "working_directory": f"/opt/{name}",
        "ports": [8080],
        "command": ["/usr/bin/java", "-jar", f"/opt/{name}/{name}.jar"],
        "flags": ["-Xmx512m"],
        "arguments": [],
        "environment": {},
        "runtime": {
            "java": 17,
            "spring_boot": "4.0.7",
            "application_name": name,
            "eureka": True,
            "eureka_server": False,
            "actuator": True,
            "profiles": [],
            "main_class": "mall.Application",
        },
        "jar": {"path": f"/opt/{name}/{name}.jar", "sha256": "77e1" * 16, "size": 50000000},
        "memory": {"heap_max_mib": 512, "metaspace_max_mib": None, "threads": 38, "peak_rss_mib": 480},
        "configuration": [],
        "document_root": None,
        "data": [],
        "logs": [],
        "outbound": [],
        "inbound": [],
    }
    return merged(base, more)


def plain(kind: str, port: int, **more: Any) -> Json:
    """A service that is no JVM."""
    memory = {"heap_max_mib": None, "metaspace_max_mib": None, "threads": 4, "peak_rss_mib": 40}
    base = service(kind, kind=kind, ports=[port], flags=[], runtime=None, jar=None, memory=memory)
    return merged(base, more)


def registry(**more: Any) -> Json:
    runtime = {"eureka": True, "eureka_server": True, "application_name": "eureka-server"}
    return service("eureka-server", **merged({"ports": [8761], "runtime": runtime}, more))


def workload(guest_name: str, *services: Json, addresses: list[str] | None = None, **more: Any) -> Json:
    base = {
        "guest": guest_name,
        "addresses": addresses or guest(guest_name)["addresses"],
        "hostname": guest_name,
        "reachable": True,
        "services": list(services),
        "findings": [],
    }
    return merged(base, more)


def calls(address: str, port: int, source: str = "socket") -> Json:
    return {"address": address, "port": port, "source": source}


def configuration(path: str, content: str) -> Json:
    return {"path": path, "content": content, "secrets": []}


def estate(guests: list[Json], hosts: list[Json] | None = None, **more: Any) -> Json:
    hosts = hosts or [host("esx-1"), host("esx-2"), host("esx-3")]
    base = {
        "version": 1,
        "vcenter": {"host": "vcenter", "instance_uuid": "vc-1", "version": "8.0.3"},
        "clusters": [
            {"name": name, "datacenter": "DC0", "drs": True, "ha": True}
            for name in sorted({one["cluster"] for one in hosts})
        ],
        "esxi_hosts": hosts,
        "datastores": [
            {"name": "ds-1", "capacity_gib": 4096.0, "free_gib": 2000.0, "accessible": True},
            {"name": "ds-2", "capacity_gib": 4096.0, "free_gib": 3000.0, "accessible": True},
        ],
        "networks": [{"name": "vm-prod", "kind": "portgroup"}],
        "guests": guests,
    }
    return merged(base, more)


def wish(**more: Any) -> Json:
    """The raw document, as small as it can be."""
    base = {
        "site": "test",
        "vcenter": {"host": "vcenter"},
        "nodes": {"template": "debian-12"},
        "cluster": {"endpoint": {"address": "10.0.0.9"}},
    }
    return merged(base, more)


def facts(guests: list[Json], workloads: list[Json], *, platform: Json | None = None, **estate_more: Any) -> Facts:
    return facts_of(estate(guests, **estate_more), {"version": 1, "guests": workloads}, platform or wish())


def facts_of(estate_document: Any, workloads: Any, raw: Json) -> Facts:
    platform = parse_platform(raw)
    asked = platform["estate"]
    select = asked["guests"]["select"]
    questions = Questions(
        include=selection("include", asked["include"], otherwise=True),
        exclude=selection("exclude", asked["exclude"], otherwise=False),
        look_at=selection("select", select, otherwise=True) if select else None,
    )
    return Facts(copy.deepcopy(estate_document), copy.deepcopy(workloads), platform, questions)


def plan(guests: list[Json], workloads: list[Json], *, previous: Plan | None = None, **more: Any) -> Plan:
    return make_plan(facts(guests, workloads, **more), previous)
