# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A long road to a server on this machine: every byte takes half of a round trip, and so does the handshake of TCP.

A process of its own, so that it delays nothing but the bytes.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from types import TracebackType


class Road:
    """While it is entered, `port` leads to `target` with a round trip of `milliseconds`."""

    def __init__(self, target: int, milliseconds: float) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        # inherited by every connection; asyncio forgets it for a listener that it has not made
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = int(self._listener.getsockname()[1])
        work = (self._listener, target, milliseconds / 2000)
        self._process = multiprocessing.get_context("fork").Process(target=_serve, args=work, daemon=True)

    def __enter__(self) -> Road:
        self._process.start()
        self._listener.close()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.join()


class _Side(asyncio.Protocol):
    """One end of a connection; what comes in here leaves at the other end, later."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._loop = asyncio.get_running_loop()
        self.free_at = 0.0  # nothing arrives before the connection could stand
        self.other: _Side | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._later(lambda to: to.write(data))

    def connection_lost(self, exc: Exception | None) -> None:
        self._later(lambda to: to.close())

    def _later(self, act) -> None:  # type: ignore[no-untyped-def]
        # strictly later than what came before, whatever the clock's grain: bytes keep their order
        self.free_at = max(self._loop.time() + self._delay, self.free_at + 1e-6)
        self._loop.call_at(self.free_at, self._act, act)

    def _act(self, act) -> None:  # type: ignore[no-untyped-def]
        if self.other and self.other.transport:
            act(self.other.transport)


class _Client(_Side):
    def __init__(self, delay: float, target: int) -> None:
        super().__init__(delay)
        self._target = target

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.free_at = self._loop.time() + 3 * self._delay  # SYN and its answer, and the first half of the next trip
        self._loop.create_task(self._connect())

    async def _connect(self) -> None:
        server = _Side(self._delay)
        server.other = self
        await self._loop.create_connection(lambda: server, "127.0.0.1", self._target)
        self.other = server


def _serve(listener: socket.socket, target: int, delay: float) -> None:
    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Client(delay, target), sock=listener)
        await server.serve_forever()

    asyncio.run(forever())
