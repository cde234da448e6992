# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services as the plan writes them: namespace, image, requests, replicas, data, what is exposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..estate import Guest
from ..plan import Data, Expose, Image, Requests, Service, Source
from ..platform import project_of
from ..platform_words import port_range
from ..schema import each
from ..workloads import Finding
from .requests import needs_of, replicas_of
from .rules import jre_of
from .services import APPLICATION, CACHE, FRONTEND, REGISTRY, Found, Part
from .settle import settle_requests

DATA_GIB = 10  # of a volume whose size nobody said
NODE_PORTS = "30000-32767"
_BASES = {FRONTEND: "landfall/nginx:1.22", CACHE: "landfall/redis:7.0"}


def write_service(
    one: Found,
    *,
    calls: Sequence[str],
    findings: Sequence[Finding],
    guests: Mapping[str, Guest],
    tenants: Mapping[str, int],
    platform: Mapping[str, Any],
    previous: Service | None,
) -> Service:
    """A found service as the plan has it; its wave comes later."""
    said = platform["suite"]["services"].get(one.name) or {}
    data = _data(one, said) if one.moves else []
    replicas = replicas_of(one, platform, has_data=bool(data)) if one.moves else 0
    requests: Requests | None = None
    if one.moves:
        cpu, memory = needs_of(one, guests, tenants, platform, replicas)
        unchanged = previous is not None and previous["replicas"] == replicas
        requests = settle_requests(cpu, memory, previous["requests"] if previous and unchanged else None)
    namespace = project_of(platform, one.name)
    return {
        "name": one.name,
        "kind": one.kind,
        "role": one.role,
        "moves": one.moves,
        "namespace": namespace,
        "from": [_source(part) for part in one.parts],
        "port": said.get("port") or one.parts[0].port,
        "runtime": one.first["runtime"],
        "image": _image(one, said.get("java")) if one.moves else None,
        "requests": requests,
        "replicas": replicas,
        "calls": list(calls),
        "wave": None,
        "data": data,
        "expose": _expose(said),
        "node_selector": _node_selector(said, namespace, platform) if one.moves else {},
        "findings": list(findings),
    }


def expose_front(
    services: Sequence[Service], behind: Sequence[str], platform: Mapping[str, Any], previous: Mapping[str, Service]
) -> None:
    """A node port for each service that the front door passes requests to, where the document gives none."""
    taken = {one["expose"]["node_port"] for one in services if "node_port" in one["expose"]}
    taken.add(platform["cluster"]["registry"]["node_port"])
    for one in services:
        if one["name"] not in behind or not one["moves"] or "node_port" in one["expose"]:
            continue
        before = previous[one["name"]]["expose"].get("node_port") if one["name"] in previous else None
        allowed = port_range(_node_ports(one["namespace"], platform))
        port = before if before in allowed and before not in taken else None
        port = port or next((number for number in allowed if number not in taken), None)
        if port is not None:
            one["expose"] = {"node_port": port}
            taken.add(port)


def _source(part: Part) -> Source:
    service = part.service
    return {
        "guest": part.guest,
        "address": part.address,
        "started_by": service["started_by"],
        "unit": service["unit"],
        "script": service["script"],
        "user": service["user"],
        "port": part.port,
    }


def _image(one: Found, java: int | None) -> Image:
    jar, root = one.first["jar"], one.first["document_root"]
    guest = one.parts[0].guest
    if one.role in (APPLICATION, REGISTRY):
        runtime = one.first["runtime"]
        base = f"landfall/jre:{java or jre_of(runtime['java'] if runtime else None)}"
        source = f"{guest}:{jar['path']}" if jar else None
        return {"source": source, "sha256": jar["sha256"] if jar else None, "base": base}
    base = _BASES.get(one.role, f"landfall/{one.kind}")
    return {"source": f"{guest}:{root}" if root else None, "sha256": None, "base": base}


def _data(one: Found, said: Mapping[str, Any]) -> list[Data]:
    wanted = {item["path"]: item for item in said.get("data") or []}
    found = {path for part in one.parts for path in part.service["data"]}
    return [
        {
            "path": path,
            "size_gib": wanted.get(path, {}).get("size_gib") or DATA_GIB,
            "storage_class": wanted.get(path, {}).get("storage_class"),
            "keep": wanted.get(path, {}).get("keep", True),
        }
        for path in sorted({*wanted, *found})
    ]


def _expose(said: Mapping[str, Any]) -> Expose:
    port = (said.get("expose") or {}).get("node_port")
    return {"node_port": port} if port else {}


def _node_ports(namespace: str, platform: Mapping[str, Any]) -> str:
    for _path, workspace in each(dict(platform), "tenancy.workspaces[]"):
        if any(project["name"] == namespace for project in workspace["projects"]):
            return str(workspace["node_ports"] or NODE_PORTS)
    return NODE_PORTS


def _node_selector(said: Mapping[str, Any], namespace: str, platform: Mapping[str, Any]) -> dict[str, str]:
    projects = (project for workspace in platform["tenancy"]["workspaces"] for project in workspace["projects"])
    general: dict[str, str] = next((one["node_selector"] for one in projects if one["name"] == namespace), {})
    return dict(sorted({**general, **(said.get("node_selector") or {})}.items()))
