# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vCenter program: where its binary comes from, and what its control port says."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from lab.build import go

ROOT = Path(__file__).resolve().parents[2]
ESTATE = ROOT / "lab" / "estate.yml"
RECIPE = go.Recipe("vcenter", "1", {"landfall-vcenter": "."}, directory=ROOT / "lab" / "vcenter")


def binary() -> Path:
    """The program, built unless the same sources were built before."""
    return go.build(RECIPE)["landfall-vcenter"]


def control(base: str, method: str, path: str, body: object = None, timeout: float = 10) -> Any:
    """One call of the control port."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{base}{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)
