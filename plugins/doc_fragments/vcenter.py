# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a module reaches a vCenter."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  hostname:
    description:
      - Name or address of the vCenter.
      - Without it, the environment variable E(VMWARE_HOST).
    type: str
    required: true
  port:
    description:
      - Port of the vCenter.
      - Without it, the environment variable E(VMWARE_PORT).
    type: int
    default: 443
  username:
    description:
      - Who asks.
      - Without it, the environment variable E(VMWARE_USER).
    type: str
    required: true
  password:
    description:
      - The password of O(username).
      - Without it, the environment variable E(VMWARE_PASSWORD).
    type: str
    required: true
  ca_path:
    description:
      - PEM file of the CA certificates that are trusted to sign the vCenter's certificate.
      - Without it and without O(thumbprint), the CAs of the system are trusted. There is no way to trust just anything.
    type: path
  thumbprint:
    description:
      - The digest of the vCenter's certificate, SHA-256 (SHA-1 and SHA-512 work too), with or without colons.
      - Every connection must show exactly this certificate, whoever signed it.
    type: str
  timeout:
    description:
      - Seconds that the vCenter may take to answer one request.
    type: int
    default: 60
requirements:
  - pyvmomi
"""
