# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a service stands on its guest, now and at boot; how systemd is told, and how a process ends."""

from __future__ import annotations

from dataclasses import dataclass

# $1: the unit
LOOK_UNIT = """
echo "active $(systemctl is-active -- "$1" 2>/dev/null)"
echo "enabled $(systemctl is-enabled -- "$1" 2>/dev/null)"
"""
STOP_UNIT = 'systemctl stop -- "$1" && systemctl disable --quiet -- "$1"'
START_UNIT = 'systemctl enable --quiet -- "$1" && systemctl start -- "$1"'

# $1: seconds, $2…: processes. The service's own way to end, nothing harder.
END = """
patience=$1; shift
kill -TERM "$@" 2>/dev/null
while kill -0 "$@" 2>/dev/null; do
  [ "$patience" -gt 0 ] || exit 9
  sleep 1; patience=$((patience - 1))
done
true
"""


@dataclass(frozen=True)
class Found:
    """How a service stands on its guest."""

    running: bool
    at_boot: bool
    calls: tuple[str, ...] = ()  # the files that have it started at boot
    held: tuple[str, ...] = ()  # those in which Landfall took that back

    def describe(self) -> str:
        return f"running: {str(self.running).lower()}\nstarted at boot: {str(self.at_boot).lower()}\n"


def unit_found(text: str) -> Found:
    """Out of what LOOK_UNIT printed."""
    said = {line.partition(" ")[0]: line.partition(" ")[2] for line in text.splitlines()}
    if said.get("enabled") in ("", "not-found") and said.get("active") in ("", "inactive", "unknown"):
        return Found(False, False)
    return Found(said.get("active") in ("active", "activating", "reloading"), said.get("enabled") == "enabled")


def starter_found(text: str, *, running: bool) -> Found:
    """Out of what the `look` of a starter printed. `running`: whether its port is listened on."""
    lines = text.splitlines()
    calls = tuple(line[6:] for line in lines if line.startswith("calls "))
    held = tuple(line[5:] for line in lines if line.startswith("held "))
    return Found(running or "running" in lines, bool(calls), calls, held)
