# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sweep against the lab's vCenter: what it tells, how few calls it takes, how it fails."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients import vsphere
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere_estate import read_estate

from lab.centre import program

from .servers import free_port
from .vcenter_client import connection, run
from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]

MODULE = "vsphere_estate_info"
LEGACY = "folder == '/DC0/vm/legacy'"


def _by_name(things: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {thing["name"]: thing for thing in things}


def test_it_tells_the_whole_estate(vcenter: VCenter) -> None:
    estate = run(vcenter, MODULE, devices=True)["estate"]
    seeded = yaml.safe_load(program.ESTATE.read_text())
    guests = _by_name(estate["guests"])
    assert set(guests) == {guest["name"] for guest in seeded["guests"]} | {"debian-12-node"}
    goods = guests["goods-01"]
    assert {key: goods[key] for key in ("folder", "cluster", "esxi_host", "power_state", "cpus", "memory_gib")} == {
        "folder": "/DC0/vm/legacy", "cluster": "Prod-A", "esxi_host": "esx-a3", "power_state": "on", "cpus": 4,
        "memory_gib": 8.0,
    }  # fmt: skip
    assert goods["addresses"][0] == "10.99.0.23"
    assert goods["attributes"] == {"owner": "goods-team", "business_line": "mall-trade"}
    assert {"spring-cloud", "production"} <= set(goods["tags"])
    assert (goods["disk_gib"], goods["raw_device_mappings"], goods["datastores"]) == (60.0, 0, ["ds-a-ssd"])
    assert guests["db-01"]["disk_gib"] == 260.0
    assert guests["debian-12-node"]["template"]
    hosts = _by_name(estate["esxi_hosts"])
    assert set(hosts) == {"esx-a1", "esx-a2", "esx-a3", "esx-a4", "esx-b1", "esx-b2"}
    assert (hosts["esx-a1"]["cores"], hosts["esx-a1"]["cpu_mhz"], hosts["esx-a1"]["memory_gib"]) == (24, 2700, 192.0)
    assert [cluster["name"] for cluster in estate["clusters"]] == ["Prod-A", "Prod-B"]
    assert _by_name(estate["datastores"])["ds-a-ssd"]["capacity_gib"] == 6144.0
    assert _by_name(estate["networks"])["vm-prod"]["kind"] == "portgroup"


def test_a_sweep_is_four_calls_and_a_login(vcenter: VCenter) -> None:
    run(vcenter, MODULE)
    assert vcenter.calls() == {
        "RetrieveServiceContent": 1, "Login": 1, "CreateContainerView": 1, "RetrievePropertiesEx": 2, "DestroyView": 1,
        "Logout": 1,
    }  # fmt: skip
    assert vcenter.sessions() == []


def test_calls_grow_with_the_page_and_not_with_the_guest(vcenter: VCenter, monkeypatch: pytest.MonkeyPatch) -> None:
    def sweep(page: int) -> tuple[Any, dict[str, int]]:
        vcenter.reset_calls()
        monkeypatch.setattr(vsphere, "PAGE", page)
        with vsphere.connect({**connection(vcenter), "thumbprint": None}) as session:
            return read_estate(session), vcenter.calls()

    whole, calls = sweep(1000)
    assert (calls["RetrievePropertiesEx"], calls.get("ContinueRetrievePropertiesEx", 0)) == (2, 0)
    paged, calls = sweep(20)
    assert paged["guests"] == whole["guests"]
    objects = len(whole["guests"]) + sum(
        len(whole[key]) for key in ("clusters", "esxi_hosts", "datastores", "networks")
    )
    assert calls["RetrievePropertiesEx"] == 2
    assert objects // 20 <= calls["ContinueRetrievePropertiesEx"] <= objects // 20 + 2


def test_who_stops_reading_says_so(vcenter: VCenter, monkeypatch: pytest.MonkeyPatch) -> None:
    """vCenter keeps the rest of a truncated answer in memory until somebody asks for it or cancels it."""
    monkeypatch.setattr(vsphere, "PAGE", 20)
    with vsphere.connect({**connection(vcenter), "thumbprint": None}) as session:
        for _record in session.sweep({"VirtualMachine": ("name",)}):
            break
    assert vcenter.calls()["CancelRetrievePropertiesEx"] == 1
    assert vcenter.sessions() == []


def test_statistics_are_of_the_guests_that_count(vcenter: VCenter) -> None:
    result = run(vcenter, MODULE, include=LEGACY, exclude="name == 'db-01'", statistics={"days": 30})
    guests = _by_name(result["estate"]["guests"])
    assert "goods-01" in result["counted"]
    assert not {"db-01", "erp-app-01", "debian-12-node"} & set(result["counted"])
    assert guests["db-01"]["statistics"] == guests["erp-app-01"]["statistics"] == {}
    day, month = (guests["goods-01"]["statistics"][key] for key in ("day", "month"))
    assert (day["interval_seconds"], month["interval_seconds"]) == (300, 7200)
    for usage in (day, month):
        cpu, memory = usage["cpu_cores"], usage["memory_gib"]
        assert 0 < cpu["average"] < cpu["p95"] <= cpu["maximum"] <= 4
        assert 2 < memory["average"] <= memory["p95"] <= memory["maximum"] < 8
        assert cpu["confidence"] > 0.9
    assert vcenter.calls()["QueryPerf"] == 2


def test_it_names_who_is_looked_into(vcenter: VCenter) -> None:
    result = run(vcenter, MODULE, select="contains(tags, 'spring-cloud') || name == 'tob-demo-02'")
    chosen = {one["name"]: one for one in result["selected"]}
    assert chosen["goods-01"]["address"] == "10.99.0.23"
    assert "tob-demo-02" not in chosen, "it is off"
    assert result["begun"] == []
    everything = {one["name"] for one in run(vcenter, MODULE)["selected"]}
    assert "erp-app-01" in everything
    assert "debian-12-node" not in everything


def test_it_keeps_a_copy_and_no_half_of_one(vcenter: VCenter, tmp_path: Path) -> None:
    path = tmp_path / "site" / "estate.yml"
    assert run(vcenter, MODULE, dest=str(path), check=True)["changed"] is False
    assert not path.exists()
    result = run(vcenter, MODULE, dest=str(path))
    assert result["changed"] is False
    assert yaml.safe_load(path.read_text()) == result["estate"]
    assert [one.name for one in path.parent.iterdir()] == ["estate.yml"]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("folder == ", "cannot be read"),
        ("contains(hostname, 'a')", "cannot be asked of"),
        ("name", "neither true nor false"),
    ],
)
def test_a_selection_that_means_nothing(vcenter: VCenter, expression: str, said: str) -> None:
    result = run(vcenter, MODULE, include=expression)
    assert result["problems"][0]["path"] == "include"
    assert said in result["msg"]


