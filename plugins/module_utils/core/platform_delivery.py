# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The section of platform.yml about delivery: Nexus, Maven, the builds, the sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .errors import Problem
from .platform_words import FREE, URL
from .schema import EXAMPLES, REQUIRED, Check, Field, Flag, ListOf, Record, Text, each, near

_VERSION = Text(r"[0-9]+(\.[0-9]+)*", "a version")
EXAMPLES[_VERSION.says] = "3.8.7"
_REPOSITORY_NAME = Text(r"[A-Za-z0-9_][-A-Za-z0-9_.]*", "the name of a repository")
EXAMPLES[_REPOSITORY_NAME.says] = "maven-public"

_TYPE = Text(choices=("hosted", "proxy", "group"), says="a type of repository")
_VERSION_POLICY = Text(choices=("release", "snapshot", "mixed"), says="a version policy")
_WRITE_POLICY = Text(choices=("allow", "allow_once", "deny"), says="a write policy")

_REPOSITORY = Record(
    {
        "name": Field(_REPOSITORY_NAME),
        "format": Field(Text(choices=("maven2", "npm", "raw"), says="a format"), "maven2"),
        "type": Field(_TYPE),
        "blob_store": Field(_REPOSITORY_NAME, None, "without it, default"),
        "remote": Field(URL, None, "of a proxy"),
        "members": Field(ListOf(_REPOSITORY_NAME), [], "of a group; the first that has a file gives it"),
        "version_policy": Field(_VERSION_POLICY, None, "of maven2; without it, release"),
        "write_policy": Field(_WRITE_POLICY, None, "of a hosted one; without it, by the version policy"),
        "online": Field(Flag(), True),
    }
)

_DEPLOYER = Record(
    {
        "name": Field(FREE),
        "email": Field(FREE, None),
        "repositories": Field(ListOf(_REPOSITORY_NAME), [], "hosted ones; empty: each hosted one"),
    },
    secrets={"password": REQUIRED},
)

NEXUS = Record(
    {
        "url": Field(URL),
        "ca_path": Field(FREE, None, "PEM file of the CA that signed its certificate"),
        "admin_user": Field(FREE, "admin"),
        "anonymous": Field(Flag(), None, "whether anybody may read; without it, as it is"),
        "blob_stores": Field(ListOf(_REPOSITORY_NAME), [], "besides default"),
        "repositories": Field(ListOf(_REPOSITORY, unique="name"), []),
        "deployers": Field(ListOf(_DEPLOYER, unique="name"), [], "users that build agents deploy with"),
    },
    secrets={"admin_password": "NEXUS_ADMIN_PASSWORD"},
)

MAVEN = Record(
    {
        "version": Field(_VERSION, "3.8.7", "at least"),
        "mirrors": Field(
            ListOf(Record({"id": Field(FREE), "mirror_of": Field(FREE, "*"), "url": Field(URL)}), unique="id"), []
        ),
        "servers": Field(
            ListOf(Record({"id": Field(FREE)}, secrets={"username": REQUIRED, "password": REQUIRED}), unique="id"), []
        ),
    }
)

DELIVERY = Record(
    {
        "nexus": Field(NEXUS, None),
        "maven": Field(MAVEN, {}),
        "ci": Field(Record({"engine": Field(Text(choices=("tekton", "jenkins"), says="an engine"), "tekton")}), {}),
        "git": Field(
            Record({"kind": Field(Text(choices=("gitlab", "gitea"), says="a kind"), "gitlab"), "url": Field(URL)}), None
        ),
    }
)


def _by_type(nexus: Any, path: str) -> Iterator[Problem]:
    wanted = {"remote": "proxy", "members": "group", "write_policy": "hosted"}
    for where, one in each(nexus, "repositories[]", path):
        for key, kind in wanted.items():
            if one["type"] == kind and not one[key] and key != "write_policy":
                yield Problem(f"{where}.{key}", "is missing", f"a {kind} repository needs it")
            elif one["type"] not in (None, kind) and one[key]:
                yield Problem(
                    f"{where}.{key}", f"stands at a {one['type']} repository", f"only a {kind} repository has it"
                )
        if one["version_policy"] and one["format"] not in (None, "maven2"):
            yield Problem(f"{where}.version_policy", f"stands at format {one['format']}", "only maven2 has it")


def _group_members(nexus: Any, path: str) -> Iterator[Problem]:
    formats = {one["name"]: one["format"] for _path, one in each(nexus, "repositories[]") if one["name"]}
    for where, one in each(nexus, "repositories[]", path):
        others = [name for name in formats if name != one["name"]]
        for index, member in enumerate(one["members"] or []):
            here = f"{where}.members[{index}]"
            if member is not None and member not in others:
                yield Problem(here, f"{member!r} is not a repository of {path}", near(member, others))
            elif member is not None and formats[member] != one["format"]:
                yield Problem(here, f"{member!r} has format {formats[member]}", f"members of format {one['format']}")


def _blob_stores(nexus: Any, path: str) -> Iterator[Problem]:
    known = ["default", *(name for _path, name in each(nexus, "blob_stores[]"))]
    for where, name in each(nexus, "repositories[].blob_store", path):
        if name not in known:
            yield Problem(where, f"{name!r} is not among {path}.blob_stores", near(name, known))


def _deployers(nexus: Any, path: str) -> Iterator[Problem]:
    hosted = [one["name"] for _path, one in each(nexus, "repositories[]") if one["name"] and one["type"] == "hosted"]
    for where, name in each(nexus, "deployers[].repositories[]", path):
        if name not in hosted:
            yield Problem(where, f"{name!r} is not a hosted repository of {path}", near(name, hosted))


CHECKS: dict[str, list[Check]] = {"delivery.nexus": [_by_type, _group_members, _blob_stores, _deployers]}
