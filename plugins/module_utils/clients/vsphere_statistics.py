# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What guests used: QueryPerf in batches, as csv, since vCenter's list form takes twenty times longer to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from ..core import series
from ..core.errors import OperationFailed
from ..core.estate import Statistics
from .vmomi import vim
from .vsphere import VCenter

_DAY = 86400


def statistics_of(vcenter: VCenter, guests: Mapping[str, int], *, days: int) -> dict[str, Statistics]:
    """The last day and the last `days` of each guest. `guests`: vSphere id -> MHz of one core of its host."""
    counters = _counters(vcenter)
    batch = max(1, _most_metrics(vcenter) // len(counters))
    found: dict[str, Statistics] = {guest: {} for guest in guests}
    ids = list(guests)
    now = vcenter.now()
    for start in range(0, len(ids), batch):
        part = ids[start : start + batch]
        for name, interval, seconds in (("day", series.DAY, _DAY), ("month", series.MONTH, days * _DAY)):
            answers = _query(vcenter, part, counters, interval, now - timedelta(seconds=seconds), now)
            for guest in part:
                csv = answers.get(guest, {})
                found[guest][name] = series.usage(  # type: ignore[literal-required]
                    interval, seconds, csv.get(series.CPU, ""), csv.get(series.MEMORY, ""), guests[guest]
                )
    return found


def _query(
    vcenter: VCenter, guests: Sequence[str], counters: Mapping[int, str], interval: int, start: Any, end: Any
) -> dict[str, dict[str, str]]:
    manager = vim.PerformanceManager
    metrics = [manager.MetricId(counterId=counter, instance="") for counter in counters]
    answers = vcenter.content.perfManager.QueryPerf(
        [
            manager.QuerySpec(
                entity=vcenter.object("VirtualMachine", guest),
                metricId=metrics,
                intervalId=interval,
                startTime=start,
                endTime=end,
                format="csv",
            )
            for guest in guests
        ]
    )
    return {
        answer.entity._moId: {
            counters[item.id.counterId]: item.value for item in answer.value if item.id.counterId in counters
        }
        for answer in answers
    }


def _counters(vcenter: VCenter) -> dict[int, str]:
    """The ids of our counters in this vCenter, by name: the numbers differ from one vCenter to the next."""
    manager = vcenter.content.perfManager
    (record,) = vcenter.read([manager], ["perfCounter"]).values()
    wanted = set(series.COUNTERS)
    names = {
        int(item["key"]): f"{item['groupInfo']['key']}.{item['nameInfo']['key']}.{item['rollupType']}"
        for item in record["properties"].get("perfCounter") or []
    }
    counters = {key: name for key, name in names.items() if name in wanted}
    if missing := sorted(wanted - set(counters.values())):
        raise OperationFailed(f"{vcenter.endpoint} has no performance counter {', '.join(missing)}")
    return counters


def _most_metrics(vcenter: VCenter) -> int:
    """How many series one question may ask for; a vCenter that does not say allows 64 (6.0 and older)."""
    try:
        options = vcenter.content.setting.QueryOptions("config.vpxd.stats.maxQueryMetrics")
    except vim.fault.InvalidName:
        return 64
    value = int(options[0].value) if options else 64
    return value if value > 0 else 10000  # 0 and -1 mean: no limit
