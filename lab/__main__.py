# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab from the command line: python -m lab build | up | down | status | show | kill VM | start VM."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from lab.build.main import main as build
from lab.build.progress import StepFailed
from lab.centre import status
from lab.centre.down import down
from lab.centre.up import up


def main(argv: Sequence[str]) -> int:
    """0, or 1 with the reason."""
    if argv and argv[0] == "build":
        return build(argv[1:])
    given = _parser().parse_args(argv)
    if given.verb == "status" and given.quiet:
        return 0 if status.running() else 1
    verbs: dict[str, Callable[[], None]] = {
        "up": up,
        "down": down,
        "status": status.status,
        "show": status.show,
        "kill": lambda: status.kill(given.vm),
        "start": lambda: status.start(given.vm),
    }
    if given.verb in ("up", "down", "kill", "start") and os.geteuid() != 0:
        print("FAILED  the lab needs root", file=sys.stderr)
        return 1
    try:
        verbs[given.verb]()
    except StepFailed as failed:
        print(f"FAILED  {failed}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab", description="A data centre on one machine.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("build", help="build what the lab needs; a second run does nothing")
    verbs.add_parser("up", help="start the data centre; a second run changes nothing")
    verbs.add_parser("down", help="remove everything that `up` made; what was built stays")
    looked = verbs.add_parser("status", help="a table of the hosts in containers")
    looked.add_argument("--quiet", action="store_true", help="say nothing; the exit status is 0 where there is a lab")
    verbs.add_parser("show", help="what is where, and how to look at it")
    for verb, text in (("kill", "pull the plug of a VM"), ("start", "put it in again")):
        verbs.add_parser(verb, help=text).add_argument("vm")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
