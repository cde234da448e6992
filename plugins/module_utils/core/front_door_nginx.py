# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""nginx as the front door: servers of upstreams, and `proxy_pass` with an address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from . import nginx
from .front_door_target import Target, marked, meant
from .nginx import Directive

RIGHT = "a `server` of an `upstream`, or `proxy_pass http://…`"


def called(files: Mapping[str, str], targets: Sequence[Target]) -> set[str]:
    """The services that the front door names."""
    return {
        target.name
        for path, text in files.items()
        for directive in _all(nginx.parse(text, source=path))
        for argument in directive.arguments
        if (target := meant(argument.removeprefix("http://").partition("/")[0], targets))
    }


def switch(files: Mapping[str, str], targets: Sequence[Target]) -> dict[str, str]:
    """The files with `targets` in the cluster."""
    upstreams = {one.arguments[0] for path, text in files.items() for one in _upstreams(path, text) if one.arguments}
    known: set[str] = set()
    return {path: _switch(path, text, targets, upstreams, known) for path, text in files.items()}


def _upstreams(path: str, text: str) -> Iterable[Directive]:
    return nginx.walk(nginx.parse(text, source=path), "upstream")


def _all(directives: Iterable[Directive]) -> Iterable[Directive]:
    for one in directives:
        yield one
        yield from _all(one.block or ())


def _switch(path: str, text: str, targets: Sequence[Target], upstreams: set[str], known: set[str]) -> str:
    directives = nginx.parse(text, source=path)
    edits: list[tuple[int, int, str]] = []
    for upstream in nginx.walk(directives, "upstream"):
        done: set[str] = set()
        for server in upstream.block or ():
            target = meant(server.arguments[0], targets) if server.name == "server" and server.arguments else None
            if target:
                options = "".join(f" {option}" for option in server.arguments[1:])
                # several guests of one service: the first gives way to all nodes, the others to nothing
                lines = [] if target.name in done else [f"server {place}{options};" for place in target.cluster]
                edits.append(_replaced(text, server, target.name, lines))
                done.add(target.name)
    for block in _servers(directives):
        for proxy in block.find("proxy_pass"):
            scheme, _separator, rest = "".join(proxy.arguments).partition("://")
            place, slash, way = rest.partition("/")
            target = meant(place, targets) if scheme == "http" and place not in upstreams else None
            if target:
                name = f"landfall_{target.name}"
                edits.append(_replaced(text, proxy, target.name, [f"proxy_pass http://{name}{slash}{way};"]))
                if name not in known:
                    edits.append(_added(text, block, name, target))
                    known.add(name)
    return nginx.edit(text, edits)


def _servers(directives: Iterable[Directive]) -> Iterable[Directive]:
    """The virtual servers: they lie where an upstream may lie too, so one can be put before them."""
    return (one for one in nginx.walk(directives, "server") if one.block is not None)


def _replaced(text: str, directive: Directive, name: str, lines: Sequence[str]) -> tuple[int, int, str]:
    """A directive as a comment, and `lines` after it; each on a line of its own."""
    begin = text.rfind("\n", 0, directive.start) + 1
    line = text[begin : directive.start]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    alone = indent == line
    rest = re.match(r"[ \t]*(#[^\n]*)?(\n|\Z)", text[directive.end :])
    end = directive.end + rest.end() if rest else directive.end
    original = re.sub(r"\s*\n\s*", " ", text[directive.start : end].rstrip("\n"))
    made = [f"{marked(name)}: {original}", *(f"{line} {marked(name)}" for line in lines)]
    body = "".join(f"{indent}{one}\n" for one in made)
    return (begin, end, body) if alone else (directive.start, end, f"\n{body}{indent}")


def _added(text: str, block: Directive, name: str, target: Target) -> tuple[int, int, str]:
    """An upstream before a virtual server."""
    begin = text.rfind("\n", 0, block.start) + 1
    indent = text[begin : block.start] if not text[begin : block.start].strip() else ""
    lines = [f"upstream {name} {{", *(f"    server {place};" for place in target.cluster), "}"]
    return begin, begin, "".join(f"{indent}{line} {marked(target.name)}\n" for line in lines)
