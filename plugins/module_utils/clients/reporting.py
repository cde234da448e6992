# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report and its files: facts and plan are read, the page is written where it would be another one."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from ..core import estate, plan, workloads
from ..core.errors import OperationFailed
from ..core.estate import Estate
from ..core.plan import Plan
from ..core.planner.guests import begun
from ..core.report.model import make_report
from ..core.report.page import gist, gist_of, page
from .documents import read_versioned, write_text


@dataclass(frozen=True)
class Reported:
    """A page, with what lay at its place before."""

    dest: str
    page: bytes
    gist: str
    before: bytes | None

    @property
    def changed(self) -> bool:
        return self.before != self.page

    def told(self) -> tuple[str, str]:
        """Before and after, short enough for people: what it says, and its digest."""
        old = "" if self.before is None else _line(gist_of(_text(self.before)) or "no report", self.before)
        return old, _line(self.gist, self.page)

    def write(self) -> None:
        write_text(self.dest, _text(self.page))


@dataclass(frozen=True)
class Reporting:
    """One report: where the facts are, where the page goes, how it opens."""

    estate_file: str
    workloads_file: str
    dest: str
    title: str
    language: str

    def make(self, planned: Plan | None, plan_file: str | None) -> Reported:
        """The page of `planned`, or of the plan in `plan_file`.

        Once a wave has begun, guests are off and hosts are emptier than when they were assessed: the page of that plan
        stays as it was.
        """
        there: Estate = read_versioned(self.estate_file, estate.VERSION, ("esxi_hosts", "guests"), "assess")
        report = make_report(
            self.title,
            there,
            read_versioned(self.workloads_file, workloads.VERSION, ("guests",), "assess"),
            planned or read_versioned(plan_file or "", plan.VERSION, ("summary", "nodes", "services", "waves"), "plan"),
        )
        before, says = _read(self.dest), gist(report, self.language)
        if before is not None and begun(there) and gist_of(_text(before)) == says:
            return Reported(self.dest, before, says, before)
        return Reported(self.dest, page(report, self.language).encode(), says, before)


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def _read(path: str) -> bytes | None:
    if not os.path.exists(path):
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise OperationFailed(f"{path} cannot be read: {error}") from error


def _line(text: str, content: bytes) -> str:
    return f"{text}\n{len(content):,} bytes, sha256:{hashlib.sha256(content).hexdigest()[:16]}\n"
