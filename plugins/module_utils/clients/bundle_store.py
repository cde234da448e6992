# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The offline bundle on disk: an index, and blobs under the name of their sha256.

    <bundle>/index.json
    <bundle>/blobs/sha256/<digest>

Blobs come first and the index last, each under a temporary name until it is whole: a killed run leaves the old bundle.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..core import bundle
from ..core.bundle import Content, Entry
from ..core.errors import DocumentError, IntegrityError, NotFound, Problem

_CHUNK = 1 << 20
_PARTIAL = ".partial-"


class BundleStore:
    """A bundle in a directory."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory)
        self.index = self.directory / "index.json"
        self.blobs = self.directory / "blobs" / "sha256"

    def path(self, sha256: str) -> Path:
        """Where the blob with this digest lies."""
        return self.blobs / sha256

    def exists(self) -> bool:
        return self.index.exists()

    def entries(self) -> list[Entry]:
        """What the index says is here."""
        try:
            return bundle.parse_index(json.loads(self.index.read_bytes()))
        except FileNotFoundError:
            raise NotFound(f"{self.directory} is not a bundle: it has no index.json") from None
        except ValueError as error:
            raise DocumentError(f"{self.index} is not JSON: {error}") from error
        except OSError as error:
            raise NotFound(f"{self.index} cannot be read: {error.strerror}") from error

    def index_entries(self) -> list[dict[str, Any]]:
        """The entries as plain data, for a module's arguments."""
        return [entry.document() for entry in self.entries()]

    def find(self, image: str) -> Path:
        """The blob of the image with this reference."""
        entries = self.entries()
        for entry in entries:
            if entry.image == image:
                return self.path(entry.sha256)
        there = ", ".join(entry.image for entry in entries if entry.image) or "none"
        raise NotFound(f"{self.directory} has no image {image}; the images in it: {there}")

    def verify(self, entries: Iterable[Entry]) -> None:
        """Read every blob of `entries`; all that are not what the index says are reported at once."""
        entries = list(entries)
        digests = sorted({entry.sha256 for entry in entries})
        found = dict(zip(digests, measure(self.path(digest) for digest in digests), strict=True))
        problems = bundle.damage(entries, found)
        if problems:
            raise IntegrityError(f"{self.directory}: {len(problems)} of {len(entries)} files are damaged", problems)

    def lacks(self, content: Content) -> bool:
        """Whether the blob is missing or cut short. Only `verify` reads what is in it."""
        try:
            return self.path(content.sha256).stat().st_size != content.size
        except FileNotFoundError:
            return True

    def put(self, source: Path, content: Content, *, hard_link: bool) -> None:
        """Make `source`, whose content is known, a blob: as a hard link where wanted and possible, else as a copy."""
        partial = self.blobs / f"{_PARTIAL}{content.sha256}"
        self.blobs.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        if not (hard_link and _linked(source, partial)):
            _copy(source, partial, content.sha256)
        partial.replace(self.path(content.sha256))

    def write_index(self, entries: Iterable[Entry]) -> None:
        """Put the index in the place of the old one, whole."""
        partial = self.directory / f"{_PARTIAL}index.json"
        self.directory.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as stream:
            json.dump(bundle.document(entries), stream, indent=1)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(self.index)

    def unused(self, entries: Iterable[Entry]) -> list[Path]:
        """The blobs that no entry names, and what a killed run left."""
        used = {entry.sha256 for entry in entries}
        return sorted(path for path in self.blobs.glob("*") if path.name not in used) if self.blobs.is_dir() else []


def fill(
    store: BundleStore,
    present: Sequence[Entry],
    wanted: Sequence[Mapping[str, Any]],
    *,
    exclusive: bool,
    hard_links: bool,
    dry: bool,
) -> tuple[bool, list[Entry]]:
    """Bring files into the bundle: whether that changes it, and its entries then. `dry` writes nothing.

    Each of `wanted` names a file (`src`) and says what it is; one that must have a digest may give it as `sha256`.
    """
    bundle.check_files(wanted)
    sources = [Path(one["src"]) for one in wanted]
    contents = _contents_of(sources, wanted)
    entries = [
        Entry(
            **{key: one.get(key) or "" for key in ("kind", "name", "version", "arch", "file", "image")},
            sha256=content.sha256,
            size=content.size,
        )
        for one, content in zip(wanted, contents, strict=True)
    ]
    after = bundle.merge(present, entries, exclusive=exclusive)
    coming = {content: source for source, content in zip(sources, contents, strict=True) if store.lacks(content)}
    unused = store.unused(after)
    new_index = after != list(present) or not store.exists()
    if not dry:
        for content, source in coming.items():
            store.put(source, content, hard_link=hard_links)
        if new_index:
            store.write_index(after)
        for path in unused:
            path.unlink(missing_ok=True)  # a partial blob may have become whole in the meantime
    return bool(coming or unused or new_index), after


def _contents_of(sources: Sequence[Path], wanted: Sequence[Mapping[str, Any]]) -> list[Content]:
    contents, missing, wrong = [], [], []
    for number, (source, one, content) in enumerate(zip(sources, wanted, measure(sources), strict=True)):
        if content is None:
            missing.append(Problem(f"entries[{number}].src", str(source), "a file on this host"))
            continue
        expected = one.get("sha256")
        if expected and expected != content.sha256:
            wrong.append(Problem(f"entries[{number}].sha256", content.sha256, f"{source} must have {expected}"))
        contents.append(content)
    if missing:
        raise NotFound("files for the bundle are not there", missing)
    if wrong:
        raise IntegrityError("files for the bundle are not what they should be", wrong)
    return contents


def measure(paths: Iterable[Path]) -> list[Content | None]:
    """Digest and size of each file, None where there is none; hashing leaves the interpreter, so threads help."""
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(_content, paths))


def _content(path: Path) -> Content | None:
    found, size, buffer = hashlib.sha256(), 0, memoryview(bytearray(_CHUNK))
    try:
        with path.open("rb", buffering=0) as stream:
            while count := stream.readinto(buffer):
                found.update(buffer[:count])
                size += count
    except (FileNotFoundError, IsADirectoryError):
        return None
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}") from error
    return Content(found.hexdigest(), size)


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source.resolve(), target)
    except OSError:  # another file system, or one without hard links
        return False
    return True


def _copy(source: Path, target: Path, sha256: str) -> None:
    found = hashlib.sha256()
    with source.open("rb") as stream, target.open("wb") as copy:
        while block := stream.read(_CHUNK):
            found.update(block)
            copy.write(block)
    if found.hexdigest() != sha256:
        raise IntegrityError(f"{source} changed while it was copied: it had sha256 {sha256}, now {found.hexdigest()}")
