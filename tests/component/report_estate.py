# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A large estate for the report: ten thousand guests, two thousand of them with services of a plan."""

from __future__ import annotations

from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.core.report.model import Report, make_report

from tests.unit import world

GUESTS, SERVICES, WAVES = 10_000, 1_000, 40


def large_report() -> Report:
    """The report of an estate of that size; its plan is written here, since planning it is another matter."""
    hosts = [world.host(f"esx-{number:03}", cluster=f"C{number % 20}") for number in range(400)]
    guests = [
        world.guest(f"vm-{number:05}", esxi_host=f"esx-{number % 400:03}", cpus=number % 16 + 1,
                    addresses=[f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"])
        for number in range(GUESTS)
    ]  # fmt: skip
    plan = world.plan([world.guest("vm-00000")], [world.workload("vm-00000", world.service("s0000"))])
    model: Any = plan["services"][0]
    services = [
        {**model, "name": f"s{number:04}", "wave": number % WAVES + 1,
         "from": [{**model["from"][0], "guest": f"vm-{number * 2 + part:05}"} for part in (0, 1)]}
        for number in range(SERVICES)
    ]  # fmt: skip
    wave: Any = plan["waves"][0]
    waves = [
        {**wave, "number": number, "services": [one["name"] for one in services if one["wave"] == number],
         "frees": [source["guest"] for one in services if one["wave"] == number for source in one["from"]]}
        for number in range(1, WAVES + 1)
    ]  # fmt: skip
    large: Any = {**plan, "services": services, "waves": waves}
    estate: Any = world.estate(guests, hosts)
    return make_report("large", estate, {"version": 1, "guests": []}, large)
