# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sections of platform.yml about VMware: the vCenter, who is looked at, how to plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .errors import Problem
from .platform_words import EXPRESSION, FREE, NAME
from .schema import EXAMPLES, Check, Field, ListOf, Number, Record, Table, Text, each, whole

_THUMBPRINT = Text(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){19,31}", "the thumbprint of a certificate")
EXAMPLES[_THUMBPRINT.says] = "AA:BB:…"

VCENTER = Record(
    {
        "host": Field(FREE, help="host name or address of the vCenter"),
        "port": Field(whole(1, 65535), 443),
        "ca_path": Field(FREE, None, "PEM file of the CA that signed its certificate; else the system's"),
        "thumbprint": Field(_THUMBPRINT, None, "pin its certificate instead"),
    },
    elsewhere={
        "user": "the environment variable VMWARE_USER",
        "username": "the environment variable VMWARE_USER",
        "password": "the environment variable VMWARE_PASSWORD",
    },
)

ESTATE = Record(
    {
        "include": Field(EXPRESSION, None, "JMESPath over a guest's facts: who counts; without it, all"),
        "exclude": Field(EXPRESSION, None, "JMESPath: who does not count after all"),
        "statistics": Field(Record({"days": Field(whole(1, 365), 30)}), {}),
        "guests": Field(
            Record(
                {
                    "select": Field(
                        EXPRESSION, None, "JMESPath: who is looked into over SSH; without it, all that count"
                    ),
                    "user": Field(FREE, "root"),
                    "private_key_file": Field(FREE, None, "without it, what ssh itself finds"),
                }
            ),
            {},
        ),
    }
)


def _sizes(
    count: dict[str, Field], cpus: int, memory_gib: int, disk_gib: int, word: str | None = None, says: str = ""
) -> Record:
    return Record(
        {
            **count,
            "cpus": Field(whole(2, 768, word), cpus, says),
            "memory_gib": Field(whole(4, 24576, word), memory_gib, says),
            "disk_gib": Field(whole(20, 63488), disk_gib),
        }
    )


def _pods(cpu_millicores: int, memory_mib: int, pods: int) -> Record:
    return Record(
        {
            "cpu_millicores": Field(whole(0, 64000), cpu_millicores),
            "memory_mib": Field(whole(0, 262144), memory_mib),
            "pods": Field(whole(0, 100), pods),
        }
    )


PLAN = Record(
    {
        "control_planes": Field(_sizes({"count": Field(whole(1, 9), 3)}, 8, 16, 100), {}),
        "workers": Field(
            _sizes(
                {"at_least": Field(whole(1, 1000), 2), "at_most": Field(whole(1, 1000), 40)},
                16,
                64,
                200,
                "auto",
                "auto: what costs least, within a socket of the ESXi hosts",
            ),
            {},
        ),
        "fill": Field(Number(0.1, 1), 0.8, "of what a worker can give to pods"),
        "reserve": Field(
            Record(
                {
                    "on_each_worker": Field(_pods(200, 300, 6), {}, "agents of network, logs and metrics, kube-proxy"),
                    "in_the_cluster": Field(_pods(600, 1024, 8), {}, "CoreDNS, metrics, the registry, their spares"),
                    "of_an_esxi_host": Field(Number(0, 0.9), 0.05, "of its memory, for itself"),
                    "of_a_datastore": Field(Number(0, 0.9), 0.1, "stays free"),
                }
            ),
            {},
            "what services do not get",
        ),
        "survive": Field(
            Record({"workers": Field(whole(0, 100), 1), "esxi_hosts": Field(whole(0, 100), 1)}),
            {},
            "how many may be lost with everything still running",
        ),
        "requests": Field(
            Record(
                {
                    "cpu": Field(Text(choices=("p95", "average", "maximum"), says="a measure"), "p95"),
                    "memory": Field(
                        Text(choices=("auto", "maximum"), says="a measure"),
                        "auto",
                        "auto: what flags of the JVM or maxmemory of Redis allow, else the maximum seen",
                    ),
                    "least_confidence": Field(Number(0, 1), 0.5, "statistics with fewer of their samples are not used"),
                    "cpu_floor_millicores": Field(whole(1, 64000), 50),
                }
            ),
            {},
        ),
        "replicas": Field(
            Record({"default": Field(whole(1, 100), 2), "by_service": Field(Table(whole(1, 100), key=NAME), {})}), {}
        ),
        "wave": Field(Record({"at_most_services": Field(whole(1, 1000), 5)}), {}),
        "time": Field(
            Record(
                {
                    "minutes_to_build": Field(Number(0), 15),
                    "minutes_per_node": Field(Number(0), 2),
                    "minutes_per_wave": Field(Number(0), 5, "switching, and watching over it"),
                    "minutes_per_service": Field(Number(0), 3, "its image, its roll-out, its old instances drained"),
                    "copy_mib_per_second": Field(Number(0.1), 50, "of data that comes along"),
                }
            ),
            {},
            "what the estimate of the time is made of",
        ),
        "operating_system_gib": Field(Number(0), 0.5, "of memory, that each guest which goes no longer needs"),
        "accept": Field(ListOf(FREE), [], "blockers that are known and shall not block, as rule:where"),
    }
)


def _odd_control_planes(plan: Any, path: str) -> Iterator[Problem]:
    for where, count in each(plan, "control_planes.count", path):
        if count % 2 == 0:
            right = f"an odd number: {count} outlive no more losses than {count - 1}"
            yield Problem(where, f"{count} is even", right)


def _worker_bounds(plan: Any, path: str) -> Iterator[Problem]:
    workers = plan.get("workers") or {}
    least, most = workers.get("at_least"), workers.get("at_most")
    if least is not None and most is not None and least > most:
        yield Problem(f"{path}.workers.at_most", f"{most} is below at_least", f"{least} or more")


def _one_thumb(vcenter: Any, path: str) -> Iterator[Problem]:
    if vcenter.get("ca_path") and vcenter.get("thumbprint"):
        yield Problem(f"{path}.thumbprint", "ca_path is given too", "one of the two")


CHECKS: dict[str, list[Check]] = {
    "vcenter": [_one_thumb],
    "plan": [_odd_control_planes, _worker_bounds],
}
