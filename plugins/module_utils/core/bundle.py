# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The offline bundle's index: what it holds, by name and by digest, and whether what lies there is that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .errors import DocumentError, Problem

VERSION = 1
KINDS = ("archive", "binary", "image", "manifest", "package")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_REFERENCE = re.compile(r"[a-z0-9][a-z0-9._/:-]*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_TEXTS = ("name", "version", "kind", "arch", "file")


@dataclass(frozen=True, order=True)
class Entry:
    """One file of the bundle; `image` is the reference that an image is known by."""

    kind: str
    name: str
    version: str
    arch: str
    sha256: str
    size: int
    file: str
    image: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.kind, self.name, self.version, self.arch)

    def document(self) -> dict[str, Any]:
        """The entry as it stands in the index."""
        return {key: value for key, value in asdict(self).items() if value != ""}


@dataclass(frozen=True)
class Content:
    """What lies where a blob should be."""

    sha256: str
    size: int


def parse_index(raw: object) -> list[Entry]:
    """The entries of an index; everything that is wrong with it at once."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("entries"), list):
        raise DocumentError("index.json: not an index of a bundle; {version: 1, entries: […]} is one")
    if raw.get("version") != VERSION:
        raise DocumentError(f"index.json: version {raw.get('version')!r}; this release reads version {VERSION}")
    problems = [
        problem
        for number, entry in enumerate(raw["entries"])
        for problem in (*_wrong_texts(f"entries[{number}]", entry), *_wrong_content(f"entries[{number}]", entry))
    ]
    problems += _wrong_names(raw["entries"], "entries")
    if problems:
        raise DocumentError("index.json cannot be read as an index", problems)
    return sorted(Entry(**entry) for entry in raw["entries"])


def check_files(wanted: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a list of files that no index could be made of; everything that is wrong at once."""
    problems = [problem for number, entry in enumerate(wanted) for problem in _wrong_texts(f"entries[{number}]", entry)]
    problems += _wrong_names(wanted, "entries")
    if problems:
        raise DocumentError("the bundle cannot be made of these files", problems)


def document(entries: Iterable[Entry]) -> dict[str, Any]:
    """The index as it is written."""
    return {"version": VERSION, "entries": [entry.document() for entry in sorted(entries)]}


def merge(present: Iterable[Entry], wanted: Iterable[Entry], *, exclusive: bool) -> list[Entry]:
    """The entries that the bundle shall have: the wanted ones and, unless `exclusive`, the present ones beside them."""
    merged = {} if exclusive else {entry.key: entry for entry in present}
    merged |= {entry.key: entry for entry in wanted}
    return sorted(merged.values())


def select(entries: Iterable[Entry], *, kinds: Sequence[str] = (), names: Sequence[str] = ()) -> list[Entry]:
    """The entries of these kinds and names; all where none are given."""
    return [entry for entry in entries if (not kinds or entry.kind in kinds) and (not names or entry.name in names)]


def damage(entries: Iterable[Entry], found: Mapping[str, Content | None]) -> list[Problem]:
    """What is wrong with the blobs of `entries`; `found` says by digest what lies there."""
    problems = []
    for entry in entries:
        path, content = f"{entry.name} {entry.version} (blobs/sha256/{entry.sha256})", found.get(entry.sha256)
        if content is None:
            problems.append(Problem(path, "is not there", f"{entry.size} bytes"))
        elif content.size != entry.size:
            problems.append(Problem(path, f"{content.size} bytes", f"the index says {entry.size}"))
        elif content.sha256 != entry.sha256:
            problems.append(Problem(path, f"has sha256 {content.sha256}", "the index says what its name says"))
    return problems


def lines(entries: Iterable[Entry]) -> str:
    """A line per entry, for a diff."""
    return "".join(
        f"{entry.kind} {entry.image or entry.name} {entry.version} {entry.arch} {entry.sha256[:12]} {entry.size}\n"
        for entry in sorted(entries)
    )


def _wrong_texts(path: str, entry: object) -> list[Problem]:
    if not isinstance(entry, Mapping):
        return [Problem(path, repr(entry), "an entry is a mapping")]
    problems = [
        Problem(f"{path}.{key}", repr(entry.get(key)), "a text that is not empty")
        for key in _TEXTS
        if not isinstance(entry.get(key), str) or not entry[key]
    ]
    kind, image = entry.get("kind"), entry.get("image") or ""
    if isinstance(kind, str) and kind and kind not in KINDS:
        problems.append(Problem(f"{path}.kind", repr(kind), f"one of {', '.join(KINDS)}"))
    if kind == "image" and not _REFERENCE.fullmatch(str(image)):
        problems.append(
            Problem(f"{path}.image", repr(image), "an image has a reference with a tag: host/repository:tag")
        )
    if kind != "image" and image:
        problems.append(Problem(f"{path}.image", repr(image), f"only an image has a reference, not a {kind}"))
    return problems


def _wrong_content(path: str, entry: object) -> list[Problem]:
    if not isinstance(entry, Mapping):
        return []
    problems = []
    if not _DIGEST.fullmatch(str(entry.get("sha256"))):
        problems.append(Problem(f"{path}.sha256", repr(entry.get("sha256")), "64 hexadecimal digits"))
    size = entry.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        problems.append(Problem(f"{path}.size", repr(size), "a number of bytes"))
    unknown = sorted(set(entry) - {*_TEXTS, "sha256", "size", "image"})
    return problems + [Problem(f"{path}.{key}", "is not known", "an entry has no such field") for key in unknown]


def _wrong_names(entries: Iterable[object], path: str) -> list[Problem]:
    """Two entries of one key, or two images of one reference: nobody could say which one is meant."""
    problems, seen = [], dict[tuple[str, ...], int]()
    for number, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            continue
        keys = [("name", *(str(entry.get(key)) for key in ("kind", "name", "version", "arch")))]
        if entry.get("image"):
            keys.append(("image", str(entry["image"]), str(entry.get("arch"))))
        for what, *key in keys:
            first = seen.setdefault((what, *key), number)
            if first != number:
                problems.append(Problem(f"{path}[{number}].{what}", " ".join(key), f"is {path}[{first}] already"))
    return problems
