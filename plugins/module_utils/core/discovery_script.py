# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The first script that a guest is asked with, and how the answers of both are read.

Plain POSIX sh over what every Linux has, old and small ones too: no Python, no awk, no ss, no GNU options. An answer is
made of sections: a line `@name arguments`, then lines that each begin with `|`, so no content can look like a section.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .node_settings import COMMANDS, PYTHON

# Many processes are asked with one program each, since a fork for each of them takes longer than all the rest.
PROLOGUE = r"""
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin; export PATH
# Where something hangs, such as a dead network mount, everything of this login ends: whatever lived on would hold the
# connection open. The group of processes is the fifth word of stat, behind a name that may have blanks.
group=$(sed 's/.*) //' /proc/$$/stat | cut -d' ' -f3)
after() { (trap 'kill $nap' TERM; sleep "$1" & nap=$!; wait $nap && kill -9 "$2") >/dev/null 2>&1 </dev/null & }
after "$1" "-$group"
watch=$!
say() { printf '\n@%s\n' "$*"; } # what was said before may have had no line break at its end
text() { sed 's/^/|/'; }
bytes() { if command -v base64 >/dev/null 2>&1; then base64; else od -An -v -tx1; fi | text; }
digest() { sha256sum "$1" 2>/dev/null || openssl dgst -sha256 -r "$1" 2>/dev/null; }
"""
EPILOGUE = r"""
say end
kill $watch 2>/dev/null
"""

LOOK = (
    PROLOGUE
    + f"commands='{' '.join(COMMANDS)}' python={PYTHON}"
    + r"""
main() {
say user; id -u | text
say hostname; cat /proc/sys/kernel/hostname | text
say addresses; { ip -o addr show || ifconfig -a || kernel_addresses; } 2>/dev/null | text
say users; { getent passwd || cat /etc/passwd; } 2>/dev/null | cut -d: -f1,3 | text
say tcp; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | text
say status; grep -E '^(Name|PPid|Uid|VmHWM|Threads):' /proc/[0-9]*/status 2>/dev/null | text
say groups; grep -E '^(0::|[0-9]+:name=systemd:)' /proc/[0-9]*/cgroup 2>/dev/null | text
say sockets; ls -l /proc/[0-9]*/fd 2>/dev/null | grep -E '^/proc|socket:' | text
say programs; of_a_node 2>/dev/null | text
say initscripts; ls -l /etc/init.d/ /etc/rc.d/init.d/ 2>/dev/null | text
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
# A supervisor tells each of its programs what it is called there.
for status in $(grep -l SUPERVISOR_PROCESS_NAME= /proc/[0-9]*/environ 2>/dev/null); do
  pid=${status#/proc/}; pid=${pid%/environ}
  say supervised "$pid"; tr '\000\n' '\n ' <"$status" 2>/dev/null | grep '^SUPERVISOR_[GP].*_NAME=' | text
done
if command -v systemctl >/dev/null 2>&1; then
  say units
  systemctl show -p Id -p MainPID -p User -p WorkingDirectory -p FragmentPath -p EnvironmentFiles -p ExecStart \
    $(systemctl list-units --type=service --state=running --no-legend --no-pager 2>/dev/null |
      sed 's/^[^a-zA-Z0-9]*//; s/ .*//') 2>/dev/null | text
fi
}
of_a_node() {
  for one in $commands; do command -v "$one" >/dev/null && echo "$one"; done
  $python -c 'import sys; sys.exit(sys.version_info < (3, 8))' && echo $python
}
kernel_addresses() { sed -n '/|-- /h; /\/32 host LOCAL/{g; s/.*|-- /inet /p; }' /proc/net/fib_trie; }
of_java() {
  say environment "$1"; tr '\000\n' '\n ' <"/proc/$1/environ" 2>/dev/null | text
  say open "$1"; ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/.* -> \(\/.*\)/\1/p' | text
  say written "$1"; ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/^l.w.* -> \(\/.*\)/\1/p' | text
  jar=$(tr '\000' '\n' <"/proc/$1/cmdline" | sed -n '/^-jar$/{n;p;q;}')
  base=$(tr '\000' '\n' <"/proc/$1/cmdline" | sed -n 's/^-Dcatalina.base=//p')
  case $jar in
    '') [ -z "$base" ] || of_tomcat "$1" "$base" ;;
    /*) archive "$1" "$jar" ;;
    *) archive "$1" "$(readlink "/proc/$1/cwd")/$jar" ;;
  esac
}
of_tomcat() {
  sed -n 's/.*appBase="\([^"]*\)".*/\1/p' "$2/conf/server.xml" 2>/dev/null | while read -r root; do
    case $root in
      /*) ;;
      *) root=$2/$root ;;
    esac
    say applications "$1"; ls -d "$root"/*.war "$root"/*/WEB-INF 2>/dev/null | text
    for war in "$root"/*.war; do archive "$1" "$war"; done
  done
}
archive() {
  jar=$2
  [ -r "$jar" ] || return
  size=$(wc -c <"$jar")
  sum=$(digest "$jar" | sed 's/ .*//')
  say jar "$1" $size "${sum:--}" "$jar"
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
    + EPILOGUE
)


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
