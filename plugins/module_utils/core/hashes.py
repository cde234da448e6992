# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of ConfigMaps and Secrets that tell their content, as `kubectl create --append-hash` makes them.

New content has a new name, and so the pods that use it are new ones; the old ones keep what they started with.
The openshift package has such a hash too (`helper.hashes.generate_hash`); it is another one than kubectl's for content
with `<`, `>`, `&`, characters beyond ASCII, binary data, or none.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from . import fields
from .fields import Path
from .objects import Identity, Manifest

_LETTERS = str.maketrans("013ae", "ghkmt")  # no vowels and what looks like them, so that no words come out
_KINDS = frozenset({("", "ConfigMap"), ("", "Secret")})
# Controllers look for these by their names.
_NAMED_FOR_GOOD = frozenset({"bootstrap.kubernetes.io/token", "kubernetes.io/service-account-token"})

_TEMPLATES: dict[tuple[str, str], Path] = {
    ("", "Pod"): ("spec",),
    ("", "ReplicationController"): ("spec", "template", "spec"),
    ("apps", "DaemonSet"): ("spec", "template", "spec"),
    ("apps", "Deployment"): ("spec", "template", "spec"),
    ("apps", "ReplicaSet"): ("spec", "template", "spec"),
    ("apps", "StatefulSet"): ("spec", "template", "spec"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
    ("batch", "Job"): ("spec", "template", "spec"),
}


def _paths(*texts: str) -> tuple[Path, ...]:
    return tuple(path for text in texts if (path := fields.parse(text)))


_CONTAINERS = ("containers[]", "initContainers[]")
_IN_PODS = {
    "ConfigMap": _paths(
        "volumes[].configMap.name",
        "volumes[].projected.sources[].configMap.name",
        *(f"{one}.env[].valueFrom.configMapKeyRef.name" for one in _CONTAINERS),
        *(f"{one}.envFrom[].configMapRef.name" for one in _CONTAINERS),
    ),
    "Secret": _paths(
        "volumes[].secret.secretName",
        "volumes[].projected.sources[].secret.name",
        "volumes[].csi.nodePublishSecretRef.name",
        "imagePullSecrets[].name",
        *(f"{one}.env[].valueFrom.secretKeyRef.name" for one in _CONTAINERS),
        *(f"{one}.envFrom[].secretRef.name" for one in _CONTAINERS),
    ),
}
_ELSEWHERE: dict[tuple[str, str], tuple[Path, ...]] = {
    ("", "ServiceAccount"): _paths("imagePullSecrets[].name", "secrets[].name"),
    ("networking.k8s.io", "Ingress"): _paths("spec.tls[].secretName"),
}


def content_hash(body: Mapping[str, Any]) -> str:
    """The hash of a ConfigMap or Secret that kubectl appends to its name."""
    content = {"kind": body["kind"], "name": body["metadata"]["name"], "data": body.get("data") or {}}
    if body["kind"] == "Secret":
        content["type"] = body.get("type") or ""
        content["data"] = _same_base64(content["data"])
    if body.get("binaryData"):
        content["binaryData"] = _same_base64(body["binaryData"])
    if body.get("immutable") is not None:
        content["immutable"] = body["immutable"]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":  # Go makes JSON that may stand in a web page
        text = text.replace(character, f"\\u{ord(character):04x}")
    return hashlib.sha256(text.encode()).hexdigest()[:10].translate(_LETTERS)


def _same_base64(values: Mapping[str, Any]) -> dict[str, Any]:
    """base64 in the one way that kubectl writes it; what is none stays, and the server will refuse it."""
    same: dict[str, Any] = {}
    for key, value in values.items():
        try:
            same[key] = base64.b64encode(base64.b64decode(str(value))).decode()
        except binascii.Error:
            same[key] = value
    return same


def appended(manifests: Iterable[Manifest]) -> list[Manifest]:
    """`manifests`, ConfigMaps and Secrets under names that tell their content, with what refers to them by name."""
    every = list(manifests)
    names = {one.identity: f"{one.identity.name}-{content_hash(one.body)}" for one in every if _is_hashed(one)}
    return [_renamed(one, names) for one in every]


def secrets_of(pod: Mapping[str, Any]) -> set[str]:
    """The names of the Secrets that a pod uses."""
    return {str(name) for path in _IN_PODS["Secret"] for name in fields.values(pod.get("spec"), path)}


def _is_hashed(manifest: Manifest) -> bool:
    identity, body = manifest.identity, manifest.body
    return (identity.group, identity.kind) in _KINDS and body.get("type") not in _NAMED_FOR_GOOD


def _renamed(manifest: Manifest, names: Mapping[Identity, str]) -> Manifest:
    identity, body = manifest.identity, manifest.body
    name = names.get(identity)
    if name:
        metadata = {**body["metadata"], "name": name}
        return replace(manifest, identity=replace(identity, name=name), body={**body, "metadata": metadata})
    for kind, path in _references(identity):

        def new(there: Any, kind: str = kind) -> Any:
            return names.get(Identity("", kind, identity.namespace, str(there)), there)

        body = fields.replaced(body, path, new)
    return replace(manifest, body=body)


def _references(identity: Identity) -> list[tuple[str, Path]]:
    key = identity.group, identity.kind
    template = _TEMPLATES.get(key)
    in_pods = [(kind, (*template, *path)) for kind, paths in _IN_PODS.items() for path in paths] if template else []
    return [*in_pods, *(("Secret", path) for path in _ELSEWHERE.get(key, ()))]
