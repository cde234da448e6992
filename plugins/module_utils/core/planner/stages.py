# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The move where some workers stand later than others: each wave is what the workers hold that stand by then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..errors import CapacityError, Problem
from ..plan import Node, Wave
from .ground import Ground
from .moves import Moves
from .services import CACHE, REGISTRY
from .waves import components, few

Holds = Callable[[Sequence[str], Sequence[str], int], bool]
"""Whether some workers hold the pods of some services (both by name) if so many of the workers are lost."""

Part = list[str]  # services that move together

_MORE_ROOM = "more room on the ESXi hosts, smaller or fewer nodes, or fewer services that move"
_LAST = {CACHE: 1, REGISTRY: 2}


@dataclass(frozen=True)
class Staged:
    """The waves, first to last, and which of them are smaller than they would be with all workers."""

    order: list[list[str]]
    cut: frozenset[int]


def in_stages(
    moves: Moves, ground: Ground, holds: Holds, *, drained: Sequence[str], idle: Sequence[str], spare: int
) -> Staged:
    """The waves again, each no larger than the workers that stand by then.

    Workers stand as `ground` has room for them; adopted ones at once (`idle`), or once they are free (`drained`).
    """
    waiting = [_parts(wave, moves) for wave in moves.order]
    order: list[list[str]] = []
    cut: set[int] = set()
    while any(waiting):
        freed = {guest["name"] for several in moves.frees(order) for guest in several}
        workers = [*idle, *(name for name in drained if name in freed), *ground.workers()]
        moved = [name for wave in order for name in wave]
        wave, whole = _next(waiting, moved, moves, partial(holds, workers), spare)
        if not wave:
            raise _stuck(waiting, workers)
        order.append(sorted(wave))
        if not whole:
            cut.add(len(order))
        waiting = [left for parts in waiting if (left := [part for part in parts if part[0] not in wave])]
        # a VM that is taken over leaves no room: it comes back as a worker
        ground.free(guest for guest in moves.frees(order)[-1] if guest["name"] not in drained)
    if ground.waiting:
        names = [size.name for size in ground.waiting]
        found = f"{few(names)} find no room either on what they free"
        raise CapacityError("the nodes do not fit onto the ESXi hosts", [Problem("the waves", found, _MORE_ROOM)])
    return Staged(order, frozenset(cut))


def _parts(wave: Sequence[str], moves: Moves) -> list[Part]:
    return sorted(components({name: [one for one in moves.calls.get(name, ()) if one in wave] for name in wave}))


def _next(
    waiting: Sequence[list[Part]],
    moved: Sequence[str],
    moves: Moves,
    hold: Callable[[Sequence[str], int], bool],
    spare: int,
) -> tuple[Part, bool]:
    """The next wave, and whether it is all that could move now: out of the first one of which anything fits.

    With as many workers to spare as can be.
    """
    for lost in range(spare, -1, -1):
        for number, parts in enumerate(waiting):
            earlier = [name for several in waiting[:number] for part in several for name in part]
            ready = [part for part in parts if not _needs_first(part, earlier, moves)]
            everything = [name for part in ready for name in part]
            if everything and hold([*moved, *everything], lost):
                return everything, number == 0
            taken: Part = []
            for part in ready:
                beside = [name for name in everything if name not in (*taken, *part)]
                if not _needs_first(part, beside, moves) and hold([*moved, *taken, *part], lost):
                    taken += part
            if taken:
                return taken, False
    return [], False


def _needs_first(part: Part, earlier: Sequence[str], moves: Moves) -> bool:
    """Whether one of the services that were to move `earlier` must indeed move before this part."""
    last = _LAST.get(moves.roles[part[0]], 0)
    return any(
        _LAST.get(moves.roles[one], 0) < last or any(name in moves.calls.get(one, ()) for name in part)
        for one in earlier
    )


def _stuck(waiting: Sequence[list[Part]], workers: Sequence[str]) -> CapacityError:
    names = next([name for part in parts for name in part] for parts in waiting if parts)
    found = f"{few(names)} find no room on the {len(workers)} workers that stand by then"
    found += f", {few(workers)}" if workers else ""
    return CapacityError("a wave does not fit onto the workers", [Problem("the waves", found, _MORE_ROOM)])


def stands_after(node: Node, waves: Sequence[Wave]) -> int:
    """The wave after which a node can be made; 0: at first."""
    waits_for = set(node.get("waits_for") or ())  # a plan that is frozen may be older than this field
    if not waits_for:
        return 0
    return max((wave["number"] for wave in waves if waits_for.intersection(wave["frees"])), default=0)
