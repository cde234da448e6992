# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Action of service_cutover: reads the front door's files, has core change them, and puts them in place."""

from __future__ import annotations

import base64
import shlex
from dataclasses import dataclass
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import read_document
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest import Guest
from ansible_collections.landfall.replatform.plugins.module_utils.core import front_door
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import NotFound, OperationFailed
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome
from ansible_collections.landfall.replatform.plugins.plugin_utils.guest_action import GuestAction


@dataclass(frozen=True)
class Kind:
    """How a front door is asked whether it takes its files, and told to use them; and where they usually lie."""

    check: str
    reload: str
    usual: tuple[str, ...]


_KINDS = {
    "nginx": Kind(
        "{program} -t",
        "{program} -s reload",
        ("/etc/nginx/nginx.conf", "/etc/nginx/conf.d/*.conf", "/etc/nginx/sites-enabled/*"),
    ),
    "haproxy": Kind(
        "{program} -c {files}",
        "systemctl reload haproxy",
        ("/etc/haproxy/haproxy.cfg", "/etc/haproxy/conf.d/*.cfg"),
    ),
}

# The first arguments are the two commands. A configuration that the front door does not take never comes to be used.
_WRITE = """
PATH=$PATH:/usr/sbin:/usr/local/sbin
check=$1 reload=$2; shift 2
stamp=$(date +%Y%m%dT%H%M%S).$$
kept=/var/backups/landfall
back() {{ for file in "$@"; do cat "$kept$file.$stamp" > "$file"; done; }}
for file in "$@"; do
  mkdir -p "$kept$(dirname "$file")" && cp -p "$file" "$kept$file.$stamp" || exit 1
done
{writes}
if ! said=$($check 2>&1); then back "$@"; echo "$said" >&2; exit 3; fi
if ! said=$($reload 2>&1); then back "$@"; echo "$said" >&2; exit 4; fi
for file in "$@"; do echo "$kept$file.$stamp"; done
"""


class ActionModule(GuestAction):
    ARGUMENTS = {  # noqa: RUF012 - as every plugin of Ansible writes it
        "plan_file": {"type": "path", "required": True},
        "services": {"type": "list", "elements": "str", "required": True},
        "state": {"type": "str", "choices": ["cluster", "legacy"], "default": "cluster"},
        "kind": {"type": "str", "choices": ["nginx", "haproxy"], "default": "nginx"},
        "configuration": {"type": "list", "elements": "str", "default": []},
        "program": {"type": "str"},
        "reload": {"type": "str"},
    }

    def verb(self, arguments: dict[str, Any], guest: Guest, *, check: bool) -> Outcome:
        kind = _KINDS[arguments["kind"]]
        before = self._read(guest, arguments["configuration"] or list(kind.usual))
        if arguments["state"] == "legacy":
            after = front_door.restore(before, arguments["services"])
        else:
            plan = read_document(arguments["plan_file"])
            after = front_door.switch(arguments["kind"], before, front_door.targets_of(plan, arguments["services"]))
        changed = sorted(path for path, text in after.items() if text != before[path])
        kept: list[str] = []
        if changed and not check:
            program = arguments["program"] or arguments["kind"]
            check_files = kind.check.format(program=program, files=" ".join(f"-f {path}" for path in before))
            reload = arguments["reload"] or kind.reload.format(program=program)
            kept = self._write(guest, {path: after[path] for path in changed}, check_files, reload)
        return Outcome(
            bool(changed),
            "".join(before[path] for path in changed),
            "".join(after[path] for path in changed),
            ", ".join(changed),
            values={"files": changed, "backups": kept},
        )

    @staticmethod
    def _read(guest: Guest, patterns: list[str]) -> dict[str, str]:
        files = {path: text.decode("utf-8", "surrogateescape") for path, text in guest.read(*patterns).items()}
        if not files:
            raise NotFound(
                f"{guest.name}: none of {', '.join(patterns)} is a file; suite.front_door.configuration names them"
            )
        return files

    @staticmethod
    def _write(guest: Guest, files: dict[str, str], check: str, reload: str) -> list[str]:
        writes = "\n".join(
            f"base64 -d > {shlex.quote(path)} <<'LANDFALL' || {{ back \"$@\"; exit 2; }}\n"
            f"{base64.encodebytes(text.encode('utf-8', 'surrogateescape')).decode()}LANDFALL"
            for path, text in files.items()
        )
        answer = guest.run(_WRITE.format(writes=writes), check, reload, *files)
        if answer.code != 0:
            what = {3: f"`{check}` refuses the new configuration", 4: f"`{reload}` failed"}
            raise OperationFailed(
                f"{guest.name}: {what.get(answer.code, 'the front door could not be written')}; "
                f"the old files are in place again: {answer.errors[-600:]}"
            )
        return answer.text.split()
