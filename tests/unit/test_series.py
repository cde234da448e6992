# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Samples as figures."""

from __future__ import annotations

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.series import series, usage


@pytest.mark.parametrize(
    ("values", "p95"), [([3.0], 3.0), ([1.0, 2.0], 2.0), ([float(i) for i in range(1, 101)], 95.0)]
)
def test_a_percentile_is_a_value_that_was_seen(values: list[float], p95: float) -> None:
    found = series(values, len(values))
    assert (found["p95"], found["maximum"], found["confidence"]) == (p95, max(values), 1.0)


def test_missing_samples_lower_the_confidence() -> None:
    found = usage(300, 3000, "2700,-1,5400,,-1", "1048576", 2700)
    assert found["cpu_cores"] == {"samples": 2, "confidence": 0.2, "average": 1.5, "p95": 2.0, "maximum": 2.0}
    assert found["memory_gib"]["average"] == 1.0
    assert found["interval_seconds"] == 300


def test_no_samples_and_no_host_are_no_figures() -> None:
    nothing = {"samples": 0, "confidence": 0.0, "average": None, "p95": None, "maximum": None}
    found = usage(300, 86400, "100,200", "", 0)
    assert (found["cpu_cores"], found["memory_gib"]) == (nothing, nothing)


def test_more_samples_than_expected_are_no_more_than_certain() -> None:
    assert series([1.0] * 289, 288)["confidence"] == 1.0
