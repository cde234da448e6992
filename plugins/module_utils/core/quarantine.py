# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a retired guest may be deleted: after its quarantine, and where nobody else stands on its disks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .retirement import Guest, chosen
from .special_devices import SHARED_DISK, special_devices

TIME = "%Y-%m-%dT%H:%M:%SZ"  # of the mark `since`


@dataclass(frozen=True)
class Disks:
    """The disks of one VM."""

    owner: str  # the VM's name
    files: frozenset[str]  # with those that a linked clone builds upon
    shared: bool  # by its own settings
    raw: bool


def disks_of(owner: str, devices: Sequence[Mapping[str, Any]]) -> Disks:
    """What `config.hardware.device` of a VM says of its disks."""
    backings = [device.get("backing") or {} for device in devices if _is_disk(device)]
    return Disks(
        owner=owner,
        files=frozenset(file for backing in backings for file in _chain(backing)),
        shared=SHARED_DISK in special_devices(devices),
        raw=any("lunUuid" in backing for backing in backings),
    )


def _is_disk(device: Mapping[str, Any]) -> bool:
    return str(device.get("_type")).rsplit(".", 1)[-1] == "VirtualDisk"


def _chain(backing: Mapping[str, Any]) -> Iterable[str]:
    link: Mapping[str, Any] | None = backing
    while link:
        yield str(link.get("fileName"))
        link = link.get("parent")


def to_delete(
    wanted: Sequence[str], found: Sequence[Guest], disks: Mapping[str, Disks], *, now: datetime, days: int
) -> list[Guest]:
    """Those of `wanted` that are still there; one error with everything that forbids to delete one of them.

    `disks` are those of every VM, by its id. The quarantine lasts `days` from the mark `since`.
    """

    def against(guest: Guest) -> Iterable[tuple[str, str]]:
        yield from _not_out_of_service(guest, now, timedelta(days=days))
        yield from _held_by_disks(guest, disks)

    return chosen(wanted, found, against, may_be_gone=True)


def _not_out_of_service(guest: Guest, now: datetime, quarantine: timedelta) -> Iterable[tuple[str, str]]:
    state = guest.marks.get("state")
    if state != "retired":
        yield f"{guest.name} is {f'only {state}' if state else 'in service'}", "state: shut_down, and its quarantine"
        return
    if guest.power != "off":
        yield f"{guest.name} is {guest.power}: somebody needs it again", "state: restored, or shut_down once more"
        return
    since = _time(guest.marks.get("since", ""))
    if since is None:
        yield f"{guest.name} does not say since when it is retired", "landfall.since as 2026-01-31T22:00:00Z"
    elif since + quarantine > now:
        until = (since + quarantine).strftime(TIME)
        yield f"{guest.name} is in quarantine until {until}", "waiting for it, or fewer quarantine_days"


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, TIME).replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def _held_by_disks(guest: Guest, disks: Mapping[str, Disks]) -> Iterable[tuple[str, str]]:
    own = disks[guest.id]
    others = sorted(one.owner for id_, one in disks.items() if id_ != guest.id and one.files & own.files)
    if others:
        yield f"{guest.name} has disks that {', '.join(others)} stands on", "these machines with disks of their own"
    elif own.shared:
        yield f"{guest.name} has a disk that several machines may write", "that disk detached from it"
    if own.raw:
        yield f"{guest.name} has a disk that is a LUN of a storage", "that disk detached from it"
