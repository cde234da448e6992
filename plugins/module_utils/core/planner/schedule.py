# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The waves as the plan writes them: why, what the estate carries meanwhile, and which guests are free afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..estate import Guest
from ..plan import Node, Resources, Wave
from .duration import wave_minutes
from .moves import Moves
from .stages import Staged
from .waves import callers_of, reason


def write_waves(
    moves: Moves, staged: Staged, nodes: Sequence[Node], front: Sequence[str], platform: Mapping[str, Any]
) -> list[Wave]:
    """The waves, their numbers written into the services too."""
    by_name = {one["name"]: one for one in moves.services}
    callers = callers_of(moves.calls, moves.roles)
    freed = moves.frees(staged.order)
    stand = _stand(nodes, freed)
    peak = _Peak([*stand[0], *(guest for several in freed for guest in several)])
    waves: list[Wave] = []
    for number, names in enumerate(staged.order, 1):
        for name in names:
            by_name[name]["wave"] = number
        because = reason(names, callers, moves.roles, [name for name in names if name in front], first=number == 1)
        waves.append(
            {
                "number": number,
                "services": names,
                "needs": [node["name"] for node in stand[number - 1]] if number > 1 else [],
                "because": f"{because}; more do not fit onto the workers by then" if number in staged.cut else because,
                "minutes": wave_minutes([by_name[name] for name in names], platform["plan"]["time"]),
                "peak": peak.told(),
                "frees": sorted({guest["name"] for guest in freed[number - 1]}),
            }
        )
        peak.without(freed[number - 1])
        peak.beside(stand[number])
    return waves


def _stand(nodes: Sequence[Node], freed: Sequence[Sequence[Guest]]) -> list[list[Node]]:
    """The nodes that are made at first, and after each wave."""
    after = {guest["name"]: number for number, several in enumerate(freed, 1) for guest in several}
    stand: list[list[Node]] = [[] for _number in range(len(freed) + 1)]
    for node in nodes:
        stand[max((after[name] for name in node["waits_for"]), default=0)].append(node)
    return stand


class _Peak:
    """What machines are given, less those that go; in hundredths of a GiB, so that nothing is lost on the way."""

    def __init__(self, machines: Sequence[Guest | Node]) -> None:
        self._sums = self._of(machines)

    def without(self, machines: Sequence[Guest | Node]) -> None:
        self._sums = [left - gone for left, gone in zip(self._sums, self._of(machines), strict=True)]

    def beside(self, machines: Sequence[Guest | Node]) -> None:
        self._sums = [there + new for there, new in zip(self._sums, self._of(machines), strict=True)]

    def told(self) -> Resources:
        cpus, memory, disk = self._sums
        return {"cpus": cpus, "memory_gib": round(memory / 100, 1), "disk_gib": round(disk / 100, 1)}

    @staticmethod
    def _of(machines: Sequence[Guest | Node]) -> list[int]:
        return [
            sum(one["cpus"] for one in machines),
            sum(round(one["memory_gib"] * 100) for one in machines),
            sum(round(one["disk_gib"] * 100) for one in machines),
        ]
