# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The disks of a node: they are added and they grow. None shrinks, and none is taken away."""

from __future__ import annotations

from collections.abc import Iterator

from .errors import Problem
from .node_vms import Machine, Step

MOST = 14  # behind the first, on one SCSI controller


def against_disks(step: Step, machine: Machine, path: str) -> Iterator[Problem]:
    """Why the disks of `machine` cannot be as they are wanted."""
    node = step.node
    wanted = [(f"{path}.disk_gib", f"the disk of {node['name']}", machine.disk_gib, node["disk_gib"])]
    for index, (found, disk) in enumerate(zip(machine.disks, node["disks"], strict=False)):
        wanted.append((f"{path}.disks[{index}]", f"disk {index + 2} of {node['name']}", found, disk["size_gib"]))
    came_so = step.action == "adopted" or machine.adopted
    for where, which, found, size in wanted:
        if size < found and not came_so:
            yield Problem(where, f"{which} has {found:g} GiB", "at least that: a disk cannot shrink")
        elif size > found and machine.snapshots:
            yield Problem(where, f"{which} cannot grow below a snapshot", "no snapshots, or the size that it has")


def too_many(step: Step, path: str) -> Iterator[Problem]:
    """A limit that is there before the node is."""
    if len(step.node["disks"]) > MOST:
        found = f"{step.node['name']} would have more than {MOST} disks behind its first"
        yield Problem(f"{path}.disks", found, f"at most {MOST}: its SCSI controller takes no more")


def new_gib(step: Step) -> float:
    """What the disks of a node take on its datastore, and do not have yet."""
    node = step.node
    if step.machine is None:
        return float(node["disk_gib"] + sum(disk["size_gib"] for disk in node["disks"]))
    first = step.lacks.get("disk_gib", (0, 0))
    found, wanted = step.lacks.get("disks", ((), ()))
    return float(first[1] - first[0] + sum(wanted) - sum(found))
