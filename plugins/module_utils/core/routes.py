# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Routes of OpenShift in place of Ingresses: the same way in, in the words of that cluster's own router."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import Problem
from .objects import Identity, Manifest, identity_of

_API = "route.openshift.io/v1"
_INGRESS = ("networking.k8s.io", "Ingress")
# Others speak to other controllers.
_ANNOTATIONS = ("haproxy.router.openshift.io/", "openshift.io/", "route.openshift.io/", "router.openshift.io/")

Body = Mapping[str, Any]


def routed(manifests: Iterable[Manifest]) -> tuple[list[Manifest], list[Problem]]:
    """`manifests` with Routes in place of the Ingresses, and what no Route can say."""
    every = list(manifests)
    services = {one.identity: one.body for one in every if (one.identity.group, one.identity.kind) == ("", "Service")}
    made: list[Manifest] = []
    problems: list[Problem] = []
    for manifest in every:
        if (manifest.identity.group, manifest.identity.kind) == _INGRESS:
            ingress = _Ingress(manifest, services)
            made.extend(ingress.routes())
            problems.extend(ingress.problems)
        else:
            made.append(manifest)
    return made, problems


@dataclass
class _Ingress:
    manifest: Manifest
    services: Mapping[Identity, Body]
    problems: list[Problem] = field(default_factory=list)

    def routes(self) -> Iterator[Manifest]:
        """One Route for each path of each rule, and one for everything else."""
        spec = self.manifest.body.get("spec") or {}
        ways = list(self._ways(spec))
        for number, (where, host, path, backend) in enumerate(ways):
            name = self.manifest.identity.name + (f"-{number + 1}" if len(ways) > 1 else "")
            yield self._route(where, name, host, path, backend)

    def _ways(self, spec: Body) -> Iterator[tuple[str, str, str, Body]]:
        where = f"{self.manifest.where}.spec"
        for number, rule in enumerate(spec.get("rules") or []):
            here, host = f"{where}.rules[{number}]", str(rule.get("host") or "")
            if host.startswith("*"):
                self._cannot(f"{here}.host", host, "one host; a Route has no wildcards of this kind")
            for index, path in enumerate((rule.get("http") or {}).get("paths") or []):
                if path.get("pathType") == "Exact":
                    self._cannot(
                        f"{here}.http.paths[{index}].pathType", "Exact", "Prefix; a Route leads on whatever follows"
                    )
                yield (
                    f"{here}.http.paths[{index}].backend",
                    host,
                    str(path.get("path") or ""),
                    path.get("backend") or {},
                )
        if spec.get("defaultBackend"):
            yield f"{where}.defaultBackend", "", "", spec["defaultBackend"]

    def _route(self, where: str, name: str, host: str, path: str, backend: Body) -> Manifest:
        service = backend.get("service") or {}
        if not service.get("name"):
            self._cannot(where, "names no Service", "a Service; a Route leads nowhere else")
        port, tls = self._port(where, service), self._tls(host)
        spec = {
            **({"host": host} if host else {}),
            **({"path": path} if path not in ("", "/") else {}),
            "to": {"kind": "Service", "name": str(service.get("name") or "")},
            **({"port": {"targetPort": port}} if port else {}),
            **({"tls": tls} if tls else {}),
        }
        mine = self.manifest.body["metadata"]
        annotations = {
            key: text for key, text in (mine.get("annotations") or {}).items() if key.startswith(_ANNOTATIONS)
        }
        metadata = {
            "name": name,
            "namespace": self.manifest.identity.namespace,
            **({"labels": mine["labels"]} if mine.get("labels") else {}),
            **({"annotations": annotations} if annotations else {}),
        }
        body = {"apiVersion": _API, "kind": "Route", "metadata": metadata, "spec": spec}
        return Manifest(identity_of(body), _API, body, self.manifest.where)

    def _port(self, where: str, service: Body) -> Any:
        """A Route goes by the name of a Service's port or the port of its pods, an Ingress by the Service's number."""
        port = service.get("port") or {}
        if port.get("name"):
            return port["name"]
        identity = Identity("", "Service", self.manifest.identity.namespace, str(service.get("name")))
        ports = (self.services.get(identity, {}).get("spec") or {}).get("ports") or []
        found = next((one for one in ports if one.get("port") == port.get("number")), None)
        if found:
            return found.get("name") or found.get("targetPort") or found["port"]
        self._cannot(
            f"{where}.service.port", f"is {port.get('number')}", "the name of the port, or the Service in the same list"
        )
        return None

    def _tls(self, host: str) -> dict[str, Any] | None:
        for entry in (self.manifest.body.get("spec") or {}).get("tls") or []:
            if not entry.get("hosts") or host in entry["hosts"]:
                secret = entry.get("secretName")  # without one, the router's own certificate is shown
                own = {"externalCertificate": {"name": secret}} if secret else {}
                return {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect", **own}
        return None

    def _cannot(self, where: str, found: str, right: str) -> None:
        self.problems.append(Problem(where, found, right))
