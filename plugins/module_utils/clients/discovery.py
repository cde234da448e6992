# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a guest what runs there, over the connection that Ansible holds to it: two scripts, two round trips."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from ..core.discovery import look, questions, workload
from ..core.discovery_ask import ask
from ..core.discovery_findings import unreadable
from ..core.discovery_script import LOOK, Section, is_complete, sections
from ..core.errors import OperationFailed
from ..core.workloads import Workload
from .guest import Connection

# Root sees every process. Where Ansible was told no way to become root, sudo is tried as it is.
# In a shell of its own, since the login's may be any: a csh understands no `if [`.
_AS_ROOT = 'if [ "$(id -u)" -ne 0 ] && sudo -n true 2>/dev/null; then exec sudo -n {shell}; else exec {shell}; fi'


def read_guest(connection: Connection, name: str, *, timeout: int) -> Workload:
    """What runs on the guest. Raises what the connection raises, and OperationFailed for an answer that is none."""
    try:
        found = look(_run(connection, LOOK, timeout))
        return workload(name, found, _run(connection, ask(questions(found)), timeout))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise OperationFailed(f"its answer cannot be read ({type(error).__name__}: {error})") from error


def refused(name: str, addresses: Sequence[str], reason: str) -> Workload:
    """What workloads.yml says of a guest that could not be read, with what would be right."""
    for words, found, right in _REASONS:
        if any(word in reason for word in words):
            return unreadable(name, addresses, found, right)
    return unreadable(name, addresses, _last_line(reason), "a guest that answers over SSH, or one that is not selected")


_REASONS = (
    (
        ("HOST IDENTIFICATION HAS CHANGED", "Host key verification failed", "No matching host key"),
        "its SSH host key is not the one that is known",
        "the key that it published through vCenter, in known_hosts; if it was reinstalled, run assess again",
    ),
    (("Permission denied",), "it refuses the login", "estate.guests.user and its private key, accepted by the guest"),
    (("timed out", "Timeout"), "it does not answer", "a guest that is on, and reached from here at its first address"),
    (
        ("Connection refused", "No route to host", "Network is unreachable"),
        "it cannot be reached",
        "an SSH server at its address",
    ),
    (
        ("Connection closed by", "Connection reset", "Broken pipe", "kex_exchange_identification"),
        "it drops the connection",
        "an SSH server that takes another login",
    ),
    (  # what Ansible says where SSH ends without a word: our own watch has ended everything there, or the guest has
        ("Data could not be sent",),
        "it did not come to an end in time, or dropped the connection",
        "a guest that answers; estate_guest_timeout gives it longer",
    ),
)


def _run(connection: Connection, script: str, timeout: int) -> list[Section]:
    shell = f"env LC_ALL=C sh -s -- {timeout}"
    if connection.become:
        command = connection.become.build_become_command(shell, connection._shell)
    else:
        command = f"sh -c {quote(_AS_ROOT.format(shell=shell))}"
    # Through standard input: the script stands in no process list, and no terminal changes a byte of the answer.
    _code, output, errors = connection.exec_command(command, in_data=script.encode(), sudoable=bool(connection.become))
    parts = sections(bytes(output).decode("utf-8", "replace"))
    if not is_complete(parts):
        said = _last_line(bytes(errors).decode("utf-8", "replace"))
        raise OperationFailed(f"it did not come to an end within {timeout} s" + (f" ({said})" if said else ""))
    return parts


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
