# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Spring Boot service was configured with on its guest, and what its version can do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .configuration import settings
from .workloads import SECRET, Service


def version(text: str | None) -> tuple[int, ...]:
    """`3.2.5` as numbers that can be compared; nothing is older than everything."""
    return tuple(int(number) for number in re.findall(r"[0-9]+", text or "")[:3])


def canonical(name: str) -> str:
    """A property's name as relaxed binding sees it: `prefer-ip-address` and `PREFER_IP_ADDRESS` are one."""
    return re.sub(r"[-_.]", "", name).lower()


def variable(name: str) -> str:
    """The environment variable that sets a property."""
    return re.sub(r"[^A-Z0-9_]", "_", name.replace("-", "").upper())


def lookup(service: Service, name: str) -> str | None:
    """The value of a property in its configuration, by Spring's precedence: arguments, flags, environment, files."""
    wanted = canonical(name)
    given = (*_options(service["arguments"], "--"), *_options(service["flags"], "-D"), *service["environment"].items())
    for key, value in given:
        if canonical(key) == wanted:
            return value
    for one in reversed(service["configuration"]):
        found = {canonical(key): value for key, value in settings(one["path"], one["content"]).items()}
        if wanted in found:
            return found[wanted]
    return None


def number(service: Service, name: str) -> int | None:
    """The same for a number; None where it is none (a placeholder)."""
    value = lookup(service, name)
    return int(value) if value and value.isdigit() else None


def _options(words: list[str], prefix: str) -> Iterator[tuple[str, str]]:
    for word in reversed(words):  # the last one counts
        if word.startswith(prefix) and "=" in word:
            key, _equals, value = word.removeprefix(prefix).partition("=")
            yield key, value


def is_secret(text: str) -> bool:
    """Whether a part of the text was a secret, and is not in the facts."""
    return SECRET in text
