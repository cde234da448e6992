# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Redis server: on a guest, by its own protocol; in a pod, by redis-cli inside."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterable
from typing import Protocol

from ..core.errors import AccessDenied, ConnectionFailed, LandfallError, OperationFailed
from ..core.redis_protocol import Incomplete, ServerError, decode, encode, key_counts, parse_info
from .kube import KubeClient


class Redis(Protocol):
    """What can be asked of a server, wherever it is."""

    name: str

    def text(self, *words: str) -> str: ...

    def key_digest(self, database: int) -> str: ...


def info(server: Redis, section: str) -> dict[str, str]:
    """A section of INFO."""
    return parse_info(server.text("INFO", section))


def counts(server: Redis) -> dict[int, int]:
    """Keys of each database."""
    return key_counts(info(server, "keyspace"))


class RedisServer:
    """A server by its address."""

    def __init__(self, host: str, port: int, *, password: str | None = None, timeout: float = 10) -> None:
        self.name = f"{host}:{port}"
        self._data = b""
        try:
            self._socket = socket.create_connection((host, port), timeout=timeout)
        except OSError as error:
            raise ConnectionFailed(f"Redis at {self.name} cannot be reached: {error}") from error
        if password:
            try:
                self.text("AUTH", password)
            except LandfallError:
                self._socket.close()
                raise

    def __enter__(self) -> RedisServer:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()

    def text(self, *words: str) -> str:
        reply = self._ask(*words)
        return "" if reply is None else str(reply)

    def key_digest(self, database: int) -> str:
        self.text("SELECT", str(database))
        cursor, names = "0", list[str]()
        while True:
            reply = self._ask("SCAN", cursor, "COUNT", "1000")
            if not isinstance(reply, list):
                raise OperationFailed(f"Redis answered SCAN with {reply!r}; a cursor and keys would be right")
            cursor, found = str(reply[0]), reply[1]
            names.extend(found)
            if cursor == "0":
                return _digest(names)

    def _ask(self, *words: str) -> object:
        try:
            self._socket.sendall(encode(*words))
            while True:
                try:
                    reply, end = decode(self._data)
                except Incomplete:
                    chunk = self._socket.recv(1 << 16)
                    if not chunk:
                        raise OSError("it closed the connection") from None
                    self._data += chunk
                else:
                    break
        except OSError as error:
            raise ConnectionFailed(f"Redis at {self.name} went away: {error}") from error
        self._data = self._data[end:]
        if isinstance(reply, ServerError):
            raise _refusal(self.name, words, reply.message)
        return reply


class PodRedis:
    """A server in a pod. The password, where there is one, is in the container's environment (REDISCLI_AUTH)."""

    def __init__(self, client: KubeClient, namespace: str, pod: str, *, port: int) -> None:
        self.name = f"pod {namespace}/{pod}"
        self._client, self._namespace, self._pod, self._port = client, namespace, pod, port

    def text(self, *words: str) -> str:
        return self._run("-e", *words).rstrip("\n")

    def key_digest(self, database: int) -> str:
        return _digest(self._run("-n", str(database), "--scan").splitlines())

    def _run(self, *words: str) -> str:
        done = self._client.exec(self._namespace, self._pod, ["redis-cli", "--raw", "-p", str(self._port), *words])
        if done.code != 0:
            raise _refusal(self.name, words, (done.stderr or done.stdout).strip())
        return done.stdout


def _refusal(name: str, words: Iterable[str], message: str) -> OperationFailed | AccessDenied:
    command = next(iter(words))
    if message.startswith(("NOAUTH", "WRONGPASS", "ERR invalid password")):
        return AccessDenied(f"Redis at {name} refuses the password: {message}")
    return OperationFailed(f"Redis at {name} refuses {command}: {message}")


def _digest(names: Iterable[str]) -> str:
    # SCAN may give a key twice and in any order
    text = "\n".join(sorted(set(names)))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
