# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where each service of the plan stands: on its guests, on its way, in the cluster; and what its guests have become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from .estate import Guest
from .plan import Plan, Service

GUESTS, MOVING, CLUSTER, STAYS, NOWHERE = "guests", "moving", "cluster", "stays", "nowhere"
_SAYS = {
    GUESTS: "on its guests",
    MOVING: "moving",
    CLUSTER: "in the cluster",
    STAYS: "stays on its guests",
    NOWHERE: "NOWHERE: no guest runs it, no pod is ready",
}
NODE = "node"
_LEFT = ("moved", "retired", NODE)


class Source(TypedDict):
    """A guest of a service, as vCenter knows it now."""

    guest: str
    power: str  # on | off | suspended | gone
    state: str | None  # Landfall's mark: moving | moved | retired; or node: taken over by the cluster


class Pods(TypedDict):
    ready: int
    wanted: int


class Standing(TypedDict):
    service: str
    namespace: str
    wave: int | None
    stands: str  # guests | moving | cluster | stays | nowhere
    guests: list[Source]
    pods: Pods | None  # None: there are none, or nobody could ask the cluster


class GuestStanding(TypedDict):
    guest: str
    power: str  # on | off | suspended | gone
    state: str | None  # Landfall's mark: moving | moved | retired; or node: taken over by the cluster
    since: str | None  # of the mark, in UTC
    freed_by: int | None  # the wave after which nobody needs it; None: it stays
    services: list[str]


def standings(plan: Plan, guests: Sequence[Guest], controllers: Sequence[Mapping[str, Any]] | None) -> list[Standing]:
    """One for each service of the plan.

    `controllers` are the Deployments and StatefulSets of the suite; None where nobody could ask the cluster, so that
    only the marks of the guests tell.
    """
    there = {guest["name"]: guest for guest in guests}
    pods = {(one["metadata"]["namespace"], one["metadata"]["name"]): _pods(one) for one in controllers or ()}
    found: list[Standing] = []
    for one in plan["services"]:
        names = sorted({source["guest"] for source in one["from"]})
        sources = [_source(name, there.get(name)) for name in names]
        own = pods.get((one["namespace"], one["name"]))
        found.append(
            {
                "service": one["name"],
                "namespace": one["namespace"],
                "wave": one["wave"],
                "stands": _place(one, sources, own, asked=controllers is not None),
                "guests": sources,
                "pods": own,
            }
        )
    return found


def guest_standings(plan: Plan, guests: Sequence[Guest]) -> list[GuestStanding]:
    """One for each guest that the plan takes a service from or frees, and for each that bears a mark."""
    there = {guest["name"]: guest for guest in guests}
    marked = [name for name, guest in there.items() if guest["landfall"].get("state")]
    freed = {name: wave["number"] for wave in plan["waves"] for name in wave["frees"]}
    services: dict[str, list[str]] = {}
    for one in plan["services"]:
        for name in sorted({source["guest"] for source in one["from"]}):
            services.setdefault(name, []).append(one["name"])
    found: list[GuestStanding] = []
    for name in sorted({*services, *freed, *marked}):
        marks = there[name]["landfall"] if name in there else {}
        since, own = marks.get("since"), services.get(name, [])
        found.append({**_source(name, there.get(name)), "since": since, "freed_by": freed.get(name), "services": own})
    return found


def guest_lines(found: Sequence[GuestStanding]) -> list[str]:
    """The same on one screen, those that go first come first."""
    order = sorted(found, key=lambda one: (one["freed_by"] is None, one["freed_by"] or 0, one["guest"]))
    rows = [["guest", "power", "mark", "since", "free after", "services"]]
    for one in order:
        free = f"wave {one['freed_by']}" if one["freed_by"] else "stays"
        mark, services = one["state"] or "-", ", ".join(one["services"]) or "-"
        rows.append([one["guest"], one["power"], mark, one["since"] or "-", free, services])
    return _table(rows)


def lines(found: Sequence[Standing]) -> list[str]:
    """Services on one screen, in the order of the waves; those that stay come last."""
    order = sorted(found, key=lambda one: (one["wave"] is None, one["wave"] or 0, one["service"]))
    rows = [["wave", "service", "pods", "stands", "guests"]]
    for one in order:
        pods = f"{one['pods']['ready']}/{one['pods']['wanted']}" if one["pods"] else "-"
        guests = ", ".join(f"{source['guest']} ({_said(source)})" for source in one["guests"])
        rows.append([str(one["wave"] or "-"), one["service"], pods, _SAYS[one["stands"]], guests])
    counts = Counter(one["stands"] for one in found)
    return [*_table(rows), "", ", ".join(f"{counts[key]} {key}" for key in _SAYS if counts[key]) or "no services"]


def _place(one: Service, sources: Sequence[Source], pods: Pods | None, *, asked: bool) -> str:
    if not one["moves"]:
        return STAYS if any(source["power"] == "on" for source in sources) else NOWHERE
    left = [source["state"] in _LEFT or source["power"] == "gone" for source in sources]
    running = any(source["power"] == "on" and not gone for source, gone in zip(sources, left, strict=True))
    serves = pods is not None and pods["ready"] > 0
    if not running and not serves and (asked or not all(left)):
        return NOWHERE
    if all(left):
        return CLUSTER
    return MOVING if pods or any(source["state"] for source in sources) else GUESTS


def _source(name: str, guest: Guest | None) -> Source:
    if guest is None:
        return {"guest": name, "power": "gone", "state": None}
    marks = guest["landfall"]
    return {"guest": name, "power": guest["power_state"], "state": NODE if marks.get("role") else marks.get("state")}


def _pods(controller: Mapping[str, Any]) -> Pods:
    status, spec = controller.get("status") or {}, controller.get("spec") or {}
    return {"ready": int(status.get("readyReplicas") or 0), "wanted": int(spec.get("replicas", 1))}


def _said(source: Source) -> str:
    return f"{source['power']}, {source['state']}" if source["state"] else source["power"]


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
