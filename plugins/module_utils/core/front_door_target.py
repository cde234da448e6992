# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service as a front door sees it, and the mark on what we wrote about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_HTTP_PORT = 80


@dataclass(frozen=True)
class Target:
    """A service: where the front door finds it on guests (`host:port`), and where in the cluster."""

    name: str
    legacy: tuple[str, ...]
    cluster: tuple[str, ...]


def marked(name: str) -> str:
    """The comment that says for which service a line was written."""
    return f"# landfall {name}"


def meant(place: str, targets: Sequence[Target]) -> Target | None:
    """The service that listens at `host:port` on a guest."""
    host, _colon, port = place.partition(":")
    wanted = f"{host.lower()}:{port or _HTTP_PORT}"
    return next((target for target in targets if wanted in target.legacy), None)
