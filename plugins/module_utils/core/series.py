# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Performance samples as vCenter sends them (csv), as the few figures that a plan needs."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from .estate import Series, Usage

CPU = "cpu.usagemhz.average"
MEMORY = "mem.consumed.average"
COUNTERS = (CPU, MEMORY)  # both are kept at statistics level 1, so every vCenter has a month of them
DAY = 300  # seconds between samples; vCenter keeps these for a day
MONTH = 7200  # and these for a month


def usage(interval: int, seconds: int, cpu_csv: str, memory_csv: str, core_mhz: int) -> Usage:
    """Cores of CPU and GiB of memory out of MHz and KiB; `seconds` is the time that was asked for."""
    expected = max(1, seconds // interval)
    return {
        "interval_seconds": interval,
        "cpu_cores": series([value / core_mhz for value in _samples(cpu_csv)] if core_mhz else [], expected),
        "memory_gib": series([value / 1024**2 for value in _samples(memory_csv)], expected),
    }


def series(values: Sequence[float], expected: int) -> Series:
    confidence = min(1.0, round(len(values) / expected, 3))
    if not values:
        return {"samples": 0, "confidence": 0.0, "average": None, "p95": None, "maximum": None}
    ordered = sorted(values)
    return {
        "samples": len(values),
        "confidence": confidence,
        "average": round(sum(values) / len(values), 3),
        "p95": round(ordered[ceil(0.95 * len(ordered)) - 1], 3),  # nearest rank: a value that was really seen
        "maximum": round(ordered[-1], 3),
    }


def _samples(csv: str) -> list[float]:
    """-1 stands where vCenter kept no sample."""
    return [value for value in (float(item) for item in csv.split(",") if item.strip()) if value >= 0]
