# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An amount with its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """An amount, what it was rounded up from, why, and how sure (0..1)."""

    amount: int
    exact: float
    because: str
    confidence: float


def round_up(value: float, step: int) -> int:
    """The next multiple of `step`."""
    return math.ceil(round(value, 6) / step) * step
