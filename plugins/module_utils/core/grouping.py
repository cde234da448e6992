# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which guests count, which are looked into, and the groups of an inventory that a guest belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from .estate import Guest

_ROLES = {"control_plane": "control_planes", "worker": "workers"}
_BEGUN = ("moving", "moved", "retired")


@dataclass(frozen=True)
class Choice:
    """The document's selections, as predicates. Without `select`, the guests that count are looked into."""

    include: Callable[[Guest], bool]
    exclude: Callable[[Guest], bool]
    select: Callable[[Guest], bool] | None

    def counts(self, guest: Guest) -> bool:
        return _is_guest(guest) and self.include(guest) and not self.exclude(guest)

    def of(self, guests: Sequence[Guest]) -> dict[str, Any]:
        """Who counts, who is looked into, whose wave has begun."""
        look_at = self.select or self.counts
        chosen = [one for one in guests if _is_guest(one) and one["power_state"] == "on" and look_at(one)]
        return {
            "counted": [one["name"] for one in guests if self.counts(one)],
            "selected": [
                {
                    "name": one["name"],
                    "address": host_address(one),
                    "addresses": one["addresses"],
                    "host_keys": one["host_keys"],
                    "state": one["landfall"].get("state"),
                }
                for one in chosen
            ],
            "known_hosts": [{"names": one["addresses"], "keys": one["host_keys"]} for one in chosen],
            "begun": [one["name"] for one in guests if one["landfall"].get("state") in _BEGUN],
        }


def _is_guest(guest: Guest) -> bool:
    return not guest["template"] and guest["landfall"].get("role") not in _ROLES


def groups_of(
    guest: Guest, *, site: str | None = None, chosen: bool = False, attributes: Collection[str] = ()
) -> list[str]:
    """The groups of a guest; `chosen`: it is one of those that are looked into. `attributes` make groups too."""
    groups = [
        _word("cluster", guest["cluster"]),
        _word("folder", guest["folder"].rsplit("/", 1)[-1]),
        _word("power", guest["power_state"]),
        _word("os", re.sub(r"(_64)?Guest$", "", guest["guest_id"])),
        *(_word("tag", tag) for tag in guest["tags"]),
        *(_word(name, guest["attributes"].get(name, "")) for name in attributes),
    ]
    marks = guest["landfall"]
    if marks.get("role") in _ROLES and site in (None, marks.get("site")):
        groups += ["nodes", _ROLES[marks["role"]]]
    elif chosen and guest["power_state"] == "on":
        groups.append("guests")
    return sorted({group for group in groups if group})


def host_address(guest: Guest) -> str | None:
    """The address that a guest is reached at: vSphere's first, an IPv4 one where there is one."""
    return next((one for one in guest["addresses"] if ":" not in one), next(iter(guest["addresses"]), None))


def _word(prefix: str, value: str) -> str:
    """A valid name of a group; nothing where there is no value."""
    word, start = (re.sub(r"[\W_]+", "_", text.lower()).strip("_") for text in (value, prefix))
    return f"{start}_{word}" if word else ""
