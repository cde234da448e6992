# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which tags hang on which guest. No part of SOAP: vCenter's REST interface is asked, for many guests at once."""

from __future__ import annotations

from collections.abc import Sequence

from .vsphere_endpoint import Endpoint
from .vsphere_rest import rest_session

_BATCH = 2000  # guests per question; an answer may not pass vCenter's 7 MB
_TAGGING = "/com/vmware/cis/tagging"


def tags_of(endpoint: Endpoint, guests: Sequence[str]) -> dict[str, list[str]]:
    """The names of the tags of these guests (vSphere ids): one question per 2,000 guests, one per tag in use."""
    attached: dict[str, list[str]] = {}
    with rest_session(endpoint) as ask:
        for start in range(0, len(guests), _BATCH):
            objects = [{"id": guest, "type": "VirtualMachine"} for guest in guests[start : start + _BATCH]]
            answer = ask(
                "POST", f"{_TAGGING}/tag-association?~action=list-attached-tags-on-objects", {"object_ids": objects}
            )
            attached.update({item["object_id"]["id"]: item["tag_ids"] or [] for item in answer or []})
        used = sorted({tag for tags in attached.values() for tag in tags})
        names = {tag: str(ask("GET", f"{_TAGGING}/tag/id:{tag}")["name"]) for tag in used}
    return {guest: [names[tag] for tag in tags] for guest, tags in attached.items()}
