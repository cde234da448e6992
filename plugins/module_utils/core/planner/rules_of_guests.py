# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules over one guest that services leave: hardware and states that a pod, or the retirement, cannot do with."""

from __future__ import annotations

from collections.abc import Iterable

from ..estate import Guest
from ..special_devices import INDEPENDENT_DISK, PASSTHROUGH, SHARED_DISK, USB
from ..workloads import Finding
from .rules import finding

_DEVICES = {
    PASSTHROUGH: ("blocker", "a device of its host is passed through to it", "the service without the device"),
    USB: ("blocker", "a USB device is plugged in, a dongle perhaps", "the service without the dongle"),
    SHARED_DISK: ("warning", "shares a disk with another VM", "its own disk: the retirement refuses shared ones"),
    INDEPENDENT_DISK: ("warning", "has a disk that snapshots leave out", "a backup of its own before it is retired"),
}


def of_guest(guest: Guest) -> Iterable[Finding]:
    """What a person should know of a guest before its services move."""
    name = guest["name"]
    if guest["connection_state"] != "connected":
        meant = "vCenter must reach it before it can be retired"
        yield finding("blocker", "guest_disconnected", name, f"is {guest['connection_state']}", meant)
    disks = guest["raw_device_mappings"] or 0
    if disks:
        meant = "what lies there comes along only as data of the service, in platform.suite.services"
        yield finding("warning", "raw_device_mapping", name, f"{disks} of its disks are LUNs of a storage", meant)
    for device in guest.get("special_devices", []):
        severity, found, meant = _DEVICES[device]
        yield finding(severity, device, name, found, meant)
    if guest["snapshots"]:
        found = f"{guest['snapshots']} snapshots"
        yield finding("information", "snapshot", name, found, "they go with the guest when it is destroyed")
    if guest["power_state"] == "on" and guest["tools"] != "running":
        meant = "VMware Tools: without them it is switched off, not shut down"
        yield finding("warning", "no_tools", name, f"its tools are {guest['tools'].replace('_', ' ')}", meant)
