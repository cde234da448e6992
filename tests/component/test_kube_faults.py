# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bad road: one request in twenty is answered 429 or 503 or not at all, and everything ends as on a good one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core.apply import CHANGES, Report
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish

from tests.component.kube_faults import Faults
from tests.component.kube_fixture import KubeServer
from tests.component.kube_objects import custom, definition, namespace_object, shop

Body = dict[str, Any]

_EVERY = 20
_OWN = ("uid", "resourceVersion", "creationTimestamp", "namespace", "managedFields")


def put(client: KubeClient, bodies: list[Body], **options: Any) -> Report:
    return apply(client, Wish([("list", one) for one in bodies], wait=False, **options))


@contextmanager
def bad_road(server: KubeServer, seed: int) -> Iterator[KubeClient]:
    with Faults(server.kubeconfig, every=_EVERY, seed=seed) as road, KubeClient.connect(host=road.url) as client:
        yield client
        assert len(road.met) > 3, "a road without holes proves nothing"


def there(client: KubeClient, bodies: list[Body], namespace: str) -> list[Body]:
    """What is in the cluster, without what belongs to the single object, and without its namespace's name."""
    found = []
    for body in bodies:
        live = client.get(body["apiVersion"], body["kind"], body["metadata"]["name"], namespace)
        assert live is not None
        metadata = {key: value for key, value in live["metadata"].items() if key not in _OWN}
        spec = dict(live.get("spec") or {})
        for addressed in ("clusterIP", "clusterIPs"):
            spec.pop(addressed, None)
        fields = [entry["fieldsV1"] for entry in live["metadata"].get("managedFields") or []]
        subjects = [{**one, "namespace": ""} for one in live.get("subjects") or []]
        found.append({**live, "metadata": metadata, "spec": spec, "subjects": subjects, "fields": fields})
    return found


def edit(bodies: list[Body]) -> None:
    for body in [one for one in bodies if one["kind"] == "ConfigMap"][:6]:
        body["data"] = {"edited": "yes"}
    for body in [one for one in bodies if one["kind"] == "Deployment"][:6]:
        del body["spec"]["template"]["spec"]["containers"][0]["env"]


def test_the_end_is_the_same_as_on_a_good_road(kube_server: KubeServer, kube: KubeClient, namespace: str) -> None:
    other = f"{namespace}-good"
    put(kube, [namespace_object(other)])
    bad, good = shop(namespace, 40), shop(other, 40)
    with bad_road(kube_server, seed=1) as client:
        assert put(client, bad).summary == "400 created"
    put(kube, good)
    assert there(kube, bad, namespace) == there(kube, good, other)
    edit(bad)
    edit(good)
    with bad_road(kube_server, seed=2) as client:
        for check in (True, False):
            report = put(client, bad, check=check)
            assert sum(one.action in CHANGES for one in report.done) == 12, "exact, whatever had to be asked twice"
        for _time in range(10):
            assert put(client, bad).summary == "400 unchanged"
    put(kube, good)
    assert there(kube, bad, namespace) == there(kube, good, other)
    with bad_road(kube_server, seed=3) as client:
        assert put(client, bad, absent=True).summary == "400 deleted"
    assert put(kube, bad, absent=True).summary == "400 absent"


def test_definitions_and_their_objects_on_a_bad_road(kube_server: KubeServer, kube: KubeClient, namespace: str) -> None:
    bodies = [definition("berths"), *(custom(namespace, f"b{number}", {"size": number}) for number in range(100))]
    apply(kube, Wish([("definition", bodies[0])], absent=True))  # another test's
    with bad_road(kube_server, seed=4) as client:
        assert put(client, bodies[1:2] + bodies[:1] + bodies[2:]).summary == "101 created"
    assert put(kube, bodies).summary == "101 unchanged"
