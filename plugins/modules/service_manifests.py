#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Kubernetes objects of planned services."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_manifests
short_description: Makes the Kubernetes objects of services out of the plan and what their guests told
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - With O(state=cluster), renders Deployment or StatefulSet, Service, ConfigMap, volumes and disruption budget of each
    of O(services), and writes them below O(directory), where people can review them.
  - Probes, the graceful end and the name in Eureka follow from the versions that were found. Configuration comes along
    at its old paths, with the names of Services where it named guests.
  - A Secret is rendered without values. RV(secrets) says where M(landfall.replatform.service_secrets) reads them.
  - With O(state=guests), renders a Service without selector, and its EndpointSlice, for every service that pods call
    and that the cluster does not run. Pods then call a service on guests like any other.
options:
  plan_file:
    description: The plan, C(plan.yml).
    type: path
    required: true
  workloads_file:
    description: What the guests told, C(workloads.yml). Needed for O(state=cluster).
    type: path
  services:
    description: Names of the services, with O(state=cluster).
    type: list
    elements: str
    default: []
  images:
    description:
      - For each service, C(name) and C(image) as M(landfall.replatform.service_image) returned them; other keys do no
        harm.
    type: list
    elements: dict
    default: []
  artifacts_directory:
    description:
      - Where M(landfall.replatform.service_image) keeps jars. Settings inside of a jar that name guests are overlaid.
    type: path
  directory:
    description: Where the manifests are written, in a directory for each service. Without it, nothing is written.
    type: path
  state:
    description: Where the services run that are rendered.
    type: str
    choices: [cluster, guests]
    default: cluster
attributes:
  check_mode:
    support: full
    description: Renders everything and writes nothing.
  diff_mode:
    support: full
    description: Shows how the files change.
extends_documentation_fragment:
  - landfall.replatform.kube
"""

EXAMPLES = r"""
- name: The order service's objects
  landfall.replatform.service_manifests:
    plan_file: sites/mall/plan.yml
    workloads_file: sites/mall/workloads.yml
    services: [order]
    images: [{name: order, image: "registry.mall.example/mall-trade/order:9f2c1b7d44aa0e13"}]
    directory: sites/mall/manifests
  register: order

- name: They run
  landfall.replatform.kube_apply:
    kubeconfig: sites/mall/kubeconfig
    resources: "{{ order.objects + order.services }}"
"""

RETURN = r"""
objects:
  description: What pods need and what runs them. With O(state=guests), Services and EndpointSlices.
  returned: success
  type: list
  elements: dict
services:
  description: The Services, which lead callers to the pods.
  returned: success
  type: list
  elements: dict
bridges:
  description: The EndpointSlices that lead callers to guests, and are to go after the cut-over.
  returned: success
  type: list
  elements: dict
secrets:
  description: For each Secret, the object without values, the guest, and where on it each key is read.
  returned: success
  type: list
  elements: dict
renamed:
  description: Where an address of a guest became the name of a Service.
  returned: success
  type: dict
  sample: {"/opt/eureka/application.yml:6": "eureka-01 -> eureka"}
files:
  description: The files that changed.
  returned: success
  type: list
  elements: str
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients import manifest_files
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import read_document
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient
from ansible_collections.landfall.replatform.plugins.module_utils.core import manifests
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError, Problem
from ansible_collections.landfall.replatform.plugins.module_utils.core.rewrite import mapping_of
from ansible_collections.landfall.replatform.plugins.module_utils.module import KUBE_ARGUMENTS, Outcome, run

ARGUMENTS: dict[str, Any] = {
    **KUBE_ARGUMENTS,
    "plan_file": {"type": "path", "required": True},
    "workloads_file": {"type": "path"},
    "services": {"type": "list", "elements": "str", "default": []},
    "images": {"type": "list", "elements": "dict", "default": []},
    "artifacts_directory": {"type": "path"},
    "directory": {"type": "path"},
    "state": {"type": "str", "choices": ["cluster", "guests"], "default": "cluster"},
}


def service_manifests(params: dict[str, Any], check_mode: bool) -> Outcome:
    """Render, write what changed, and return the objects."""
    plan = read_document(params["plan_file"])
    if params["state"] == "guests":
        return _guests(plan, params, check_mode)
    workloads = read_document(params["workloads_file"] or "")
    images = {one.get("name"): one.get("image") for one in params["images"]}
    planned = [_planned(plan, name, images) for name in params["services"]]
    rendered = {}
    for one in planned:
        jar = one["image"] or {}
        artifact = Path(params["artifacts_directory"] or "", f"{jar.get('sha256')}.jar")
        inner = manifest_files.inner_configuration(artifact, str(jar.get("source")).partition(":")[2])
        rendered[one["name"]] = manifests.render(one, plan, workloads, images[one["name"]], inner)
    written = _write(
        params, {name: ([*one.objects, *one.services], one.masked) for name, one in rendered.items()}, check_mode
    )
    values = {
        "objects": [body for one in rendered.values() for body in one.objects],
        "services": [body for one in rendered.values() for body in one.services],
        "bridges": [manifests.guest_slice(one) for one in planned if one["port"]],
        "secrets": [one.secrets for one in rendered.values() if one.secrets],
        "renamed": {where: how for one in rendered.values() for where, how in mapping_of(one.changes).items()},
    }
    warnings = [f"{name}: {text}" for name, one in rendered.items() for text in one.warnings]
    return _outcome(written, values, warnings)


def _guests(plan: Any, params: dict[str, Any], check_mode: bool) -> Outcome:
    """The bridges to guests, but for services that lead to pods already: what has moved stays moved."""
    with _connect(params) as client:
        live = client.list("v1", "Service", labels="app.kubernetes.io/managed-by=landfall")
    moved = {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in live if one["spec"].get("selector")}
    wanted = [one for one in manifests.called(plan) if (one["namespace"], one["name"]) not in moved]
    staying = {one["name"]: (manifests.bridge(one), None) for one in wanted if not one["moves"]}
    written = _write(params, staying, check_mode)
    objects = [body for one in wanted for body in manifests.bridge(one)]
    return _outcome(written, {"objects": objects, "services": [], "bridges": [], "secrets": [], "renamed": {}}, [])


def _planned(plan: Any, name: str, images: dict[Any, Any]) -> Any:
    for one in plan["services"]:
        if one["name"] == name and one["moves"] and images.get(name):
            return one
    known = ", ".join(one["name"] for one in plan["services"] if one["moves"])
    problem = Problem(f"services: {name}", "is no service that moves and has an image in `images`", f"one of {known}")
    raise DocumentError("a service cannot be rendered", [problem])


def _write(params: dict[str, Any], services: Any, dry: bool) -> manifest_files.Written:
    if params["directory"] is None:
        return manifest_files.Written({}, {})
    return manifest_files.write(params["directory"], services, dry=dry)


def _outcome(written: manifest_files.Written, values: dict[str, Any], warnings: list[str]) -> Outcome:
    before, after = ("".join(f"# {path}\n{text}" for path, text in sorted(side.items()) if text) for side in written)
    changed = written.changed
    return Outcome(bool(changed), before, after, "manifests", warnings, {**values, "files": changed})


def _connect(params: dict[str, Any]) -> KubeClient:
    return KubeClient.connect(**{key: params[key] for key in KUBE_ARGUMENTS})


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True), service_manifests)


if __name__ == "__main__":
    main()
