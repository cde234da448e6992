# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The two scripts that a guest is asked with, and how their answers are read.

Plain POSIX sh over what every Linux has, old and small ones too: no Python, no awk, no ss, no GNU options. An answer is
made of sections: a line `@name arguments`, then lines that each begin with `|`, so no content can look like a section.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from shlex import quote

# Many processes are asked with one program each, since a fork for each of them takes longer than all the rest.
_PROLOGUE = r"""
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin; export PATH
# Where something hangs, such as a dead network mount, everything of this login ends: whatever lived on would hold the
# connection open. The group of processes is the fifth word of stat, behind a name that may have blanks.
group=$(sed 's/.*) //' /proc/$$/stat | cut -d' ' -f3)
(trap 'kill $nap' TERM; sleep "$1" & nap=$!; wait $nap && kill -9 "-$group") >/dev/null 2>&1 </dev/null &
watch=$!
say() { printf '@%s\n' "$*"; }
text() { sed 's/^/|/'; }
bytes() { if command -v base64 >/dev/null 2>&1; then base64; else od -An -v -tx1; fi | text; }
digest() { sha256sum "$1" 2>/dev/null || openssl dgst -sha256 -r "$1" 2>/dev/null; }
"""
_EPILOGUE = r"""
say end; echo
kill $watch 2>/dev/null
"""

LOOK = (
    _PROLOGUE
    + r"""
main() {
say user; id -u | text
say hostname; cat /proc/sys/kernel/hostname | text
say addresses; { ip -o addr show || ifconfig -a; } 2>/dev/null | text
say users; { getent passwd || cat /etc/passwd; } 2>/dev/null | cut -d: -f1,3 | text
say tcp; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | text
say status; grep -E '^(Name|PPid|Uid|VmHWM|Threads):' /proc/[0-9]*/status 2>/dev/null | text
say groups; grep -E '^(0::|[0-9]+:name=systemd:)' /proc/[0-9]*/cgroup 2>/dev/null | text
say sockets; ls -l /proc/[0-9]*/fd 2>/dev/null | grep -E '^/proc|socket:' | text
say links; ls -ld /proc/[0-9]*/exe /proc/[0-9]*/cwd 2>/dev/null | text
for status in /proc/[0-9]*/cmdline; do
  pid=${status#/proc/}; pid=${pid%/cmdline}
  line=$(tr '\000\n' '\n ' <"$status" 2>/dev/null | text)
  [ -n "$line" ] || continue
  say command "$pid"; printf '%s\n' "$line"
  case $line in
    *java*)
      case $(readlink "/proc/$pid/exe" || printf '%s\n' "$line" | sed -n '1s/^|//p') in
        java | */java*) of_java "$pid" ;;
      esac ;;
  esac
done
if command -v systemctl >/dev/null 2>&1; then
  say units
  systemctl show -p Id -p MainPID -p User -p WorkingDirectory -p FragmentPath -p EnvironmentFiles -p ExecStart \
    $(systemctl list-units --type=service --state=running --no-legend --no-pager 2>/dev/null |
      sed 's/^[^a-zA-Z0-9]*//; s/ .*//') 2>/dev/null | text
fi
}
of_java() {
  say environment "$1"; tr '\000\n' '\n ' <"/proc/$1/environ" 2>/dev/null | text
  say open "$1"; ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/.* -> \(\/.*\)/\1/p' | text
  jar=$(tr '\000' '\n' <"/proc/$1/cmdline" | sed -n '/^-jar$/{n;p;q;}')
  [ -n "$jar" ] || return
  case $jar in
    /*) ;;
    *) jar=$(readlink "/proc/$1/cwd")/$jar ;;
  esac
  [ -r "$jar" ] || return
  size=$(wc -c <"$jar")
  say jar "$1" $size $(digest "$jar" | sed 's/ .*//') "$jar"
  # The length of the directory stands at its end, where no comment follows it; else the last 64 KiB must do.
  set -- $(tail -c 22 "$jar" | od -An -v -tu1)
  length=65536
  case "$1 $2 $3 $4" in
    '80 75 5 6') length=$(( ${13} + ${14} * 256 + ${15} * 65536 + 22 )) ;;
  esac
  [ "$length" -lt 4194304 ] || length=65536
  say tail "$jar"; tail -c "$length" "$jar" | bytes
}
main </dev/null
"""
    + _EPILOGUE
)


