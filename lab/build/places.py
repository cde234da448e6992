# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the lab keeps things."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / ".lab"
BUNDLE = LAB / "bundle"
LOGS = LAB / "logs" / "build"
CACHE = Path(os.environ.get("LANDFALL_CACHE") or LAB / "cache").absolute()
STORE = CACHE / "store"
PRODUCTS = CACHE / "products"
