# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What starts a service on its guest, at boot and now: a systemd unit, or a script that cron or rc.local calls."""

from __future__ import annotations

from dataclasses import dataclass

MARK = "# landfall: "

# $1: the unit
LOOK_UNIT = """
echo "active $(systemctl is-active -- "$1" 2>/dev/null)"
echo "enabled $(systemctl is-enabled -- "$1" 2>/dev/null)"
"""
STOP_UNIT = 'systemctl stop -- "$1" && systemctl disable --quiet -- "$1"'
START_UNIT = 'systemctl enable --quiet -- "$1" && systemctl start -- "$1"'

# $1: the script. Prints the tables that call it, and those in which a call was taken back.
LOOK_SCRIPT = f"""
for file in /etc/crontab /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/* /etc/rc.local /etc/rc.d/rc.local; do
  [ -f "$file" ] || continue
  grep -v '^ *#' "$file" | grep -qF -- "$1" && echo "calls $file"
  grep '^{MARK}' "$file" | grep -qF -- "$1" && echo "held $file"
done
true
"""
# $1: the script, $2…: the tables. In place, so that owner and mode stay, and once for each line.
HOLD_SCRIPT = f"""
script=$(printf %s "$1" | sed 's/[][\\\\.*^$/]/\\\\&/g'); shift
for file in "$@"; do sed -i "/^ *#/!{{/$script/s/^/{MARK}/}}" "$file" || exit 1; done
"""
FREE_SCRIPT = f"""
script=$(printf %s "$1" | sed 's/[][\\\\.*^$/]/\\\\&/g'); shift
for file in "$@"; do sed -i "/^{MARK}.*$script/s/^{MARK}//" "$file" || exit 1; done
"""
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
# $1: the script, $2: its user. As at boot: without a terminal, and nobody waits for it.
RUN_SCRIPT = """
cd "$(dirname "$1")" || exit 1
setsid su -s /bin/sh -c "$1" "$2" </dev/null >/dev/null 2>&1 &
"""


@dataclass(frozen=True)
class Found:
    """How a service stands on its guest."""

    running: bool
    at_boot: bool
    tables: tuple[str, ...] = ()  # that call the script
    held: tuple[str, ...] = ()  # in which Landfall took the call back

    def describe(self) -> str:
        return f"running: {str(self.running).lower()}\nstarted at boot: {str(self.at_boot).lower()}\n"


def unit_found(text: str) -> Found:
    """Out of what LOOK_UNIT printed."""
    said = {line.partition(" ")[0]: line.partition(" ")[2] for line in text.splitlines()}
    if said.get("enabled") in ("", "not-found") and said.get("active") in ("", "inactive", "unknown"):
        return Found(False, False)
    return Found(said.get("active") in ("active", "activating", "reloading"), said.get("enabled") == "enabled")


def script_found(text: str, *, running: bool) -> Found:
    """Out of what LOOK_SCRIPT printed."""
    calls = tuple(line[6:] for line in text.splitlines() if line.startswith("calls "))
    held = tuple(line[5:] for line in text.splitlines() if line.startswith("held "))
    return Found(running, bool(calls), calls, held)
