# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Action of service_image: the guest's files come over its own connection, the image is made on the controller."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ansible.module_utils.common.parameters import env_fallback
from ansible_collections.landfall.replatform.plugins.module_utils.clients import image_files
from ansible_collections.landfall.replatform.plugins.module_utils.clients.bundle_store import BundleStore
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest import Guest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.registry import Place, Registry
from ansible_collections.landfall.replatform.plugins.module_utils.core import image
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import IntegrityError
from ansible_collections.landfall.replatform.plugins.module_utils.module import Outcome
from ansible_collections.landfall.replatform.plugins.plugin_utils.guest_action import GuestAction


class ActionModule(GuestAction):
    ARGUMENTS = {  # noqa: RUF012 - as every plugin of Ansible writes it
        "name": {"type": "str", "required": True},
        "namespace": {"type": "str", "required": True},
        "kind": {"type": "str", "required": True, "choices": ["jvm", "nginx", "redis"]},
        "source": {"type": "str"},
        "sha256": {"type": "str"},
        "base": {"type": "str", "required": True},
        "bundle_directory": {"type": "path", "required": True},
        "artifacts_directory": {"type": "path", "required": True},
        "registry_url": {"type": "str", "required": True},
        "registry_host": {"type": "str", "required": True},
        "registry_username": {"type": "str", "fallback": (env_fallback, ["LANDFALL_REGISTRY_USERNAME"])},
        "registry_password": {
            "type": "str",
            "no_log": True,
            "fallback": (env_fallback, ["LANDFALL_REGISTRY_PASSWORD"]),
        },
        "registry_ca_path": {"type": "path"},
    }

    def verb(self, arguments: dict[str, Any], guest: Guest, *, check: bool) -> Outcome:
        with tempfile.TemporaryDirectory(prefix="landfall-image-") as scratch:
            return _Work(arguments, guest, Path(scratch)).outcome(check=check)


class _Work:
    """One image on its way."""

    def __init__(self, arguments: dict[str, Any], guest: Guest, scratch: Path) -> None:
        self.kind, self.guest, self.scratch = arguments["kind"], guest, scratch
        self.path = (arguments["source"] or "").partition(":")[2]
        self.source = arguments["source"] or arguments["base"]
        self.sha256: str | None = arguments["sha256"]
        self.artifacts = Path(arguments["artifacts_directory"])
        self.reference: str = arguments["base"]
        self.archive = BundleStore(arguments["bundle_directory"]).find(self.reference)
        self.name: str = arguments["name"]
        self.repository = f"{arguments['namespace']}/{self.name}"
        self.registry_host: str = arguments["registry_host"]
        self.registry = Registry(
            arguments["registry_url"],
            user=arguments["registry_username"],
            password=arguments["registry_password"],
            ca_path=arguments["registry_ca_path"],
        )

    def outcome(self, *, check: bool) -> Outcome:
        tree = self.scratch / "tree.tar"
        content = ""
        if self.kind == "nginx":
            self.guest.fetch_tree(self.path, tree)
            content = image_files.site_digest(tree)
        elif self.kind == "jvm":
            content = self.sha256 or image_files.file_digest(self._jar())
        tag = image.tag([self.archive.name, self.kind, self.path, content])
        found = self.registry.manifest_digest(self.repository, tag)
        if found or check:
            return self._told(tag, found, changed=not found)
        made, places = self._make(tree)
        sent = self.registry.push(self.repository, tag, made, places, mount_from=self._repository_of_base())
        return self._told(tag, made.digest, changed=True, sent=sent, layers=len(made.layers))

    def _repository_of_base(self) -> str:
        """The base is in the registry once, where every image can take its layers from."""
        base, places = image_files.read_base(self.archive, self.reference)
        name, _colon, version = self.reference.rpartition(":")
        if self.registry.manifest_digest(name, version) is None:
            self.registry.push(name, version, image.as_it_is(base), places)
        return name

    def _make(self, tree: Path) -> tuple[image.Image, dict[str, Place]]:
        base, places = image_files.read_base(self.archive, self.reference)
        labels = {"org.opencontainers.image.title": self.name, "landfall.dev/source": self.source}
        if self.kind == "jvm":
            layout, layers, more = image_files.jar_layers(self._jar(), self.scratch)
            made = image.compose(base, layers, entrypoint=layout.entrypoint, labels=labels)
            return made, {**places, **more}
        if self.kind == "nginx":
            layer, place = image_files.site_layer(tree, self.path, self.scratch)
            return image.compose(base, [layer], labels=labels), {**places, layer.digest: place}
        return image.compose(base, [], labels=labels), places

    def _jar(self) -> Path:
        """The jar on the controller; fetched once, and checked against what was assessed."""
        if self.sha256 is None:
            jar = self.scratch / "service.jar"
            if not jar.exists():
                self.guest.fetch(self.path, jar)
            return jar
        jar = self.artifacts / f"{self.sha256}.jar"
        if jar.exists() and image_files.file_digest(jar) == self.sha256:
            return jar
        fetched = self.scratch / "service.jar"
        self.guest.fetch(self.path, fetched)
        found = image_files.file_digest(fetched)
        if found != self.sha256:
            raise IntegrityError(
                f"{self.source} has sha256 {found}, the plan says {self.sha256}: "
                "it was changed after it had been assessed; assess and plan again"
            )
        return image_files.keep(fetched, jar)

    def _told(self, tag: str, digest: str | None, *, changed: bool, sent: int = 0, layers: int = 0) -> Outcome:
        reference = f"{self.registry_host}/{self.repository}:{tag}"
        values = {
            "name": self.name,
            "image": f"{reference}@{digest}" if digest else reference,
            "digest": digest,
            "blobs_sent": sent,
            "layers": layers,
        }
        after = f"{values['image']}\n"
        return Outcome(
            changed, "" if changed else after, after, f"{self.registry_host}/{self.repository}", values=values
        )
