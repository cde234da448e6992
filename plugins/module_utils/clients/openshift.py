# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client of an OpenShift cluster, where users ask for projects: whoever wants a Namespace gets one that way.

Its users may neither list namespaces nor make them, and may not even ask whether one is there; what they have, they see
as Projects. Administrators may do all that, and then it is done as in any cluster; only a new one is still asked for,
so that it gets what the cluster's template of projects has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.catalogue import Resource
from ..core.errors import AccessDenied
from .kube import KubeClient, Objects
from .kube_requests import Answer

_API = "project.openshift.io/v1"
_SAID_IN_REQUEST = {"openshift.io/display-name": "displayName", "openshift.io/description": "description"}

Body = dict[str, Any]


class OpenShiftClient(KubeClient):
    """One OpenShift cluster; its namespaces are projects."""

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Body | None:
        try:
            return super().get(api_version, kind, name, namespace)
        except AccessDenied:
            if _is_namespace(api_version, kind):
                # it is somebody else's, or nobody's: only what one sees in the list is one's own
                return next((one for one in self._projects() if one["metadata"]["name"] == name), None)
            if self._sees(namespace):
                raise
            return None

    def list_with_version(
        self, resource: Resource, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> tuple[Objects, str]:
        try:
            return super().list_with_version(resource, namespace, labels=labels, fields=fields)
        except AccessDenied:
            is_namespace = _is_namespace(resource.api_version, resource.kind)
            if is_namespace and not labels:
                name = fields.removeprefix("metadata.name=")
                return [one for one in self._projects() if name in ("", one["metadata"]["name"])], ""
            if is_namespace or self._sees(namespace):
                raise
            return [], ""

    def send_apply(
        self, resource: Resource, body: Mapping[str, Any], *, field_manager: str, force: bool, dry_run: bool
    ) -> Answer:
        def apply() -> Answer:
            return super(OpenShiftClient, self).send_apply(
                resource, body, field_manager=field_manager, force=force, dry_run=dry_run
            )

        if not _is_namespace(resource.api_version, resource.kind):
            return apply()
        live = self.get("v1", "Namespace", body["metadata"]["name"])
        if live is None and dry_run:
            return Answer(201, dict(body))
        if live is None:
            asked = self._ask_for_project(body)
            if not asked.ok:
                return asked
            live = self.get("v1", "Namespace", body["metadata"]["name"]) or asked.body
            return Answer(201, live) if _has(live, body) else apply()
        answer = apply()
        # who may not write it need not, where it is as it shall be
        return Answer(200, live) if answer.code == 403 and _has(live, body) else answer

    def delete(
        self, api_version: str, kind: str, name: str, namespace: str = "", *, dry_run: bool = False, uid: str = ""
    ) -> bool:
        if not _is_namespace(api_version, kind):
            return super().delete(api_version, kind, name, namespace, dry_run=dry_run, uid=uid)
        if self.get("v1", "Namespace", name) is None:
            return False
        return dry_run or super().delete(_API, "Project", name)

    def _sees(self, namespace: str) -> bool:
        """Whether a refusal is one: nobody may even ask for what is in a project that is not there yet."""
        return not namespace or any(one["metadata"]["name"] == namespace for one in self._projects())

    def _projects(self) -> Objects:
        """One's own projects, as the namespaces that they are."""
        projects = super().list_with_version(self.resource(_API, "Project"))[0]
        return [{**one, "apiVersion": "v1", "kind": "Namespace"} for one in projects]

    def _ask_for_project(self, body: Mapping[str, Any]) -> Answer:
        metadata = body["metadata"]
        annotations = metadata.get("annotations") or {}
        words = {word: annotations[name] for name, word in _SAID_IN_REQUEST.items() if name in annotations}
        request = {"apiVersion": _API, "kind": "ProjectRequest", "metadata": {"name": metadata["name"]}, **words}
        return self.send("POST", self.resource(_API, "ProjectRequest").collection(), body=request)


def _is_namespace(api_version: str, kind: str) -> bool:
    return (api_version, kind) == ("v1", "Namespace")


def _has(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a namespace has every label and annotation that is wanted. It has nothing else that anybody writes."""
    if wanted.get("spec"):
        return False
    there, mine = live.get("metadata") or {}, wanted["metadata"]
    pairs = [((mine.get(part) or {}), (there.get(part) or {})) for part in ("labels", "annotations")]
    return all(have.get(name) == value for want, have in pairs for name, value in want.items())
