#!/usr/bin/env python3
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The planner: how far its packing is from a known optimum, and how long a plan of thousands of guests takes."""

from __future__ import annotations

import argparse
import importlib
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
importlib.import_module("tests.conftest")  # makes the checkout importable as the collection

from ansible_collections.landfall.replatform.plugins.module_utils.clients.planning import Planning  # noqa: E402
from ansible_collections.landfall.replatform.plugins.module_utils.core.document_text import facts_text  # noqa: E402
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.packing import (  # noqa: E402
    Pod,
    Room,
    pack,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.room import room_of  # noqa: E402
from ansible_collections.landfall.replatform.plugins.module_utils.core.platform import parse_platform  # noqa: E402

from benchmarks.plan.estate import make  # noqa: E402
from tests.unit.world import wish  # noqa: E402

Result = TypeVar("Result")
REPLICAS = 2
CPU_STEP, MEMORY_STEP = 10, 16


def timed(work: Callable[[], Result]) -> tuple[Result, float, float]:
    """What `work` returns, the seconds of CPU that it took, and those of the clock on the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, time.process_time() - cpu, time.perf_counter() - wall


def cut(total: int, parts: int, step: int, chance: random.Random) -> list[int]:
    """`total` cut at random into so many multiples of `step`; the last has what is over too."""
    marks = sorted(chance.sample(range(1, total // step), parts - 1))
    sizes = [(high - low) * step for low, high in zip([0, *marks], [*marks, total // step], strict=True)]
    return [*sizes[:-1], sizes[-1] + total % step]


def full_nodes(nodes: int, fewest: int, most: int, room: Room) -> list[Pod]:
    """Pods that fill `nodes` workers to the last MiB, so that fewer cannot do; two of each service, apart."""
    chance = random.Random(nodes * fewest)
    pods: list[Pod] = []
    for pair in range(nodes // REPLICAS):
        parts = chance.randint(fewest, most)
        sizes = zip(cut(room.cpu, parts, CPU_STEP, chance), cut(room.memory, parts, MEMORY_STEP, chance), strict=True)
        pods += [Pod(f"s-{pair}-{number}", *size) for number, size in enumerate(sizes) for _replica in range(REPLICAS)]
    chance.shuffle(pods)
    return pods


def packing(sizes: list[int]) -> list[list[Any]]:
    room = room_of(16, 64, parse_platform(wish()))
    rows = []
    for nodes in sizes:
        for fewest, most in ((2, 3), (3, 6), (5, 15), (15, 40)):
            pods = full_nodes(nodes, fewest, most, room)
            bins, cpu, _wall = timed(lambda pods=pods: pack(pods, room, apart=True))
            assert all(len({pod.service for pod in one.pods}) == len(one.pods) for one in bins)
            over = f"{len(bins) - nodes} ({(len(bins) - nodes) / nodes:.1%})"
            rows.append([nodes, f"{fewest}-{most}", len(pods), len(bins), over, f"{cpu:.2f}"])
    return rows


def plans(sizes: list[tuple[int, int]], directory: Path) -> list[list[Any]]:
    rows = []
    for guests, read in sizes:
        estate, workloads, platform = make(guests, read)
        files = {f"{name}_file": str(directory / f"{name}.yml") for name in ("estate", "workloads")}
        for name, document in (("estate", estate), ("workloads", workloads)):
            (directory / f"{name}.yml").write_text(facts_text(document), encoding="utf-8")
        planning = Planning.of(platform, dest=str(directory / f"plan-{guests}-{read}.yml"), **files)
        # nothing is read before, as in a run of the playbook: beside what is in memory already, it takes a tenth longer
        made, cpu, wall = timed(lambda planning=planning: planning.make(replan=False, frozen=False))
        planning.write(made.after)
        again, _cpu, twice = timed(lambda planning=planning: planning.make(replan=False, frozen=False))
        assert again.after == made.after
        summary: Any = made.plan["summary"]
        rows.append(
            [
                guests,
                read,
                len(made.plan["services"]),
                f"{summary['workers']['needed']} ({summary['workers']['over_bound']:.1%})",
                len(made.plan["waves"]),
                *(f"{seconds:.2f}" for seconds in (cpu, wall, twice)),
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            ]
        )
    return rows


def table(title: str, head: list[str], rows: list[list[Any]]) -> None:
    texts = [head, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    print(f"\n{title}\n")
    for number, row in enumerate(texts):
        print("| " + " | ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) + " |")
        if not number:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", default="20,50,100,200", help="optima of the instances")
    parser.add_argument("--guests", default="1000:300,10000:1000,10000:10000", help="guests:how many of them were read")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    wanted = parser.parse_args()
    packed = packing([int(nodes) for nodes in wanted.nodes.split(",")])
    head = ["optimum", "pods per node", "pods", "found", "over", "s CPU"]
    table("Packing: full nodes cut into pods, replicas apart", head, packed)
    sizes = [
        (int(guests), int(read)) for guests, _colon, read in (one.partition(":") for one in wanted.guests.split(","))
    ]
    with tempfile.TemporaryDirectory() as directory:
        planned = plans(sizes, Path(directory))
    plan_head = [
        "guests",
        "read",
        "services",
        "workers (over)",
        "waves",
        "s CPU",
        "s",
        "again s",
        "MiB",
    ]
    table("Plan: facts read, planned, plan.yml as text", plan_head, planned)
    if wanted.json:
        wanted.json.write_text(json.dumps({"packing": packed, "plan": planned}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
