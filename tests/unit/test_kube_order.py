# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The order of writing, for whole generated applications: nothing is written before what it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import Manifest, read
from ansible_collections.landfall.replatform.plugins.module_utils.core.order import waves
from hypothesis import given
from hypothesis import strategies as st

Body = dict[str, Any]
Key = tuple[str, str, str]  # kind, namespace, name

_NAMES = st.sampled_from(["a", "b"])
_RBAC, _ADMISSION = "rbac.authorization.k8s.io/v1", "admissionregistration.k8s.io/v1"


def body(api_version: str, kind: str, name: str, namespace: str = "", **rest: Any) -> Body:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


# Each of these draws an object together with the objects that it names.


@st.composite
def spaces(draw: st.DrawFn) -> list[Body]:
    return [body("v1", "Namespace", draw(_NAMES))]


@st.composite
def claims(draw: st.DrawFn) -> list[Body]:
    [space], name = draw(spaces()), draw(_NAMES)
    claim = body("v1", "PersistentVolumeClaim", name, space["metadata"]["name"], spec={"storageClassName": name})
    return [claim, body("storage.k8s.io/v1", "StorageClass", name), space]


@st.composite
def pods(draw: st.DrawFn, kind: str = "") -> list[Body]:
    [claim, storage, space], name = draw(claims()), draw(_NAMES)
    namespace = space["metadata"]["name"]
    environment = [{"configMapRef": {"name": name}}, {"secretRef": {"name": name}}]
    pod = {
        "serviceAccountName": name,
        "priorityClassName": name,
        "runtimeClassName": name,
        "containers": [{"name": "main", "envFrom": environment}],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}}],
    }
    used = [
        claim,
        storage,
        space,
        body("v1", "ServiceAccount", name, namespace),
        body("v1", "ConfigMap", name, namespace),
        body("v1", "Secret", name, namespace),
        body("scheduling.k8s.io/v1", "PriorityClass", name),
        body("node.k8s.io/v1", "RuntimeClass", name),
        # a pod that is there already is neither counted nor given limits, and finds no Service in its environment
        body("v1", "LimitRange", name, namespace),
        body("v1", "ResourceQuota", name, namespace),
        body("v1", "Service", name, namespace),
    ]
    kind = kind or draw(st.sampled_from(["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"]))
    if kind == "Pod":
        return [body("v1", "Pod", name, namespace, spec=pod), *used]
    template: Body = {"template": {"spec": pod}}
    if kind == "CronJob":
        template = {"jobTemplate": {"spec": template}}
    return [body("batch/v1" if kind.endswith("Job") else "apps/v1", kind, name, namespace, spec=template), *used]


@st.composite
def bindings(draw: st.DrawFn) -> list[Body]:
    [space], name, kind = draw(spaces()), draw(_NAMES), draw(st.sampled_from(["Role", "ClusterRole"]))
    namespace = space["metadata"]["name"]
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
    role = body(_RBAC, kind, name, namespace if kind == "Role" else "")
    everywhere = kind == "ClusterRole" and draw(st.booleans())
    binding = "ClusterRoleBinding" if everywhere else "RoleBinding"
    return [body(_RBAC, binding, name, "" if everywhere else namespace, roleRef=reference), role, space]


@st.composite
def custom_objects(draw: st.DrawFn) -> list[Body]:
    [space], name = draw(spaces()), draw(_NAMES)
    spec = {"group": "harbour.dev", "names": {"kind": "Berth", "plural": "berths"}, "versions": []}
    definition = body("apiextensions.k8s.io/v1", "CustomResourceDefinition", "berths.harbour.dev", spec=spec)
    return [body("harbour.dev/v1", "Berth", name, space["metadata"]["name"]), definition, space]


@st.composite
def policies(draw: st.DrawFn) -> list[Body]:
    """A policy, whose name tells the kind of its parameter, and a binding, which names that."""
    kind = draw(st.sampled_from(["Validating", "Mutating"]))
    [parameter, *used] = draw(st.one_of(custom_objects(), configurations()))
    name = f"{draw(_NAMES)}-{parameter['kind']}"
    group = {"apiVersion": parameter["apiVersion"], "kind": parameter["kind"]}
    reference = {key: parameter["metadata"][key] for key in ("name", "namespace")}
    policy = body(_ADMISSION, f"{kind}AdmissionPolicy", name, spec={"paramKind": group})
    spec = {"policyName": name, "paramRef": reference}
    return [body(_ADMISSION, f"{kind}AdmissionPolicyBinding", name, spec=spec), policy, parameter, *used]


@st.composite
def configurations(draw: st.DrawFn) -> list[Body]:
    [space] = draw(spaces())
    return [body("v1", "ConfigMap", draw(_NAMES), space["metadata"]["name"]), space]


