# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What cloud-init is told, in tables."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.cloud_init import (
    against_userdata,
    guestinfo,
    metadata,
)

CARD = {"match": {"macaddress": "00:50:56:aa:bb:cc"}, "set-name": "eth0"}
FIXED = {
    **CARD, "dhcp4": False, "addresses": ["10.0.0.1/23"],
    "routes": [{"to": "0.0.0.0/0", "via": "10.0.1.254"}],
    "nameservers": {"addresses": ["10.0.0.2"], "search": ["mall.example"]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("address", "network"),
    [("10.0.0.1", FIXED), (None, {**CARD, "dhcp4": True})],
)
def test_who_a_guest_is(address: str | None, network: dict[str, Any]) -> None:
    said = metadata(
        instance="5003", name="cp-01", card="00:50:56:AA:BB:CC", address=address, prefix=23, gateway="10.0.1.254",
        dns=["10.0.0.2"], domain="mall.example",
    )  # fmt: skip
    assert said == {
        "instance-id": "5003",
        "local-hostname": "cp-01",
        "network": {"version": 2, "ethernets": {"node": network}},
    }


def test_how_it_is_said() -> None:
    keys = guestinfo({"instance-id": "5003"}, "#cloud-config\n")
    assert json.loads(base64.b64decode(keys["guestinfo.metadata"])) == {"instance-id": "5003"}
    assert base64.b64decode(keys["guestinfo.userdata"]) == b"#cloud-config\n"
    assert {keys["guestinfo.metadata.encoding"], keys["guestinfo.userdata.encoding"]} == {"base64"}
    assert set(guestinfo({}, None)) == {"guestinfo.metadata", "guestinfo.metadata.encoding"}


@pytest.mark.parametrize(
    ("userdata", "customization", "words"),
    [
        (None, "linux_prep", None),
        (None, "guestinfo", None),
        ("#cloud-config\nusers: []", "guestinfo", None),
        ("#!/bin/sh\ntrue", "guestinfo", None),
        ("Content-Type: multipart/mixed", "guestinfo", None),
        ("users: []", "guestinfo", "cloud-init would not know what it is"),
        ("#cloud-config", "linux_prep", "takes no user data"),
    ],
)
def test_what_a_guest_would_pass_over(userdata: str | None, customization: str, words: str | None) -> None:
    found = [problem.found for problem in against_userdata(userdata, customization)]
    assert [words in text for text in found if words] == ([True] if words else [])
    assert bool(found) == bool(words)
