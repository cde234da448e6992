# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The datastores while disks of nodes are put on them."""

from __future__ import annotations

from ..errors import CapacityError, DocumentError, Problem
from ..estate import Estate
from ..schema import near
from .hosts import Host, Size


class Datastores:
    """What each has to give; `kept_free` of it stays."""

    def __init__(self, estate: Estate, wish: str, kept_free: float) -> None:
        self.free = {
            store["name"]: store["free_gib"] - store["capacity_gib"] * kept_free
            for store in estate["datastores"]
            if store["accessible"]
        }
        self.wish = wish
        if wish != "auto" and wish not in self.free:
            problem = Problem("platform.nodes.datastore", f"{wish!r} is not a datastore", near(wish, sorted(self.free)))
            raise DocumentError("platform.yml names what vCenter does not have", [problem])

    def take(self, size: Size, host: Host, kept: str | None, wanted: str | None) -> str:
        """The datastore of a node: the one `wanted`, else the one that it was `kept` on, else the emptiest."""
        wish = wanted or self.wish
        mounted = [name for name in host.datastores if name in self.free and wish in ("auto", name)]
        name = kept if kept in mounted else max(mounted, key=lambda one: (self.free[one], one), default=None)
        if name is None or (name != kept and self.free[name] < size.disk_gib):
            free = f"{name} has {self.free[name]:.0f} GiB to give" if name else "it mounts none that can be used"
            found = f"{host.name} has no datastore with {size.disk_gib} GiB: {free}"
            problem = Problem(f"node {size.name}", found, "more space, or a smaller disk_gib")
            raise CapacityError("a disk does not fit", [problem])
        self.free[name] -= size.disk_gib
        return name