@st.composite
def routes(draw: st.DrawFn) -> list[Body]:
    [space], name = draw(spaces()), draw(_NAMES)
    namespace = space["metadata"]["name"]
    paths = [{"path": "/", "backend": {"service": {"name": name}}}]
    spec = {"ingressClassName": name, "rules": [{"http": {"paths": paths}}]}
    return [
        body("networking.k8s.io/v1", "Ingress", name, namespace, spec=spec),
        body("networking.k8s.io/v1", "IngressClass", name),
        body("v1", "Service", name, namespace),
        space,
    ]


@st.composite
def extensions(draw: st.DrawFn) -> list[Body]:
    """What asks pods behind a Service about every request."""
    workload, *used = draw(pods(kind="Deployment"))
    name, kind = draw(_NAMES), draw(st.sampled_from(["ValidatingWebhook", "MutatingWebhook", "APIService"]))
    service = next(one for one in used if one["kind"] == "Service")
    reference = {key: service["metadata"][key] for key in ("name", "namespace")}
    if kind == "APIService":
        asks = body("apiregistration.k8s.io/v1", kind, name, spec={"service": reference})
    else:
        asks = body(_ADMISSION, f"{kind}Configuration", name, webhooks=[{"clientConfig": {"service": reference}}])
    return [asks, workload, *used]


_LISTS = st.lists(
    st.one_of(pods(), bindings(), custom_objects(), policies(), routes(), extensions(), claims()),
    min_size=1,
    max_size=4,
).flatmap(lambda several: st.permutations(list({key(one): one for part in several for one in part}.values())))


def key(one: Body) -> Key:
    return one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]


def needs(one: Body) -> Iterator[Key]:
    """What must be there before `one`: read out of the references in it, not out of its kind."""
    namespace = one["metadata"].get("namespace", "")
    if namespace:
        yield "Namespace", "", namespace
    if one["apiVersion"] == "harbour.dev/v1":
        yield "CustomResourceDefinition", "", "berths.harbour.dev"
    for name, value in _fields(one):
        if name in _BY_NAME:
            kind, scoped = _BY_NAME[name]
            yield kind, namespace if scoped else "", value
        elif name in _BY_REFERENCE:
            yield _BY_REFERENCE[name], value.get("namespace", namespace), value["name"]
        elif name == "roleRef":
            yield value["kind"], namespace if value["kind"] == "Role" else "", value["name"]
        elif name == "policyName":
            yield one["kind"].removesuffix("Binding"), "", value
        elif name == "paramRef":
            yield one["spec"]["policyName"].partition("-")[2], value["namespace"], value["name"]
        elif name == "containers":
            yield from ((kind, namespace, value[0]["envFrom"][0]["configMapRef"]["name"]) for kind in _AROUND_PODS)


_BY_NAME = {
    "claimName": ("PersistentVolumeClaim", True),
    "ingressClassName": ("IngressClass", False),
    "priorityClassName": ("PriorityClass", False),
    "runtimeClassName": ("RuntimeClass", False),
    "serviceAccountName": ("ServiceAccount", True),
    "storageClassName": ("StorageClass", False),
}
_BY_REFERENCE = {"configMapRef": "ConfigMap", "secretRef": "Secret", "service": "Service"}
_AROUND_PODS = ("LimitRange", "ResourceQuota", "Service")


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner
            yield from _fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner)


def manifests_of(bodies: list[Body]) -> list[Manifest]:
    manifests, problems = read([("list", one) for one in bodies])
    assert problems == []
    return manifests


def numbered(bodies: list[Body], *, absent: bool = False) -> dict[Key, int]:
    """The number of the wave of each object."""
    ordered = waves(manifests_of(bodies), absent=absent)
    return {key(manifest.body): number for number, wave in enumerate(ordered) for manifest in wave}


@given(_LISTS)
def test_nothing_is_written_before_what_it_names_nor_deleted_after_it(bodies: list[Body]) -> None:
    there, gone = numbered(bodies), numbered(bodies, absent=True)
    pairs = [(key(one), used) for one in bodies for used in needs(one) if used in there]
    assert pairs, "a list without references proves nothing"
    for user, used in pairs:
        assert there[user] > there[used], f"{user} is written before or beside {used}"
        assert gone[user] < gone[used], f"{used} is deleted before or beside {user}"


@given(_LISTS)
def test_who_answers_requests_is_asked_only_when_its_pods_are_there(bodies: list[Body]) -> None:
    there = numbered(bodies)
    asks = [there[key(one)] for one in bodies if one["kind"] == "APIService" or "webhooks" in one]
    assert all(number > there[key(one)] for number in asks for one in bodies if one["kind"] == "Deployment")


@given(_LISTS)
def test_every_object_stands_once_in_the_order_of_the_list_and_absence_is_the_reverse(bodies: list[Body]) -> None:
    manifests = manifests_of(bodies)
    ordered = waves(manifests)
    assert sorted(one.identity for wave in ordered for one in wave) == sorted(one.identity for one in manifests)
    places = {one.identity: place for place, one in enumerate(manifests)}
    for wave in ordered:
        assert [places[one.identity] for one in wave] == sorted(places[one.identity] for one in wave)
    assert waves(manifests, absent=True) == ordered[::-1]
