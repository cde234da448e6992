# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stops and starts a service on its guest, the way it was started there."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..core import guest_unit
from ..core.errors import OperationFailed
from ..core.guest_unit import Found
from .guest import Guest


@dataclass(frozen=True)
class Service:
    """What is known of it: a unit, or the script that starts it and the port that it listens on."""

    unit: str | None
    script: str | None
    user: str
    port: int | None


def bring(guest: Guest, service: Service, *, running: bool, patience: int, dry: bool) -> tuple[Found, Found]:
    """Bring a service to run, or not to run, now and after a boot. How it stood before, and how it stands then."""
    before = _look(guest, service)
    if running and not service.unit and not service.script and not before.running:
        raise OperationFailed(
            f"{guest.name}: neither a unit nor a script is known that starts the service; start it by hand"
        )
    after = Found(running, running and bool(service.unit or before.tables or before.held))
    if not dry and (before.running, before.at_boot) != (after.running, after.at_boot):
        if service.unit:
            text = guest_unit.START_UNIT if running else guest_unit.STOP_UNIT
            guest.must(f"{'start' if running else 'stop'} {service.unit}", text, service.unit)
            if running:
                _wait_for_port(guest, service, patience)
        elif running:
            _start(guest, service, before, patience)
        else:
            _stop(guest, service, before, patience)
    return before, after


def _look(guest: Guest, service: Service) -> Found:
    if service.unit:
        return guest_unit.unit_found(guest.must("ask systemd", guest_unit.LOOK_UNIT, service.unit).text)
    running = bool(service.port and guest.listeners(service.port))
    if not service.script:
        return Found(running, False)
    answer = guest.must("look for what is started at boot", guest_unit.LOOK_SCRIPT, service.script)
    return guest_unit.script_found(answer.text, running=running)


def _stop(guest: Guest, service: Service, found: Found, patience: int) -> None:
    if found.tables:
        guest.must("keep it from starting at boot", guest_unit.HOLD_SCRIPT, service.script or "", *found.tables)
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
    if found.held:
        guest.must("have it started at boot again", guest_unit.FREE_SCRIPT, service.script or "", *found.held)
    if found.running:
        return
    guest.must("start it", guest_unit.RUN_SCRIPT, service.script or "", service.user)
    _wait_for_port(guest, service, patience)


def _wait_for_port(guest: Guest, service: Service, patience: int) -> None:
    deadline = time.monotonic() + patience
    while service.port and not guest.listeners(service.port):
        if time.monotonic() > deadline:
            raise OperationFailed(
                f"{guest.name}: {service.unit or service.script} was started, but nobody listens on port "
                f"{service.port} after {patience} s"
            )
        time.sleep(1)
