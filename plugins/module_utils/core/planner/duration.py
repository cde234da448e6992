# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long it will take: an estimate out of a few numbers that a site changes by platform.plan.time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..plan import Service


def wave_minutes(services: Sequence[Service], time: Mapping[str, Any]) -> int:
    """One wave: its images and roll-outs, the data that comes along, the switch and the watch over it."""
    copied = sum(data["size_gib"] for one in services for data in one["data"] if data["keep"])
    copying = copied * 1024 / time["copy_mib_per_second"] / 60
    minutes: float = time["minutes_per_wave"] + time["minutes_per_service"] * len(services) + copying
    return math.ceil(minutes)


def all_minutes(nodes: int, waves: Sequence[int], time: Mapping[str, Any]) -> dict[str, int]:
    """The cluster, the waves, and both."""
    build = math.ceil(time["minutes_to_build"] + time["minutes_per_node"] * nodes)
    return {"build": build, "waves": sum(waves), "all": build + sum(waves)}
