# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What cloud-init in a guest is told through guestinfo.

https://docs.cloud-init.io/en/latest/reference/datasources/vmware.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .errors import Problem

_HEADERS = ("#", "Content-Type:", "MIME-Version:")  # as cloud-init tells the kinds of user data apart


def metadata(
    *,
    instance: str,
    name: str,
    card: str,
    address: str | None,
    prefix: int,
    gateway: str | None,
    dns: Sequence[str],
    domain: str,
) -> dict[str, Any]:
    """Who a guest is. Its card goes by its hardware address and gets a name: what every network renderer can do."""
    network: dict[str, Any] = {"match": {"macaddress": card.lower()}, "set-name": "eth0", "dhcp4": address is None}
    if address is not None:
        network["addresses"] = [f"{address}/{prefix}"]
        network["routes"] = [{"to": "0.0.0.0/0", "via": gateway}]
        network["nameservers"] = {"addresses": list(dns), "search": [domain]}
    return {
        "instance-id": instance,
        "local-hostname": name,
        "network": {"version": 2, "ethernets": {"node": network}},
    }


def guestinfo(said: Mapping[str, Any], userdata: str | None) -> dict[str, str]:
    """The keys of a VM's configuration that say it."""
    texts = {"metadata": json.dumps(said, sort_keys=True), **({"userdata": userdata} if userdata else {})}
    keys: dict[str, str] = {}
    for name, text in texts.items():
        keys[f"guestinfo.{name}"] = base64.b64encode(text.encode()).decode()
        keys[f"guestinfo.{name}.encoding"] = "base64"
    return keys


def against_userdata(userdata: str | None, customization: str) -> Iterator[Problem]:
    """What a guest would pass over in silence."""
    if userdata and customization != "guestinfo":
        found = f"the customization {customization} takes no user data"
        yield Problem("userdata", found, "customization: guestinfo, or no user data")
    elif userdata and not userdata.startswith(_HEADERS):
        right = "#cloud-config, #! or another header of cloud-init as its first line"
        yield Problem("userdata", "cloud-init would not know what it is", right)
