# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Performance series of the lab's vCenter: a day and a month per guest, as numbers and as CSV, always the same."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Iterator
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from .vcenter_fixture import VCenter, quiet_vcenter, vcenter, vcenter_factory
from .vcenter_objects import clone, find, machine

__all__ = ["quiet_vcenter", "vcenter", "vcenter_factory"]
DAY, MONTH = datetime.timedelta(days=1), datetime.timedelta(days=30)


@pytest.fixture
def service(vcenter: VCenter) -> Iterator[Any]:
    with vcenter.session() as instance:
        yield instance


def counter(service: Any, name: str) -> int:
    """The id of group.name.rollup; ids are never to be known by heart."""
    for info in service.content.perfManager.perfCounter:
        if f"{info.groupInfo.key}.{info.nameInfo.key}.{info.rollupType}" == name:
            return int(info.key)
    raise AssertionError(name)


def query(
    service: Any, entity: Any, counters: list[str], past: datetime.timedelta, interval: int, form: str = "csv"
) -> Any:
    now = datetime.datetime.now(datetime.timezone.utc)
    ids = [vim.PerformanceManager.MetricId(counterId=counter(service, name), instance="") for name in counters]
    spec = vim.PerformanceManager.QuerySpec(
        entity=entity, metricId=ids, startTime=now - past, endTime=now, intervalId=interval, format=form
    )
    return service.content.perfManager.QueryPerf([spec])[0]


def series(service: Any, entity: Any, name: str, past: datetime.timedelta = MONTH, interval: int = 7200) -> list[int]:
    values = query(service, entity, [name], past, interval).value
    return [int(value) for value in values[0].value.split(",")] if values else []


def test_a_month_and_a_day_are_complete(service: Any) -> None:
    guest = machine(service, "order-01")
    assert len(series(service, guest, "cpu.usagemhz.average")) == 360
    assert len(series(service, guest, "cpu.usagemhz.average", DAY, 300)) == 288
    answer = query(service, guest, ["cpu.usage.average"], DAY, 300)
    times = answer.sampleInfoCSV.split(",")[1::2]
    assert times == sorted(times)
    assert set(answer.sampleInfoCSV.split(",")[::2]) == {"300"}


def test_numbers_and_csv_are_the_same(service: Any) -> None:
    guest = machine(service, "gateway-01")
    numbers = query(service, guest, ["mem.consumed.average"], DAY, 300, "normal").value[0].value
    assert list(numbers) == series(service, guest, "mem.consumed.average", DAY, 300)


def test_figures_fit_the_guest_and_do_not_change_by_themselves(service: Any) -> None:
    guest = machine(service, "db-01")
    memory = series(service, guest, "mem.consumed.average")
    assert max(memory) < 16 * 1024 * 1024
    assert 0.5 < statistics.mean(memory) / (16 * 1024 * 1024) < 0.75
    cpu = series(service, guest, "cpu.usagemhz.average")
    assert max(cpu) < 8 * 2100
    assert cpu == series(service, guest, "cpu.usagemhz.average")
    percent = series(service, guest, "cpu.usage.average")
    assert percent[100] / 10000 == pytest.approx(cpu[100] / (8 * 2100), abs=0.001)


def test_profiles_differ_in_their_shape(service: Any) -> None:
    def peak_over_mean(name: str) -> float:
        values = series(service, machine(service, name), "cpu.usagemhz.average")
        return max(values) / statistics.mean(values)

    assert peak_over_mean("settle-01") > 1.9  # the night's batch
    assert peak_over_mean("gateway-01") > 1.5  # office hours
    assert peak_over_mean("redis-01") < 1.35  # steady


def test_what_was_off_or_young_has_no_past(service: Any) -> None:
    assert series(service, machine(service, "scan-01"), "cpu.usagemhz.average") == []
    assert series(service, machine(service, "debian-12-node"), "cpu.usagemhz.average") == []
    node = clone(service, "node-young", powerOn=True)
    assert series(service, node, "cpu.usagemhz.average") == []


def test_history_keeps_level_one_only(service: Any) -> None:
    guest = machine(service, "order-01")
    assert series(service, guest, "mem.active.average") == []
    assert len(series(service, guest, "mem.active.average", datetime.timedelta(minutes=10), 20)) == 30
    offered = {m.counterId for m in service.content.perfManager.QueryAvailablePerfMetric(guest, intervalId=300)}
    assert counter(service, "cpu.usagemhz.average") in offered
    assert counter(service, "mem.active.average") not in offered


def test_a_host_carries_the_sum_of_its_guests(service: Any) -> None:
    host = find(service, vim.HostSystem)["esx-b2"]
    guests = [vm for vm in host.vm if vm.runtime.powerState == "poweredOn"]
    total = [
        sum(values)
        for values in zip(*(series(service, vm, "cpu.usagemhz.average", DAY, 300) for vm in guests), strict=True)
    ]
    for carried, used in zip(series(service, host, "cpu.usagemhz.average", DAY, 300), total, strict=True):
        assert carried == pytest.approx(used, abs=len(guests))


def test_too_many_metrics_at_once_are_refused(service: Any) -> None:
    entity = machine(service, "order-01")
    metric = vim.PerformanceManager.MetricId(counterId=counter(service, "cpu.usage.average"), instance="")
    spec = vim.PerformanceManager.QuerySpec(entity=entity, metricId=[metric], intervalId=300, format="csv")
    assert len(service.content.perfManager.QueryPerf([spec] * 256)) == 256
    with pytest.raises(vmodl.MethodFault, match="maxQueryMetrics"):
        service.content.perfManager.QueryPerf([spec] * 257)
