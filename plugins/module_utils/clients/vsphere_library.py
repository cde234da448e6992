# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a content library holds.

The VM template of a library item is a VM of the inventory. So nodes are cloned from it as from any other template: all
together, of the right size, stamped and customized from their first moment, and known where a run was killed. The REST
interface would deploy one after the other, and each would be nobody's until it is stamped.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..core.node_source import VM_TEMPLATE, Library
from .vsphere_endpoint import Endpoint
from .vsphere_rest import rest_session

_CONTENT = "/com/vmware/content/library"


@dataclass(frozen=True)
class Found:
    """The library, and the vSphere id of the template that was asked for, where it has one."""

    library: Library
    template: str | None


def find_template(endpoint: Endpoint, library: str, item: str) -> Found:
    """The template `item` of the library; where it cannot be had, what there is in its place."""
    with rest_session(endpoint) as ask:
        ids = ask("POST", f"{_CONTENT}?~action=find", {"spec": {"name": library}}) or []
        if not ids:
            others = [str(ask("GET", f"{_CONTENT}/id:{one}")["name"]) for one in ask("GET", _CONTENT) or []]
            return Found(Library(None, {}, tuple(others)), None)
        query = {"spec": {"name": item, "library_id": ids[0]}}
        items = ask("POST", f"{_CONTENT}/item?~action=find", query) or []
        listed = items or ask("GET", f"{_CONTENT}/item?library_id={ids[0]}") or []
        described = [ask("GET", f"{_CONTENT}/item/id:{one}") for one in listed]
        kinds = {str(one["name"]): str(one["type"]) for one in described}
        template = None
        if items and kinds[item] == VM_TEMPLATE:
            # since vSphere 7.0
            answer = ask("GET", f"/vcenter/vm-template/library-items/{items[0]}")
            template = answer.get("vm_template")
        return Found(Library(library, kinds), template)
