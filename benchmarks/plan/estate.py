# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A made-up estate of any size: guests in clusters, a suite of Spring Boot services that call each other, the rest."""

from __future__ import annotations

import random
from typing import Any

from tests.unit.world import calls, configuration, estate, guest, host, registry, service, usage, wish, workload

Json = dict[str, Any]

GUESTS_PER_HOST = 40
HOSTS_PER_CLUSTER = 32
GUESTS_PER_SERVICE = 3


def make(guests: int, read: int) -> tuple[Json, Json, Json]:
    """estate, workloads and platform with `guests` machines, of which `read` told what runs on them."""
    chance = random.Random(guests)
    names = [f"vm-{number:05}" for number in range(guests)]
    machines = [_machine(name, number, read, chance) for number, name in enumerate(names)]
    hosts = [
        host(f"esx-{number:03}", cluster=f"C{number // HOSTS_PER_CLUSTER:02}", memory_gib=1024.0, threads=128)
        for number in range(guests // GUESTS_PER_HOST + 3)
    ]
    stores = [
        {"name": name, "capacity_gib": 900000.0, "free_gib": 400000.0, "accessible": True} for name in ("ds-1", "ds-2")
    ]
    told = [_workload(machines[number], number, read, chance) for number in range(read - 1)]
    told.append(workload(names[read - 1], registry(), addresses=machines[read - 1]["addresses"]))
    sizes = {"workers": {"cpus": 16, "memory_gib": 64, "at_most": 1000}}
    return (
        estate(machines, hosts, datastores=stores),
        {"version": 1, "guests": told},
        wish(
            plan={**sizes, "wave": {"at_most_services": 20}},
            estate={"guests": {"select": "contains(tags, 'suite')"}},
        ),
    )


def _machine(name: str, number: int, read: int, chance: random.Random) -> Json:
    seen = usage(round(chance.uniform(0.02, 2), 3), round(chance.uniform(0.5, 7), 3))
    where = number // GUESTS_PER_HOST
    return guest(
        name,
        addresses=[_address(number)],
        cluster=f"C{where // HOSTS_PER_CLUSTER:02}",
        esxi_host=f"esx-{where:03}",
        tags=["suite"] if number < read else [],
        statistics={"day": seen, "month": seen},
    )


def _address(number: int) -> str:
    return f"10.{16 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}"


def _workload(machine: Json, number: int, read: int, chance: random.Random) -> Json:
    """One guest of a service, which calls guests of services behind it."""
    behind = range(number + 1, read)
    called = [calls(_address(chance.choice(behind)), 8080) for _call in range(min(3, len(behind)))]
    text = f"server:\n  port: 8080\nspring:\n  application:\n    name: svc-{number // GUESTS_PER_SERVICE}\n"
    one = service(
        f"svc-{number // GUESTS_PER_SERVICE}",
        outbound=called,
        flags=[f"-Xmx{chance.choice((256, 512, 1024, 2048))}m"],
        configuration=[configuration("/opt/app/application.yml", text)],
    )
    return workload(machine["name"], one, addresses=machine["addresses"])
