# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Namespaces with far more objects than the call is about, and calls with more objects than a page of a list."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_objects import config_map

Body = dict[str, Any]


def put(client: KubeClient, bodies: list[Body], **options: Any) -> Report:
    return apply(client, Wish([("list", one) for one in bodies], wait=False, **options))


@pytest.fixture
def crowd(kube: KubeClient, namespace: str) -> str:
    """A namespace with three and a half pages of objects of somebody else."""
    with ThreadPoolExecutor(8) as threads:
        bodies = (config_map(namespace, f"m{number:04}", {"a": "1"}) for number in range(1750))
        list(threads.map(lambda body: kube.apply(body, field_manager="somebody"), bodies))
    return namespace


def requests_of(client: KubeClient, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are asked for from now on."""
    send, asked = client.send, []

    def noted(method: str, path: str, **options: Any) -> Any:
        asked.append(path)
        return send(method, path, **options)

    monkeypatch.setattr(client, "send", noted)
    return asked


def test_a_few_among_very_many(kube: KubeClient, crowd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones by name: behind the third page there are fewer pages than objects that are still missing."""
    bodies = [config_map(crowd, f"z{number}", {"a": "1"}) for number in range(5)]
    assert put(kube, bodies).summary == "5 created"
    asked = requests_of(kube, monkeypatch)
    assert put(kube, bodies).summary == "5 unchanged"
    assert len([path for path in asked if "configmaps" in path]) <= 4
    asked.clear()
    nearly_all = [config_map(crowd, f"m{number:04}", {"a": "1"}) for number in range(4)]
    assert put(kube, nearly_all).summary == "4 configured", "we own them as well, now"
    assert len([path for path in asked if "configmaps" in path]) == 1 + 4, "all of them are on the first page"


def test_more_than_a_page(kube: KubeClient, crowd: str) -> None:
    bodies = [config_map(crowd, f"m{number:04}", {"a": "1"}) for number in range(0, 2400, 2)]
    predicted = put(kube, bodies, check=True)
    assert predicted.summary == "325 created, 875 configured"
    assert put(kube, bodies).summary == predicted.summary
    assert put(kube, bodies).summary == "1200 unchanged"
    assert put(kube, bodies, absent=True).summary == "1200 deleted"
    assert len(kube.list("v1", "ConfigMap", crowd)) == 875
