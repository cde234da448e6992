"""Files that are derived and committed: compared by default, written with LANDFALL_GOLDEN=write."""

from __future__ import annotations

import os
from pathlib import Path


def check_golden(path: Path, text: str) -> None:
    """The file at `path` is exactly `text`."""
    if os.environ.get("LANDFALL_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = path.read_text(encoding="utf-8") if path.exists() else ""
    assert found == text, f"{path} is not current; look at what changed with LANDFALL_GOLDEN=write and `git diff`"
