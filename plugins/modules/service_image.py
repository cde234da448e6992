#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What service_image takes and returns; its action does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_image
short_description: Makes a layered OCI image of what runs on a guest, and brings it into a registry
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Takes a service's jar, or the document root of a site, over the connection to its guest and puts it on a base image
    of the offline bundle. The guest needs no Python, and neither side a container engine.
  - A Spring Boot jar is laid out unpacked, in the layers that its C(layers.idx) names, and is started by the launcher
    that its manifest names. Libraries that did not change are the same layer again.
  - The same input gives the same image, so its tag is known before anything is fetched. An image that is in the
    registry already is not made again, and of one that is not only the missing blobs are sent.
  - Fetched jars are kept in O(artifacts_directory) by their digest.
attributes:
  check_mode:
    support: full
    description: Tells whether the registry has the image. A document root is read from the guest even then.
  diff_mode:
    support: full
    description: Shows the reference of the image that would be made.
options:
  name:
    description: Name of the service; with O(namespace), the image's repository.
    type: str
    required: true
  namespace:
    description: Namespace that the service lands in.
    type: str
    required: true
  kind:
    description: What the service is. V(jvm) takes a jar, V(nginx) a document root, V(redis) the base image alone.
    type: str
    required: true
    choices: [jvm, nginx, redis]
  source:
    description: "Where it lies, as the plan writes it: C(<guest>:<path>). The guest is the host of the task."
    type: str
  sha256:
    description: What the jar's digest was when it was assessed; another one is refused.
    type: str
  base:
    description: Name of the base image in the bundle.
    type: str
    required: true
  bundle_directory:
    description: The offline bundle, on the controller.
    type: path
    required: true
  artifacts_directory:
    description: Where fetched jars are kept, on the controller.
    type: path
    required: true
  registry_url:
    description: Where the registry answers.
    type: str
    required: true
  registry_host:
    description: The registry's name in the names of images.
    type: str
    required: true
  registry_username:
    description:
      - A user who may push, where the registry asks for one. By default, E(LANDFALL_REGISTRY_USERNAME).
    type: str
  registry_password:
    description: That user's password. By default, E(LANDFALL_REGISTRY_PASSWORD).
    type: str
  registry_ca_path:
    description: The authority that signed the registry's certificate, where the system does not know it.
    type: path
"""

EXAMPLES = r"""
- name: Image of the order service
  landfall.replatform.service_image:
    name: order
    namespace: mall-trade
    kind: jvm
    source: order-01:/usr/local/order/order.jar
    sha256: 5d41402abc4b2a76b9719d911017c592ae3f1e6b5b1b8d0c8f5a9a1d2c3e4f50
    base: landfall/jre:17
    bundle_directory: /srv/landfall/bundle
    artifacts_directory: sites/mall/artifacts
    registry_url: http://10.20.8.9:30500
    registry_host: registry.mall.example
  delegate_to: order-01
  become: true # the jar belongs to the service's own user
"""

RETURN = r"""
name:
  description: Name of the service.
  returned: success
  type: str
  sample: order
image:
  description: Reference of the image, with its digest where it is known (in check mode it may not be).
  returned: success
  type: str
  sample: registry.mall.example/mall-trade/order:9f2c1b7d44aa0e13@sha256:0b1c…
digest:
  description: Digest of the image's manifest.
  returned: success
  type: str
  sample: sha256:0b1c…
blobs_sent:
  description: How many blobs the registry did not have.
  returned: success
  type: int
layers:
  description: How many layers the image has, where it was made now.
  returned: success
  type: int
"""
