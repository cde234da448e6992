# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""platform.yml: the one document a person writes, completed and checked.

`parse_platform` takes the whole, `parse_section` a slice of it (`tenancy`, `delivery.nexus`): a role that is used alone
hands its slice to the same parser. Both are idempotent: a completed document is complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import (
    platform_cluster,
    platform_delivery,
    platform_nodes,
    platform_suite,
    platform_tenancy,
    platform_vmware,
)
from .errors import DocumentError, Problem
from .platform_words import NAME, address_range, port_range
from .schema import Check, Field, Record, Shape, each, near, parse, whole

PLATFORM = Record(
    {
        "version": Field(whole(1, 1), 1),
        "site": Field(NAME, help="a short name of the data centre"),
        "vcenter": Field(platform_vmware.VCENTER, {}),
        "estate": Field(platform_vmware.ESTATE, {}),
        "plan": Field(platform_vmware.PLAN, {}),
        "nodes": Field(platform_nodes.NODES, {}),
        "cluster": Field(platform_cluster.CLUSTER, {}),
        "storage": Field(platform_cluster.STORAGE, {}),
        "tenancy": Field(platform_tenancy.TENANCY, {}),
        "policy": Field(platform_cluster.POLICY, {}),
        "monitoring": Field(platform_cluster.MONITORING, {}),
        "logging": Field(platform_cluster.LOGGING, {}),
        "console": Field(platform_cluster.CONSOLE, {}),
        "delivery": Field(platform_delivery.DELIVERY, {}),
        "suite": Field(platform_suite.SUITE, {}),
        "cut_over": Field(platform_suite.CUT_OVER, {}),
        "retire": Field(platform_suite.RETIRE, {}),
    }
)


def _enough_addresses(platform: Any, path: str) -> Iterator[Problem]:
    for where, text in each(platform, "nodes.addresses.range", path):
        try:
            addresses = address_range(text)
        except ValueError:
            continue  # the check of the section says so
        for endpoint_path, endpoint in each(platform, "cluster.endpoint.address", path):
            if endpoint in addresses:
                found = f"{endpoint} lies in {where}, {text}"
                yield Problem(endpoint_path, found, "an address that no node can get")
        plan = platform.get("plan") or {}
        count = (plan.get("control_planes") or {}).get("count") or 0
        workers = (plan.get("workers") or {}).get("at_least") or 0
        if addresses and len(addresses) < count + workers:
            found = f"{text} has {len(addresses)} addresses"
            yield Problem(where, found, f"at least {count + workers}: {count} control planes and {workers} workers")


def _services(platform: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for where, services in each(platform, "suite.services", path):
        yield from ((f"{where}.{name}", settings) for name, settings in services.items() if settings)


def _projects_known(platform: Any, path: str) -> Iterator[Problem]:
    known = [name for _path, name in each(platform, "tenancy.workspaces[].projects[].name")]
    named = list(each(platform, "suite.project", path))
    for where, settings in _services(platform, path):
        named.extend(each(settings, "project", where))
    for where, project in named:
        if known and project not in known:
            yield Problem(where, f"{project!r} is not a project of {path}.tenancy", near(project, known))


def _node_ports_once(platform: Any, path: str) -> Iterator[Problem]:
    seen: dict[int, str] = {}
    for where, registry in each(platform, "cluster.registry", path):
        if registry.get("mode") == "distribution" and registry.get("node_port"):
            seen[registry["node_port"]] = f"{where}.node_port"
    for service, settings in _services(platform, path):
        for where, port in each(settings, "expose.node_port", service):
            if port in seen:
                yield Problem(where, f"{port} is taken by {seen[port]}", "a port of its own")
            seen.setdefault(port, where)


def _node_ports_of_workspace(platform: Any, path: str) -> Iterator[Problem]:
    default = (platform.get("suite") or {}).get("project")
    ranges = {
        project["name"]: (where, workspace["node_ports"])
        for where, workspace in each(platform, "tenancy.workspaces[]", path)
        for _path, project in each(workspace, "projects[]")
        if workspace["node_ports"]
    }
    for service, settings in _services(platform, path):
        workspace, text = ranges.get(settings.get("project") or default, ("", ""))
        for where, port in each(settings, "expose.node_port", service):
            if text and port not in port_range(text):
                found = f"{port} is not among the node ports of {workspace}, {text}"
                yield Problem(where, found, f"one of {text}")


def _storage_classes_known(platform: Any, path: str) -> Iterator[Problem]:
    known = [name for _path, name in each(platform, "storage.classes[].name")]
    for service, settings in _services(platform, path):
        for where, wanted in each(settings, "data[].storage_class", service):
            if wanted not in known:
                yield Problem(where, f"{wanted!r} is not among {path}.storage.classes", near(wanted, known))


def _pods_left(platform: Any, path: str) -> Iterator[Problem]:
    for _path, most in each(platform, "cluster.pods_per_node"):
        for where, own in each(platform, "plan.reserve.on_each_worker.pods", path):
            if own >= most:
                found = f"{own}, and a worker takes no more than {most} ({path}.cluster.pods_per_node)"
                yield Problem(where, found, f"fewer than {most}")


CHECKS: dict[str, list[Check]] = {
    **platform_vmware.CHECKS,
    **platform_nodes.CHECKS,
    **platform_cluster.CHECKS,
    **platform_tenancy.CHECKS,
    **platform_delivery.CHECKS,
    **platform_suite.CHECKS,
    "": [
        _enough_addresses,
        _projects_known,
        _node_ports_once,
        _node_ports_of_workspace,
        _storage_classes_known,
        _pods_left,
    ],
}


def parse_platform(raw: object) -> dict[str, Any]:
    """The whole document with its defaults, or a DocumentError with every problem."""
    platform: dict[str, Any] = parse(PLATFORM, raw, "platform", CHECKS)
    return platform


def parse_section(name: str, raw: object) -> Any:
    """One section (`tenancy`, `delivery.nexus`) with its defaults, or a DocumentError with every problem of it."""
    shape: Shape = PLATFORM
    for part in name.split("."):
        if not isinstance(shape, Record) or part not in shape.fields:
            known = list(shape.fields) if isinstance(shape, Record) else []
            raise DocumentError("no such section", [Problem(f"platform.{name}", "is not known", near(part, known))])
        shape = shape.fields[part].shape
    checks = {
        _beneath(key, name): several for key, several in CHECKS.items() if key == name or key.startswith(f"{name}.")
    }
    return parse(shape, {} if raw is None and isinstance(shape, Record) else raw, f"platform.{name}", checks)


def _beneath(key: str, name: str) -> str:
    return key[len(name) + 1 :]


def project_of(platform: Mapping[str, Any], service: str) -> str:
    """The project (namespace) that a service lands in."""
    suite = platform["suite"]
    settings = suite["services"].get(service) or {}
    first = [name for _path, name in each(dict(platform), "tenancy.workspaces[].projects[].name")]
    return str(settings.get("project") or suite["project"] or (first[0] if first else "default"))
