# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sweep: a whole estate in one session, with as many property calls for ten guests as for a thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..core import sweep
from ..core.estate import Estate, Guest
from .vsphere import VCenter
from .vsphere_statistics import statistics_of
from .vsphere_tags import tags_of


def read_estate(
    vcenter: VCenter,
    *,
    devices: bool = False,
    tags: bool = True,
    days: int | None = None,
    measured: Callable[[Guest], bool] = lambda guest: True,
) -> Estate:
    """The whole estate; statistics of `days` only where asked for, and only of the guests that `measured` chooses."""
    wanted = dict(sweep.PROPERTIES)
    if devices:
        wanted["VirtualMachine"] = (*wanted["VirtualMachine"], sweep.DEVICES)
    records = list(vcenter.sweep(wanted))
    guests = [record["id"] for record in records if record["type"] == "VirtualMachine"]
    about = vcenter.content.about
    estate, ids = sweep.estate(
        records,
        vcenter={
            "host": vcenter.endpoint.hostname,
            "instance_uuid": str(about.instanceUuid or ""),
            "version": str(about.version),
        },
        attributes=attribute_names(vcenter),
        tags=tags_of(vcenter.endpoint, guests) if tags and guests else {},
    )
    if days:
        chosen = [guest for guest in estate["guests"] if measured(guest) and not guest["template"]]
        _add_statistics(vcenter, estate, {guest["uuid"]: ids[guest["uuid"]] for guest in chosen}, days)
    return estate


def attribute_names(vcenter: VCenter) -> dict[int, str]:
    """The names of the custom attributes that a virtual machine can have, by key."""
    manager = vcenter.content.customFieldsManager
    records: Iterable[Any] = vcenter.read([manager], ["field"]).values() if manager else ()
    return {
        int(field["key"]): str(field["name"])
        for record in records
        for field in record["properties"].get("field") or []
        if field.get("managedObjectType") in (None, "vim.VirtualMachine")
    }


def _add_statistics(vcenter: VCenter, estate: Estate, ids: dict[str, str], days: int) -> None:
    core = {host["name"]: host["cpu_mhz"] for host in estate["esxi_hosts"]}
    asked = {ids[g["uuid"]]: core.get(g["esxi_host"], 0) for g in estate["guests"] if g["uuid"] in ids}
    found = statistics_of(vcenter, asked, days=days)
    for guest in estate["guests"]:
        guest["statistics"] = found.get(ids.get(guest["uuid"], ""), {})
