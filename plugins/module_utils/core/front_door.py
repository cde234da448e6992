# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The front door's configuration, switched from guests to the cluster and back.

What is replaced stays beside it as a comment, and what is added ends with a mark, so that the way back needs nothing
but the file, whatever people have changed in it meanwhile:

    # landfall gateway: server 10.99.0.22:8080;
    server 10.99.0.13:30300; # landfall gateway
    server 10.99.0.14:30300; # landfall gateway
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import nginx
from .errors import DocumentError, Problem
from .nginx import Directive
from .plan import Plan

_HTTP_PORT = 80


@dataclass(frozen=True)
class Target:
    """A service: where the front door finds it on guests (`host:port`), and where in the cluster."""

    name: str
    legacy: tuple[str, ...]
    cluster: tuple[str, ...]


def targets_of(plan: Plan, names: Sequence[str]) -> list[Target]:
    """The planned services of these names: where each listens on its guests, and the node ports of the workers."""
    nodes = [node["address"] for node in plan["nodes"] if node["role"] == "worker"]
    targets = []
    for service in plan["services"]:
        if service["name"] in names and service["moves"]:
            places = [(host, one["port"]) for one in service["from"] for host in (one["address"], one["guest"])]
            port = service["expose"].get("node_port")
            cluster = tuple(f"{node}:{port}" for node in nodes) if port else ()
            legacy = tuple(dict.fromkeys(f"{host.lower()}:{number}" for host, number in places))
            targets.append(Target(service["name"], legacy, cluster))
    return targets


def switch(files: Mapping[str, str], targets: Sequence[Target]) -> dict[str, str]:
    """The files (path -> text) with `targets` in the cluster. Doing it again, or with other nodes, is as good."""
    plain = restore(files, [target.name for target in targets])
    upstreams = {one.arguments[0] for path, text in plain.items() for one in _upstreams(path, text) if one.arguments}
    known: set[str] = set()
    inside = sorted({target.name for target in targets if not target.cluster} & _called(plain, targets))
    if inside:
        right = "an `expose.node_port` for it in platform.suite.services"
        problems = [
            Problem(f"service {name}", "the front door calls it, and it has no node port", right) for name in inside
        ]
        raise DocumentError(
            "the front door calls services that cannot be reached from outside of the cluster", problems
        )
    switched = {path: _switch(path, text, targets, upstreams, known) for path, text in plain.items()}
    problems = [problem for path, text in switched.items() for problem in _left(path, text, targets)]
    if problems:
        raise DocumentError("the front door calls a service in a way that cannot be switched", problems)
    return switched


def restore(files: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The files with the services of these names on their guests again."""
    name = "|".join(re.escape(one) for one in names)
    added = re.compile(rf"^.*# landfall (?:{name})\n", re.MULTILINE)
    replaced = re.compile(rf"# landfall (?:{name}): ")
    return {path: replaced.sub("", added.sub("", text)) if names else text for path, text in files.items()}


def _upstreams(path: str, text: str) -> Iterable[Directive]:
    return nginx.walk(nginx.parse(text, source=path), "upstream")


def _called(files: Mapping[str, str], targets: Sequence[Target]) -> set[str]:
    """The services that the front door names."""
    return {
        target.name
        for path, text in files.items()
        for directive in _all(nginx.parse(text, source=path))
        for argument in directive.arguments
        if (target := _meant(argument.removeprefix("http://").partition("/")[0], targets))
    }


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
            target = _meant(server.arguments[0], targets) if server.name == "server" and server.arguments else None
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
            target = _meant(place, targets) if scheme == "http" and place not in upstreams else None
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


def _meant(place: str, targets: Sequence[Target]) -> Target | None:
    host, _colon, port = place.partition(":")
    wanted = f"{host.lower()}:{port or _HTTP_PORT}"
    return next((target for target in targets if wanted in target.legacy), None)


def _replaced(text: str, directive: Directive, name: str, lines: Sequence[str]) -> tuple[int, int, str]:
    """A directive as a comment, and `lines` after it; each on a line of its own."""
    begin = text.rfind("\n", 0, directive.start) + 1
    line = text[begin : directive.start]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    alone = indent == line
    rest = re.match(r"[ \t]*(#[^\n]*)?(\n|\Z)", text[directive.end :])
    end = directive.end + rest.end() if rest else directive.end
    original = re.sub(r"\s*\n\s*", " ", text[directive.start : end].rstrip("\n"))
    made = [f"# landfall {name}: {original}", *(f"{line} # landfall {name}" for line in lines)]
    body = "".join(f"{indent}{one}\n" for one in made)
    return (begin, end, body) if alone else (directive.start, end, f"\n{body}{indent}")


def _added(text: str, block: Directive, name: str, target: Target) -> tuple[int, int, str]:
    """An upstream before a virtual server."""
    begin = text.rfind("\n", 0, block.start) + 1
    indent = text[begin : block.start] if not text[begin : block.start].strip() else ""
    lines = [f"upstream {name} {{", *(f"    server {place};" for place in target.cluster), "}"]
    return begin, begin, "".join(f"{indent}{line} # landfall {target.name}\n" for line in lines)


def _left(path: str, text: str, targets: Sequence[Target]) -> Iterable[Problem]:
    """Where a legacy address still stands outside of comments: in a variable, a map, another scheme."""
    for number, line in enumerate(text.splitlines(), 1):
        code = line.partition("#")[0]
        for target in targets:
            for place in target.legacy:
                if re.search(rf"(?<![\w.-]){re.escape(place)}(?![\w.])", code, re.IGNORECASE):
                    found = f"{place} ({target.name}) in `{code.strip()}`"
                    yield Problem(f"{path}:{number}", found, "a `server` of an `upstream`, or `proxy_pass http://…`")
