# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order objects go into a cluster, and out of it: waves, each of which may be written in parallel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .objects import Manifest, group_of

# What later waves need comes first. Services are no barrier for anything, but pods learn them at their start.
_WAVES: tuple[frozenset[str], ...] = (
    frozenset({"Namespace"}),
    frozenset({"CustomResourceDefinition"}),
    frozenset(),  # the kinds that policies of the same call take as parameters
    # policies hold for everything that comes after them
    frozenset({"MutatingAdmissionPolicy", "ValidatingAdmissionPolicy"}),
    frozenset({"MutatingAdmissionPolicyBinding", "ValidatingAdmissionPolicyBinding"}),
    frozenset(
        {
            "ClusterRole",
            "IngressClass",
            "LimitRange",
            "NetworkPolicy",
            "PriorityClass",
            "ResourceQuota",
            "Role",
            "RuntimeClass",
            "ServiceAccount",
            "StorageClass",
        }
    ),
    # the server checks that a role may be bound by looking at it
    frozenset({"ClusterRoleBinding", "RoleBinding"}),
    frozenset(
        {
            "ConfigMap",
            "EndpointSlice",
            "Endpoints",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "PodDisruptionBudget",
            "Secret",
            "Service",
        }
    ),
)
_PARAMETERS = 2
_WORKLOADS = len(_WAVES)
_CUSTOM = _WORKLOADS + 1
# These may refuse or break every later request until the pods behind them run.
_LAST = frozenset({"APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"})

_BUILT_IN_GROUPS = frozenset({"", "apps", "autoscaling", "batch", "extensions", "policy"})


def wave_of(manifest: Manifest) -> int:
    """The number of the wave that `manifest` belongs to."""
    group, kind = manifest.identity.group, manifest.identity.kind
    if not _built_in(group):
        return _CUSTOM
    if kind in _LAST:
        return _CUSTOM + 1
    return next((number for number, kinds in enumerate(_WAVES) if kind in kinds), _WORKLOADS)


def _built_in(group: str) -> bool:
    return group in _BUILT_IN_GROUPS or group.endswith(".k8s.io")


def is_policy(manifest: Manifest) -> bool:
    """Whether `manifest` is a rule for other objects that API servers learn of a moment later."""
    return _PARAMETERS < wave_of(manifest) <= _PARAMETERS + 2


def waves(manifests: Iterable[Manifest], *, absent: bool = False) -> list[list[Manifest]]:
    """`manifests` as waves in the order of writing; for `absent`, the users of a thing go before the thing."""
    every = list(manifests)
    parameters = {kind for manifest in every if is_policy(manifest) for kind in _parameter_kinds(manifest.body)}
    groups: dict[int, list[Manifest]] = {}
    for manifest in every:
        number = wave_of(manifest)
        if (manifest.identity.group, manifest.identity.kind) in parameters:
            number = min(number, _PARAMETERS)
        groups.setdefault(number, []).append(manifest)
    return [groups[number] for number in sorted(groups, reverse=absent)]


def _parameter_kinds(policy: Mapping[str, Any]) -> list[tuple[str, str]]:
    spec = policy.get("spec")
    kind = spec.get("paramKind") if isinstance(spec, Mapping) else None
    return [(group_of(str(kind.get("apiVersion"))), str(kind.get("kind")))] if isinstance(kind, Mapping) else []
