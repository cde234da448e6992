# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where nodes stand that do not all fit beside the guests: as many as fit at first, the others on what waves free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from ..estate import Guest
from ..plan import Node
from .hosts import Host, Size, homeless_after, memory_used
from .placement import candidates, does_not_fit, host_before, preference


class Ground:
    """The ESXi hosts from wave to wave. A node is put where its ESXi host, and the loss of one, leave room for it."""

    def __init__(
        self,
        sizes: Sequence[Size],
        hosts: Sequence[Host],
        previous: Mapping[str, Node],
        *,
        standing: Set[str],
        lost: int,
    ) -> None:
        self.placed: dict[str, Host] = {}
        self.waits_for: dict[str, list[str]] = {}
        self._sizes, self._hosts, self._lost = sizes, hosts, lost
        self._off: list[Guest] = []
        self._before = {size.name: host_before(size, previous) for size in sizes}
        by_name = {host.name: host for host in hosts}
        for size in sizes:
            host = by_name.get(self._before[size.name] or "")
            if host is not None and size.name in standing:
                host.put(size)
                self._note(size, host)
        settled = {name for name, node in previous.items() if not node.get("waits_for")}
        # what the last plan had at first comes first again
        self.waiting = sorted(
            (size for size in sizes if size.name not in self.placed),
            key=lambda size: (size.role != "control_plane", size.host is None, size.name not in settled),
        )
        self._place()
        if self.waiting and self.waiting[0].role == "control_plane":
            raise does_not_fit(self.waiting[0], hosts, sizes)

    def workers(self) -> list[str]:
        """Those that stand by now."""
        return [size.name for size in self._sizes if size.name in self.placed and size.role == "worker"]

    def free(self, guests: Iterable[Guest]) -> None:
        """These guests are off from now on; nodes that fit now are placed."""
        by_name = {host.name: host for host in self._hosts}
        gone = [guest for guest in guests if guest["esxi_host"] in by_name and memory_used(guest)]
        for guest in gone:
            by_name[guest["esxi_host"]].freed += memory_used(guest)
        self._off += gone
        self._place()

    def _place(self) -> None:
        for size in list(self.waiting):
            host = self._find(size)
            if host is not None:
                self.waiting.remove(size)
                self._note(size, host)

    def _find(self, size: Size) -> Host | None:
        before = self._before[size.name]
        found = candidates(size, self._hosts, self._sizes)
        for host in sorted(found, key=lambda host: (host.name != before, *preference(size, host))):
            host.put(size)
            if self._holds(host):
                return host
            host.take_back(size)
        return None

    def _note(self, size: Size, host: Host) -> None:
        self.placed[size.name] = host
        self.waits_for[size.name] = sorted(guest["name"] for guest in self._needed(host))

    def _holds(self, host: Host) -> bool:
        return round(host.free, 6) >= 0 and not homeless_after(self._beside(host), self._lost)

    def _beside(self, host: Host) -> list[Host]:
        return [one for one in self._hosts if one.cluster == host.cluster]

    def _needed(self, host: Host) -> list[Guest]:
        """The guests that must be off for what stands on `host`: few and large ones, on this host if that is enough."""
        beside = {one.name: one for one in self._beside(host)}
        freed = {name: one.freed for name, one in beside.items()}
        off = [guest for guest in self._off if guest["esxi_host"] in beside]
        off.sort(key=lambda guest: (guest["esxi_host"] != host.name, -memory_used(guest), guest["name"]))
        for one in beside.values():
            one.freed = 0.0
        needed: list[Guest] = []
        for guest in off:
            if self._holds(host):
                break
            beside[guest["esxi_host"]].freed += memory_used(guest)
            needed.append(guest)
        for guest in list(reversed(needed)):
            beside[guest["esxi_host"]].freed -= memory_used(guest)
            if self._holds(host):
                needed.remove(guest)
            else:
                beside[guest["esxi_host"]].freed += memory_used(guest)
        for name, one in beside.items():
            one.freed = freed[name]
        return needed
