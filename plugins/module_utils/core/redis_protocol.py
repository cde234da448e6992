# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Redis protocol (RESP 2) as bytes, and what a server's INFO says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import OperationFailed


@dataclass(frozen=True)
class ServerError:
    """What a server answers when it refuses a command."""

    message: str


class Incomplete(Exception):
    """The reply has not arrived whole."""


def encode(*words: str) -> bytes:
    """A command."""
    parts = [word.encode("utf-8", "surrogateescape") for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def decode(data: bytes, start: int = 0) -> tuple[object, int]:
    """The reply that begins at `start`, and where the next one begins."""
    end = data.find(b"\r\n", start)
    if end < 0:
        raise Incomplete
    kind, text, after = data[start : start + 1], data[start + 1 : end], end + 2
    if kind == b"+":
        return text.decode("utf-8", "surrogateescape"), after
    if kind == b"-":
        return ServerError(text.decode("utf-8", "replace")), after
    if kind == b":":
        return int(text), after
    if kind == b"$":
        size = int(text)
        if size < 0:
            return None, after
        if len(data) < after + size + 2:
            raise Incomplete
        return data[after : after + size].decode("utf-8", "surrogateescape"), after + size + 2
    if kind == b"*":
        items: list[object] = []
        for _item in range(int(text)):
            item, after = decode(data, after)
            items.append(item)
        return (None if int(text) < 0 else items), after
    raise OperationFailed(f"what answers is no Redis: {data[start : start + 40]!r}")


def parse_info(text: str) -> dict[str, str]:
    """INFO as name -> value."""
    lines = (line.partition(":") for line in text.splitlines() if ":" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _colon, value in lines}


def key_counts(info: dict[str, str]) -> dict[int, int]:
    """Keys of each database that has some, out of INFO keyspace."""
    counts = {}
    for name, value in info.items():
        database, keys = re.fullmatch(r"db(\d+)", name), re.match(r"keys=(\d+)", value)
        if database and keys:
            counts[int(database[1])] = int(keys[1])
    return counts


def version_of(info: dict[str, str]) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", info.get("redis_version", "0"))[:3])
