# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects of which a field cannot be changed: when they may be deleted and made anew, and when never."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .errors import LandfallError, Problem
from .objects import Manifest

Body = dict[str, Any]

# How validations say it; an object is only made anew where every cause is one of these.
_IMMUTABLE = re.compile(
    r"immutable|may not (be )?change|can ?not (be )?change|updates? to .*\b(is|are) forbidden|may not be updated",
    re.IGNORECASE | re.DOTALL,
)
_KEEPS = {
    ("", "Namespace"): "everything in it would go with it",
    ("", "PersistentVolumeClaim"): "its data would go with it",
    ("", "PersistentVolume"): "its data could go with it",
    ("apiextensions.k8s.io", "CustomResourceDefinition"): "every object of its kind would go with it",
}
_TRIAL = "-anew"


def is_immutable(code: int, status: Mapping[str, Any]) -> bool:
    """Whether a refusal only says that fields cannot be changed."""
    causes = _causes(status)
    return code == 422 and bool(causes) and all(_IMMUTABLE.search(one) for one in causes)


def names_immutable(status: Mapping[str, Any]) -> bool:
    """Whether a refusal says, among other things, that a field cannot be changed."""
    return any(_IMMUTABLE.search(one) for one in _causes(status))


def _causes(status: Mapping[str, Any]) -> list[str]:
    return [str(one.get("message")) for one in (status.get("details") or {}).get("causes") or []]


def kept_for(manifest: Manifest, live: Mapping[str, Any]) -> str:
    """Why an object is never deleted for a field; empty where it may be."""
    identity = manifest.identity
    policy = (live.get("spec") or {}).get("persistentVolumeClaimRetentionPolicy") or {}
    if identity.kind == "StatefulSet" and policy.get("whenDeleted") == "Delete":
        return "its volumes would go with it, for it says persistentVolumeClaimRetentionPolicy.whenDeleted: Delete"
    return _KEEPS.get((identity.group, identity.kind), "")


def with_hint(error: LandfallError, kept: str) -> LandfallError:
    """The refusal, and what would help."""
    right = f"it is never deleted for this: {kept}" if kept else "recreate: true deletes it and makes it anew"
    return type(error)(error.message, [Problem(one.path, one.found, right) for one in error.problems])


def trial(manifest: Manifest) -> Body:
    """The object under a name that is free, for a dry run before the one that stands there is deleted."""
    body = manifest.body
    name = manifest.identity.name[:50].rstrip("-.") + _TRIAL
    return {**body, "metadata": {**body["metadata"], "name": name}}


def named_as(manifest: Manifest, body: Mapping[str, Any]) -> Body:
    """What a dry run of `trial` made, under the name that is meant."""
    return {**body, "metadata": {**body["metadata"], "name": manifest.identity.name}}
