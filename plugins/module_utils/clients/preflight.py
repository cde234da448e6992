# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tries every credential, endpoint and file that the phases will need, and changes nothing."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core import preflight as judge
from ..core.errors import ConnectionFailed, LandfallError, Problem
from ..core.settings_xml import parse
from .bundle_store import BundleStore
from .nexus import connect as nexus_login
from .vsphere import connect as vcenter_login

try:
    import jmespath
except ImportError:
    jmespath = None


@dataclass(frozen=True)
class Credentials:
    """Who we are at the endpoints. Never shown."""

    vcenter: Mapping[str, Any] = field(repr=False)
    nexus_user: str
    nexus_password: str = field(repr=False)
    nexus_initial_password: str | None = field(repr=False)
    settings_path: str


@dataclass(frozen=True)
class Check:
    """One thing that was tried."""

    name: str
    seconds: float
    problems: list[Problem]


Probe = Callable[[Mapping[str, Any], Credentials], Iterator[Problem]]


def look(platform: Mapping[str, Any], credentials: Credentials) -> list[Check]:
    """Try everything; what fails is a problem of its check and stops no other."""
    checks = []
    for name, (path, probe) in PROBES.items():
        began = time.monotonic()
        try:
            problems = list(probe(platform, credentials))
        except LandfallError as error:
            problems = judge.of_error(error, path)
        checks.append(Check(name, round(time.monotonic() - began, 1), problems))
    return checks


def _files(platform: Mapping[str, Any], _credentials: Credentials) -> Iterator[Problem]:
    keys = {
        "platform.estate.guests.private_key_file": platform["estate"]["guests"]["private_key_file"],
        "platform.nodes.ssh.private_key_file": platform["nodes"]["ssh"]["private_key_file"],
    }
    for path, name in keys.items():
        if not name:
            continue
        try:
            mode = os.stat(os.path.expanduser(name)).st_mode
        except OSError as error:
            yield Problem(path, f"{name}: {error.strerror}", "a private key that this user can read")
            continue
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Problem(path, f"{name} is readable by others ({stat.filemode(mode)})", "chmod 600: ssh refuses it so")


def _selections(platform: Mapping[str, Any], _credentials: Credentials) -> Iterator[Problem]:
    if jmespath is None:
        yield Problem("python", "the package jmespath is missing", "pip install -r requirements.txt of the collection")
        return
    estate = platform["estate"]
    places = {"include": estate["include"], "exclude": estate["exclude"], "guests.select": estate["guests"]["select"]}
    for key, expression in places.items():
        try:
            jmespath.compile(expression or "name")
        except jmespath.exceptions.JMESPathError as error:
            yield Problem(
                f"platform.estate.{key}", str(error).splitlines()[0], "a JMESPath expression over a guest's facts"
            )


def _vcenter(platform: Mapping[str, Any], credentials: Credentials) -> Iterator[Problem]:
    properties = {
        "VirtualMachine": ("name", "config.template"),
        "Network": ("name",),
        "ClusterComputeResource": ("name",),
        "Datastore": ("name",),
    }
    kinds = {"Network": "network", "ClusterComputeResource": "cluster", "Datastore": "datastore"}
    names: dict[str, list[str]] = {"template": [], "network": [], "cluster": [], "datastore": []}
    with vcenter_login(credentials.vcenter) as vcenter:
        for record in vcenter.sweep(properties):
            found = record["properties"]
            if record["type"] == "VirtualMachine":
                if found.get("config.template"):
                    names["template"].append(found["name"])
            else:
                names[kinds.get(record["type"], "network")].append(found["name"])
    yield from judge.vcenter(platform, names)


def _bundle(platform: Mapping[str, Any], _credentials: Credentials) -> Iterator[Problem]:
    cluster = platform["cluster"]
    store = BundleStore(os.path.expanduser(cluster["bundle"]))
    entries = store.entries()
    store.verify(entries)
    yield from judge.bundle(cluster["version"], [entry.document() for entry in entries])


def _nexus(platform: Mapping[str, Any], credentials: Credentials) -> Iterator[Problem]:
    nexus = platform["delivery"]["nexus"]
    if not nexus or not nexus.get("url"):
        return
    nexus_login(
        nexus["url"],
        user=credentials.nexus_user,
        password=credentials.nexus_password,
        initial_password=credentials.nexus_initial_password,
        ca_path=nexus.get("ca_path"),
        timeout=30,
    )
    yield from ()


def _settings(_platform: Mapping[str, Any], credentials: Credentials) -> Iterator[Problem]:
    path = os.path.expanduser(credentials.settings_path)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return  # the role maven makes it
    except OSError as error:
        raise ConnectionFailed(f"{path}: {error.strerror}") from error
    if content:
        parse(content, path)
    yield from ()


PROBES: dict[str, tuple[str, Probe]] = {
    "selections": ("platform.estate", _selections),
    "files": ("platform", _files),
    "vCenter": ("platform.vcenter", _vcenter),
    "bundle": ("platform.cluster.bundle", _bundle),
    "Nexus": ("platform.delivery.nexus", _nexus),
    "Maven settings": ("maven_settings_path", _settings),
}
