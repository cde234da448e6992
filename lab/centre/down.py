# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verb `down`: nothing of the lab is left but what was built."""

from __future__ import annotations

import shutil
import time

from lab.build.progress import say

from . import podman, server, where


def down() -> None:
    """Exactly what `up` made, in whatever state it is."""
    begin = time.monotonic()
    stopped = server.stop()
    cleared = podman.clear()
    network = podman.clear_network()
    shutil.rmtree(where.RUN, ignore_errors=True)
    if stopped or network or any(cleared.values()):
        counts = ", ".join(f"{number} {what}" for what, number in cleared.items())
        say(f"the lab is gone: vCenter, {counts}, the network; {time.monotonic() - begin:.1f} s")
    else:
        say("there was no lab")
