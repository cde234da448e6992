# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The section of platform.yml about people: workspaces of subsidiaries, projects of business lines, members, quotas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .errors import Problem
from .platform_words import EMAIL, FREE, LABELS, NAME, PORT_RANGE, QUOTA, port_range
from .schema import Check, Field, ListOf, Record, Text, each, near

FLAVOURS = ("kubernetes", "kubesphere_v3", "kubesphere_v4")
WORKSPACE_ROLES = ("admin", "regular", "self-provisioner", "viewer")
PROJECT_ROLES = ("admin", "operator", "viewer")


def _members(roles: tuple[str, ...]) -> Field:
    role = Text(choices=roles, says="a role")
    return Field(ListOf(Record({"user": Field(NAME), "role": Field(role)}), unique="user"), [])


_PROJECT = Record(
    {
        "name": Field(NAME, help="its namespace"),
        "display": Field(FREE, None),
        "members": _members(PROJECT_ROLES),
        "quota": Field(QUOTA, {}),
        "node_selector": Field(LABELS, {}, "labels of the nodes that carry its pods"),
    }
)

_WORKSPACE = Record(
    {
        "name": Field(NAME),
        "display": Field(FREE, None),
        "members": _members(WORKSPACE_ROLES),
        "node_ports": Field(PORT_RANGE, None, "the node ports that its projects may use"),
        "quota": Field(QUOTA, {}),
        "projects": Field(ListOf(_PROJECT, unique="name"), []),
        "pipelines": Field(
            ListOf(Record({"name": Field(NAME), "members": _members(PROJECT_ROLES)}), unique="name"), []
        ),
    }
)

TENANCY = Record(
    {
        "flavour": Field(Text(choices=FLAVOURS, says="a flavour"), "kubernetes"),
        "users": Field(
            ListOf(
                Record(
                    {
                        "name": Field(NAME),
                        "email": Field(EMAIL, None),
                        "display": Field(FREE, None),
                    }
                ),
                unique="name",
            ),
            [],
        ),
        "workspaces": Field(ListOf(_WORKSPACE, unique="name"), []),
    }
)

_MEMBERS = ("workspaces[].members[]", "workspaces[].projects[].members[]", "workspaces[].pipelines[].members[]")


def _members_exist(tenancy: Any, path: str) -> Iterator[Problem]:
    users = [user["name"] for _path, user in each(tenancy, "users[]") if user["name"]]
    for pattern in _MEMBERS:
        for where, member in each(tenancy, pattern, path):
            if member["user"] and member["user"] not in users:
                yield Problem(
                    f"{where}.user", f"{member['user']!r} is not among {path}.users", near(member["user"], users)
                )


def _projects_once(tenancy: Any, path: str) -> Iterator[Problem]:
    # a project is a namespace of the cluster, so its name is taken for every workspace
    seen: dict[str, str] = {}
    for where, project in each(tenancy, "workspaces[].projects[]", path):
        workspace = where.partition(".projects[")[0]
        if project["name"] in seen and seen[project["name"]] != workspace:
            found = f"{project['name']!r} is a project of {seen[project['name']]} already"
            yield Problem(f"{where}.name", found, "a name of its own: projects are namespaces")
        seen.setdefault(project["name"], workspace)


def _quotas_fit(tenancy: Any, path: str) -> Iterator[Problem]:
    for where, workspace in each(tenancy, "workspaces[]", path):
        for key in ("cpu", "memory_gib"):
            whole = (workspace["quota"] or {}).get(key)
            parts = [part for _path, part in each(workspace, f"projects[].quota.{key}")]
            if whole is not None and sum(parts) > whole:
                found = f"its projects' quotas come to {sum(parts):g}, the workspace has {whole:g}"
                yield Problem(f"{where}.quota.{key}", found, f"at least {sum(parts):g}, or smaller projects")


def _node_ports(tenancy: Any, path: str) -> Iterator[Problem]:
    seen: list[tuple[str, range]] = []
    for where, text in each(tenancy, "workspaces[].node_ports", path):
        ports = port_range(text)
        if not ports:
            yield Problem(where, f"{text} ends before it begins", "the lower port first")
        elif ports[0] < 30000 or ports[-1] > 32767:
            yield Problem(where, f"{text} leaves the range of node ports", "within 30000-32767")
        for other, taken in seen:
            if ports and taken and ports[0] <= taken[-1] and taken[0] <= ports[-1]:
                yield Problem(where, f"{text} overlaps with {other}, {taken[0]}-{taken[-1]}", "ports of its own")
        seen.append((where, ports))


CHECKS: dict[str, list[Check]] = {"tenancy": [_members_exist, _projects_once, _quotas_fit, _node_ports]}
