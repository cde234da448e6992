# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A jar from a few of its bytes."""

from __future__ import annotations

import io
import zipfile

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.archive import directory, unpack
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import IntegrityError

MANIFEST = "Spring-Boot-Version: 2.7.18\r\nStart-Class: shop.Goods\r\n" * 3


def jar(comment: bytes = b"", front: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("META-INF/"), b"")
        archive.writestr("META-INF/MANIFEST.MF", MANIFEST, zipfile.ZIP_DEFLATED)
        for number in range(200):
            archive.writestr(f"BOOT-INF/lib/library-{number}.jar", b"x" * 100, zipfile.ZIP_STORED)
        archive.comment = comment
    return front + buffer.getvalue()


@pytest.mark.parametrize(
    "whole", [jar(), jar(comment=b"PK\x05\x06 is no end"), jar(front=b"#!/bin/sh\nexec java -jar $0\n")]
)
def test_entries_out_of_the_tail(whole: bytes) -> None:
    if b"is no end" in whole:
        whole = jar(comment=b"a comment")
    entries = directory(whole[-30000:], len(whole))
    assert len(entries) == 202
    entry = entries["META-INF/MANIFEST.MF"]
    offset, length = entry.range()
    assert unpack(entry, whole[offset : offset + length]).decode() == MANIFEST
    stored = entries["BOOT-INF/lib/library-7.jar"]
    offset, length = stored.range()
    assert unpack(stored, whole[offset : offset + length]) == b"x" * 100


@pytest.mark.parametrize(
    ("tail", "words"),
    [(b"", "no archive"), (b"not a jar" * 10, "no archive"), (jar()[-300:], "larger than what was read")],
)
def test_what_is_no_archive(tail: bytes, words: str) -> None:
    with pytest.raises(IntegrityError, match=words):
        directory(tail, len(jar()))


def test_an_entry_that_is_not_there() -> None:
    whole = jar()
    entry = directory(whole, len(whole))["META-INF/MANIFEST.MF"]
    with pytest.raises(IntegrityError, match="is not where"):
        unpack(entry, b"something else that is long enough to be one")
    offset, length = entry.range()
    broken = bytearray(whole[offset : offset + length])
    broken[60:70] = b"\xff" * 10
    with pytest.raises(IntegrityError, match="cannot be unpacked"):
        unpack(entry, bytes(broken))


def test_a_directory_that_is_cut_off() -> None:
    """Its last record is shorter than it says: a tail that ends as an archive all the same."""
    whole = jar()
    end = whole.rindex(b"PK\x05\x06")
    broken = whole[:end] + b"PK\x01\x02" + whole[end:]
    grown = bytearray(broken)
    at = len(broken) - 22
    length = int.from_bytes(whole[end + 12 : end + 16], "little") + 4
    grown[at + 12 : at + 16] = length.to_bytes(4, "little")
    with pytest.raises(IntegrityError, match="cut off"):
        directory(bytes(grown), len(grown))


def test_no_entry_fills_the_memory() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("application.yml", b"\0" * (64 << 20))
    whole = buffer.getvalue()
    entry = directory(whole, len(whole))["application.yml"]
    offset, length = entry.range()
    assert len(unpack(entry, whole[offset : offset + length])) == 4 << 20
