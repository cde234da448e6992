# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stops and starts a service on its guest, the way it was started there."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..core import guest_unit
from ..core.errors import OperationFailed
from ..core.guest_starters import starter
from ..core.guest_unit import Found
from .guest import Guest


@dataclass(frozen=True)
class Service:
    """What is known of it: what starts it, how that knows it (a unit, or a script), and its port."""

    unit: str | None
    script: str | None
    user: str
    port: int | None
    started_by: str | None = None

    @property
    def of_systemd(self) -> bool:
        return bool(self.unit) and self.started_by in (None, "systemd")

    @property
    def known_as(self) -> str:
        return self.unit or self.script or ""


def bring(guest: Guest, service: Service, *, running: bool, patience: int, dry: bool) -> tuple[Found, Found]:
    """Bring a service to run, or not to run, now and after a boot. How it stood before, and how it stands then."""
    before = _look(guest, service)
    if running and not service.known_as and not before.running:
        raise OperationFailed(
            f"{guest.name}: neither a unit nor a script is known that starts the service; start it by hand"
        )
    after = Found(running, running and bool(service.of_systemd or before.calls or before.held))
    if not dry and (before.running, before.at_boot) != (after.running, after.at_boot):
        if service.of_systemd:
            text = guest_unit.START_UNIT if running else guest_unit.STOP_UNIT
            guest.must(f"{'start' if running else 'stop'} {service.unit}", text, service.known_as)
            if running:
                _wait_for_port(guest, service, patience)
        elif running:
            _start(guest, service, before, patience)
        else:
            _stop(guest, service, before, patience)
    return before, after


def _look(guest: Guest, service: Service) -> Found:
    if service.of_systemd:
        return guest_unit.unit_found(guest.must("ask systemd", guest_unit.LOOK_UNIT, service.known_as).text)
    running = bool(service.port and guest.listeners(service.port))
    if not service.known_as:
        return Found(running, False)
    answer = guest.must("look for what is started at boot", starter(service.started_by).look, service.known_as)
    return guest_unit.starter_found(answer.text, running=running)


def _stop(guest: Guest, service: Service, found: Found, patience: int) -> None:
    ways = starter(service.started_by)
    if service.known_as and found.running:
        guest.must(f"stop {service.known_as}", ways.stop, service.known_as)
    if found.calls:
        guest.must("keep it from starting at boot", ways.hold, service.known_as, *found.calls)
    pids = [str(pid) for pid in guest.listeners(service.port)] if service.port else []
    if pids:
        if guest.run(guest_unit.END, str(patience), *pids).code != 0:
            raise OperationFailed(
                f"{guest.name}: process {', '.join(pids)} did not end within {patience} s of its TERM"
            )
        if service.port and guest.listeners(service.port):
            raise OperationFailed(
                f"{guest.name}: something has started the service again on port {service.port}; "
                "what supervises it must be stopped by hand"
            )


def _start(guest: Guest, service: Service, found: Found, patience: int) -> None:
    ways = starter(service.started_by)
    if found.held:
        guest.must("have it started at boot again", ways.free, service.known_as, *found.held)
    if found.running:
        return
    guest.must(f"start {service.known_as}", ways.start, service.known_as, service.user)
    _wait_for_port(guest, service, patience)


def _wait_for_port(guest: Guest, service: Service, patience: int) -> None:
    deadline = time.monotonic() + patience
    while service.port and not guest.listeners(service.port):
        if time.monotonic() > deadline:
            raise OperationFailed(
                f"{guest.name}: {service.known_as} was started, but nobody listens on port "
                f"{service.port} after {patience} s"
            )
        time.sleep(1)
