# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The workers that there may be, with what the document says of each: labels, and a size of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .packing import Room
from .room import room_of


@dataclass(frozen=True)
class Slot:
    """A worker that there may be."""

    name: str
    labels: Mapping[str, str]
    room: Room


def worker_slots(platform: Mapping[str, Any]) -> list[Slot]:
    """Every worker that there may be: those that are taken over first, then the new ones in order."""
    nodes, wish = platform["nodes"], platform["plan"]["workers"]
    most = wish["at_most"]
    names = [*nodes["adopt"], *(nodes["names"]["worker"].format(number) for number in range(1, most + 1))][:most]
    general, labels = nodes["labels"]["all_workers"], nodes["labels"]["by_name"]
    room = room_of(wish["cpus"], wish["memory_gib"], platform)
    own = {
        name: room_of(size["cpus"], size["memory_gib"], platform)
        for name in nodes["by_name"]
        for size in [size_of(name, "worker", platform)]
    }
    return [Slot(name, {**general, **labels.get(name, {})}, own.get(name, room)) for name in names]


def size_of(name: str, role: str, platform: Mapping[str, Any]) -> dict[str, int]:
    """CPUs, memory and disk that a node shall have: its own, or those of its role."""
    general = platform["plan"]["control_planes" if role == "control_plane" else "workers"]
    own = platform["nodes"]["by_name"].get(name) or {}
    return {key: own.get(key) or general[key] for key in ("cpus", "memory_gib", "disk_gib")}
