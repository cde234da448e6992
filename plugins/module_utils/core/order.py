# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order objects go into a cluster, and out of it: waves, each of which may be written in parallel."""

from __future__ import annotations

from collections.abc import Iterable

from .objects import Manifest

# What later waves need comes first. Services are no barrier for anything, but pods learn them at their start.
_WAVES: tuple[frozenset[str], ...] = (
    frozenset({"Namespace"}),
    frozenset({"CustomResourceDefinition"}),
    frozenset(
        {
            "ClusterRole",
            "IngressClass",
            "LimitRange",
            "MutatingAdmissionPolicy",
            "NetworkPolicy",
            "PriorityClass",
            "ResourceQuota",
            "Role",
            "RuntimeClass",
            "ServiceAccount",
            "StorageClass",
            "ValidatingAdmissionPolicy",
        }
    ),
    # the server checks that a role may be bound by looking at it
    frozenset(
        {
            "ClusterRoleBinding",
            "MutatingAdmissionPolicyBinding",
            "RoleBinding",
            "ValidatingAdmissionPolicyBinding",
        }
    ),
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


def waves(manifests: Iterable[Manifest], *, absent: bool = False) -> list[list[Manifest]]:
    """`manifests` as waves in the order of writing; for `absent`, the users of a thing go before the thing."""
    groups: dict[int, list[Manifest]] = {}
    for manifest in manifests:
        groups.setdefault(wave_of(manifest), []).append(manifest)
    return [groups[number] for number in sorted(groups, reverse=absent)]
