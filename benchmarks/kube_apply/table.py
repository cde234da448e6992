# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Measurements as a table of medians; in brackets how many times Landfall's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median

OURS = "landfall"
_MEASURES = (
    ("By the clock", "seconds", "s"),
    ("Time of the processors, without the API server's", "processor_seconds", "s"),
    ("Peak memory of the largest process", "peak_mib", "MiB"),
)


@dataclass(frozen=True)
class Row:
    """One measurement."""

    tool: str
    work: str
    objects: int
    rtt: float
    seconds: float = 0.0
    processor_seconds: float = 0.0
    peak_mib: float = 0.0

    def of(self, work: str) -> Row:
        return replace(self, work=work)


def of(rows: list[Row]) -> str:
    """Every tool (a column) in every case (a line): by the clock, by its processors, and its memory."""
    tools = list(dict.fromkeys(row.tool for row in rows))
    cases = list(dict.fromkeys((row.work, row.objects, row.rtt) for row in rows))
    parts = []
    for title, measure, unit in _MEASURES:
        lines = [["work", "objects", "RTT ms", *tools]]
        for case in cases:
            here = [row for row in rows if (row.work, row.objects, row.rtt) == case]
            values = {row.tool: median(getattr(one, measure) for one in here if one.tool == row.tool) for row in here}
            lines.append([case[0], str(case[1]), f"{case[2]:g}", *(_cell(values, tool, unit) for tool in tools)])
        parts.append(f"{title}\n\n{_aligned(lines)}")
    return "\n\n".join(parts)


def _cell(values: dict[str, float], tool: str, unit: str) -> str:
    if tool not in values:
        return "-"
    value = values[tool]
    text = f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    return text if tool == OURS or not values.get(OURS) else f"{text} ({value / values[OURS]:.1f}x)"


def _aligned(lines: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
