# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Marks guests, shuts them down, brings them back, and deletes what has been out of service long enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core import sweep
from ..core.errors import DocumentError
from ..core.quarantine import TIME, Disks, disks_of, to_delete
from ..core.retirement import MARKS, Guest, Step, decide, differences, talked_to
from ..core.vsphere_tree import Record, name_of
from .vsphere import VCenter
from .vsphere_estate import attribute_names
from .vsphere_nodes import Made
from .vsphere_power import power_off, power_on, set_marks
from .vsphere_stages import destroy

_PROPERTIES = ("name", "config.template", "customValue", "guest.toolsRunningStatus", "runtime.powerState")


def retire(vcenter: VCenter, parameters: Mapping[str, Any], *, check_mode: bool) -> Made:
    """The guests of the list in the state that is asked for. A guest that is off, or still off, says why."""
    names = attribute_names(vcenter)
    found = [_guest(record, names) for record in vcenter.sweep({"VirtualMachine": _PROPERTIES})]
    wish = {key: parameters[key] for key in ("state", "mark", "wave")}
    against = talked_to(parameters["workloads"], parameters["ignored_ports"])
    steps = decide(parameters["guests"], found, **wish, against=against)
    before, after = differences(steps)
    now = vcenter.now().strftime(TIME)
    if not check_mode:
        fields = {name: key for key, name in names.items()}
        power_on(vcenter, [step.guest for step in steps if step.power == "on"], timeout=parameters["wait_timeout"])
        for step in steps:
            if step.marks or step.dated:
                set_marks(vcenter, step.guest.id, _dated(step, now), fields)
        off = [step.guest for step in steps if step.power == "off"]
        power_off(vcenter, off, timeout=parameters["wait_timeout"], patience=parameters["shutdown_timeout"])
    return Made(bool(after), before, after, [_result(step, now) for step in steps])


def delete(vcenter: VCenter, parameters: Mapping[str, Any], *, check_mode: bool) -> Made:
    """Retired guests gone for good, once their quarantine is over. Refuses the whole list before one is touched."""
    wanted: list[str] = parameters["guests"]
    names = attribute_names(vcenter)
    records = list(vcenter.sweep({"VirtualMachine": (*_PROPERTIES, sweep.DEVICES)}))
    found = [_guest(record, names) for record in records]
    guests = to_delete(wanted, found, _disks(records), now=vcenter.now(), days=parameters["quarantine_days"])
    if guests and not (parameters["confirm"] or check_mode):
        told = ", ".join(guest.name for guest in guests)
        raise DocumentError(f"{told} would be deleted with all they hold; confirm: true says that this is meant")
    if guests and not check_mode:
        destroy(vcenter, guests, timeout=parameters["wait_timeout"])
    gone = {guest.name: guest for guest in guests}
    before = {name: {"state": "retired", "since": guest.marks["since"]} for name, guest in gone.items()}
    told_of = [
        {"name": name, **_marks(gone.get(name)), "power": None, "action": "deleted" if name in gone else "absent"}
        for name in dict.fromkeys(wanted)
    ]
    return Made(bool(guests), before, dict.fromkeys(gone, "absent"), told_of)


def _marks(guest: Guest | None) -> dict[str, str | None]:
    return {key: guest.marks.get(key) or None if guest else None for key in MARKS}


def _disks(records: list[Record]) -> dict[str, Disks]:
    return {one["id"]: disks_of(name_of(one), one["properties"].get(sweep.DEVICES) or []) for one in records}


def _dated(step: Step, now: str) -> dict[str, str]:
    return {**step.marks, "since": now} if step.dated else dict(step.marks)


def _guest(record: Record, names: Mapping[int, str]) -> Guest:
    get = record["properties"].get
    marks = {names.get(item["key"], ""): str(item["value"]) for item in get("customValue") or [] if item.get("value")}
    return Guest(
        id=record["id"],
        name=name_of(record),
        power={"poweredOn": "on", "poweredOff": "off"}.get(str(get("runtime.powerState")), "suspended"),
        template=bool(get("config.template")),
        tools_running=get("guest.toolsRunningStatus") == "guestToolsRunning",
        marks={name[len(sweep.MARK) :]: value for name, value in marks.items() if name.startswith(sweep.MARK)},
    )


def _result(step: Step, now: str) -> dict[str, Any]:
    marks = {**step.guest.marks, **_dated(step, now)}
    return {
        "name": step.guest.name,
        **{key: marks.get(key) or None for key in MARKS},
        "power": step.power or step.guest.power,
        "action": step.action(),
    }
