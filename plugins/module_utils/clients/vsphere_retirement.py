# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Marks guests, shuts them down, brings them back. Never deletes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core import sweep
from ..core.retirement import MARKS, Guest, Step, decide, differences
from ..core.vsphere_tree import Record, name_of
from .vsphere import VCenter
from .vsphere_estate import attribute_names
from .vsphere_nodes import Made
from .vsphere_power import power_off, power_on, set_marks

_PROPERTIES = ("name", "config.template", "customValue", "guest.toolsRunningStatus", "runtime.powerState")


def retire(vcenter: VCenter, parameters: Mapping[str, Any], *, check_mode: bool) -> Made:
    """The guests of the list in the state that is asked for. A guest that is off, or still off, says why."""
    names = attribute_names(vcenter)
    found = [_guest(record, names) for record in vcenter.sweep({"VirtualMachine": _PROPERTIES})]
    steps = decide(
        parameters["guests"], found, state=parameters["state"], mark=parameters["mark"], wave=parameters["wave"]
    )
    before, after = differences(steps)
    now = vcenter.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    if not check_mode:
        fields = {name: key for key, name in names.items()}
        power_on(vcenter, [step.guest for step in steps if step.power == "on"], timeout=parameters["wait_timeout"])
        for step in steps:
            if step.marks:
                set_marks(vcenter, step.guest.id, _dated(step, now), fields)
        off = [step.guest for step in steps if step.power == "off"]
        power_off(vcenter, off, timeout=parameters["wait_timeout"], patience=parameters["shutdown_timeout"])
    return Made(bool(after), before, after, [_result(step, now) for step in steps])


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
