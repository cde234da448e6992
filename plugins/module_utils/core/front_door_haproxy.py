# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HAProxy as the front door: `server` lines of its backends.

https://docs.haproxy.org/2.6/configuration.html#5.2
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from .front_door_target import Target, marked, meant

RIGHT = "a line `server NAME ADDRESS:PORT` of a backend"

_SECTION = re.compile(r"(?:global|defaults|frontend|backend|listen|peers|mailers|resolvers|userlist|ring|cache)\b")
_SERVER = re.compile(r"(?P<indent>\s*)server\s+(?P<name>\S+)\s+(?P<place>\S+)(?P<options>.*)")
_WORD = re.compile(r"""(?:[^\s"'\\#]|\\.|"[^"]*"|'[^']*')+""")


def called(files: Mapping[str, str], targets: Sequence[Target]) -> set[str]:
    """The services that the front door names."""
    return {target.name for text in files.values() for *_place, target in _servers(text, targets)}


def switch(files: Mapping[str, str], targets: Sequence[Target]) -> dict[str, str]:
    """The files with `targets` in the cluster."""
    return {path: _switch(text, targets) for path, text in files.items()}


def _switch(text: str, targets: Sequence[Target]) -> str:
    lines = text.splitlines(keepends=True)
    done: set[tuple[int, str]] = set()
    for section, number, server, target in _servers(text, targets):
        # several guests of one service: the first gives way to all nodes, the others to nothing
        places = () if (section, target.name) in done else target.cluster
        done.add((section, target.name))
        original = lines[number].removeprefix(server["indent"]).removesuffix("\n")
        made = [f"{marked(target.name)}: {original}"]
        made += [f"{_line(server, place, index)} {marked(target.name)}" for index, place in enumerate(places)]
        lines[number] = "".join(f"{server['indent']}{one}\n" for one in made)
    return "".join(lines)


def _servers(text: str, targets: Sequence[Target]) -> Iterator[tuple[int, int, re.Match[str], Target]]:
    """(where its section begins, line number from 0, its parts, whom it means) of every server that is a target."""
    section = 0
    for number, line in enumerate(text.splitlines()):
        if _SECTION.match(line):
            section = number
        server = _SERVER.fullmatch(line)
        target = meant(server["place"].removeprefix("ipv4@"), targets) if server and ":" in server["place"] else None
        if server and target:
            yield section, number, server, target


def _line(server: re.Match[str], place: str, index: int) -> str:
    """The server of one node. The first keeps its name and cookie, which rules and browsers may know."""
    suffix = f"-{index + 1}" if index else ""
    words = _WORD.findall(server["options"].partition(" #")[0])
    options: list[str] = []
    for before, word in zip([None, *words], words, strict=False):
        if word == "port" or before == "port":
            continue  # checks went to another port of the guest, which no node has
        options.append(word + suffix if before == "cookie" else word)
    return " ".join(["server", server["name"] + suffix, place, *options])
