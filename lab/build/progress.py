# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a build tells the person who waits for it: a line per step with its time, and the reason where one fails."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_lock = threading.Lock()


class StepFailed(Exception):
    """A step of the build ended badly: its name, the reason, and where the whole log lies."""

    def __init__(self, step: str, reason: str, log: Path | None = None) -> None:
        place = f"\n  log: {log}" if log else ""
        super().__init__(f"{step}: {reason}{place}")


def say(text: str) -> None:
    """One line, whole, whatever other threads say."""
    with _lock:
        print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stdout, flush=True)


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Says that `step` begins and, where it ends well, how long it took."""
    say(f"{step} …")
    begin = time.monotonic()
    yield
    say(f"{step}: {time.monotonic() - begin:.0f} s")


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, indented, as the reason of a failure."""
    text = log.read_text(errors="replace").rstrip().splitlines()[-lines:]
    return "\n".join(f"  | {line}" for line in text)
