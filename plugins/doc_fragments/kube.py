# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How to reach a Kubernetes cluster: the options of KUBE_ARGUMENTS."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of a kubeconfig; several may be joined with colons. Of these, the first one counts that says a thing, and
        those that do not exist count as empty.
      - Certificates as files or data, tokens, files of tokens and plugins (C(exec)) in it are used, and so are C(as),
        C(as-groups), C(proxy-url) and C(tls-server-name).
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
  username:
    description:
      - User of an OpenShift cluster, whose OAuth server then gives a token for it and O(password). That replaces the
        credentials of the kubeconfig. Kubernetes itself has no users with passwords.
      - Each task asks for a token of its own, which lives as long as the cluster lets it. With many tasks, ask for one
        yourself and give it as O(api_key).
      - Its certificate is verified like that of the API server, so O(ca_path) must hold both authorities where they
        differ.
      - Environment variable E(K8S_AUTH_USERNAME) is used where it is not given.
    type: str
  password:
    description:
      - Password of O(username).
      - Environment variable E(K8S_AUTH_PASSWORD) is used where it is not given.
    type: str
  client_cert:
    description:
      - PEM file of a certificate to show to the API server; it replaces the credentials of the kubeconfig.
      - Environment variable E(K8S_AUTH_CERT_FILE) is used where it is not given.
    type: path
  client_key:
    description:
      - PEM file of the key of O(client_cert), where that does not hold it.
      - Environment variable E(K8S_AUTH_KEY_FILE) is used where it is not given.
    type: path
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
  tls_server_name:
    description:
      - The name that the API server's certificate shall have, where it is not that of its address.
      - Environment variable E(K8S_AUTH_TLS_SERVER_NAME) is used where it is not given.
    type: str
  proxy:
    description:
      - HTTP proxy on the way to the API server, V(http://proxy.example:3128). Without it, that of the kubeconfig or of
        the environment (E(HTTPS_PROXY)).
      - Environment variable E(K8S_AUTH_PROXY) is used where it is not given.
    type: str
  no_proxy:
    description:
      - Hosts, with commas between them, that no proxy is used for.
      - Environment variable E(K8S_AUTH_NO_PROXY) is used where it is not given.
    type: str
  impersonate_user:
    description:
      - User to act as, which who asks must be allowed to.
      - Environment variable E(K8S_AUTH_IMPERSONATE_USER) is used where it is not given.
    type: str
  impersonate_groups:
    description:
      - Groups that O(impersonate_user) is then in.
      - Environment variable E(K8S_AUTH_IMPERSONATE_GROUPS), with commas between them, is used where it is not given.
    type: list
    elements: str
requirements:
  - kubernetes >= 31.0.0
  - PyYAML >= 6.0
  - openshift >= 0.13.2, where O(username) is given
"""
