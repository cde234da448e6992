# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bad input ends before anything changes: its path, what was found, what would be right, and all of it at once."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .modules import run_module
from .nexus_fixture import ADMIN_PASSWORD, RunningNexus
from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]

Site = dict[str, Any]


def _bundle(directory: Path) -> Path:
    entries = []
    (directory / "blobs" / "sha256").mkdir(parents=True)
    for name, version in {
        "kubeadm": "1.36.4",
        "kubelet": "1.36.4",
        "kubectl": "1.36.4",
        "containerd": "2.3.4",
        "cni-plugins": "1.9.1",
    }.items():
        digest = hashlib.sha256(name.encode()).hexdigest()
        (directory / "blobs" / "sha256" / digest).write_text(name)
        entries.append(
            {
                "name": name,
                "version": version,
                "kind": "binary",
                "arch": "amd64",
                "sha256": digest,
                "size": len(name),
                "file": name,
            }
        )
    (directory / "index.json").write_text(json.dumps({"version": 1, "entries": entries}))
    return directory


@pytest.fixture
def site(vcenter: VCenter, nexus: RunningNexus, tmp_path: Path) -> Site:
    """The arguments of a preflight that has nothing to complain about."""
    key = tmp_path / "id_ed25519"
    key.touch(mode=0o600)
    platform = {
        "site": "test",
        "vcenter": {"host": vcenter.host, "port": vcenter.port, "ca_path": str(vcenter.ca_path)},
        "estate": {"guests": {"private_key_file": str(key)}},
        "nodes": {
            "template": "debian-12-node",
            "network": "vm-prod",
            "clusters": ["Prod-A"],
            "ssh": {"private_key_file": str(key)},
        },
        "cluster": {"bundle": str(_bundle(tmp_path / "bundle")), "endpoint": {"address": "10.99.0.9"}},
        "delivery": {"nexus": {"url": nexus.url}},
    }
    return {
        "platform": platform,
        "vcenter_user": vcenter.user,
        "vcenter_password": vcenter.password,
        "nexus_password": ADMIN_PASSWORD,
        "nexus_initial_password": nexus.initial_password,
        "maven_settings_path": str(tmp_path / "settings.xml"),
    }


def _problems(site: Site) -> list[tuple[str, str]]:
    result = run_module("preflight", site)
    assert not result.get("changed")
    return [(problem["path"], problem["found"]) for problem in result.get("problems", [])]


def test_a_site_that_is_ready(site: Site) -> None:
    result = run_module("preflight", site)
    assert not result["failed"], result["msg"]
    assert {check["name"] for check in result["checks"]} >= {"vCenter", "bundle", "Nexus", "Maven settings"}


def _wrong_template(site: Site) -> None:
    site["platform"]["nodes"]["template"] = "debian-12-nod"


def _wrong_network(site: Site) -> None:
    site["platform"]["nodes"]["network"] = "vm-prood"


def _wrong_vcenter_password(site: Site) -> None:
    site["vcenter_password"] = "certainly not this"


def _wrong_nexus_password(site: Site) -> None:
    site["nexus_password"] = site["nexus_initial_password"] = "certainly not this"


def _broken_settings(site: Site) -> None:
    Path(site["maven_settings_path"]).write_text("<settings><mirrors></settings>")


def _damaged_bundle(site: Site) -> None:
    digest = hashlib.sha256(b"kubelet").hexdigest()
    (Path(site["platform"]["cluster"]["bundle"]) / "blobs" / "sha256" / digest).write_text("kubelot")


def _bundle_of_another_version(site: Site) -> None:
    site["platform"]["cluster"]["version"] = "1.35.8"


def _unknown_key(site: Site) -> None:
    site["platform"]["nodes"]["tmplate"] = "x"


def _mistyped_key(site: Site) -> None:
    site["platform"]["plan"] = {"control_planes": {"count": "three"}}


def _open_key_file(site: Site) -> None:
    Path(site["platform"]["nodes"]["ssh"]["private_key_file"]).chmod(0o644)


def _wrong_expression(site: Site) -> None:
    site["platform"]["estate"]["include"] = "folder =="


BAD: dict[Callable[[Site], None], tuple[str, str]] = {
    _wrong_template: ("platform.nodes.template", "debian-12-nod"),
    _wrong_network: ("platform.nodes.network", "vm-prood"),
    _wrong_vcenter_password: ("platform.vcenter", "refuses the login"),
    _wrong_nexus_password: ("platform.delivery.nexus", "refuses the password"),
    _broken_settings: ("settings.xml:1:22", "mismatched tag"),
    _damaged_bundle: ("kubelet 1.36.4", "has sha256"),
    _bundle_of_another_version: ("platform.cluster.bundle", "no kubelet 1.35.8"),
    _unknown_key: ("platform.nodes.tmplate", ""),
    _mistyped_key: ("platform.plan.control_planes.count", "three"),
    _open_key_file: ("platform.nodes.ssh.private_key_file", "readable by others"),
    _wrong_expression: ("platform.estate.include", ""),
}


@pytest.mark.parametrize("spoil", BAD, ids=lambda spoil: spoil.__name__.strip("_"))
def test_it_is_refused_with_its_place(site: Site, spoil: Callable[[Site], None]) -> None:
    spoil(site)
    path, found = BAD[spoil]
    problems = _problems(site)
    assert any(path in where and found in what for where, what in problems), problems


def test_everything_that_is_wrong_is_told_at_once(site: Site) -> None:
    for spoil in (_wrong_template, _wrong_nexus_password, _broken_settings, _damaged_bundle):
        spoil(site)
    assert len(_problems(copy.deepcopy(site))) >= 4
