# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Image layers: reproducible tar files out of trees and lists of files."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

OPAQUE = "trusted.overlay.opaque"


def write_tree(target: Path, root: Path, *, newest: float) -> None:
    """A layer of everything below `root`, which may be the upper directory of an overlay.

    Names are sorted; times later than `newest` (of files that the build itself made) become 0, while those that
    packages carry stay, since Python's byte code depends on them.
    """
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in _walk(root):
            name = str(path.relative_to(root))
            status = path.lstat()
            if stat.S_ISCHR(status.st_mode) and status.st_rdev == 0:  # how overlayfs says "removed"
                archive.addfile(_entry(str(Path(name).with_name(f".wh.{path.name}"))))
                continue
            if stat.S_ISSOCK(status.st_mode):
                continue
            entry = archive.gettarinfo(str(path), arcname=name)
            entry.uname = entry.gname = ""
            entry.mtime = 0 if entry.mtime > newest else int(entry.mtime)
            if entry.isreg():
                with path.open("rb") as stream:
                    archive.addfile(entry, stream)
            else:
                archive.addfile(entry)
            if entry.isdir() and OPAQUE in os.listxattr(path):
                archive.addfile(_entry(f"{name}/.wh..wh..opq"))


def write_files(target: Path, files: Mapping[str, Path | str]) -> None:
    """A layer of programs and links: name in the image -> the file, or the text that a symbolic link points to."""
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for directory in sorted(_parents(files)):
            archive.addfile(_entry(directory, kind=tarfile.DIRTYPE, mode=0o755))
        for name, source in sorted(files.items()):
            if isinstance(source, str):
                archive.addfile(_entry(name, kind=tarfile.SYMTYPE, mode=0o777, link=source))
                continue
            entry = _entry(name, mode=0o755 if os.access(source, os.X_OK) else 0o644)
            entry.size = source.stat().st_size
            with source.open("rb") as stream:
                archive.addfile(entry, stream)


def _walk(root: Path) -> Iterator[Path]:
    for directory, directories, names in os.walk(root):
        directories.sort()
        here = Path(directory)
        linked = [name for name in directories if (here / name).is_symlink()]
        yield from (here / name for name in sorted([*names, *linked]))
        yield from (here / name for name in directories if name not in linked)


def _parents(names: Iterable[str]) -> set[str]:
    return {str(parent) for name in names for parent in Path(name).parents if str(parent) not in (".", "/")}


def _entry(name: str, *, kind: bytes = tarfile.REGTYPE, mode: int = 0o644, link: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.linkname = kind, mode, link
    return entry
