# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a jar is made of, and the image layers that it becomes.

A Spring Boot jar is laid out unpacked, so that its libraries, which change seldom, are layers of their own and are
shared between images. It is started by the launcher that its manifest names: Boot 3.2 moved that class.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import IntegrityError

HOME = "app"  # the directory of the image that the service is laid out in
_BOOT = re.compile(r"(BOOT|WEB)-INF/")
_LIBRARIES = re.compile(r"(BOOT|WEB)-INF/lib(-provided)?/")


@dataclass(frozen=True)
class Layer:
    """Files of a jar that become one layer, in the order of their names."""

    name: str
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """How a jar lies in its image: its layers, the rarest changed first, and what is started; file by file or whole."""

    layers: tuple[Layer, ...]
    entrypoint: tuple[str, ...]
    unpacked: bool


def manifest_attributes(text: str) -> dict[str, str]:
    """The main attributes of a META-INF/MANIFEST.MF, whose long lines go on after a line break and a blank."""
    main = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    attributes: dict[str, str] = {}
    for line in re.sub(r"\r?\n ", "", main).splitlines():
        name, separator, value = line.partition(":")
        if separator:
            attributes[name.strip()] = value.strip()
    return attributes


def layers_index(text: str) -> dict[str, list[str]]:
    """BOOT-INF/layers.idx: the names of layers, each with the files and directories (`…/`) that belong to it."""
    layers: dict[str, list[str]] = {}
    for line in text.splitlines():
        top = re.fullmatch(r'- "([^"]+)":\s*', line)
        inner = re.fullmatch(r'\s+- "([^"]+)"\s*', line)
        if top:
            layers[top[1]] = []
        elif inner and layers:
            layers[list(layers)[-1]].append(inner[1])
    return layers


def layout(names: Sequence[str], manifest: str, index: str | None) -> Layout:
    """The layout of a jar with the entries `names`, from its manifest and, where it has one, its layers.idx."""
    attributes = manifest_attributes(manifest)
    main = attributes.get("Main-Class")
    if not main:
        raise IntegrityError(
            "META-INF/MANIFEST.MF: no Main-Class is named; a jar that `java -jar` starts has one, so this is a library"
        )
    files = sorted(name for name in set(names) if not name.endswith("/"))
    for name in files:
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise IntegrityError(f"the jar has an entry {name!r}; entries stay inside the directory")
    if not any(_BOOT.match(name) for name in files):
        plain = Layer("application", ("app.jar",))
        return Layout((plain,), ("java", "-jar", f"/{HOME}/app.jar"), unpacked=False)
    wanted = layers_index(index) if index else {}
    groups: dict[str, list[str]] = {name: [] for name in wanted or _DEFAULT}
    for name in files:
        group = _named_by(wanted, name) if wanted else _default(name)
        groups.setdefault(group, []).append(name)
    layers = tuple(Layer(name, tuple(entries)) for name, entries in groups.items() if entries)
    return Layout(layers, ("java", "-cp", f"/{HOME}", main), unpacked=True)


_DEFAULT = ("dependencies", "spring-boot-loader", "snapshot-dependencies", "application")


def _default(name: str) -> str:
    """The layer of an entry by Spring Boot's own rules, for jars that were built before there was an index."""
    if _LIBRARIES.match(name):
        return "snapshot-dependencies" if "SNAPSHOT" in name else "dependencies"
    return "spring-boot-loader" if name.startswith("org/springframework/boot/loader/") else "application"


def _named_by(wanted: dict[str, list[str]], name: str) -> str:
    """The layer whose index names `name` most exactly; what no line names changes with the application."""
    best, length = list(wanted)[-1], -1
    for layer, patterns in wanted.items():
        for pattern in patterns:
            hit = name.startswith(pattern) if pattern.endswith("/") else name == pattern
            if hit and len(pattern) > length:
                best, length = layer, len(pattern)
    return best
