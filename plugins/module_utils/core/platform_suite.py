# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sections of platform.yml about the move: the suite of services, the cut-over, the old guests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .errors import Problem
from .platform_words import FREE, LABELS, NAME, NODE_PORT, PATH
from .schema import Check, Field, Flag, ListOf, Number, Record, Table, Text, each, whole

JRES = (17, 21, 25)  # that the bundle has

_DATA = Record(
    {
        "path": Field(PATH),
        "size_gib": Field(whole(1, 65536), None),
        "storage_class": Field(NAME, None, "without it, the default class"),
        "keep": Field(Flag(), True, "what lies there must not be lost, or its service does not move"),
    }
)

_SERVICE = Record(
    {
        "project": Field(NAME, None),
        "moves": Field(Flag(), None, "false: it stays on its guest; without it, databases and Nexus stay"),
        "ends": Field(Flag(), False, "it stays, and ends with its guest: an agent that holds nothing back"),
        "java": Field(
            whole(JRES[0], JRES[-1]), None, "of its image; without it, the first that is not older than its guest's"
        ),
        "port": Field(whole(1, 65535), None, "without it, the first that it listens on"),
        "replicas": Field(whole(1, 100), None),
        "wave": Field(whole(1, 1000), None, "the wave that it moves in; without it, callers before callees"),
        "requests": Field(
            Record({"cpu_millicores": Field(whole(1, 1024000), None), "memory_mib": Field(whole(1, 25165824), None)}),
            {},
        ),
        "calls": Field(ListOf(NAME), [], "services that it calls and that were not seen"),
        "data": Field(ListOf(_DATA, unique="path"), []),
        "expose": Field(Record({"node_port": Field(NODE_PORT, None)}), {}),
        "node_selector": Field(LABELS, {}),
    }
)

SUITE = Record(
    {
        "project": Field(
            NAME, None, "where services land unless said otherwise; without it, the first project of tenancy"
        ),
        "services": Field(Table(_SERVICE, key=NAME), {}, "only what differs from what was found on the guests"),
        "front_door": Field(
            Record(
                {
                    "kind": Field(Text(choices=("nginx", "haproxy"), says="a kind of front door"), "nginx"),
                    "guest": Field(FREE, help="name of the guest that browsers talk to"),
                    "configuration": Field(
                        ListOf(PATH), [], "files that name upstreams; without it, those that were found"
                    ),
                }
            ),
            None,
        ),
    }
)

CUT_OVER = Record(
    {
        "watch_seconds": Field(whole(0, 86400), 60),
        "worse_than": Field(
            Record({"error_rate": Field(Number(0, 1), 0.001), "latency_p95": Field(Number(1), 1.5)}),
            {},
            "goes back where errors per request, or the latency as a multiple of before, exceed this",
        ),
    }
)

RETIRE = Record({"quarantine_days": Field(whole(0, 3650), 14)})


def _java_of_the_bundle(services: Any, path: str) -> Iterator[Problem]:
    for name, said in services.items():
        for where, java in each(said or {}, "java", f"{path}.{name}"):
            if java not in JRES:
                yield Problem(where, f"the bundle has no Java {java}", f"one of {', '.join(map(str, JRES))}")


CHECKS: dict[str, list[Check]] = {"suite.services": [_java_of_the_bundle]}
