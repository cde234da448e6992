# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory plugin through the real ansible-inventory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .vcenter_client import run
from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]

ROOT = Path(__file__).resolve().parents[2]


class Inventory:
    def __init__(self, vcenter: VCenter, directory: Path) -> None:
        self._vcenter, self._directory = vcenter, directory
        (directory / "ca.pem").write_bytes(vcenter.ca_path.read_bytes())

    def run(self, name: str = "mall.estate.yml", password: str | None = None, **options: Any) -> tuple[Any, str]:
        """(the inventory, what was said besides)."""
        source = self._directory / name
        base = {"plugin": "landfall.replatform.estate", "hostname": self._vcenter.host, "port": self._vcenter.port}
        source.write_text(yaml.safe_dump({**base, "username": self._vcenter.user, "ca_path": "ca.pem", **options}))
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ansible-inventory")), "-i", str(source), "--list"],
            env={
                **os.environ,
                "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".lab" / "collections"),
                "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
                "VMWARE_PASSWORD": password or self._vcenter.password,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        # ansible-inventory marks what came from outside, so that nobody takes it for a template
        listed = json.loads(done.stdout, object_hook=_bare) if done.returncode == 0 else None
        return listed, done.stderr


def _bare(value: dict[str, Any]) -> Any:
    return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else value


@pytest.fixture
def inventory(vcenter: VCenter, tmp_path: Path) -> Inventory:
    return Inventory(vcenter, tmp_path)


def hosts(listed: Any, group: str) -> set[str]:
    return set(listed.get(group, {}).get("hosts", ()))


def test_groups_and_variables(inventory: Inventory) -> None:
    listed, said = inventory.run(
        select="contains(tags, 'spring-cloud') && folder == '/DC0/vm/legacy'",
        compose={"ansible_user": "'ops'"},
        keyed_groups=[{"key": "landfall_guest.attributes.owner", "prefix": "owner"}],
        attributes=["business_line"],
        groups={"large": "landfall_guest.memory_gib > 8"},
    )
    assert listed is not None, said
    variables = listed["_meta"]["hostvars"]
    assert "debian-12-node" not in variables, "a template is no host"
    assert variables["goods-01"]["ansible_host"] == "10.99.0.23"
    assert variables["goods-01"]["ansible_user"] == "ops"
    assert variables["goods-01"]["landfall_guest"]["cluster"] == "Prod-A"
    assert {"eureka-01", "gateway-01", "goods-01", "order-01", "member-01"} <= hosts(listed, "guests")
    assert "redis-01" not in hosts(listed, "guests")
    assert "nexus-01" in hosts(listed, "cluster_prod_b")
    assert "tob-demo-02" in hosts(listed, "power_off") & hosts(listed, "folder_enterprise") & hosts(listed, "tag_test")
    assert "promo-01" in hosts(listed, "os_centos7")
    assert "goods-01" in hosts(listed, "owner_goods_team") & hosts(listed, "business_line_mall_trade")
    assert "db-01" in hosts(listed, "large")
    assert hosts(listed, "nodes") == set()


def test_some_guests_are_no_hosts(inventory: Inventory) -> None:
    listed, _said = inventory.run("landfall.yml", include="cluster == 'Prod-B'", exclude="power_state == 'off'")
    assert {one["landfall_guest"]["cluster"] for one in listed["_meta"]["hostvars"].values()} == {"Prod-B"}
    assert hosts(listed, "power_off") == set()


def test_the_cache_asks_nobody(inventory: Inventory, vcenter: VCenter, tmp_path: Path) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    first, _said = inventory.run(**cache)
    assert vcenter.calls()["Login"] == 1
    again, _said = inventory.run(**cache)
    assert vcenter.calls()["Login"] == 1
    assert again == first
    assert vcenter.sessions() == []


def test_a_moved_guest_stays_a_host(inventory: Inventory, vcenter: VCenter) -> None:
    run(vcenter, "vsphere_retire", guests=["goods-01"], state="shut_down")
    listed, _said = inventory.run(select="name == 'goods-01'")
    assert listed["_meta"]["hostvars"]["goods-01"]["landfall_guest"]["landfall"]["state"] == "retired"
    assert hosts(listed, "guests") == set(), "it is off"
    run(vcenter, "vsphere_retire", guests=["goods-01"], state="restored")


def test_it_fails_with_one_sentence(inventory: Inventory, vcenter: VCenter) -> None:
    listed, said = inventory.run(password="wrong")
    assert listed is None
    assert "refuses the login of administrator@vsphere.local" in said
    assert "vim.fault" not in said
    vcenter.stop()
    try:
        listed, said = inventory.run()
    finally:
        vcenter.start()
    assert listed is None
    assert "does not answer as a vCenter" in said
