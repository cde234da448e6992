# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Nexus shall hold, against what it holds: the requests that are left, in an order that works.

Pure: the client reads the state and sends the requests. Semantics that cost others repositories and passwords:
PUT replaces a repository whole, so what nobody asked to change is carried over; names differ between reading and
writing (`routingRuleName`/`routingRule`); type, format and blob store cannot be changed at all.
https://github.com/sonatype/nexus-public/issues/326
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import ConflictError, DocumentError, Problem

Json = dict[str, Any]

KINDS = ("hosted", "proxy", "group")
FORMATS = ("maven2", "npm", "raw")
_PATH_OF_FORMAT = {"maven2": "maven"}
_READ_ONLY = ("format", "type", "url")


@dataclass(frozen=True)
class State:
    """What a Nexus holds. `passwords_hold`: the users whose wanted password is the one that they have."""

    blob_stores: frozenset[str]
    repositories: Mapping[str, Json]
    roles: Mapping[str, Json]
    users: Mapping[str, Json]
    passwords_hold: frozenset[str] = frozenset()
    anonymous: bool | None = None


@dataclass(frozen=True)
class Deployer:
    """A user that may put artefacts into hosted repositories and read every repository that is listed."""

    name: str
    password: str = field(repr=False)
    repositories: tuple[str, ...]
    email: str = ""


@dataclass(frozen=True)
class Wanted:
    blob_stores: tuple[str, ...]
    repositories: tuple[Json, ...]
    deployers: tuple[Deployer, ...] = ()
    anonymous: bool | None = None


@dataclass(frozen=True)
class Request:
    """One request, and what it changes in words and as a before/after pair free of secrets."""

    method: str
    path: str
    body: Any = field(repr=False)
    subject: str
    before: Json | None
    after: Json
    content_type: str = "application/json"


def problems(repositories: Iterable[Json], path: str = "delivery.nexus.repositories") -> list[Problem]:
    """Everything that is wrong with a list of wanted repositories."""
    found: list[Problem] = []
    names: set[str] = set()
    items = list(repositories)
    every = {item["name"] for item in items}
    for index, item in enumerate(items):
        at = f"{path}[{index}]"
        if item["name"] in names:
            found.append(Problem(f"{at}.name", f"'{item['name']}' stands here twice", "give each repository one entry"))
        names.add(item["name"])
        if item["type"] == "proxy" and not item.get("remote"):
            found.append(Problem(f"{at}.remote", "a proxy without a remote", "the address it fetches from"))
        if item["type"] == "group":
            members = item.get("members") or []
            if not members:
                found.append(Problem(f"{at}.members", "a group without members", "the repositories it joins, in order"))
            found.extend(
                Problem(f"{at}.members", f"'{member}' is itself", "other repositories only")
                for member in members
                if member == item["name"]
            )
            found.extend(
                Problem(f"{at}.members", f"'{member}' is not in the list", f"one of {', '.join(sorted(every))}")
                for member in members
                if member not in every
            )
    return found


def changes(wanted: Wanted, state: State) -> list[Request]:
    """The requests that turn `state` into `wanted`, in an order in which each finds what it needs."""
    wrong = problems(wanted.repositories)
    if wrong:
        raise DocumentError("The repositories of the document cannot be made:", wrong)
    todo: list[Request] = []
    for name in wanted.blob_stores:
        if name not in state.blob_stores:
            body = {"name": name, "path": name}
            todo.append(Request("POST", "/v1/blobstores/file", body, f"blob store {name}", None, body))
    for item in sorted(wanted.repositories, key=lambda one: one["type"] == "group"):
        todo.extend(_repository(item, state.repositories.get(item["name"])))
    for deployer in wanted.deployers:
        todo.extend(_deployer(deployer, wanted.repositories, state))
    if wanted.anonymous is not None and wanted.anonymous != state.anonymous:
        access: Json = {"enabled": wanted.anonymous, "userId": "anonymous", "realmName": "NexusAuthorizingRealm"}
        before = None if state.anonymous is None else {"enabled": state.anonymous}
        todo.append(
            Request("PUT", "/v1/security/anonymous", access, "anonymous access", before, {"enabled": wanted.anonymous})
        )
    return todo


def settings(item: Json) -> Json:
    """The settings that the document asks for, in Nexus' own shape; only what was asked, for a new one completed."""
    storage: Json = {"blobStoreName": item.get("blob_store") or "default"}
    body: Json = {"name": item["name"], "online": item.get("online", True), "storage": storage}
    if item["format"] == "maven2" and item["type"] != "group":
        policy = (item.get("version_policy") or "release").upper()
        body["maven"] = {"versionPolicy": policy}
    if item["type"] == "hosted":
        snapshot = item.get("version_policy") == "snapshot"
        storage["writePolicy"] = (item.get("write_policy") or ("allow" if snapshot else "allow_once")).upper()
    elif item["type"] == "proxy":
        body["proxy"] = {"remoteUrl": item["remote"]}
    else:
        body["group"] = {"memberNames": list(item["members"])}
    return body


