# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A guest, through the connection that Ansible holds to it: a shell is all that it needs to have."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..core.errors import OperationFailed


class Connection(Protocol):
    """What is used of an Ansible connection plugin."""

    become: Any
    _shell: Any

    def exec_command(
        self, cmd: str, in_data: bytes | None = None, sudoable: bool = True
    ) -> tuple[int, bytes, bytes]: ...

    def fetch_file(self, in_path: str, out_path: str) -> None: ...


@dataclass(frozen=True)
class Answer:
    """How a script ended and what it wrote."""

    code: int
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        return self.output.decode("utf-8", "replace")


_STAGE = """
umask 077
copy=$(mktemp /tmp/landfall.XXXXXXXX) || exit 1
if {command} > "$copy"; then chown "$1" "$copy" && printf %s "$copy"; else rm -f "$copy"; exit 1; fi
"""


# For each file its size, its name without links, and its content.
_READ = """
for pattern in "$@"; do
  for file in $pattern; do
    [ -f "$file" ] || continue
    file=$(readlink -f "$file")
    printf '%s %s\\n' "$(wc -c < "$file")" "$file" && cat "$file" || exit 1
  done
done
"""

# By the kernel's own tables, since not every guest has ss or netstat.
_LISTENERS = """
for inode in $(grep -hE "^ *[0-9]+: [0-9A-F]+:$1 [0-9A-F]+:0000 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    tr -s ' ' | sed 's/^ //' | cut -d' ' -f10); do
  for process in /proc/[0-9]*; do
    ls -l "$process/fd" 2>/dev/null | grep -q "socket:\\[$inode\\]" && echo "${process#/proc/}"
  done
done
true
"""


class Guest:
    """Runs shell scripts on a guest and brings files from it. Nothing stays behind there."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self.name = name

    def run(self, script: str, *arguments: str, privileged: bool = True) -> Answer:
        """Run `script` with sh: it goes in through standard input, so that no process list shows it."""
        command = " ".join(["env", "LC_ALL=C", "sh", "-s", "--", *(shlex.quote(one) for one in arguments)])
        become = self._connection.become if privileged else None
        if become:
            command = become.build_become_command(command, self._connection._shell)
        # With input there is no terminal in between, which would change the bytes.
        code, output, errors = self._connection.exec_command(command, in_data=script.encode(), sudoable=bool(become))
        return Answer(code, bytes(output), bytes(errors).decode("utf-8", "replace").strip())

    def must(self, what: str, script: str, *arguments: str) -> Answer:
        """Like `run`, for a script that has to end well."""
        answer = self.run(script, *arguments)
        if answer.code != 0:
            raise OperationFailed(f"{self.name}: could not {what} (exit code {answer.code}): {answer.errors[-400:]}")
        return answer

    def read(self, *patterns: str) -> dict[str, bytes]:
        """The files that match, by their names without links. What is not there is left out."""
        left = self.must(f"read {', '.join(patterns)}", _READ, *patterns).output
        files: dict[str, bytes] = {}
        while left:
            head, _newline, left = left.partition(b"\n")
            size, _blank, path = head.decode().partition(" ")
            files[path], left = left[: int(size)], left[int(size) :]
        return files

    def listeners(self, port: int) -> list[int]:
        """The processes that listen on a TCP port; a child that shares its parent's socket is one of them."""
        found = self.must(f"look who listens on port {port}", _LISTENERS, f"{port:04X}").text
        return sorted({int(word) for word in found.split()})

    def fetch(self, path: str, target: Path) -> None:
        """Bring a file of any size to `target`."""
        if self.run('test -r "$1"', path, privileged=False).code == 0:
            self._replace(target, lambda partial: self._connection.fetch_file(path, str(partial)))
        else:
            self._fetch_staged(f"cat {shlex.quote(path)}", target, f"read {path}")

    def fetch_tree(self, root: str, target: Path) -> None:
        """Bring a directory to `target`, as a tar."""
        self._fetch_staged(f"tar -C {shlex.quote(root)} -cf - .", target, f"read {root}")

    def _fetch_staged(self, command: str, target: Path, what: str) -> None:
        """Bring what `command` writes, by a copy on the guest that the user of the connection may read."""
        owner = self.run("id -u", privileged=False).text.strip()
        copy = self.must(what, _STAGE.format(command=command), owner).text
        try:
            self._replace(target, lambda partial: self._connection.fetch_file(copy, str(partial)))
        finally:
            self.run('rm -f -- "$1"', copy)

    @staticmethod
    def _replace(target: Path, bring: Callable[[Path], None]) -> None:
        # A run that is killed half way leaves a partial file, never a target that looks whole.
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            bring(partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
