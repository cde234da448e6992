# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A planned Redis on its way from its guest into its pod: who the two servers are, and where the Service leads."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

from ..core import manifests
from ..core.errors import NotFound, OperationFailed
from ..core.plan import Service as Planned
from ..core.redis_settings import PORT
from ..core.wish import Wish
from .kube import KubeClient
from .kube_apply import apply
from .redis import PodRedis, RedisServer
from .redis_handover import Address, HandedOver, hand_over

_KUBE_PROXY_SECONDS = 2.0  # it gathers changes for a second before it writes rules
_ENDPOINT_SECONDS = 30.0


class Move:
    """The move of one Redis."""

    def __init__(self, client: KubeClient, planned: Planned, service: Mapping[str, Any], pod: str) -> None:
        self._client, self._planned, self._service, self._pod = client, planned, dict(service), pod

    def has_happened(self) -> bool:
        """Whether the Service leads to pods."""
        live = self._client.get("v1", "Service", self._planned["name"], self._planned["namespace"])
        return bool(live and live["spec"].get("selector"))

    def settle(self, *, check: bool) -> bool:
        """The Service as it shall be, and no bridge to the guest beside it; whether that was a change."""
        report = apply(self._client, Wish([("the Service", self._service)], wait=False, check=check))
        bridge = manifests.guest_slice(self._planned)
        gone = apply(self._client, Wish([("the bridge", bridge)], absent=True, wait=False, check=check))
        return report.changed or gone.changed

    def hand_over(self, timeout: float) -> HandedOver:
        source = self._planned["from"][0]
        port = self._planned["port"] or PORT
        old_at = Address(source["address"], source["port"] or port)
        with RedisServer(old_at.host, old_at.port, password=self._password()) as old:
            new = PodRedis(self._client, self._planned["namespace"], self._pod, port=port)
            new_at = Address(self._pod_address(), port)
            return hand_over(old, new, old_at=old_at, new_at=new_at, switch=self._switch, timeout=timeout)

    def _switch(self) -> None:
        self.settle(check=False)
        address, deadline = self._pod_address(), time.monotonic() + _ENDPOINT_SECONDS
        while address not in self._endpoints():
            if time.monotonic() > deadline:
                raise OperationFailed(f"the Service {self._planned['name']} does not lead to {self._pod} ({address})")
            time.sleep(0.1)
        time.sleep(_KUBE_PROXY_SECONDS)

    def _endpoints(self) -> list[str]:
        selector = f"kubernetes.io/service-name={self._planned['name']}"
        slices = self._client.list("discovery.k8s.io/v1", "EndpointSlice", self._planned["namespace"], labels=selector)
        ready = [one for part in slices for one in part.get("endpoints") or [] if one["conditions"].get("ready")]
        return [address for one in ready for address in one["addresses"]]

    def _pod_address(self) -> str:
        pod = self._client.get("v1", "Pod", self._pod, self._planned["namespace"])
        address = ((pod or {}).get("status") or {}).get("podIP")
        if not address:
            raise NotFound(f"pod {self._planned['namespace']}/{self._pod} has no address; it should run by now")
        return str(address)

    def _password(self) -> str | None:
        """The guest's password, which the move has brought into the Secret."""
        secret = self._client.get("v1", "Secret", self._planned["name"], self._planned["namespace"])
        value = ((secret or {}).get("data") or {}).get("password")
        return base64.b64decode(value).decode() if value else None
