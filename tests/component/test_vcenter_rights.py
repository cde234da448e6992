# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role of docs/rights.md is enough for a whole job, and nothing of it is too much."""

from __future__ import annotations

import re
from typing import Any

from lab.centre.program import ROOT

from .vcenter_client import publishing_guests, run
from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]

OPERATOR = "landfall@vsphere.local"
DOCUMENTED = re.findall(r"^\| `([\w.]+)` \|", (ROOT / "docs/rights.md").read_text(encoding="utf-8"), re.MULTILINE)
NODE = {
    "role": "control_plane", "cpus": 2, "memory_gib": 8, "disk_gib": 100, "datastore": "ds-a-ssd",
}  # fmt: skip


def as_operator(vcenter: VCenter, module: str, **arguments: Any) -> dict[str, Any]:
    return run(vcenter, module, username=OPERATOR, **arguments)


def nodes(vcenter: VCenter, **more: Any) -> dict[str, Any]:
    wanted = [
        {**NODE, "name": f"cp-0{number}", "esxi_host": f"esx-a{number}", "address": f"10.99.0.{number + 9}", **more}
        for number in (1, 2)
    ]
    return as_operator(
        vcenter, "vsphere_nodes", site="lab", template="debian-12-node", folder="/DC0/vm/kubernetes/lab",
        network="vm-prod", gateway="10.99.0.1", nodes=wanted, wait_timeout=120, allow_power_cycle=True,
    )  # fmt: skip


def used(vcenter: VCenter) -> set[str]:
    return {one for role in vcenter.control("GET", "/roles") if role["user"] == OPERATOR for one in role["used"] or []}


def test_the_documented_role_is_enough_and_nothing_of_it_is_too_much(vcenter: VCenter) -> None:
    vcenter.control("POST", "/roles", {"user": OPERATOR, "privileges": DOCUMENTED})
    assert as_operator(vcenter, "vsphere_estate_info", statistics={"days": 1})["estate"]["guests"]
    assert used(vcenter) == set(), "looking takes none of them"
    with publishing_guests(vcenter):
        for result in (nodes(vcenter), nodes(vcenter, memory_gib=16)):
            assert result["changed"], result
    for state, more in (
        ("marked", {"mark": "moved", "wave": 1}),
        ("shut_down", {}),
        ("deleted", {"quarantine_days": 0}),
    ):
        result = as_operator(vcenter, "vsphere_retire", guests=["goods-01"], state=state, confirm=True, **more)
        assert result["changed"], result
    result = as_operator(vcenter, "vsphere_nodes", site="lab", state="absent", confirm=True)
    assert [one["action"] for one in result["nodes"]] == ["removed"] * 2
    assert sorted(used(vcenter)) == sorted(DOCUMENTED)


def test_a_privilege_that_is_missing_is_named(vcenter: VCenter) -> None:
    less = [one for one in DOCUMENTED if one != "Datastore.AllocateSpace"]
    vcenter.control("POST", "/roles", {"user": OPERATOR, "privileges": less})
    result = nodes(vcenter)
    assert result["failed"]
    assert f"{OPERATOR} may not Datastore.AllocateSpace on" in result["msg"]
    assert not {"cp-01", "cp-02"} & set(vcenter.machines())
