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
from collections.abc import Mapping, Sequence

from . import front_door_haproxy, front_door_nginx
from .errors import DocumentError, Problem
from .front_door_target import Target, marked
from .plan import Plan, first_workers

_KINDS = {"nginx": front_door_nginx, "haproxy": front_door_haproxy}


def targets_of(plan: Plan, names: Sequence[str]) -> list[Target]:
    """The planned services of these names: where each listens on its guests, and its node port on the workers."""
    nodes = first_workers(plan)
    targets = []
    for service in plan["services"]:
        if service["name"] in names and service["moves"]:
            places = [(host, one["port"]) for one in service["from"] for host in (one["address"], one["guest"])]
            port = service["expose"].get("node_port")
            cluster = tuple(f"{node}:{port}" for node in nodes) if port else ()
            legacy = tuple(dict.fromkeys(f"{host.lower()}:{number}" for host, number in places))
            targets.append(Target(service["name"], legacy, cluster))
    return targets


def switch(kind: str, files: Mapping[str, str], targets: Sequence[Target]) -> dict[str, str]:
    """The files (path -> text) of an nginx or HAProxy with `targets` in the cluster.

    Doing it again, or with other nodes, is as good.
    """
    language = _KINDS[kind]
    plain = restore(files, [target.name for target in targets])
    inside = sorted({target.name for target in targets if not target.cluster} & language.called(plain, targets))
    if inside:
        right = "an `expose.node_port` for it in platform.suite.services"
        problems = [
            Problem(f"service {name}", "the front door calls it, and it has no node port", right) for name in inside
        ]
        raise DocumentError(
            "the front door calls services that cannot be reached from outside of the cluster", problems
        )
    switched: dict[str, str] = language.switch(plain, targets)
    problems = [problem for path, text in switched.items() for problem in _left(path, text, targets, language.RIGHT)]
    if problems:
        raise DocumentError("the front door calls a service in a way that cannot be switched", problems)
    return switched


def restore(files: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The files with the services of these names on their guests again."""
    name = "|".join(re.escape(one) for one in names)
    added = re.compile(rf"^.*{marked(f'(?:{name})')}\n", re.MULTILINE)
    replaced = re.compile(rf"{marked(f'(?:{name})')}: ")
    return {path: replaced.sub("", added.sub("", text)) if names else text for path, text in files.items()}


def _left(path: str, text: str, targets: Sequence[Target], right: str) -> list[Problem]:
    """Where a legacy address still stands outside of comments: in a variable, a map, another scheme."""
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        code = line.partition("#")[0]
        for target in targets:
            for place in target.legacy:
                if re.search(rf"(?<![\w.-]){re.escape(place)}(?![\w.])", code, re.IGNORECASE):
                    found = f"{place} ({target.name}) in `{code.strip()}`"
                    problems.append(Problem(f"{path}:{number}", found, right))
    return problems
