# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""site_status at the vCenter program and a real API server: before the move, in the middle, and without a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient

from tests.component.kube_fixture import KubeServer

from .modules import ROOT
from .servers import free_port
from .vcenter_client import run
from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]

PLAN = ROOT / "tests/unit/estates/lab-like/plan.yml"


def status(vcenter: VCenter, kubeconfig: Path | str, plan: Path = PLAN) -> dict[str, Any]:
    result = run(vcenter, "site_status", plan_file=str(plan), kubeconfig=str(kubeconfig))
    assert result.get("changed") is False, result
    result["by_name"] = {one["service"]: one for one in result["services"]}
    return result


def test_before_there_is_a_cluster(vcenter: VCenter, tmp_path: Path) -> None:
    found = status(vcenter, tmp_path / "kubeconfig")
    assert {name: one["stands"] for name, one in found["by_name"].items()} == {
        "mariadb": "stays",
        **dict.fromkeys(("eureka", "gateway", "goods", "member", "order", "redis", "shop-web"), "guests"),
    }
    assert found["by_name"]["order"]["guests"] == [{"guest": "order-01", "power": "on", "state": None}]
    assert found["lines"][-1] == "7 guests, 1 stays"
    (order,) = (one for one in found["guests"] if one["guest"] == "order-01")
    assert (order["power"], order["state"], order["services"]) == ("on", None, ["order"])
    assert "warnings" not in found


def test_in_the_middle_of_a_move(
    vcenter: VCenter, kube_server: KubeServer, kube: KubeClient, namespace: str, tmp_path: Path
) -> None:
    plan = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
    for one in plan["services"]:
        one["namespace"] = namespace
    path = tmp_path / "plan.yml"
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    labels = {"app.kubernetes.io/managed-by": "landfall", "app.kubernetes.io/part-of": "suite"}
    pod = {"metadata": {"labels": {"app": "goods"}}, "spec": {"containers": [{"name": "goods", "image": "goods"}]}}
    kube.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "goods", "namespace": namespace, "labels": labels},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "goods"}}, "template": pod},
        }
    )
    run(vcenter, "vsphere_retire", guests=["goods-01"], state="marked", mark="moving", wave=3)
    try:
        found = status(vcenter, kube_server.kubeconfig, path)["by_name"]
    finally:
        run(vcenter, "vsphere_retire", guests=["goods-01"], state="restored")
    assert found["goods"]["stands"] == "moving"
    assert found["goods"]["pods"] == {"ready": 0, "wanted": 2}
    assert found["goods"]["guests"] == [{"guest": "goods-01", "power": "on", "state": "moving"}]
    assert found["order"]["stands"] == "guests"


def test_a_cluster_that_does_not_answer_is_a_warning(vcenter: VCenter, kube_server: KubeServer, tmp_path: Path) -> None:
    config = yaml.safe_load(Path(kube_server.kubeconfig).read_text(encoding="utf-8"))
    config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{free_port()}"
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    found = status(vcenter, path)
    assert "the cluster did not answer, only the marks of the guests tell" in str(found["warnings"])
    assert found["by_name"]["gateway"]["stands"] == "guests"


@pytest.mark.parametrize(("change", "says"), [({"plan_file": "nowhere.yml"}, "nowhere.yml is not there"),
                                              ({"password": "wrong"}, "password")])  # fmt: skip
def test_what_it_cannot_do(vcenter: VCenter, tmp_path: Path, change: dict[str, Any], says: str) -> None:
    arguments = {"plan_file": str(PLAN), "kubeconfig": str(tmp_path / "kubeconfig"), **change}
    refused = run(vcenter, "site_status", **arguments)
    assert refused["failed"]
    assert says in refused["msg"]
