# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What starts a service that is no unit of systemd: tables that call its script, init.d, or supervisord.

Each is five shell scripts whose $1 is what the service is known by there: its script, or its program of supervisord.
What Landfall takes back carries a mark, so that it is given back exactly as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

MARK = "# landfall: "


@dataclass(frozen=True)
class Starter:
    """`look` prints what starts the service at boot (`calls <path>`), and what is held back (`held <path>`)."""

    look: str
    hold: str  # $2…: the paths of `calls`
    free: str  # $2…: the paths of `held`
    start: str  # $2: the service's user
    stop: str


_ESCAPED = """
name=$(printf %s "$1" | sed 's/[][\\\\.*^$/]/\\\\&/g'); shift
"""
# In place, so that owner and mode stay, and once for each line. The script is started as at boot: without a terminal,
# and nobody waits for it.
TABLES = Starter(
    look=f"""
for file in /etc/crontab /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/* /etc/rc.local /etc/rc.d/rc.local; do
  [ -f "$file" ] || continue
  grep -v '^ *#' "$file" | grep -qF -- "$1" && echo "calls $file"
  grep '^{MARK}' "$file" | grep -qF -- "$1" && echo "held $file"
done
true
""",
    hold=f"""{_ESCAPED}
for file in "$@"; do sed -i "/^ *#/!{{/$name/s/^/{MARK}/}}" "$file" || exit 1; done
""",
    free=f"""{_ESCAPED}
for file in "$@"; do sed -i "/^{MARK}.*$name/s/^{MARK}//" "$file" || exit 1; done
""",
    start="""
cd "$(dirname "$1")" || exit 1
setsid su -s /bin/sh -c "$1" "$2" </dev/null >/dev/null 2>&1 &
""",
    stop="true",
)

# A link of a runlevel, or the script itself where its own name has the number. A name that begins with a dot is passed
# over by every init. Nothing of this login's environment is handed on, as at boot.
_CALLED = 'env -i PATH="$PATH:/usr/sbin:/sbin" "$1" {verb} </dev/null >/dev/null 2>&1'
INIT = Starter(
    look="""
name=${1##*/}
entries() {
  for one in /etc/rc[0-9S].d/"$1"S[0-9][0-9]"$name" /etc/rc.d/rc[0-9S].d/"$1"S[0-9][0-9]"$name" \\
      /etc/runlevels/*/"$1$name"; do
    [ -e "$one" ] && echo "$2 $one"
  done
}
entries '' calls
entries .landfall. held
case $name in S[0-9][0-9]*)
  [ -e "$1" ] && echo "calls $1"
  [ -e "${1%/*}/.landfall.$name" ] && echo "held ${1%/*}/.landfall.$name" ;;
esac
true
""",
    hold="""
shift
for one in "$@"; do [ ! -e "$one" ] || mv "$one" "${one%/*}/.landfall.${one##*/}" || exit 1; done
""",
    free="""
shift
for one in "$@"; do [ ! -e "$one" ] || mv "$one" "${one%/.landfall.*}/${one##*/.landfall.}" || exit 1; done
""",
    start=_CALLED.format(verb="start"),
    # What it says of itself counts less than whether its port is free then.
    stop=f"{_CALLED.format(verb='stop')}; true",
)

# The configuration that the running supervisord was given, else the first where it looks by itself. A program of
# several processes, or of a group, is called <group>:<process>, and either may be the name of its section.
_SUPERVISORD = r"""
for one in /proc/[0-9]*/cmdline; do
  tr '\000' '\n' <"$one" 2>/dev/null | sed -n 1,2p | grep -qE '(^|/)supervisord$' || continue
  conf=$(tr '\000' '\n' <"$one" | sed -n '/^-c$/{n;p;q;}; /^--configuration$/{n;p;q;}; s/^--configuration=//p')
done
for one in /etc/supervisord.conf /etc/supervisor/supervisord.conf; do
  [ -n "$conf" ] || [ ! -f "$one" ] || conf=$one
done
cd "$(dirname "$conf")" || exit 1
ask() { supervisorctl -c "$conf" "$@" </dev/null; }
"""
_SECTION = r"""
section() { # of a program in a file: its lines, as an address of sed
  for name in "${1#*:}" "${1%%:*}"; do
    grep -qF "[program:$name]" "$2" 2>/dev/null || continue
    printf '/^\\[program:%s\\]/,/^\\[/' "$(printf %s "$name" | sed 's/[][\\.*^$/]/\\&/g')"
    return
  done
  return 1
}
"""
SUPERVISOR = Starter(
    look=_SUPERVISORD
    + _SECTION
    + r"""
state=$(ask status "$1" 2>&1)
case $state in
  *RUNNING* | *STARTING* | *BACKOFF* | *STOPPING*) echo running ;;
  *STOPPED* | *EXITED* | *FATAL* | *UNKNOWN* | *'no such process'* | *'no such group'*) ;;
  *) printf '%s\n' "$state" >&2; exit 1 ;;
esac
for file in "$conf" $(sed -n '/^\[include\]/,/^\[/s/^ *files *= *//p' "$conf" | sed 's/ *;.*//'); do
  lines=$(section "$1" "$file") && text=$(sed -n "${lines}p" "$file") && [ -n "$text" ] || continue
  case $file in
    /*) ;;
    *) file=$PWD/$file ;;
  esac
  case $text in
    *'autostart=false ; landfall'*) echo "held $file" ;;
    *) printf '%s\n' "$text" | grep -qiE '^autostart *= *(false|0|no|off)' || echo "calls $file" ;;
  esac
done
true
""",
    hold=_SECTION
    + r"""
program=$1; shift
for file in "$@"; do
  lines=$(section "$program" "$file") || exit 1
  sed -i -e "$lines s/^ *autostart *=/# landfall: &/" -e "${lines%,*}a\\
autostart=false ; landfall" "$file" || exit 1
done
""",
    free=_SECTION
    + r"""
program=$1; shift
for file in "$@"; do
  lines=$(section "$program" "$file") || exit 1
  sed -i -e "$lines {/^autostart=false ; landfall\$/d; s/^# landfall: //;}" "$file" || exit 1
done
""",
    start=f'{_SUPERVISORD}ask start "$1"',
    stop=f'{_SUPERVISORD}ask stop "$1"',
)


def starter(started_by: str | None) -> Starter:
    """The scripts of what starts a service; what is nothing of its own is called by some table."""
    return {"init": INIT, "supervisor": SUPERVISOR}.get(started_by or "", TABLES)
