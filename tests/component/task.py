# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs one task with the real Ansible, as a playbook would, and returns its result."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_RESULT = re.compile(r"^localhost \| ([A-Z]+)!? => (\{.*^\})", re.MULTILINE | re.DOTALL)


def run_task(module: str, arguments: dict[str, Any], *, check: bool = False) -> dict[str, Any]:
    """The result of `landfall.replatform.<module>` on this machine, whose shell plays the host's.

    Besides what the module returns: `failed`, and `output`, everything that was to be seen.
    """
    command = [
        str(Path(sys.executable).with_name("ansible")), "--inventory=localhost,", "--connection=local", "--diff",
        f"--extra-vars=ansible_python_interpreter={sys.executable}", *(["--check"] if check else []),
        f"--module-name=landfall.replatform.{module}", f"--args={json.dumps(arguments)}", "localhost",
    ]  # fmt: skip
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(_ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(_ROOT / ".lab" / "collections"),
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    output = done.stdout + done.stderr
    match = _RESULT.search(done.stdout)
    assert match, output
    return {**json.loads(match[2]), "failed": match[1] == "FAILED", "output": output}
