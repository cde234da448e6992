# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real registry (distribution, the lab's own build) with an empty store."""

from __future__ import annotations

import contextlib
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.component.kube_fixture import _end_with_parent, _free_port, product


@pytest.fixture
def registry_url(tmp_path: Path) -> Iterator[str]:
    """Where it answers."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    configuration = tmp_path / "registry.yml"
    configuration.write_text(
        f"version: 0.1\nlog: {{level: error}}\n"
        f"storage: {{filesystem: {{rootdirectory: {tmp_path / 'registry'}}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n"
    )
    with (tmp_path / "registry.log").open("wb") as log:
        process = subprocess.Popen(
            [product("registry"), "serve", str(configuration)], stdout=log, stderr=log, preexec_fn=_end_with_parent
        )
    try:
        _wait(url, tmp_path / "registry.log")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=15)


def _wait(url: str, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/v2/", timeout=1):
            return
        time.sleep(0.05)
    pytest.fail(f"the registry did not answer:\n{log.read_text()}")
