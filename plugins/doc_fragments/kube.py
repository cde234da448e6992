# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How to reach a Kubernetes cluster: the options of KUBE_ARGUMENTS."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of a kubeconfig; several may be joined with colons.
      - Without it, and without O(host), C(~/.kube/config) is used where it exists, and else the service account of
        the pod that the task runs in.
      - Environment variables E(K8S_AUTH_KUBECONFIG) and E(KUBECONFIG) are used where it is not given.
    type: path
  context:
    description:
      - Name of the context in the kubeconfig; its current one without it.
      - Environment variable E(K8S_AUTH_CONTEXT) is used where it is not given.
    type: str
  host:
    description:
      - Address of the API server, V(https://10.20.8.9:6443); it replaces that of the kubeconfig.
      - Environment variable E(K8S_AUTH_HOST) is used where it is not given.
    type: str
  api_key:
    description:
      - Bearer token; it replaces the credentials of the kubeconfig.
      - Environment variable E(K8S_AUTH_API_KEY) is used where it is not given.
    type: str
  ca_path:
    description:
      - PEM file of the authority that signed the API server's certificate; it replaces that of the kubeconfig.
      - Environment variable E(K8S_AUTH_SSL_CA_CERT) is used where it is not given.
    type: path
  verify_ssl:
    description:
      - Whether the API server's certificate is verified.
      - Environment variable E(K8S_AUTH_VERIFY_SSL) is used where it is not given.
    type: bool
    default: true
requirements:
  - kubernetes >= 31.0.0
  - PyYAML >= 6.0
"""