_NEW: dict[str, Json] = {
    "proxy": {
        "proxy": {"contentMaxAge": -1, "metadataMaxAge": 1440},
        "negativeCache": {"enabled": True, "timeToLive": 1440},
        "httpClient": {"blocked": False, "autoBlock": True},
    },
    "hosted": {},
    "group": {},
}


def _repository(item: Json, current: Json | None) -> list[Request]:
    path = f"/v1/repositories/{_PATH_OF_FORMAT.get(item['format'], item['format'])}/{item['type']}"
    asked = settings(item)
    subject = f"repository {item['name']}"
    if current is None:
        body = _merge({"storage": {"strictContentTypeValidation": True}}, _NEW[item["type"]])
        if "maven" in asked:
            body = _merge(body, {"maven": {"layoutPolicy": "STRICT"}})
        body = _merge(body, asked)
        return [Request("POST", path, body, subject, None, body)]
    _refuse_immutable(item, current, asked)
    before = {key: value for key, value in current.items() if key not in _READ_ONLY}
    if "routingRuleName" in before:
        before["routingRule"] = before.pop("routingRuleName")
    after = _merge(before, asked)
    if _same(before, after):
        return []
    authentication = (before.get("httpClient") or {}).get("authentication") or {}
    if authentication:
        raise ConflictError(
            f"Repository {item['name']} logs in to its remote, and Nexus never tells that password: changing "
            f"{', '.join(_changed_keys(before, after))} here would lose it; change it in Nexus itself"
        )
    return [Request("PUT", f"{path}/{item['name']}", after, subject, before, after)]


def _refuse_immutable(item: Json, current: Json, asked: Json) -> None:
    blob_store = (current.get("storage") or {}).get("blobStoreName")
    pairs = [
        ("format", current.get("format"), item["format"]),
        ("type", current.get("type"), item["type"]),
        ("blob_store", blob_store, asked["storage"]["blobStoreName"] if item.get("blob_store") else blob_store),
    ]
    wrong = [
        Problem(
            f"delivery.nexus.repositories.{item['name']}.{key}",
            f"is '{found}' in Nexus",
            f"'{wish}' needs another name",
        )
        for key, found, wish in pairs
        if found != wish
    ]
    if wrong:
        raise ConflictError("Nexus cannot change these of a repository, and Landfall deletes none:", wrong)
    asked["storage"]["blobStoreName"] = blob_store


def _deployer(deployer: Deployer, repositories: Iterable[Json], state: State) -> list[Request]:
    items = list(repositories)
    role = f"{deployer.name}-deploy"
    body = {
        "id": role,
        "name": role,
        "description": f"What {deployer.name} may do: deploy to hosted repositories, read the others",
        "privileges": sorted(_privileges(items, deployer.repositories)),
        "roles": [],
    }
    todo: list[Request] = []
    current = state.roles.get(role)
    if current is None:
        todo.append(Request("POST", "/v1/security/roles", body, f"role {role}", None, body))
    else:
        before = {key: sorted(value) if isinstance(value := current.get(key), list) else value for key in body}
        if before != body:
            todo.append(Request("PUT", f"/v1/security/roles/{role}", body, f"role {role}", before, body))
    return todo + _user(deployer, role, state)


def _user(deployer: Deployer, role: str, state: State) -> list[Request]:
    subject = f"user {deployer.name}"
    public = {
        "userId": deployer.name,
        "firstName": deployer.name,
        "lastName": "deployer",
        "emailAddress": deployer.email or f"{deployer.name}@example.com",
        "status": "active",
        "roles": [role],
    }
    current = state.users.get(deployer.name)
    if current is None:
        body = {**public, "password": deployer.password}
        return [Request("POST", "/v1/security/users", body, subject, None, {**public, "password": "(set)"})]
    todo: list[Request] = []
    roles: list[str] = list(current.get("roles") or [])
    before = {"status": current.get("status"), "roles": roles}
    after = {"status": "active", "roles": sorted({*roles, role})}
    if current.get("status") != "active" or role not in roles:
        body = {**current, **after}
        todo.append(Request("PUT", f"/v1/security/users/{deployer.name}", body, subject, before, after))
    if deployer.name not in state.passwords_hold:
        path = f"/v1/security/users/{deployer.name}/change-password"
        todo.append(
            Request(
                "PUT",
                path,
                deployer.password,
                f"password of {deployer.name}",
                {"password": "(another)"},
                {"password": "(set)"},
                content_type="text/plain",
            )
        )
    return todo


def _privileges(items: Iterable[Json], deploys_to: Iterable[str]) -> list[str]:
    chosen = set(deploys_to)
    found: list[str] = []
    for item in items:
        verbs = ["browse", "read"]
        if item["type"] == "hosted" and (not chosen or item["name"] in chosen):
            verbs += ["add", "edit"]
        found.extend(f"nx-repository-view-{item['format']}-{item['name']}-{verb}" for verb in verbs)
    return found


def _merge(base: Json, over: Json) -> Json:
    merged = copy.deepcopy(base)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def _same(one: Any, other: Any) -> bool:
    """Equal, but for the case of words: Nexus answers `allow_once` here and `ALLOW_ONCE` there."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return bool(one == other)


def _changed_keys(before: Json, after: Json) -> list[str]:
    return sorted(key for key in after if not _same(before.get(key), after[key]))
