"""Runs a module as a process of its own, as Ansible does, and returns its result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_RUN = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
import tests.conftest
runpy.run_module(sys.argv.pop(1), run_name="__main__")
"""


def run_module(
    name: str, arguments: Mapping[str, Any], *, check: bool = False, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The result of the module, with its diff; `failed` is true in it where it failed."""
    control = {"_ansible_check_mode": check, "_ansible_diff": True, "_ansible_remote_tmp": "/tmp"}
    payload = json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, **control}})
    module = f"ansible_collections.landfall.replatform.plugins.modules.{name}"
    run = subprocess.run(
        [sys.executable, "-c", _RUN, str(ROOT), module],
        input=payload,
        capture_output=True,
        text=True,
        env={**os.environ, **(environment or {})},
        check=False,
        timeout=300,
    )
    assert run.stdout.strip(), f"{name} said nothing: {run.stderr}"
    result: dict[str, Any] = json.loads(run.stdout.strip().splitlines()[-1])
    return {"failed": run.returncode != 0, **result}
