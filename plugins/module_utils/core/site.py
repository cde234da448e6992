# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The virtual servers of a front end's nginx, as a container without privileges serves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import nginx
from .nginx import Directive
from .rewrite import Change, Rewriter
from .workloads import ConfigurationFile

PORT = 8080
HEALTH = "/healthz"
# What the base image has at the same place.
_INCLUDES = tuple(f"{place}{name}" for place in ("", "/etc/nginx/") for name in ("mime.types", "proxy_params"))
_COMPANIONS = ("map", "geo", "split_clients", "limit_req_zone", "limit_conn_zone")
_GONE = ("access_log", "error_log", "user", "pid")


@dataclass(frozen=True)
class Site:
    """The configuration, what was renamed in it, and what it could not take along."""

    text: str
    changes: tuple[Change, ...]
    warnings: tuple[str, ...]


def configuration(files: Sequence[ConfigurationFile], root: str, rewriter: Rewriter) -> Site:
    """One file with the virtual servers that serve `root`, and the upstreams that they name."""
    parts: list[str] = []
    changes: list[Change] = []
    warnings: list[str] = []
    for one in files:
        path, text = one["path"], one["content"]
        directives = nginx.parse(text, source=path)
        servers = [block for block in nginx.walk(directives, "server") if _serves(block, root)]
        named = {proxy.arguments[0] for block in servers for proxy in block.find("proxy_pass") if proxy.arguments}
        upstreams = [
            block
            for block in nginx.walk(directives, "upstream")
            if any(f"//{block.arguments[0]}" in target for target in named)
        ]
        companions = [one for name in _COMPANIONS for one in nginx.walk(directives, name)] if servers else []
        for block in (*companions, *upstreams, *servers):
            made = _server(text, block, path, warnings) if block.name == "server" else text[block.start : block.end]
            renamed, found = rewriter.file(path, made)
            parts.append(renamed)
            changes.extend(found)
    if not parts:
        parts.append(f"server {{\n    listen {PORT};\n    root {root};\n{_health()}}}")
    return Site("\n\n".join(parts) + "\n", tuple(changes), tuple(warnings))


def _serves(block: Directive, root: str) -> bool:
    roots = [one.arguments[0].rstrip("/") for one in block.find("root") if one.arguments]
    return block.block is not None and root.rstrip("/") in roots


def _server(text: str, block: Directive, path: str, warnings: list[str]) -> str:
    """The block with one plain `listen`, without logs and certificates, and with an answer for probes."""
    edits: list[tuple[int, int, str]] = []
    listens = list(block.find("listen"))
    for one in listens:
        edits.append((one.start, one.end, f"listen {PORT};" if one is listens[0] else ""))
    for name in (*_GONE, "include"):
        for one in block.find(name):
            if name != "include" or one.arguments[0] not in _INCLUDES:
                edits.append((one.start, one.end, ""))
            if name == "include" and one.arguments[0] not in _INCLUDES:
                warnings.append(f"{path}: `include {one.arguments[0]}` is left out; put what it says into the file")
    for one in block.block or ():
        if one.name.startswith("ssl_") or one.name in ("ssl", "http2"):
            edits.append((one.start, one.end, ""))
            warnings.append(f"{path}: `{one.name}` is left out; TLS ends before the cluster")
    healthy = any(one.arguments[-1:] == (HEALTH,) for one in block.find("location"))
    if not healthy:
        edits.append((block.end - 1, block.end - 1, _health()))
    if not listens:
        edits.append((block.end - 1, block.end - 1, f"    listen {PORT};\n"))
    edited = nginx.edit(text, [edit for edit in edits if block.start <= edit[0] < block.end])
    grown = len(edited) - len(text)
    return "\n".join(line for line in edited[block.start : block.end + grown].splitlines() if line.strip())


def _health() -> str:
    return f"    location = {HEALTH} {{ access_log off; return 200; }}\n"
