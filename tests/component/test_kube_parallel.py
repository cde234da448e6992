# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many writers at once: of one object, of the same list, and with far more threads than connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core import owned
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import config_map, shop

Body = dict[str, Any]

_WRITERS = 64


def put(client: KubeClient, bodies: list[Body], **options: Any) -> Report:
    return apply(client, Wish([("list", one) for one in bodies], wait=False, **options))


def test_sixty_four_writers_of_one_object(kube: KubeClient, namespace: str) -> None:
    """Each has a key of its own; the server lets all of them in, and nobody takes another's away."""

    def write(number: int) -> str:
        body = config_map(namespace, "crowded", {f"k{number}": str(number)})
        return put(kube, [body], field_manager=f"writer-{number}", workers=1).summary

    with ThreadPoolExecutor(_WRITERS) as threads:
        first = list(threads.map(write, range(_WRITERS)))
        again = list(threads.map(write, range(_WRITERS)))
    # who looked before the first had written says "created", too: it was not there
    assert set(first) <= {"1 created", "1 configured"}
    assert again == ["1 unchanged"] * _WRITERS
    there = kube.get("v1", "ConfigMap", "crowded", namespace) or {}
    assert there["data"] == {f"k{number}": str(number) for number in range(_WRITERS)}
    assert owned.fields_of(there, "writer-7") == {"f:data": {"f:k7": {}}}


def test_sixty_four_writers_of_the_same_list(kube_server: KubeServer, kube: KubeClient, namespace: str) -> None:
    """Runs that happen at the same time, each with connections of its own, do not get in each other's way."""
    bodies = shop(namespace, 2)

    def run(_number: int) -> None:
        with KubeClient.connect(kubeconfig=kube_server.kubeconfig) as client:
            put(client, bodies, workers=2)

    with ThreadPoolExecutor(_WRITERS) as threads:
        list(threads.map(run, range(_WRITERS)))
    assert put(kube, bodies).summary == "20 unchanged"


def test_sixty_four_workers_of_one_call(kube_server: KubeServer, namespace: str) -> None:
    bodies = shop(namespace, 40)
    with KubeClient.connect(kubeconfig=kube_server.kubeconfig, workers=_WRITERS) as client:
        assert put(client, bodies, workers=_WRITERS).summary == "400 created"
        assert put(client, bodies, workers=_WRITERS).summary == "400 unchanged"
        assert put(client, bodies, workers=_WRITERS, absent=True).summary == "400 deleted"
