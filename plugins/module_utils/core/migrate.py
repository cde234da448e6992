# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fields that client-side tools own, handed over to us.

`kubectl apply` and kubernetes.core remember in an annotation what they wrote, and the server has them down as somebody
who updates. Who applies the same object afterwards shares its fields with them for ever: what is taken out of the
manifest stays. So their part becomes ours first, in one patch that holds only for the version that was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import owned
from .mask import LAST_APPLIED

Body = dict[str, Any]

# Names under which tools that compare on the client's side write. What people did by `kubectl edit` is not among them.
CLIENT_SIDE = frozenset({"before-first-apply", "kubectl", "kubectl-client-side-apply", "OpenAPI-Generator"})


def migrated(live: Mapping[str, Any], manager: str) -> Body | None:
    """`live` as it is once `manager` owns what client-side tools own now; None where they own nothing."""
    entries: list[Body] = (live.get("metadata") or {}).get("managedFields") or []
    theirs = [one for one in entries if _is_client_side(one)]
    if not theirs:
        return None
    ours = next((one for one in entries if _is_ours(one, manager)), None)
    into = ours or max(theirs, key=lambda one: str(one.get("time")))
    # fields of another version cannot be told in the words of this one
    parts = [one for one in theirs if one.get("apiVersion") == into.get("apiVersion")]
    fields: Body = dict(owned.union_all([one.get("fieldsV1") or {} for one in ([ours] if ours else []) + parts]))
    entry = {**into, "manager": manager, "operation": "Apply", "fieldsV1": _without_last_applied(fields)}
    others = [one for one in entries if one is not ours and not _is_client_side(one)]
    metadata = {**live["metadata"], "managedFields": [entry, *others]}
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if key != LAST_APPLIED}
    return {**live, "metadata": {**metadata, "annotations": annotations}}


def _is_client_side(entry: Mapping[str, Any]) -> bool:
    return entry.get("manager") in CLIENT_SIDE and entry.get("operation") == "Update" and not entry.get("subresource")


def _is_ours(entry: Mapping[str, Any], manager: str) -> bool:
    return entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource")


def _without_last_applied(fields: Body) -> Body:
    metadata = fields.get("f:metadata") or {}
    annotations = {
        key: tree for key, tree in (metadata.get("f:annotations") or {}).items() if key != f"f:{LAST_APPLIED}"
    }
    kept = {key: tree for key, tree in metadata.items() if key != "f:annotations"}
    if set(annotations) - {"."}:
        kept["f:annotations"] = annotations
    rest = {key: tree for key, tree in fields.items() if key != "f:metadata"}
    return {**rest, "f:metadata": kept} if kept else rest


def json_patch(live: Mapping[str, Any], after: Mapping[str, Any]) -> list[Body]:
    """The patch from `live` to `after` of `migrated`; the server refuses it once somebody else has written."""
    operations: list[Body] = [
        {"op": "replace", "path": "/metadata/managedFields", "value": after["metadata"]["managedFields"]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]
    if LAST_APPLIED in (live["metadata"].get("annotations") or {}):
        # Taking away the one that went already would be an error of its own, where the patch is sent a second time.
        operations.append({"op": "add", "path": "/metadata/annotations", "value": after["metadata"]["annotations"]})
    return operations


def dropped(before: Mapping[str, Any], tried: Mapping[str, Any], manager: str) -> owned.Fields:
    """What an apply after the migration will take away: ours in `before`, of nobody in `tried`.

    `before` is the migrated object, `tried` what a forced dry run made of the live one.
    """
    kept = owned.union_all(
        [
            one.get("fieldsV1") or {}
            for one in (tried.get("metadata") or {}).get("managedFields") or []
            if not _is_client_side(one)
        ]
    )
    return owned.minus(owned.fields_of(before, manager), kept)


def trial_patch(live: Mapping[str, Any], after: Mapping[str, Any]) -> Body:
    """The merge patch from `live` to `after`. Without a version it holds whatever controllers write meanwhile."""
    unlocked = {key: value for key, value in after["metadata"].items() if key != "resourceVersion"}
    version = {"resourceVersion": live["metadata"]["resourceVersion"]}
    patch: Body = merge_patch(live, {**after, "metadata": {**unlocked, **version}})
    return patch


def merge_patch(before: Any, after: Any) -> Any:
    """The JSON merge patch that makes `after` of `before`: lists as a whole, null for what goes away."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return after
    changed = {
        key: merge_patch(before.get(key), value)
        for key, value in after.items()
        if key not in before or before[key] != value
    }
    return {**changed, **dict.fromkeys(before.keys() - after.keys())}
