#!/usr/bin/env python3
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sweep of a vCenter beside vmware.vmware, on the same simulator.

    .lab/venv/bin/python benchmarks/estate/run.py [--sizes 1000,10000] [--delays 0,20] [--rounds 3] [--json FILE]

README.md says what is measured and how.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks import peers  # noqa: E402
from benchmarks.estate import guests  # noqa: E402
from tests.component.vcenter_fixture import VCenter  # noqa: E402

_TASKS: dict[str, dict[str, Any]] = {
    "debug": {"ansible.builtin.debug": {"msg": "-"}},
    "landfall, facts": {"landfall.replatform.vsphere_estate_info": {"tags": False}},
    "landfall, facts, tags": {"landfall.replatform.vsphere_estate_info": {}},
    "vmware.vmware, facts": {"vmware.vmware.guest_info": {"validate_certs": False}},
}
_INVENTORIES: dict[str, dict[str, Any]] = {
    "landfall, inventory": {"plugin": "landfall.replatform.estate", "tags": False},
    "vmware.vmware, inventory": {"plugin": "vmware.vmware.vms", "validate_certs": False},
}
_FILES = {"landfall, inventory": "it.estate.yml", "vmware.vmware, inventory": "it.vms.yml"}
_PROPERTY_CALLS = ("Fetch", "RetrieveProperties", "RetrievePropertiesEx", "ContinueRetrievePropertiesEx")


@dataclass(frozen=True)
class Row:
    """One run: `calls` to the vCenter, of which `property_calls` read properties, and sessions that it left there."""

    tool: str
    guests: int
    delay: int
    seconds: float
    peak_mib: float
    calls: int
    property_calls: int
    sessions_left: int


@contextmanager
def vcenter(size: int) -> Iterator[VCenter]:
    """The lab's vCenter with so many guests."""
    with tempfile.TemporaryDirectory(prefix="landfall-bench-") as name:
        estate = Path(name, "estate.yml")
        # The peak that a program is told to have had begins with that of the process that starts it, so this one stays
        # small: https://man7.org/linux/man-pages/man2/getrusage.2.html
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as aside:
            estate.write_text(aside.submit(guests.make, size).result(), encoding="utf-8")
        one = VCenter(Path(name), estate, keep_state=False)
        one.start()
        try:
            yield one
        finally:
            one.stop()


def command(tool: str, directory: Path, center: VCenter) -> list[str]:
    """What is run in `directory` for a tool."""
    programs = peers.ENVIRONMENT / "bin"
    if tool in _INVENTORIES:
        options = {"ca_path": str(center.ca_path)} if tool.startswith("landfall") else {}
        (directory / _FILES[tool]).write_text(yaml.safe_dump({**_INVENTORIES[tool], **options}))
        return [
            str(programs / "ansible-inventory"),
            "-i",
            str(directory / _FILES[tool]),
            "--list",
            "--output",
            "/dev/null",
        ]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"landfall.replatform.vsphere_estate_info": {"ca_path": str(center.ca_path)}},
        "tasks": [_TASKS[tool]],
    }
    (directory / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False))
    return [str(programs / "ansible-playbook"), "-i", str(directory / "hosts"), str(directory / "play.yml")]


def measure(tool: str, center: VCenter, size: int, delay: int, directory: Path) -> Row:
    """One run of a tool, with every call to the vCenter delayed by so many milliseconds."""
    center.clear_faults()
    if delay:
        center.fault("*", delay=delay / 1000)
    center.reset_calls()
    reach = {
        "VMWARE_HOST": center.host,
        "VMWARE_PORT": str(center.port),
        "VMWARE_USER": center.user,
        "VMWARE_PASSWORD": center.password,
        "REQUESTS_CA_BUNDLE": str(center.ca_path),
    }
    spent = peers.spend(command(tool, directory, center), directory, **reach)
    calls = center.calls()
    reads = sum(calls.get(name, 0) for name in _PROPERTY_CALLS)
    return Row(tool, size, delay, spent.seconds, spent.peak_mib, sum(calls.values()), reads, len(center.sessions()))


def table(rows: list[Row]) -> str:
    """Medians, a line for each case and tool; in brackets how many times Landfall's for the same work."""
    lines = [
        f"{'tool':26} {'guests':>7} {'delay':>6} {'seconds':>16} {'peak MiB':>9} {'calls':>7} {'reads':>7} {'left':>5}"
    ]
    for tool, size, delay in dict.fromkeys((row.tool, row.guests, row.delay) for row in rows):
        mine = [row for row in rows if (row.tool, row.guests, row.delay) == (tool, size, delay)]
        ours = tool.replace("vmware.vmware", "landfall")
        beside = [row.seconds for row in rows if (row.tool, row.guests, row.delay) == (ours, size, delay)]
        seconds = median(row.seconds for row in mine)
        ratio = f" ({seconds / median(beside):.1f}x)" if beside and ours != tool else ""
        last = mine[-1]
        lines.append(
            f"{tool:26} {size:7} {delay:3} ms {seconds:8.2f}{ratio:>8} {last.peak_mib:9.0f}"
            f" {last.calls:7} {last.property_calls:7} {last.sessions_left:5}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=peers.numbers, default=[1000, 10000], help="guests (default 1000,10000)")
    parser.add_argument("--delays", type=peers.numbers, default=[0, 20], help="of every call, in ms (default 0,20)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-rounds", type=int, default=1, help="rounds that vmware.vmware gets: it takes minutes")
    parser.add_argument("--peer-up-to", type=int, default=1000, help="guests that vmware.vmware gets")
    parser.add_argument("--json", type=Path, help="a file for every single measurement")
    options = parser.parse_args()
    peers.prepare()
    machine = {**peers.library_versions("pyvmomi"), "vmware.vmware": peers.version_of("vmware.vmware")}
    print(", ".join(f"{name} {value}" for name, value in machine.items()), f"load {os.getloadavg()[0]:.1f}", flush=True)
    rows: list[Row] = []
    for size in options.sizes:
        with vcenter(size) as center:
            peers.lay_out(center.directory / "bench")
            for _round, delay, tool in itertools.product(
                range(options.rounds), options.delays, [*_TASKS, *_INVENTORIES]
            ):
                if tool.startswith("vmware") and size > options.peer_up_to:
                    continue
                rows.append(measure(tool, center, size, delay, center.directory / "bench"))
                print(f"{tool:26} {size:6} guests {delay:3} ms {rows[-1].seconds:8.2f} s", flush=True)
    print("\n" + table(rows))
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=1))


if __name__ == "__main__":
    main()
