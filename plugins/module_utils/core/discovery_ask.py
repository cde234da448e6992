# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The second script that a guest is asked with: what is still to be told, now that its services are known."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote

from .discovery_script import EPILOGUE, PROLOGUE


@dataclass(frozen=True)
class Questions:
    """What the second script is asked for, once it is known which services there are."""

    files: tuple[str, ...] = ()  # text files, where they exist; `*` stands for anything
    ranges: tuple[tuple[str, int, int], ...] = ()  # (file, offset, length) of entries of jars
    scripts: tuple[str, ...] = ()  # programs and jars whose start scripts are looked for
    words: tuple[str, ...] = ()  # by which an init script may know a service
    nginx: tuple[str, ...] = ()  # programs of running nginx
    registries: tuple[int, ...] = ()  # ports of Eureka servers


_ASK = (
    PROLOGUE
    + r"""
small() { [ -f "$1" ] && [ -r "$1" ] && [ $(wc -c <"$1") -lt 262144 ]; }
file() { small "$1" && { say file "$1"; text <"$1"; named "$1"; }; }
# What a setting points to (file:/srv/shop/catalogue.json) belongs to the configuration, where it is text.
named() {
  for named in $(sed -n 's/^[^#]*[=:"'"' "']file:\(\/[^][ ,;"*?{}$]*[^][ ,;"*?{}$/]\).*/\1/p' "$1"); do
    small "$named" && [ "$(tr -d '\000' <"$named" | wc -c)" -eq "$(wc -c <"$named")" ] &&
      { say file "$named"; text <"$named"; }
  done
}
# bs=1 seeks, so a small part of a large jar costs nothing
range() { say range "$2" "$1"; dd if="$1" bs=1 skip="$2" count="$3" 2>/dev/null | bytes; }
started() {
  say started "$1"
  grep -F -- "$1" /dev/null /etc/crontab /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/* \
    /etc/rc.local /etc/rc.d/rc.local /etc/inittab /etc/init/*.conf 2>/dev/null | text
}
scripts() {
  started "$1"
  here=$(cd "${1%/*}" && pwd); above=$(cd "$here/.." && pwd)
  for script in $(grep -lF -- "${1##*/}" "$here"/*.sh "$here"/bin/*.sh "$above"/*.sh "$above"/bin/*.sh 2>/dev/null); do
    say script "$1"; printf '|%s\n' "$script"
    started "$script"
    word "$script"
  done
}
word() { say initscript "$1"; grep -lF -- "$1" /etc/init.d/* /etc/rc.d/init.d/* 2>/dev/null | text; }
nginx() { say nginx "$1"; { "$1" -T 2>/dev/null || printed "$1"; } | text; }
# Before 1.9.2 nginx did not print its files: its own way through them, in the same shape.
printed() {
  prefix=$("$1" -V 2>&1 | sed -n 's/.*--prefix=\([^ ]*\).*/\1/p')
  configuration=$("$1" -V 2>&1 | sed -n 's/.*--conf-path=\([^ ]*\).*/\1/p')
  [ -n "$configuration" ] || configuration=${prefix:-/usr/local/nginx}/conf/nginx.conf
  included "$configuration"
}
included() {
  small "$1" || return
  printf '# configuration file %s:\n' "$1"; cat "$1"; echo
  for include in $(sed -n 's/^[^#]*include[[:space:]]\{1,\}\([^;]*\);.*/\1/p' "$1"); do
    case $include in
      /*) ;;
      *) include=${configuration%/*}/$include ;;
    esac
    for path in $include; do included "$path"; done
  done
}
registry() { say registry "$1"; registered "http://127.0.0.1:$1/eureka/apps" | text; }
registered() {
  curl -sf -m 10 -H 'Accept: application/json' "$1" 2>/dev/null && return
  # Not every busybox survives the -T of its wget.
  wget -q -O - --header 'Accept: application/json' "$1" 2>/dev/null & task=$!
  after 10 "$task"
  guard=$!
  wait "$task"; kill "$guard"
}
"""
)


def ask(questions: Questions) -> str:
    """The second script."""
    lines = [_ASK, "main() {", ":"]
    for path in questions.files:
        # Only the stars are left to the shell: these names come from the guest, and whoever made them is not root.
        pattern = "*".join(quote(part) for part in path.split("*"))
        lines.append(f'for one in {pattern}; do file "$one"; done')
    lines += [f"range {quote(path)} {offset} {length}" for path, offset, length in questions.ranges]
    lines += [f"scripts {quote(program)}" for program in questions.scripts]
    lines += [f"word {quote(word)}" for word in questions.words]
    lines += [f"nginx {quote(program)}" for program in questions.nginx]
    lines += [f"registry {port}" for port in questions.registries]
    return "\n".join([*lines, "}", "main </dev/null", EPILOGUE])
