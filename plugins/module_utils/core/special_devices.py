# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Devices of a guest that tie it to its hardware or to another guest, in one word each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SHARED_DISK, INDEPENDENT_DISK, PASSTHROUGH, USB = "shared_disk", "independent_disk", "passthrough", "usb"

_TYPES = {
    "VirtualPCIPassthrough": PASSTHROUGH,
    "VirtualSriovEthernetCard": PASSTHROUGH,
    "VirtualUSB": USB,  # what is plugged in; the controller alone ties to nothing
}


def special_devices(devices: Sequence[Mapping[str, Any]]) -> list[str]:
    """The words for those of `devices` that are special, each once, sorted."""
    found = {word for device in devices for word in (_by_type(device), *_of_disk(device)) if word}
    return sorted(found)


def _by_type(device: Mapping[str, Any]) -> str | None:
    return _TYPES.get(str(device.get("_type", "")).rsplit(".", 1)[-1])


def _of_disk(device: Mapping[str, Any]) -> list[str]:
    backing = device.get("backing") or {}
    shared = backing.get("sharing") == "sharingMultiWriter" or device.get("sharedBus") in (
        "physicalSharing",
        "virtualSharing",
    )
    independent = str(backing.get("diskMode", "")).startswith("independent")
    return [SHARED_DISK] * shared + [INDEPENDENT_DISK] * independent
