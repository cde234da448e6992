# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which retired guests may be deleted, and what holds the others back."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import ConflictError
from ansible_collections.landfall.replatform.plugins.module_utils.core.quarantine import disks_of, to_delete
from ansible_collections.landfall.replatform.plugins.module_utils.core.retirement import Guest

NOW = datetime(2026, 3, 31, 22, 0, tzinfo=timezone.utc)
OLD = {"state": "retired", "since": "2026-03-10T22:00:00Z"}
DRIVE = {"_type": "vim.vm.device.VirtualCdrom", "backing": {"fileName": "[iso] debian-12.iso"}}


def guest(name: str = "g", power: str = "off", template: bool = False, **marks: str) -> Guest:
    return Guest(f"vm-{name}", name, power, template, False, marks)


def disk(file: str, parent: str | None = None, **backing: Any) -> dict[str, Any]:
    below = {"parent": {"fileName": parent}} if parent else {}
    return {"_type": "vim.vm.device.VirtualDisk", "backing": {"fileName": file, **below, **backing}}


def delete(one: Guest, *devices: dict[str, Any], days: int = 14, others: dict[str, Any] | None = None) -> list[str]:
    """The names of what goes, or what holds it back."""
    disks = {f"vm-{name}": disks_of(name, [device]) for name, device in (others or {}).items()}
    try:
        gone = to_delete([one.name], [one], {one.id: disks_of(one.name, devices), **disks}, now=NOW, days=days)
    except ConflictError as error:
        return [problem.found for problem in error.problems]
    return [each.name for each in gone]


@pytest.mark.parametrize(
    ("one", "days", "said"),
    [
        (guest(**OLD), 14, ["g"]),
        (guest(**OLD), 21, ["g"]),
        (guest(**OLD), 22, ["g is in quarantine until 2026-04-01T22:00:00Z"]),
        (guest(**OLD, role="worker"), 14, ["g is a node of a cluster"]),
        (guest(template=True, **OLD), 14, ["g is a template"]),
        (guest(power="on", **OLD), 14, ["g is on: somebody needs it again"]),
        (guest(power="suspended", **OLD), 14, ["g is suspended: somebody needs it again"]),
        (guest(state="moved", since="2026-03-10T22:00:00Z"), 14, ["g is only moved"]),
        (guest(), 14, ["g is in service"]),
        (guest(state="retired"), 0, ["g does not say since when it is retired"]),
        (guest(state="retired", since="yesterday"), 0, ["g does not say since when it is retired"]),
    ],
)
def test_out_of_service_for_long_enough(one: Guest, days: int, said: list[str]) -> None:
    assert delete(one, disk("[a] g/g.vmdk"), days=days) == said


@pytest.mark.parametrize(
    ("devices", "others", "said"),
    [
        ([disk("[a] g/g.vmdk")], {"other": disk("[b] g/g.vmdk")}, ["g"]),
        ([disk("[a] g/g.vmdk")], {"other": disk("[a] g/g.vmdk")}, ["g has disks that other stands on"]),
        ([disk("[a] g/g.vmdk")], {"child": disk("[a] c/c.vmdk", "[a] g/g.vmdk")}, ["g has disks that child stands on"]),
        ([disk("[a] g/g.vmdk", sharing="sharingMultiWriter")], {}, ["g has a disk that several machines may write"]),
        ([disk("[a] g/g.vmdk", lunUuid="02")], {}, ["g has a disk that is a LUN of a storage"]),
        ([DRIVE], {"other": DRIVE}, ["g"]),
    ],
)  # fmt: skip
def test_nobody_else_stands_on_its_disks(devices: list[Any], others: dict[str, Any], said: list[str]) -> None:
    assert delete(guest(**OLD), *devices, others=others) == said


def test_all_refusals_at_once_and_none_for_what_is_gone() -> None:
    found = [guest("a", **OLD), guest("b"), guest("c", state="moved")]
    disks = {one.id: disks_of(one.name, []) for one in found}
    with pytest.raises(ConflictError) as raised:
        to_delete(["a", "b", "gone", "c"], found, disks, now=NOW, days=14)
    assert [one.path for one in raised.value.problems] == ["guests[1]", "guests[3]"]
    assert to_delete(["gone", "a", "a"], found, disks, now=NOW, days=14) == [found[0]]
