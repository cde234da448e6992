# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Words of platform.yml that several sections use: names, addresses, ports, labels, quotas."""

from __future__ import annotations

import ipaddress
import re

from .schema import EXAMPLES, Field, Number, Record, Table, Text, whole


def _text(says: str, pattern: str, example: str, longest: int = 4096) -> Text:
    EXAMPLES[says] = example
    return Text(pattern, says, longest=longest)


NAME = _text("a DNS-1123 name", r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", "mall-trade", longest=63)
DOMAIN = _text("a DNS name", r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]+)?", "registry.mall.example", longest=253)
URL = _text("an http(s) address without a password", r"https?://[^\s/@]+(/\S*)?", "https://git.mall.example")
FREE = _text("text that is not empty", r"(?s).+", "ops")
EMAIL = _text("an e-mail address", r"[^\s@]+@[^\s@]+", "li@mall.example")
PATH = _text("an absolute path", r"/\S*", "/srv/data")
EXPRESSION = _text("a JMESPath expression", r"(?s).*\S.*", "contains(tags, 'suite')")
NETWORK = _text("a network in CIDR form", r"[0-9a-fA-F.:]+/[0-9]{1,3}", "10.244.0.0/16")
ADDRESS = _text("an IP address", r"[0-9.]+|[0-9a-fA-F:]+", "10.20.8.9")
ADDRESS_RANGE = _text("a range of addresses", r"[0-9a-fA-F.:]+-[0-9a-fA-F.:]+", "10.20.8.10-10.20.8.60")
PORT_RANGE = _text("a range of node ports", r"[0-9]{1,5}-[0-9]{1,5}", "30300-30399")
NODE_PORT = whole(30000, 32767)

_LABEL_KEY = _text(
    "a label", r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", "landfall.dev/zone"
)
_LABEL_VALUE = _text("the value of a label", r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", "prod-a")
LABELS = Table(_LABEL_VALUE, key=_LABEL_KEY)

QUOTA = Record(
    {
        "cpu": Field(Number(0.1), None, "cores that all pods together may request"),
        "memory_gib": Field(Number(0.1), None, "GiB that all pods together may request"),
    }
)


def port_range(text: str) -> range:
    """`30300-30399` as the ports that it names."""
    first, last = (int(part) for part in text.split("-"))
    return range(first, last + 1)


def address_range(text: str) -> list[str]:
    """`10.0.0.10-10.0.0.19` as its addresses; empty where it is upside down, ValueError where it is no range."""
    first, last = (ipaddress.ip_address(part) for part in text.split("-"))
    if first.version != last.version or int(last) - int(first) > 65535:
        raise ValueError(text)
    return [str(type(first)(number)) for number in range(int(first), int(last) + 1)]


def label_name(text: str) -> str:
    """`text` as a DNS-1123 label; empty where nothing of it can stay."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].rstrip("-")
