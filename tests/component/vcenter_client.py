# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What tests of Landfall's own modules at the vCenter share: their parameters, and the guests' own part."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pyVmomi import vim, vmodl

from .modules import run_module
from .vcenter_fixture import VCenter
from .vcenter_objects import find

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbPs3nyyYbBE0nbQNBQlmSd5qmVUzr5B1lLKBL4kFIV"
_HOST_KEYS = "guestinfo.ssh.hostkeys"


def connection(vcenter: VCenter, **other: Any) -> dict[str, Any]:
    """The connection parameters of a module."""
    return {
        "hostname": vcenter.host,
        "port": vcenter.port,
        "username": vcenter.user,
        "password": vcenter.password,
        "ca_path": str(vcenter.ca_path),
        "timeout": 30,
        **other,
    }


def run(vcenter: VCenter, module: str, *, check: bool = False, **arguments: Any) -> dict[str, Any]:
    """A module against this vCenter. It leaves no session, however it ends."""
    before = len(vcenter.sessions())
    result = run_module(module, {**connection(vcenter), **arguments}, check=check)
    assert len(vcenter.sessions()) == before
    assert vcenter.password not in str(result)
    return result


@contextmanager
def publishing_guests(vcenter: VCenter) -> Iterator[None]:
    """Plays the unit in every guest that publishes its host keys when it starts: these VMs have no container."""
    stop = threading.Event()
    with vcenter.session() as service:
        thread = threading.Thread(target=_publish, args=(service, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _publish(service: Any, stop: threading.Event) -> None:
    done: set[str] = set()
    while not stop.wait(0.1):
        with suppress(vmodl.fault.ManagedObjectNotFound):  # a node that the test has removed since
            for name, machine in find(service, vim.VirtualMachine).items():
                if name.startswith(("cp-", "worker-")) and machine._moId not in done and is_on(machine):
                    option = vim.option.OptionValue(key=_HOST_KEYS, value=f"{KEY} root@{name}\n")
                    machine.ReconfigVM_Task(vim.vm.ConfigSpec(extraConfig=[option]))
                    done.add(machine._moId)


def is_on(machine: Any) -> bool:
    return bool(machine.runtime.powerState == vim.VirtualMachine.PowerState.poweredOn)


def problems(result: dict[str, Any]) -> dict[str, str]:
    """What is wrong, by path."""
    assert result["failed"], result
    return {one["path"]: f"{one['found']}; {one['right']}" for one in result["problems"]}


def marks(service: Any, machine: Any) -> dict[str, str]:
    """The custom attributes of a VM that are set."""
    names = {field.key: field.name for field in service.content.customFieldsManager.field}
    return {names[item.key]: item.value for item in machine.customValue if item.value}
