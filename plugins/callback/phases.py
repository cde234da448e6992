# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the time of a run went: one line for each play as it ends, and the slowest tasks at the end."""

from __future__ import annotations

DOCUMENTATION = r"""
name: phases
type: aggregate
short_description: Prints the time of each play and the slowest tasks of a run
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Prints a line with the seconds when a play ends, and the slowest tasks when the run ends.
options:
  slowest:
    description: How many of the slowest tasks the end shows.
    type: int
    default: 8
    env:
      - name: LANDFALL_SLOWEST_TASKS
    ini:
      - section: callback_phases
        key: slowest
"""

import time
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Keeps one clock for the play and one for the task; a new one ends the last."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "landfall.replatform.phases"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._play: tuple[str, float] | None = None
        self._task: tuple[str, float] | None = None
        self._tasks: list[tuple[float, str]] = []
        self._started = time.monotonic()

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._end_play()
        self._play = (play.get_name(), time.monotonic())

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._end_task()
        self._task = (task.get_name(), time.monotonic())

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self.v2_playbook_on_task_start(task, False)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._end_play()
        self._display.banner("TIME")
        for seconds, name in sorted(self._tasks, reverse=True)[: self.get_option("slowest")]:
            self._display.display(f"{seconds:7.1f} s  {name}")
        self._display.display(f"{time.monotonic() - self._started:7.1f} s  in all")

    def _end_task(self) -> None:
        if self._task is not None:
            name, began = self._task
            self._tasks.append((time.monotonic() - began, name))
            self._task = None

    def _end_play(self) -> None:
        self._end_task()
        if self._play is not None:
            name, began = self._play
            self._display.display(f"PHASE [{name}] {time.monotonic() - began:.1f} s")
            self._play = None
