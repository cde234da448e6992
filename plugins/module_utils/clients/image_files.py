# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Image files on the controller: base images as they lie in the bundle, and layers that are made of a jar or a site."""

from __future__ import annotations

import calendar
import functools
import hashlib
import json
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ..core import image, jar
from ..core.errors import IntegrityError
from .registry import Place

_CHUNK = 1 << 20


def file_digest(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as stream:
        return _sum(stream)


def keep(source: Path, target: Path) -> Path:
    """Move a finished file to where it is kept; a target that is there is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.move(source, partial)
    return partial.replace(target)


def read_base(path: Path, reference: str) -> tuple[image.Base, dict[str, Place]]:
    """A base image out of a docker archive or an OCI layout in a tar, and where the bytes of its layers lie."""
    with tarfile.open(path, "r:") as archive:
        members = {member.name.removeprefix("./"): member for member in archive}

        def place(name: str) -> Place:
            member = members[name]
            while member.issym():  # `docker save` writes a layer once and links to it
                target = str(PurePosixPath(member.name).parent / member.linkname)
                member = members[_normal(target)]
            return Place(path, member.offset_data, member.size)

        def content(name: str) -> Any:
            return json.loads(_bytes(place(name)))

        if "manifest.json" in members:
            config_name, layer_names = image.docker_archive(content("manifest.json"), reference)
            config = content(config_name)
            blobs = [
                _layer(place(name), diff_id)
                for name, diff_id in zip(layer_names, config["rootfs"]["diff_ids"], strict=True)
            ]
        elif "index.json" in members:
            manifest = content(_blob_name(content("index.json")["manifests"][0]["digest"]))
            config = content(_blob_name(manifest["config"]["digest"]))
            blobs = [
                (image.Blob(one["mediaType"], one["digest"], one["size"]), place(_blob_name(one["digest"])))
                for one in manifest["layers"]
            ]
        else:
            raise IntegrityError(f"{path}: neither manifest.json nor index.json in it; an image archive has one")
    return image.Base(config, tuple(blob for blob, _place in blobs)), {blob.digest: place for blob, place in blobs}


def jar_layers(source: Path, into: Path) -> tuple[jar.Layout, list[image.Blob], dict[str, Place]]:
    """The layers of the jar `source`, written below `into`."""
    try:
        archive = zipfile.ZipFile(source)
    except zipfile.BadZipFile as error:
        raise IntegrityError(f"{source} is not a jar: {error}") from error
    with archive:
        names = archive.namelist()
        if "META-INF/MANIFEST.MF" not in names:
            raise IntegrityError(f"{source} has no META-INF/MANIFEST.MF; what `java -jar` starts has one")
        index = next((name for name in ("BOOT-INF/layers.idx", "WEB-INF/layers.idx") if name in names), None)
        layout = jar.layout(
            names, archive.read("META-INF/MANIFEST.MF").decode(), archive.read(index).decode() if index else None
        )
        if not layout.unpacked:
            size = source.stat().st_size
            entry = (f"{jar.HOME}/app.jar", size, 0, lambda: source.open("rb"))
            written = [_write(into / "0.tar", [entry])]
        else:
            written = [
                _write(into / f"{number}.tar", _unpacked(archive, layer)) for number, layer in enumerate(layout.layers)
            ]
    return layout, [blob for blob, _place in written], {blob.digest: place for blob, place in written}


def site_layer(source: Path, root: str, into: Path) -> tuple[image.Blob, Place]:
    """A document root that came as a tar, as one layer below the directory `root`; times stay, owners do not."""
    with tarfile.open(source, "r:") as archive:
        members = sorted((one for one in archive if one.isfile() or one.issym()), key=lambda one: _normal(one.name))
        prefix = root.strip("/")
        target = into / "site.tar"
        with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as layer:
            names = [f"{prefix}/{_normal(one.name)}" for one in members]
            _directories(layer, names)
            for name, member in zip(names, members, strict=True):
                entry = _entry(name, member.size if member.isfile() else 0, int(member.mtime))
                if member.issym():
                    entry.type, entry.linkname = tarfile.SYMTYPE, member.linkname
                    layer.addfile(entry)
                else:
                    layer.addfile(entry, archive.extractfile(member))
    return _measure(target)


def site_digest(source: Path) -> str:
    """What a document root holds, in hex: names, contents and times, whatever order and owners the tar has."""
    lines = []
    with tarfile.open(source, "r:") as archive:
        for member in archive:
            if member.issym():
                lines.append(f"{_normal(member.name)} -> {member.linkname}")
            elif member.isfile():
                stream = archive.extractfile(member)
                found = _sum(stream) if stream else ""
                lines.append(f"{_normal(member.name)} {int(member.mtime)} {found}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


_Entry = tuple[str, int, int, Callable[[], IO[bytes]]]  # name, size, time, how to open it


def _unpacked(archive: zipfile.ZipFile, layer: jar.Layer) -> Iterator[_Entry]:
    for name in layer.entries:
        info = archive.getinfo(name)
        # A library's time is that of somebody's download, and would make one layer per download. A class path
        # resource's time is what browsers are told, so it stays.
        time = calendar.timegm((*info.date_time, 0, 0, 0)) if "-INF/classes/" in name else 0
        yield f"{jar.HOME}/{name}", info.file_size, time, functools.partial(archive.open, info)


def _write(target: Path, entries: Iterable[_Entry]) -> tuple[image.Blob, Place]:
    entries = list(entries)
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as layer:
        _directories(layer, [name for name, _size, _time, _open in entries])
        for name, size, time, opened in entries:
            with opened() as stream:
                layer.addfile(_entry(name, size, time), stream)
    return _measure(target)


def _directories(layer: tarfile.TarFile, names: list[str]) -> None:
    found = {str(parent) for name in names for parent in PurePosixPath(name).parents if str(parent) != "."}
    for name in sorted(found):
        entry = _entry(name, 0, 0)
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
        layer.addfile(entry)


def _entry(name: str, size: int, time: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, time, 0o644
    return entry


def _measure(path: Path) -> tuple[image.Blob, Place]:
    size = path.stat().st_size
    return image.Blob(image.LAYER, f"sha256:{file_digest(path)}", size), Place(path, 0, size)


def _layer(place: Place, diff_id: str) -> tuple[image.Blob, Place]:
    with place.path.open("rb") as stream:
        stream.seek(place.offset)
        kind = image.layer_type(stream.read(4))
        if kind == image.LAYER:  # what is not compressed has its digest in the configuration already
            return image.Blob(kind, diff_id, place.size), place
        stream.seek(place.offset)
        return image.Blob(kind, f"sha256:{_sum(stream, place.size)}", place.size), place


def _sum(stream: IO[bytes], size: int | None = None) -> str:
    total = hashlib.sha256()
    left = size
    while chunk := stream.read(_CHUNK if left is None else min(_CHUNK, left)):
        total.update(chunk)
        left = None if left is None else left - len(chunk)
    return total.hexdigest()


def _bytes(place: Place) -> bytes:
    with place.path.open("rb") as stream:
        stream.seek(place.offset)
        return stream.read(place.size)


def _blob_name(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/", 1)


def _normal(name: str) -> str:
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            if not parts:
                raise IntegrityError(f"the archive has an entry {name!r}; entries stay inside the directory")
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
