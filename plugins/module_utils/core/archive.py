# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A jar from a few of its bytes: the directory at its end, and single entries by where they lie."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import IntegrityError

_END = b"PK\x05\x06"
_ENTRY = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"
_LARGEST = 4 << 20  # of what is read here: a few packed bytes may become any number
_SLACK = 1024  # a local header may have more extra bytes than the directory says


@dataclass(frozen=True)
class Entry:
    """One file of an archive: where its local header lies, how it is packed."""

    name: str
    offset: int
    packed: int
    size: int
    method: int

    def range(self) -> tuple[int, int]:
        """(offset, length) of the bytes that unpack() needs."""
        return self.offset, 30 + len(self.name.encode()) + _SLACK + self.packed


def directory(tail: bytes, size: int) -> dict[str, Entry]:
    """The entries of an archive of `size` bytes, out of its last bytes; these must hold the whole directory."""
    at = tail.rfind(_END)
    if at < 0 or at + 22 > len(tail):
        raise IntegrityError("no archive: it does not end as one; it may be half copied")
    length, offset = struct.unpack("<II", tail[at + 12 : at + 20])
    # An executable jar has a shell script in front, so offsets count from where the archive begins.
    end = size - len(tail) + at
    begin = end - length - offset
    start = at - length
    if start < 0 or begin < 0 or offset == 0xFFFFFFFF:
        raise IntegrityError("its directory is larger than what was read of it")
    try:
        return dict(_entries(tail, start, begin))
    except struct.error as error:
        raise IntegrityError("its directory is cut off; it may be half copied") from error


def _entries(tail: bytes, start: int, begin: int) -> Iterator[tuple[str, Entry]]:
    while tail[start : start + 4] == _ENTRY:
        (method,) = struct.unpack("<H", tail[start + 10 : start + 12])
        packed, full, name, extra, comment = struct.unpack("<IIHHH", tail[start + 20 : start + 34])
        (local,) = struct.unpack("<I", tail[start + 42 : start + 46])
        text = tail[start + 46 : start + 46 + name].decode("utf-8", "replace")
        yield text, Entry(text, begin + local, packed, full, method)
        start += 46 + name + extra + comment


def unpack(entry: Entry, content: bytes) -> bytes:
    """The content of an entry, out of the bytes of its range."""
    if content[:4] != _LOCAL or len(content) < 30:
        raise IntegrityError(f"{entry.name} is not where the directory says")
    name, extra = struct.unpack("<HH", content[26:30])
    body = content[30 + name + extra : 30 + name + extra + entry.packed]
    if entry.method == 0:
        return body
    try:
        return zlib.decompressobj(-15).decompress(body, _LARGEST)
    except zlib.error as error:
        raise IntegrityError(f"{entry.name} cannot be unpacked: {error}") from error
