#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the offline bundle that a cluster is installed from, and verifies it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bundle
short_description: Makes and verifies the offline bundle
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - The bundle holds every file and image that an installation reads, under the name of its sha256, with an index.
  - A bundle on a full or read-only disk, or one whose writing was killed, stays what it was before.
attributes:
  check_mode:
    support: full
    description: Reads the files and says what would be in the index.
  diff_mode:
    support: full
    description: Shows the index before and after, a line for each entry.
options:
  path:
    description: Directory of the bundle.
    type: path
    required: true
  state:
    description:
      - V(present) puts O(entries) into the bundle. Blobs that are there with the right size are not read again,
        those that no entry names any more are removed.
      - V(verified) reads every blob and compares it with the index; all that are damaged are reported at once.
    type: str
    choices: [present, verified]
    default: present
  entries:
    description: The files that shall be in the bundle. Needed with O(state=present).
    type: list
    elements: dict
    suboptions:
      name:
        description: What it is called, for example V(kubelet).
        type: str
        required: true
      version:
        description: Its version, without a leading V(v).
        type: str
        required: true
      kind:
        description: What it is.
        type: str
        choices: [archive, binary, image, manifest, package]
        required: true
      arch:
        description: The architecture that it runs on, or V(all).
        type: str
        default: amd64
      src:
        description: The file on this host.
        type: path
        required: true
      file:
        description: The file name that it is to have where it is installed. Without it the one of O(entries[].src).
        type: str
      image:
        description: The reference that an image is known by, for example V(registry.k8s.io/pause:3.10.2).
        type: str
      sha256:
        description: The digest that the file must have. Another one is refused before anything is written.
        type: str
  exclusive:
    description: Whether entries that are in the index and not in O(entries) are removed.
    type: bool
    default: false
  hard_links:
    description:
      - Whether blobs may be hard links to the files, where both lie on one file system.
      - Only for files that nobody writes to afterwards.
    type: bool
    default: false
  kinds:
    description: With O(state=verified), verify and return only entries of these kinds.
    type: list
    elements: str
    choices: [archive, binary, image, manifest, package]
    default: []
  names:
    description: With O(state=verified), verify and return only entries of these names.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: The kubelet and an image go into the bundle
  landfall.replatform.bundle:
    path: /srv/landfall/bundle
    entries:
      - name: kubelet
        version: 1.36.4
        kind: binary
        src: /srv/downloads/kubelet
        sha256: 3c2f0a7fb1b0c9c1c8f5ad3c8e2f7d0e58b8b0f0ae0fb1d2f7b0b1f6c9f1a2b3
      - name: pause
        version: 3.10.2
        kind: image
        image: registry.k8s.io/pause:3.10.2
        src: /srv/downloads/pause.tar

- name: Every file of the bundle is what the index says
  landfall.replatform.bundle:
    path: /srv/landfall/bundle
    state: verified
"""

RETURN = r"""
entries:
  description: The entries of the bundle, or those that were selected.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: What it is called.
      type: str
    version:
      description: Its version.
      type: str
    kind:
      description: What it is.
      type: str
    arch:
      description: The architecture that it runs on.
      type: str
    sha256:
      description: Its digest, and the name of its blob.
      type: str
    size:
      description: Bytes.
      type: int
    file:
      description: The file name that it is to have where it is installed.
      type: str
    image:
      description: The reference of an image.
      type: str
index:
  description: Path of the index.
  returned: success
  type: str
  sample: /srv/landfall/bundle/index.json
size:
  description: Bytes of all these entries' blobs.
  returned: success
  type: int
problems:
  description: What is wrong, with what was found and what would be right.
  returned: failure
  type: list
  elements: dict
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.bundle_store import BundleStore, fill
from ansible_collections.landfall.replatform.plugins.module_utils.core import bundle
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome, run

ENTRY: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "version": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": list(bundle.KINDS)},
    "arch": {"type": "str", "default": "amd64"},
    "src": {"type": "path", "required": True},
    "file": {"type": "str"},
    "image": {"type": "str"},
    "sha256": {"type": "str"},
}


def _values(store: BundleStore, entries: list[bundle.Entry]) -> dict[str, Any]:
    size = sum({entry.sha256: entry.size for entry in entries}.values())
    return {"entries": [entry.document() for entry in entries], "index": str(store.index), "size": size}


def present(params: dict[str, Any], check_mode: bool) -> Outcome:
    """The bundle with the wanted entries in it."""
    store = BundleStore(params["path"])
    wanted = [{**entry, "file": entry["file"] or Path(entry["src"]).name} for entry in params["entries"]]
    before = store.entries() if store.exists() else []
    changed, after = fill(
        store,
        before,
        wanted,
        exclusive=params["exclusive"],
        hard_links=params["hard_links"],
        dry=check_mode,
    )
    return Outcome(changed, bundle.lines(before), bundle.lines(after), str(store.index), values=_values(store, after))


def verified(params: dict[str, Any], check_mode: bool) -> Outcome:
    """Nothing changes; damaged blobs are an error."""
    store = BundleStore(params["path"])
    entries = bundle.select(store.entries(), kinds=params["kinds"], names=params["names"])
    store.verify(entries)
    return Outcome(False, values=_values(store, entries))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["present", "verified"], "default": "present"},
            "entries": {"type": "list", "elements": "dict", "options": ENTRY},
            "exclusive": {"type": "bool", "default": False},
            "hard_links": {"type": "bool", "default": False},
            "kinds": {"type": "list", "elements": "str", "choices": list(bundle.KINDS), "default": []},
            "names": {"type": "list", "elements": "str", "default": []},
        },
        required_if=[("state", "present", ["entries"])],
        supports_check_mode=True,
    )
    run(module, {"present": present, "verified": verified}[module.params["state"]])


if __name__ == "__main__":
    main()
