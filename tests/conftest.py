"""Makes this checkout importable as `ansible_collections.landfall.replatform`, wherever it lies."""

from __future__ import annotations

import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _package(name: str, *paths: Path) -> None:
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = [str(path) for path in paths]  # type: ignore[attr-defined]
        sys.modules[name] = package


_package("ansible_collections")
_package("ansible_collections.landfall")
_package("ansible_collections.landfall.replatform", ROOT)
sys.path.insert(0, str(ROOT))  # the lab is a package of the checkout, not of the collection