@dataclass(frozen=True)
class Questions:
    """What the second script is asked for, once it is known which services there are."""

    files: tuple[str, ...] = ()  # text files, where they exist; `*` stands for anything
    ranges: tuple[tuple[str, int, int], ...] = ()  # (file, offset, length) of entries of jars
    scripts: tuple[str, ...] = ()  # programs and jars whose start scripts are looked for
    nginx: tuple[str, ...] = ()  # programs of running nginx


_ASK = (
    _PROLOGUE
    + r"""
small() { [ -f "$1" ] && [ -r "$1" ] && [ $(wc -c <"$1") -lt 262144 ]; }
file() { small "$1" && { say file "$1"; text <"$1"; echo; named "$1"; }; }
# What a setting points to (file:/srv/shop/catalogue.json) belongs to the configuration, where it is text.
named() {
  for named in $(sed -n 's/^[^#]*[=:"'"' "']file:\(\/[^][ ,;"*?{}$]*[^][ ,;"*?{}$/]\).*/\1/p' "$1"); do
    small "$named" && [ "$(tr -d '\000' <"$named" | wc -c)" -eq "$(wc -c <"$named")" ] &&
      { say file "$named"; text <"$named"; echo; }
  done
}
# bs=1 seeks, so a small part of a large jar costs nothing
range() { say range "$2" "$1"; dd if="$1" bs=1 skip="$2" count="$3" 2>/dev/null | bytes; }
started() {
  say started "$1"
  grep -F -- "$1" /dev/null /etc/crontab /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/* \
    /etc/rc.local /etc/rc.d/rc.local /etc/init.d/* 2>/dev/null | text
}
scripts() {
  started "$1"
  here=$(cd "${1%/*}" && pwd); above=$(cd "$here/.." && pwd)
  for script in $(grep -lF -- "${1##*/}" "$here"/*.sh "$here"/bin/*.sh "$above"/*.sh "$above"/bin/*.sh 2>/dev/null); do
    say script "$1"; printf '|%s\n' "$script"
    started "$script"
  done
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
    lines += [f"say nginx {quote(program)}; {quote(program)} -T 2>/dev/null | text" for program in questions.nginx]
    return "\n".join([*lines, "}", "main </dev/null", _EPILOGUE])


@dataclass(frozen=True)
class Section:
    name: str
    arguments: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n" if self.lines else ""

    @property
    def content(self) -> bytes:
        """What `bytes` sent: base64, or what od shows where there is no base64."""
        packed = "".join(self.lines)
        if " " in packed:
            return bytes(int(word, 16) for word in packed.split())
        try:
            return base64.b64decode(packed)
        except binascii.Error:
            return b""


def sections(answer: str) -> list[Section]:
    """The sections of an answer, complete ones only; the last is `end` where the script came to its end."""
    found: list[tuple[str, list[str]]] = []
    for line in answer.splitlines():
        if line.startswith("@"):
            found.append((line[1:], []))
        elif line.startswith("|") and found:
            found[-1][1].append(line[1:])
    return [Section(head.split(" ")[0], tuple(head.split(" ")[1:]), tuple(lines)) for head, lines in found]


def is_complete(parts: Iterable[Section]) -> bool:
    return any(part.name == "end" for part in parts)


_LINK = re.compile(r"/proc/(\d+)/(exe|cwd) -> (.*)$")
_SOCKET = re.compile(r"-> '?socket:\[(\d+)\]")
_BY_PID = re.compile(r"/proc/(\d+)/\w+:(.*)$")


def links(lines: Iterable[str]) -> dict[tuple[int, str], str]:
    """(pid, exe or cwd) -> where it leads; a program that was replaced while it runs is shown as deleted."""
    matches = (_LINK.search(line) for line in lines)
    return {(int(m[1]), m[2]): m[3].removesuffix(" (deleted)") for m in matches if m}


def socket_owners(lines: Iterable[str]) -> dict[int, int]:
    """Socket inode -> the pid that holds it; the first one, which is the parent of those that inherited it."""
    owners: dict[int, int] = {}
    pid = 0
    for line in lines:
        if line.startswith("/proc/"):
            pid = int(line.split("/")[2])
        elif match := _SOCKET.search(line):
            inode = int(match[1])
            owners[inode] = min(pid, owners.get(inode, pid))
    return owners


def by_pid(lines: Iterable[str]) -> Mapping[int, list[str]]:
    """Lines of `grep` over files of /proc, by process."""
    result: dict[int, list[str]] = {}
    for line in lines:
        if match := _BY_PID.match(line):
            result.setdefault(int(match[1]), []).append(match[2])
    return result
