# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A vCenter as inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: estate
short_description: A vCenter as inventory, in one sweep
version_added: 1.0.0
author: "Landfall authors (@landfall)"
description:
  - Every virtual machine of a vCenter that is not a template is a host, with its facts as C(landfall_guest) and its
    first address as C(ansible_host).
  - Hosts are grouped by cluster (C(cluster_prod_a)), folder (C(folder_legacy)), tag (C(tag_production)), power
    (C(power_on)), operating system (C(os_debian12)) and by the custom attributes of O(attributes).
  - The guests that O(select) chooses and that are on are in the group C(guests). The nodes that Landfall made are in
    C(nodes), and in C(control_planes) or C(workers).
  - One login and one sweep of a few calls, however many guests there are, and none where the cache is used and fresh.
  - The name of the file must be C(landfall.yml) or end with C(.estate.yml), or C(.yaml).
options:
  plugin:
    description: Must be V(landfall.replatform.estate).
    type: str
    required: true
    choices: [landfall.replatform.estate, estate]
  hostname:
    description: Name or address of the vCenter.
    type: str
    required: true
    env: [{name: VMWARE_HOST}]
  port:
    description: Port of the vCenter.
    type: int
    default: 443
    env: [{name: VMWARE_PORT}]
  username:
    description: Who asks. Reading is all that is needed.
    type: str
    required: true
    env: [{name: VMWARE_USER}]
  password:
    description: The password of O(username).
    type: str
    required: true
    env: [{name: VMWARE_PASSWORD}]
  ca_path:
    description: PEM file of the CAs that are trusted, relative to the directory of this file.
    type: str
  thumbprint:
    description: The digest of the vCenter's certificate, instead of a CA.
    type: str
  timeout:
    description: Seconds that the vCenter may take to answer one request.
    type: int
    default: 60
  include:
    description: Which guests are hosts, as JMESPath over a guest's facts. Without it, all.
    type: str
  exclude:
    description: Which of them are not, as JMESPath over a guest's facts.
    type: str
  select:
    description: Which of them are in the group C(guests), as JMESPath over a guest's facts. Without it, none.
    type: str
  site:
    description: Whose nodes are in C(nodes). Without it, all that Landfall made.
    type: str
  attributes:
    description:
      - Custom attributes whose values make groups, V(owner) such as C(owner_goods_team). Not all of them do by
        themselves, as many hold a date or a note, another one for each guest.
    type: list
    elements: str
    default: []
  tags:
    description: Whether to read tags.
    type: bool
    default: true
extends_documentation_fragment:
  - constructed
  - inventory_cache
requirements:
  - pyvmomi
  - jmespath, where a selection is given
"""

EXAMPLES = r"""
# mall.estate.yml
plugin: landfall.replatform.estate
hostname: vcenter.mall.example
ca_path: vcenter-ca.pem
exclude: "starts_with(name, 'win-')"
select: "contains(tags, 'spring-cloud')"
cache: true
attributes: [owner, business_line]
compose:
  ansible_user: "'ops'"
keyed_groups:
  - key: landfall_guest.esxi_host
    prefix: esxi
"""

import os
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible_collections.landfall.replatform.plugins.module_utils.clients.selection import selection
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere import read_in_session
from ansible_collections.landfall.replatform.plugins.module_utils.clients.vsphere_estate import read_estate
from ansible_collections.landfall.replatform.plugins.module_utils.core import sweep
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import LandfallError
from ansible_collections.landfall.replatform.plugins.module_utils.core.grouping import groups_of, host_address

_CONNECTION = ("hostname", "port", "username", "password", "ca_path", "thumbprint", "timeout")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "landfall.replatform.estate"

    def verify_file(self, path: str) -> bool:
        names = ("landfall.yml", "landfall.yaml", ".estate.yml", ".estate.yaml")
        return bool(super().verify_file(path)) and path.endswith(names)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        key = self.get_cache_key(path)
        wanted = self.get_option("cache") and cache
        guests = self._cache.get(key) if wanted else None
        try:
            if guests is None:
                guests = self._read(path)
                if self.get_option("cache"):
                    self._cache[key] = guests
            self._populate(guests)
        except LandfallError as error:
            # Without its cause, whose text Ansible would print behind ours.
            raise AnsibleParserError(f"{path}: {error}") from None

    def _read(self, path: str) -> list[dict[str, Any]]:
        connection = {name: self._text(name) for name in _CONNECTION}
        if connection["ca_path"]:
            connection["ca_path"] = os.path.join(os.path.dirname(os.path.abspath(path)), connection["ca_path"])
        tags = self.get_option("tags")
        estate = read_in_session(connection, lambda vcenter: read_estate(vcenter, tags=tags))
        include = selection("include", self._text("include"), otherwise=True)
        exclude = selection("exclude", self._text("exclude"), otherwise=False)
        return [dict(one) for one in sweep.select(estate["guests"], include, exclude) if not one["template"]]

    def _text(self, name: str) -> Any:
        """An option; it may be a template, such as a lookup of a vault."""
        value = self.get_option(name)
        return self.templar.template(value) if isinstance(value, str) else value

    def _populate(self, guests: list[dict[str, Any]]) -> None:
        chosen = selection("select", self._text("select"), otherwise=False)
        site, attributes, strict = self._text("site"), self.get_option("attributes"), self.get_option("strict")
        for guest in guests:
            name = guest["name"]
            self.inventory.add_host(name)
            self.inventory.set_variable(name, "landfall_guest", guest)
            if address := host_address(guest):
                self.inventory.set_variable(name, "ansible_host", address)
            for group in groups_of(guest, site=site, chosen=chosen(guest), attributes=attributes):
                self.inventory.add_child(self.inventory.add_group(group), name)
            variables = self.inventory.get_host(name).get_vars()
            self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)