def test_a_wrong_password_ends_with_one_sentence(vcenter: VCenter) -> None:
    result = run(vcenter, MODULE, password="not this one")
    assert "refuses the login of administrator@vsphere.local" in result["msg"]
    assert "not this one" not in str(result)
    assert vcenter.calls().get("CreateContainerView") is None


def test_a_certificate_of_nobody_we_know(vcenter: VCenter, tmp_path: Path) -> None:
    assert "ca_path should name the CA" in run(vcenter, MODULE, ca_path=None)["msg"]
    (tmp_path / "none.pem").write_text("not a certificate")
    assert "should be a PEM file" in run(vcenter, MODULE, ca_path=str(tmp_path / "none.pem"))["msg"]
    assert vcenter.calls() == {}


def test_a_pinned_certificate(vcenter: VCenter) -> None:
    certificate = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((vcenter.host, vcenter.port)))
    pin = hashlib.sha256(certificate).hexdigest().upper()
    colons = ":".join(pin[i : i + 2] for i in range(0, 64, 2))
    assert run(vcenter, MODULE, ca_path=None, thumbprint=colons)["failed"] is False
    # A certificate that a known CA signed is not the pinned one all the same.
    wrong = run(vcenter, MODULE, thumbprint="AB" * 32)
    assert "thumbprint pins AB:AB" in wrong["msg"]
    assert colons in wrong["msg"]
    assert "is none" in run(vcenter, MODULE, thumbprint="ABCD")["msg"]


def test_nobody_there(vcenter: VCenter) -> None:
    assert "does not answer as a vCenter" in run(vcenter, MODULE, port=free_port())["msg"]


@pytest.mark.parametrize(
    ("method", "fault", "said"),
    [
        ("RetrievePropertiesEx", "NotAuthenticated", "has ended the session"),
        ("RetrievePropertiesEx", "connection", "broke off in the middle"),
        ("RetrievePropertiesEx", "truncated", "broke off in the middle"),
        ("RetrievePropertiesEx", "503", "503"),
        ("RetrieveServiceContent", "503", "503"),
        ("QueryPerf", "connection", "broke off in the middle"),
    ],
)
def test_what_breaks_off_is_read_again(vcenter: VCenter, method: str, fault: str, said: str) -> None:
    """Once or twice, and then it says so."""
    whole = run(vcenter, MODULE, statistics={"days": 1})["estate"]
    vcenter.fault(method, count=2, fault=fault)
    assert run(vcenter, MODULE, statistics={"days": 1})["estate"] == whole
    vcenter.fault(method, fault=fault)
    assert said in run(vcenter, MODULE, statistics={"days": 1})["msg"]


def test_a_page_that_comes_by_halves(vcenter: VCenter, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = {**connection(vcenter), "thumbprint": None}
    whole = vsphere.read_in_session(parameters, read_estate)
    monkeypatch.setattr(vsphere, "PAGE", 20)
    vcenter.fault("ContinueRetrievePropertiesEx", skip=1, count=1, fault="truncated")
    assert vsphere.read_in_session(parameters, read_estate)["guests"] == whole["guests"]
    assert vcenter.calls()["Login"] == 3


def test_a_slow_vcenter_is_waited_for_and_a_mute_one_is_not(vcenter: VCenter) -> None:
    vcenter.fault("RetrievePropertiesEx", count=1, delay=1.5)
    assert len(run(vcenter, MODULE, timeout=10)["estate"]["guests"]) == 61
    vcenter.fault("RetrievePropertiesEx", delay=1.5)
    assert "timed out" in run(vcenter, MODULE, timeout=1)["msg"]


def test_reading_needs_no_more_than_reading(vcenter: VCenter) -> None:
    result = run(vcenter, MODULE, username=vcenter.read_only_user, statistics={"days": 1})
    assert len(result["estate"]["guests"]) == 61
