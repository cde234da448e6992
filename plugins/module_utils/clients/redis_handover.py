# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One Redis takes over from another without losing a write.

    follow    the new one is a replica of the old one, until it is level with it
    fence     writes at the old one wait; what was written before arrives at the new one, and the data are compared
    promote   the new one is a primary, the old one a replica: nothing that waited there is ever applied there
    switch    the Service leads to the new one; clients of the old one are cut off and come back through it

Up to the promotion everything can be taken back. From there on a run that was killed is taken up where it ended.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..core.errors import IntegrityError, LandfallError, OperationFailed
from ..core.redis_protocol import version_of
from .redis import Redis, counts, info

COMPARE_NAMES_UP_TO = 200_000
_PAUSE_SINCE = (6, 2)


@dataclass(frozen=True)
class Address:
    host: str
    port: int


@dataclass(frozen=True)
class HandedOver:
    """What was handed over, and for how long writes waited."""

    keys: dict[int, int]
    paused_seconds: float
    resumed: bool  # a killed run had come as far as the promotion


def hand_over(
    old: Redis, new: Redis, *, old_at: Address, new_at: Address, switch: Callable[[], None], timeout: float
) -> HandedOver:
    """Hand over from `old` to `new`; `switch` leads clients to the new one."""
    if _is_replica(old) and not _is_replica(new):
        switch()
        _cut_off_clients(old)
        return HandedOver(counts(new), 0.0, resumed=True)
    if _is_replica(old):
        raise OperationFailed(f"Redis at {old.name} is a replica itself; its primary is what has to be handed over")
    _follow(old, new, old_at, timeout)
    began = time.monotonic()
    with _fenced(old, timeout):
        _level(old, new, timeout)
        keys = _compare(old, new)
        new.text("REPLICAOF", "NO", "ONE")
        old.text("REPLICAOF", new_at.host, str(new_at.port))
        switch()
        _cut_off_clients(old)
    return HandedOver(keys, round(time.monotonic() - began, 3), resumed=False)


def _is_replica(server: Redis) -> bool:
    return info(server, "replication").get("role") == "slave"


def _follow(old: Redis, new: Redis, old_at: Address, timeout: float) -> None:
    """The new one has everything but the last moments."""
    new.text("REPLICAOF", old_at.host, str(old_at.port))

    def is_near() -> str | None:
        found = info(new, "replication")
        if found.get("master_link_status") != "up" or found.get("master_sync_in_progress") == "1":
            return f"its link to {old.name} is {found.get('master_link_status', 'not there')}"
        lag = int(info(old, "replication")["master_repl_offset"]) - int(found["slave_repl_offset"])
        return None if lag < 1 << 20 else f"it is {lag} bytes behind"

    _until(is_near, timeout, f"{new.name} does not become a replica of {old.name}")


@contextlib.contextmanager
def _fenced(old: Redis, timeout: float) -> Iterator[None]:
    """No write at the old one. It ends by itself, should this program be killed before the promotion."""
    pauses = version_of(info(old, "server")) >= _PAUSE_SINCE
    if pauses:
        old.text("CLIENT", "PAUSE", str(int(timeout * 1000)), "WRITE")
    else:
        # more replicas than there ever are: writes are refused instead of waiting
        old.text("CONFIG", "SET", "min-slaves-to-write", "1000")
    try:
        yield
    finally:
        # a replica refuses writes from here on, whatever waits
        with contextlib.suppress(LandfallError):
            old.text(*(("CLIENT", "UNPAUSE") if pauses else ("CONFIG", "SET", "min-slaves-to-write", "0")))


def _level(old: Redis, new: Redis, timeout: float) -> None:
    """Everything that was written before the fence is at the new one."""
    wanted = int(info(old, "replication")["master_repl_offset"])

    def is_level() -> str | None:
        offset = int(info(new, "replication").get("slave_repl_offset", -1))
        return None if offset >= wanted else f"it is at {offset} of {wanted}"

    _until(is_level, timeout / 2, f"{new.name} does not become level with {old.name}")


def _compare(old: Redis, new: Redis) -> dict[int, int]:
    before, after = counts(old), counts(new)
    if before != after:
        raise IntegrityError(f"{old.name} has keys {before}, {new.name} has {after}; both should hold the same")
    if sum(before.values()) <= COMPARE_NAMES_UP_TO:
        for database in before:
            if old.key_digest(database) != new.key_digest(database):
                raise IntegrityError(f"database {database} of {new.name} has other keys than that of {old.name}")
    return before


def _cut_off_clients(old: Redis) -> None:
    """Connections outlive a Service's change: only who has to connect again finds the new one."""
    for kind in ("normal", "pubsub"):
        old.text("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")


def _until(wrong: Callable[[], str | None], timeout: float, what: str) -> None:
    deadline = time.monotonic() + timeout
    while reason := wrong():
        if time.monotonic() > deadline:
            raise OperationFailed(f"{what} within {timeout:g} s: {reason}")
        time.sleep(0.05)
