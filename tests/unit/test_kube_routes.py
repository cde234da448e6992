# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Routes in place of Ingresses."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import read
from ansible_collections.landfall.replatform.plugins.module_utils.core.routes import routed

Body = dict[str, Any]


def thing(api_version: str, kind: str, name: str, spec: Body, **metadata: Any) -> Body:
    named = {"name": name, "namespace": "shop", **metadata}
    return {"apiVersion": api_version, "kind": kind, "metadata": named, "spec": spec}


def ingress(*rules: Body, **more: Any) -> Body:
    metadata = {"labels": {"app": "shop"}, "annotations": {"nginx.ingress.kubernetes.io/x": "y", "openshift.io/z": "1"}}
    return thing("networking.k8s.io/v1", "Ingress", "door", {"rules": list(rules), **more}, **metadata)


def rule(host: str, *paths: tuple[str, Body], kind: str = "Prefix") -> Body:
    every = [{"path": path, "pathType": kind, "backend": backend} for path, backend in paths]
    return {**({"host": host} if host else {}), "http": {"paths": every}}


def to(service: str, **port: Any) -> Body:
    return {"service": {"name": service, "port": port}}


SERVICE = thing("v1", "Service", "goods", {"ports": [{"port": 80, "targetPort": 8080}, {"port": 81, "name": "admin"}]})


def made(*bodies: Body) -> tuple[list[Body], list[str]]:
    manifests, problems = read([("x", one) for one in bodies])
    assert problems == []
    every, cannot = routed(manifests)
    for one in every:
        assert (one.identity.kind, one.identity.name) == (one.body["kind"], one.body["metadata"]["name"])
    return [one.body for one in every], [str(one) for one in cannot]


def specs(*bodies: Body) -> list[Body]:
    every, problems = made(SERVICE, *bodies)
    assert problems == []
    assert every[0] == SERVICE
    return [one["spec"] for one in every[1:]]


GOODS = {"kind": "Service", "name": "goods"}
EDGE = {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"}


@pytest.mark.parametrize(
    ("body", "spec"),
    [
        (
            ingress(rule("a.example", ("/", to("goods", name="web")))),
            {"host": "a.example", "to": GOODS, "port": {"targetPort": "web"}},
        ),
        (
            ingress(rule("a.example", ("/api", to("goods", number=80)))),
            {"host": "a.example", "path": "/api", "to": GOODS, "port": {"targetPort": 8080}},
        ),
        (
            ingress(rule("", ("/", to("goods", number=81)), kind="ImplementationSpecific")),
            {"to": GOODS, "port": {"targetPort": "admin"}},
        ),
        (ingress(defaultBackend=to("goods", name="web")), {"to": GOODS, "port": {"targetPort": "web"}}),
        (
            ingress(rule("a.example", ("/", to("goods", name="web"))), tls=[{"hosts": ["a.example"]}]),
            {"host": "a.example", "to": GOODS, "port": {"targetPort": "web"}, "tls": EDGE},
        ),
        (
            ingress(rule("a.example", ("/", to("goods", name="web"))), tls=[{"secretName": "door"}]),
            {
                "host": "a.example",
                "to": GOODS,
                "port": {"targetPort": "web"},
                "tls": {**EDGE, "externalCertificate": {"name": "door"}},
            },
        ),
        (
            ingress(rule("a.example", ("/", to("goods", name="web"))), tls=[{"hosts": ["b.example"]}]),
            {"host": "a.example", "to": GOODS, "port": {"targetPort": "web"}},
        ),
    ],
)
def test_one_way_in(body: Body, spec: Body) -> None:
    assert specs(body) == [spec]


def test_several_ways_in_are_several_routes() -> None:
    web = to("goods", name="web")
    every, problems = made(ingress(rule("a.example", ("/", web), ("/api", web)), rule("b.example", ("/", web))))
    assert problems == []
    assert [one["metadata"]["name"] for one in every] == ["door-1", "door-2", "door-3"]
    assert every[0]["metadata"] == {
        "name": "door-1",
        "namespace": "shop",
        "labels": {"app": "shop"},
        "annotations": {"openshift.io/z": "1"},
    }


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            ingress(rule("a.example", ("/x", to("goods", name="web")), kind="Exact")),
            "x.spec.rules[0].http.paths[0].pathType: Exact; Prefix; a Route leads on whatever follows",
        ),
        (
            ingress(rule("*.example", ("/", to("goods", name="web")))),
            "x.spec.rules[0].host: *.example; one host; a Route has no wildcards of this kind",
        ),
        (
            ingress(rule("a.example", ("/", to("elsewhere", number=80)))),
            "x.spec.rules[0].http.paths[0].backend.service.port: is 80; "
            "the name of the port, or the Service in the same list",
        ),
        (
            ingress(defaultBackend={"resource": {"kind": "Bucket", "name": "x"}}),
            "x.spec.defaultBackend: names no Service; a Service; a Route leads nowhere else",
        ),
    ],
)
def test_what_no_route_can_say(body: Body, problem: str) -> None:
    assert problem in made(body)[1]
