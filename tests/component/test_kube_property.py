# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What kube_apply claims without asking, held against what the API server does; for objects that nobody thought of."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import apply
from ansible_collections.landfall.replatform.plugins.module_utils.core import owned
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import identity_of, read
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import Wish
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Body = dict[str, Any]

# Small spaces on purpose: two draws are often nearly the same, which is where mistakes hide.
_WORDS = st.sampled_from(["a", "b", "c"])
_LABELS = st.dictionaries(_WORDS, _WORDS, max_size=2)
_QUANTITIES = st.fixed_dictionaries(
    {"cpu": st.sampled_from(["100m", "0.1"])}, optional={"memory": st.sampled_from(["1Gi", "1024Mi"])}
)
_ENVIRONMENT = st.lists(
    st.fixed_dictionaries({"name": _WORDS}, optional={"value": _WORDS}), max_size=3, unique_by=lambda one: one["name"]
)
_CONTAINER_PORTS = st.lists(
    st.fixed_dictionaries(
        {"containerPort": st.sampled_from([53, 80])}, optional={"protocol": st.sampled_from(["TCP", "UDP"])}
    ),
    max_size=2,
    unique_by=lambda one: (one["containerPort"], one.get("protocol", "TCP")),
)
_CONTAINERS = st.lists(
    st.fixed_dictionaries(
        {"name": _WORDS, "image": st.sampled_from(["x:1", "x:2"])},
        optional={
            "args": st.lists(_WORDS, max_size=2),
            "env": _ENVIRONMENT,
            "ports": _CONTAINER_PORTS,
            "resources": st.fixed_dictionaries({"requests": _QUANTITIES}),
            # never empty: emptying a mapping takes the server two applies, the first drops the whole of it
            "securityContext": st.fixed_dictionaries({"readOnlyRootFilesystem": st.booleans()}),
        },
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda one: one["name"],
)
_POD = st.fixed_dictionaries(
    {"containers": _CONTAINERS},
    optional={
        "nodeSelector": _LABELS,
        "hostNetwork": st.booleans(),
        "terminationGracePeriodSeconds": st.sampled_from([10, 30]),
        "volumes": st.just([{"name": "v", "emptyDir": {}}]),
    },
)
_DEPLOYMENTS = st.builds(
    lambda pod, labels, replicas: {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "generated", "labels": labels},
        "spec": {
            **replicas,
            "selector": {"matchLabels": {"app": "x"}},
            "template": {"metadata": {"labels": {"app": "x", **labels}}, "spec": pod},
        },
    },
    _POD,
    _LABELS,
    st.fixed_dictionaries({}, optional={"replicas": st.sampled_from([1, 2])}),
)
_SECRETS = st.builds(
    lambda texts, finalizers, labels: {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "generated", "labels": labels, "finalizers": finalizers},
        "stringData": texts,
    },
    st.dictionaries(_WORDS, _WORDS, max_size=2),
    st.lists(st.sampled_from(["x.dev/a", "x.dev/b"]), max_size=2, unique=True),
    _LABELS,
)
_SERVICES = st.builds(
    lambda ports, selector, labels: {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "generated", "labels": labels},
        "spec": {"selector": {"app": "x", **selector}, "ports": ports},
    },
    st.lists(
        st.fixed_dictionaries(
            {"name": _WORDS, "port": st.sampled_from([53, 80])},
            optional={"protocol": st.sampled_from(["TCP", "UDP"]), "targetPort": st.sampled_from([8080, "web"])},
        ),
        min_size=1,
        max_size=3,
        # the same number for both protocols is what other tools confuse
        unique_by=(lambda one: one["name"], lambda one: (one["port"], one.get("protocol", "TCP"))),
    ),
    _LABELS,
    _LABELS,
)
_RULES_OF_ROLES = st.lists(  # a list that is owned as a whole
    st.fixed_dictionaries(
        {
            "apiGroups": st.just([""]),
            "resources": st.lists(st.sampled_from(["pods", "secrets"]), min_size=1, max_size=2),
            "verbs": st.lists(st.sampled_from(["get", "list"]), min_size=1, max_size=2),
        },
        optional={"resourceNames": st.lists(_WORDS, min_size=1, max_size=2)},
    ),
    max_size=2,
)
_ROLES = st.builds(
    lambda rules, labels: {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "generated", "labels": labels},
        "rules": rules,
    },
    _RULES_OF_ROLES,
    _LABELS,
)
_PAIRS = st.one_of(*(st.tuples(kind, kind) for kind in (_DEPLOYMENTS, _SECRETS, _SERVICES, _ROLES)))
_RULES = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def _in(namespace: str, body: Body) -> Body:
    body = copy.deepcopy(body)
    body["metadata"]["namespace"] = namespace
    return body


@_RULES
@given(pair=_PAIRS)
def test_what_is_called_unchanged_the_server_would_not_change(
    kube: KubeClient, namespace: str, pair: tuple[Body, Body]
) -> None:
    first, second = pair
    [[one], _none] = read([("one", _in(namespace, first))])
    [[two], _none] = read([("two", _in(namespace, second))])
    kube.apply(one.body, force=True)
    live = kube.get(one.api_version, one.identity.kind, "generated", namespace) or {}
    claimed = owned.applied_already(two.body, live, "landfall")
    after = kube.apply(two.body, force=True)
    if claimed:
        assert after["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]


@_RULES
@given(pair=_PAIRS)
def test_prediction_and_deed_agree_and_the_second_time_nothing_changes(
    kube: KubeClient, namespace: str, pair: tuple[Body, Body]
) -> None:
    for body in pair:  # each example for itself
        kube.send(
            "PATCH",
            kube.resource(body["apiVersion"], body["kind"]).path(identity_of(_in(namespace, body))),
            body={"metadata": {"finalizers": []}},
            content_type="application/merge-patch+json",
        )
        kube.delete(body["apiVersion"], body["kind"], "generated", namespace)
    for body in pair:
        wish = {"documents": [("generated", _in(namespace, body))], "wait": False}
        predicted = apply(kube, Wish(check=True, **wish))  # type: ignore[arg-type]
        done = apply(kube, Wish(**wish))  # type: ignore[arg-type]
        assert [one.action for one in predicted.done] == [one.action for one in done.done]
        assert [(one.before, one.after) for one in predicted.done] == [(one.before, one.after) for one in done.done]
        again = apply(kube, Wish(**wish))  # type: ignore[arg-type]
        assert [one.action for one in again.done] == ["unchanged"]
