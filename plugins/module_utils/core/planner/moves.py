# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What moves, in which order, and which guests are free then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..estate import Guest
from ..plan import Service
from .waves import order_waves, pin


@dataclass(frozen=True)
class Moves:
    """The services that move, and the order that they would best move in."""

    services: Sequence[Service]
    guests: Sequence[Guest]  # those that may become free at all
    order: list[list[str]]
    roles: Mapping[str, str]
    calls: Mapping[str, Sequence[str]]

    def frees(self, order: Sequence[Sequence[str]]) -> list[list[Guest]]:
        """The guests that each wave of `order` leaves without any service that stays or is still to move."""
        number = {name: at for at, wave in enumerate(order) for name in wave}
        last: dict[str, int] = {}
        for one in self.services:
            for source in one["from"]:
                last[source["guest"]] = max(last.get(source["guest"], 0), number.get(one["name"], len(order)))
        freed: list[list[Guest]] = [[] for _wave in order]
        for guest in self.guests:
            if last.get(guest["name"], len(order)) < len(order):
                freed[last[guest["name"]]].append(guest)
        return freed


def plan_moves(services: Sequence[Service], guests: Sequence[Guest], platform: Mapping[str, Any]) -> Moves:
    """The order of the services that move: callers before callees, where nobody wants it otherwise."""
    roles = {one["name"]: one["role"] for one in services if one["moves"]}
    calls = {one["name"]: one["calls"] for one in services}
    homes = {one["name"]: one["from"][0]["guest"] for one in services if one["from"]}
    said = platform["suite"]["services"]
    wanted = {name: said[name]["wave"] for name in roles if name in said and said[name]["wave"]}
    order = pin(order_waves(calls, roles, platform["plan"]["wave"]["at_most_services"], homes), wanted)
    door = (platform["suite"]["front_door"] or {}).get("guest")
    return Moves(services, [guest for guest in guests if guest["name"] != door], order, roles, calls)
