# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which tags hang on which guest, and how they get there. No part of SOAP: vCenter's REST interface is asked, for many
guests at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..core.errors import OperationFailed
from ..core.node_tags import Category, Tag
from .vsphere_endpoint import Endpoint
from .vsphere_rest import Ask, rest_session

_BATCH = 2000  # guests per question; an answer may not pass vCenter's 7 MB
_TAGGING = "/com/vmware/cis/tagging"


def tags_of(endpoint: Endpoint, guests: Sequence[str]) -> dict[str, list[str]]:
    """The names of the tags of these guests (vSphere ids): one question per 2,000 guests, one per tag in use."""
    with rest_session(endpoint) as ask:
        attached = _attached(ask, guests)
        used = sorted({tag for tags in attached.values() for tag in tags})
        names = {tag: str(ask("GET", f"{_TAGGING}/tag/id:{tag}")["name"]) for tag in used}
    return {guest: [names[tag] for tag in tags] for guest, tags in attached.items()}


def read_tags(
    endpoint: Endpoint, wanted: Sequence[Tag], machines: Sequence[str]
) -> tuple[dict[str, Category], dict[str, frozenset[str]]]:
    """Every category, those that are wanted with their tags; and what each machine (vSphere ids) carries of them."""
    categories: dict[str, Category] = {}
    names: dict[str, str] = {}
    with rest_session(endpoint) as ask:
        for key in ask("GET", f"{_TAGGING}/category") or []:
            found = ask("GET", f"{_TAGGING}/category/id:{key}")
            name, tags = str(found["name"]), {}
            if any(tag["category"] == name for tag in wanted):
                listed = ask("POST", f"{_TAGGING}/tag/id:{key}?~action=list-tags-for-category", {"category_id": key})
                tags = {str(ask("GET", f"{_TAGGING}/tag/id:{one}")["name"]): str(one) for one in listed or []}
                names.update({one: f"{name}/{tag}" for tag, one in tags.items()})
            kinds = found.get("associable_types") or ["VirtualMachine"]  # none: for everything
            categories[name] = Category(tags, found["cardinality"] == "SINGLE", "VirtualMachine" in kinds)
        attached = _attached(ask, machines)
    carried = {key: frozenset(names[tag] for tag in tags if tag in names) for key, tags in attached.items()}
    return categories, carried


def attach(endpoint: Endpoint, tags: Mapping[str, Sequence[str]]) -> None:
    """Attach tags (ids) to machines (vSphere ids), one call for each tag. What is attached already stays."""
    with rest_session(endpoint) as ask:
        for tag, machines in tags.items():
            path = f"{_TAGGING}/tag-association/id:{tag}?~action=attach-tag-to-multiple-objects"
            answer = ask("POST", path, {"object_ids": _objects(machines)})
            if answer and not answer.get("success", True):
                errors = "; ".join(str(one.get("default_message", one)) for one in answer.get("error_messages") or [])
                raise OperationFailed(f"{endpoint}: the tag {tag} could not be attached: {errors}")


def _attached(ask: Ask, machines: Sequence[str]) -> dict[str, list[str]]:
    """The ids of the tags of each machine that has some."""
    attached: dict[str, list[str]] = {}
    for start in range(0, len(machines), _BATCH):
        path = f"{_TAGGING}/tag-association?~action=list-attached-tags-on-objects"
        answer = ask("POST", path, {"object_ids": _objects(machines[start : start + _BATCH])})
        attached.update({item["object_id"]["id"]: item["tag_ids"] or [] for item in answer or []})
    return attached


def _objects(machines: Sequence[str]) -> list[dict[str, str]]:
    return [{"id": machine, "type": "VirtualMachine"} for machine in machines]
