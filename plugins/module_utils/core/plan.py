# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shape of plan.yml: derived from the facts and the wish, reviewed by people, read by every later phase."""

from __future__ import annotations

from typing import Optional, TypedDict

from .workloads import Finding, Runtime

VERSION = 1


class Inputs(TypedDict):
    """Digests of what the plan was made from (planning inputs only): sha256:<hex>."""

    estate: str
    workloads: str
    platform: str


class Node(TypedDict):
    name: str
    role: str  # control_plane | worker
    cpus: int
    memory_gib: int
    disk_gib: int
    cluster: str
    esxi_host: str
    datastore: str
    address: str | None  # None: DHCP decides
    labels: dict[str, str]
    adopt: bool  # an existing VM is taken over; else one is cloned
    waits_for: list[str]  # guests that must be off before it is made; none: it is made at first


class Source(TypedDict):
    """Where a service runs today."""

    guest: str
    address: str
    started_by: str  # as in workloads.yml, and what unit and script mean by it
    unit: str | None
    script: str | None
    user: str
    port: int | None


class Image(TypedDict):
    """Out of what the image is made: `source` is <guest>:<path>, or None where the base is all that it takes."""

    source: str | None
    sha256: str | None
    base: str  # name of the base image in the bundle: landfall/jre:17


class Requests(TypedDict):
    cpu_millicores: int
    memory_mib: int
    because: str
    confidence: float


class Data(TypedDict):
    path: str
    size_gib: int
    storage_class: str | None  # None: the default class
    keep: bool  # what lies there now must not be lost


class Expose(TypedDict, total=False):
    node_port: int


# Written as a call: a class cannot have a field named `from`, where the service runs today.
Service = TypedDict(
    "Service",
    {
        "name": str,  # DNS-1123 label: the name of its Kubernetes Service
        "kind": str,  # jvm | nginx | redis | mariadb …
        "role": str,  # application | frontend | registry (Eureka) | cache (Redis) | database
        "moves": bool,  # False: it stays on its guest and gets a Service without selector
        "namespace": str,
        "from": list[Source],
        "port": Optional[int],  # None: nobody can call it
        "runtime": Optional[Runtime],
        "image": Optional[Image],
        "requests": Optional[Requests],
        "replicas": int,
        "calls": list[str],
        "wave": Optional[int],
        "data": list[Data],
        "expose": Expose,
        "node_selector": dict[str, str],
        "findings": list[Finding],
    },
)


class Resources(TypedDict):
    cpus: int
    memory_gib: float
    disk_gib: float


class Wave(TypedDict):
    number: int
    services: list[str]
    needs: list[str]  # nodes that stand only since the wave before, when guests that they waited for went off
    because: str
    minutes: int  # an estimate, of one person watching
    peak: Resources  # what the nodes and the guests that are not freed yet are given, while both sides run
    frees: list[str]  # guests that nobody needs after it


class FrontDoor(TypedDict):
    kind: str  # nginx | haproxy
    guest: str
    address: str
    configuration: list[str]  # paths of the files that name upstreams


class Plan(TypedDict):
    version: int
    inputs: Inputs
    summary: dict[str, object]
    nodes: list[Node]
    services: list[Service]
    waves: list[Wave]
    front_door: FrontDoor | None
    blockers: list[Finding]
    warnings: list[Finding]  # of the plan as a whole; those of a service stand with it


def first_workers(plan: Plan) -> list[str]:
    """The addresses of the workers that are made at first. Whether one that waits for guests stands, no plan knows."""
    return [
        node["address"]
        for node in plan["nodes"]
        if node["role"] == "worker" and node["address"] and not node.get("waits_for")
    ]
