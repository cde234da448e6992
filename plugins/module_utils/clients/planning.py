# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The planner and its files: facts and the last plan are read, the plan is written or held against them."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core import estate, plan, workloads
from ..core.errors import NotFound, Problem, StalePlanError
from ..core.plan import Plan
from ..core.planner.guests import Questions, begun
from ..core.planner.make import Facts, check_fresh, make_plan
from ..core.platform import parse_platform
from .documents import read_text, read_versioned, to_yaml, write_text
from .selection import selection


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    """The facts are millions of objects that all live to the end; the collector would look at each again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True)
class Planned:
    """A plan, with the text that its file had and the text that it has or would have."""

    plan: Plan
    before: str
    after: str
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Planning:
    """One planning: where the facts are, where the plan goes."""

    platform: Mapping[str, Any]  # complete
    estate_file: str
    workloads_file: str
    dest: str

    @classmethod
    def of(cls, raw: object, *, estate_file: str, workloads_file: str, dest: str) -> Planning:
        return cls(parse_platform(raw), estate_file, workloads_file, dest)

    def facts(self) -> Facts:
        wish = self.platform["estate"]
        select = wish["guests"]["select"]
        where = "platform.estate"
        questions = Questions(
            include=selection(f"{where}.include", wish["include"], otherwise=True),
            exclude=selection(f"{where}.exclude", wish["exclude"], otherwise=False),
            look_at=selection(f"{where}.guests.select", select, otherwise=True) if select else None,
        )
        return Facts(
            estate=read_versioned(self.estate_file, estate.VERSION, ("esxi_hosts", "guests"), "assess"),
            workloads=read_versioned(self.workloads_file, workloads.VERSION, ("guests",), "assess"),
            platform=self.platform,
            questions=questions,
        )

    def make(self, *, replan: bool, frozen: bool) -> Planned:
        """The plan of now; once a wave has begun the last one, unless `replan`."""
        with _collector_at_rest():
            return self._make(replan=replan, frozen=frozen)

    def _make(self, *, replan: bool, frozen: bool) -> Planned:
        facts = self.facts()
        before, previous = self._previous()
        moving = begun(facts.estate)
        if (moving or frozen) and not replan:
            reason = f"the wave of {', '.join(moving)} has begun" if moving else "a wave has begun"
            if previous is None:
                found = f"is not there, and {reason}"
                right = "bring it back, or plan anew with replan: true"
                raise StalePlanError("there is no plan to go on with", [Problem(self.dest, found, right)])
            return Planned(previous, before, before, self._changed_since(previous, facts, reason))
        made = make_plan(facts, previous)
        return Planned(made, before, to_yaml(made))

    def verify(self, *, frozen: bool) -> Planned:
        """The plan as it lies there, or a StalePlanError where it is older than what it was made from."""
        before, previous = self._previous()
        if previous is None:
            raise NotFound(f"{self.dest} is not there; run plan first")
        facts = self.facts()
        if not frozen and not begun(facts.estate):
            check_fresh(previous, facts)
        return Planned(previous, before, before)

    def write(self, text: str) -> None:
        write_text(self.dest, text)

    def _previous(self) -> tuple[str, Plan | None]:
        if not os.path.exists(self.dest):
            return "", None
        found: Plan = read_versioned(self.dest, plan.VERSION, ("inputs", "nodes", "services", "waves"), "plan")
        return read_text(self.dest), found

    def _changed_since(self, previous: Plan, facts: Facts, reason: str) -> list[str]:
        try:
            check_fresh(previous, facts)
        except StalePlanError as error:
            if any(problem.path == "plan.inputs.platform" for problem in error.problems):
                return [f"{reason}, so the plan stays, although platform.yml has changed; replan: true plans anew"]
        return []
