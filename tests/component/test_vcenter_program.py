# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's vCenter as pyVmomi sees it: what a real one does, where the simulator alone would not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pyVmomi import vim

from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]


@pytest.fixture
def service(vcenter: VCenter) -> Iterator[Any]:
    with vcenter.session() as instance:
        yield instance


def test_login_with_a_wrong_password_is_refused(vcenter: VCenter) -> None:
    with pytest.raises(vim.fault.InvalidLogin), vcenter.session(password="wrong"):
        pass


def test_lazy_attributes(service: Any) -> None:
    assert service.content.about.apiVersion == "8.0.3.0"
    assert service.content.rootFolder.parent is None
    for vm in find(service, vim.VirtualMachine).values():
        assert vm.runtime.powerState in ("poweredOn", "poweredOff", "suspended")
        assert vm.summary.config.name == vm.name
        assert vm.guest.toolsRunningStatus


def find(service: Any, kind: Any) -> dict[str, Any]:
    view = service.content.viewManager.CreateContainerView(service.content.rootFolder, [kind], True)
    try:
        return {entity.name: entity for entity in view.view}
    finally:
        view.Destroy()
