# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the server declares about the kinds of a call: one document for each version of a group, read in parallel."""

from __future__ import annotations

from concurrent.futures import Executor

from ..core.catalogue import defined_by
from ..core.declared import Declarations, of_definition
from ..core.errors import Problem
from ..core.objects import Manifest
from .kube import KubeClient


def undeclared(client: KubeClient, manifests: list[Manifest], threads: Executor) -> list[Problem]:
    """The fields and types in `manifests` that the server would refuse, all of them, before the first is written."""
    brought = {
        (resource.api_version, resource.kind): of_definition(manifest.body, resource.api_version)
        for manifest in manifests
        for resource in defined_by(manifest.body)
    }
    versions = sorted({one.api_version for one in manifests if (one.api_version, one.identity.kind) not in brought})
    served = dict(zip(versions, threads.map(lambda version: _declarations(client, version), versions), strict=True))
    return [
        problem
        for one in manifests
        for problem in (brought.get((one.api_version, one.identity.kind)) or served[one.api_version]).problems(one)
    ]


def _declarations(client: KubeClient, api_version: str) -> Declarations:
    prefix = "apis" if "/" in api_version else "api"
    answer = client.send("GET", f"/openapi/v3/{prefix}/{api_version}")
    return Declarations(answer.body if answer.ok else {})  # some aggregated servers, and older ones, declare nothing
