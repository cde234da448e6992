# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Addresses of guests in configurations become names of Services, which stand for a guest until it has moved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .plan import Plan, Service

_COMMENT = re.compile(r"\s*(#|//|;|!|<!--)")
_YAML_KEY = re.compile(r"""\s*(?:-\s+)*(?:"[^"]*"|'[^']*'|[^\s'"#:][^:#]*?)\s*:(?=\s|$)""")
_PROPERTIES_KEY = re.compile(r"\s*(?:\\.|[^\s=:#!])+\s*[=:\s]\s*")
_KEYS = {"yml": _YAML_KEY, "yaml": _YAML_KEY, "properties": _PROPERTIES_KEY, "cnf": _PROPERTIES_KEY}
_PLAIN_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Change:
    """One address that got another name."""

    where: str
    found: str
    became: str


def is_called(service: Service, plan: Plan) -> bool:
    """Whether pods may call a service, so that it needs a Service wherever it runs."""
    if service["port"] is None or not service["from"]:
        return False
    return service["moves"] or any(service["name"] in one["calls"] for one in plan["services"] if one["moves"])


def service_host(service: Service, namespace: str) -> str:
    """The name of a service's Service, as pods in `namespace` call it."""
    return service["name"] if service["namespace"] == namespace else f"{service['name']}.{service['namespace']}"


class Rewriter:
    """Knows where the planned services are on guests, and how pods of one namespace call them."""

    def __init__(self, plan: Plan, namespace: str) -> None:
        self._at: dict[tuple[str, int], str] = {}
        alone: dict[str, set[str]] = {}
        for service in plan["services"]:
            if is_called(service, plan):
                name = service_host(service, namespace)
                for source in service["from"]:
                    for host in (source["guest"].lower(), source["address"]):
                        if source["port"] is not None:
                            self._at[host, source["port"]] = f"{name}:{service['port']}"
                        alone.setdefault(host, set()).add(name)
        # Where several services share a guest, only the port tells which one is meant.
        self._alone = {host: min(names) for host, names in alone.items() if len(names) == 1}
        words = "|".join(re.escape(host) for host in sorted(alone, key=lambda host: (-len(host), host)))
        self._address = re.compile(
            rf"(?<![\w.-])({words})(?::([0-9]{{1,5}})(?![0-9]))?(?![\w-]|\.\w)" if words else r"(?!)", re.IGNORECASE
        )

    def value(self, text: str) -> str:
        """`text` with Service names where it names guests."""
        return self._address.sub(self._renamed, text)

    def file(self, path: str, content: str) -> tuple[str, list[Change]]:
        """A configuration file with Service names in its values; keys and comments stay as they are."""
        key = _KEYS.get(path.rpartition(".")[2].lower())
        changes: list[Change] = []
        lines: list[str] = []
        for number, line in enumerate(content.splitlines(keepends=True), 1):
            begin = key.match(line) if key else None
            head, tail = (line[: begin.end()], line[begin.end() :]) if begin else ("", line)
            rewritten = tail if _COMMENT.match(line) else self.value(tail)
            lines.append(head + rewritten)
            if rewritten != tail:
                found, became = (side.strip().removeprefix("- ") for side in (tail, rewritten))
                changes.append(Change(f"{path}:{number}", found, became))
        return "".join(lines), changes

    def _renamed(self, match: re.Match[str]) -> str:
        host, port = match[1].lower(), match[2]
        if port:
            return self._at.get((host, int(port)), match[0])
        if _PLAIN_WORD.fullmatch(host) and not match.string[: match.start()].endswith(("//", "@")):
            return match[0]  # a guest called `shop` does not make every "shop" an address
        return self._alone.get(host, match[0])


def mapping_of(changes: list[Change]) -> Mapping[str, str]:
    """Changes as people read them: where -> what became of it."""
    return {change.where: f"{change.found} -> {change.became}" for change in changes}
