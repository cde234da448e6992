# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One real Redis takes over from another, under load; failures leave the old one as it was."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.redis import RedisServer, counts, info
from ansible_collections.landfall.replatform.plugins.module_utils.clients.redis_handover import Address, hand_over
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import (
    AccessDenied,
    ConnectionFailed,
    IntegrityError,
    LandfallError,
    OperationFailed,
)

from tests.component.kube_fixture import _end_with_parent, _free_port

PASSWORD = "open-sesame"


@dataclass
class Pair:
    """An old and a new server, and where the Service leads."""

    old: Address
    new: Address
    service: list[Address] = field(default_factory=list)

    def connect(self, address: Address) -> RedisServer:
        return RedisServer(address.host, address.port, password=PASSWORD)

    def switch(self) -> None:
        self.service[0] = self.new


@contextlib.contextmanager
def server(directory: Path, *options: str) -> Iterator[Address]:
    port = _free_port()
    directory.mkdir()
    command = ["redis-server", "--port", str(port), "--dir", str(directory), "--save", "", "--requirepass", PASSWORD]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--masterauth", PASSWORD, *options], stdout=log, stderr=log, preexec_fn=_end_with_parent
        )
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                with RedisServer("127.0.0.1", port, password=PASSWORD):
                    break
            except LandfallError:
                if time.monotonic() > deadline:
                    pytest.fail((directory / "log").read_text())
                time.sleep(0.05)
        yield Address("127.0.0.1", port)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Two servers; the old one has data in two databases."""
    with server(tmp_path / "old") as old, server(tmp_path / "new", "--replica-read-only", "no") as new:
        pair = Pair(old, new, [old])
        with pair.connect(old) as client:
            for number in range(500):
                client.text("HSET", f"member:{number}", "points", str(number))
            client.text("SELECT", "3")
            client.text("SET", "王工", "\r\n")
        yield pair


def go(pair: Pair, *, timeout: float = 20, old_at: Address | None = None) -> dict[int, int]:
    with pair.connect(pair.old) as old, pair.connect(pair.new) as new:
        done = hand_over(old, new, old_at=old_at or pair.old, new_at=pair.new, switch=pair.switch, timeout=timeout)
    assert done.paused_seconds < 5
    return done.keys


class Writer(threading.Thread):
    """A client of the Service that counts; it connects again where it has to."""

    def __init__(self, pair: Pair) -> None:
        super().__init__()
        self.pair, self.end, self.acknowledged = pair, threading.Event(), [0]

    def run(self) -> None:
        while not self.end.is_set():
            with (
                contextlib.suppress(ConnectionFailed, OperationFailed),
                self.pair.connect(self.pair.service[0]) as client,
            ):
                while not self.end.is_set():
                    self.acknowledged.append(int(client.text("INCR", "count")))


def test_no_acknowledged_write_is_lost(pair: Pair) -> None:
    writers = [Writer(pair) for _number in range(3)]
    for writer in writers:
        writer.start()
    try:
        time.sleep(0.5)
        keys = go(pair)
        time.sleep(0.5)
    finally:
        for writer in writers:
            writer.end.set()
        for writer in writers:
            writer.join()
    assert keys == {0: 501, 3: 1}
    values = [value for writer in writers for value in writer.acknowledged if value]
    assert len(values) == len(set(values)), "no number was given twice: nothing went to both servers"
    assert all(writer.acknowledged == sorted(writer.acknowledged) for writer in writers)
    with pair.connect(pair.new) as new:
        assert info(new, "replication")["role"] == "master"
        assert counts(new) == keys
        assert int(new.text("GET", "count")) >= max(values)
        new.text("SELECT", "3")
        assert new.text("GET", "王工") == "\r\n"


def test_the_old_one_takes_no_write_afterwards(pair: Pair) -> None:
    go(pair)
    with pair.connect(pair.old) as old, pytest.raises(OperationFailed, match="READONLY"):
        old.text("SET", "late", "1")


def test_a_run_that_was_killed_after_the_promotion_goes_on(pair: Pair) -> None:
    go(pair)
    pair.service[0] = pair.old  # as if the Service had not been switched
    with pair.connect(pair.old) as old, pair.connect(pair.new) as new:
        assert hand_over(old, new, old_at=pair.old, new_at=pair.new, switch=pair.switch, timeout=10).resumed
    assert pair.service == [pair.new]


def still_as_it_was(pair: Pair) -> None:
    with pair.connect(pair.old) as old:
        assert old.text("SET", "after", "1") == "OK"
    assert pair.service == [pair.old]


def test_a_replica_that_does_not_come_level_changes_nothing(pair: Pair) -> None:
    with pytest.raises(OperationFailed, match="does not become a replica"):
        go(pair, timeout=2, old_at=Address("127.0.0.1", _free_port()))
    still_as_it_was(pair)


def test_data_that_differ_take_the_fence_back(pair: Pair) -> None:
    stop = threading.Event()

    def scribble() -> None:
        with pair.connect(pair.new) as client:
            for number in itertools.count():
                if stop.is_set():
                    return
                with contextlib.suppress(LandfallError):  # while it loads
                    client.text("SET", f"scribble:{number}", "1")

    thread = threading.Thread(target=scribble)
    thread.start()
    try:
        with pytest.raises(IntegrityError, match="both should hold the same"):
            go(pair)
    finally:
        stop.set()
        thread.join()
    still_as_it_was(pair)


def test_a_replica_is_not_handed_over(pair: Pair) -> None:
    with pair.connect(pair.old) as old, pair.connect(pair.new) as new:
        old.text("REPLICAOF", pair.new.host, str(pair.new.port))
        new.text("REPLICAOF", pair.old.host, str(pair.old.port))
        with pytest.raises(OperationFailed, match="is a replica itself"):
            hand_over(old, new, old_at=pair.old, new_at=pair.new, switch=pair.switch, timeout=5)


def test_a_wrong_password(pair: Pair) -> None:
    with pytest.raises(AccessDenied, match="refuses the password"):
        RedisServer(pair.old.host, pair.old.port, password="wrong")
    with RedisServer(pair.old.host, pair.old.port) as client, pytest.raises(AccessDenied, match="NOAUTH"):
        client.text("GET", "x")


def test_nobody_there() -> None:
    with pytest.raises(ConnectionFailed, match="cannot be reached"):
        RedisServer("127.0.0.1", _free_port())
