# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a cluster is and who we are there: a kubeconfig, a host with a token, or the pod that we run in."""

from __future__ import annotations

import os
import ssl
import threading
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from ..core.errors import ConnectionFailed, OperationFailed, Problem

# At module level: the action plugin imports this once, in Ansible's parent process, and every task inherits it.
try:
    import urllib3
    import yaml
    from kubernetes.client import Configuration
    from kubernetes.config import incluster_config, kube_config
    from kubernetes.config.config_exception import ConfigException
except ImportError as error:  # ansible-doc and the sanity tests do without
    MISSING: ImportError | None = error
else:
    MISSING = None
    _kubeconfigs: Any = kube_config  # untyped code
    _pods: Any = incluster_config

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 65.0  # the server itself ends a request after 60
_ONE_AT_A_TIME = threading.Lock()


class Access:
    """An open door to one API server: its address, a pool of connections, and the headers that say who asks."""

    def __init__(self, configuration: Configuration, tls: ssl.SSLContext | None, workers: int) -> None:
        self.server: str = configuration.host.rstrip("/")
        self.tls = tls
        self.server_name: str | None = getattr(configuration, "tls_server_name", None)
        self._configuration = configuration
        options: dict[str, Any] = {
            "maxsize": max(workers, 32),  # waits have a connection for each kind and namespace
            "retries": False,
            "timeout": urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
        }
        if tls is not None:
            options["ssl_context"] = tls
        if self.server_name:
            options.update(server_hostname=self.server_name, assert_hostname=self.server_name)
        proxy = _proxy_for(configuration)
        self.pool = urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)

    def headers(self) -> dict[str, str]:
        """Who asks; a token of an exec plugin is renewed here when it has expired."""
        headers = {"User-Agent": "landfall"}
        settings: Any = self._configuration.auth_settings()
        for one in settings.values():
            if one["in"] == "header" and one["value"]:
                headers[one["key"]] = one["value"]
        return headers

    def close(self) -> None:
        self.pool.clear()


def open_access(
    *,
    kubeconfig: str | None = None,
    context: str | None = None,
    host: str | None = None,
    api_key: str | None = None,
    ca_path: str | None = None,
    verify_ssl: bool = True,
    workers: int = 8,
) -> Access:
    """The access that these options, or else the environment, describe. No request is made."""
    if MISSING is not None:
        raise OperationFailed(f"a Python package that speaks to Kubernetes is missing here: {MISSING}")
    # The library writes keys of a kubeconfig into temporary files and removes them when Python ends, which a forked
    # worker never does properly: they are read into the TLS context at once, and then go.
    with _ONE_AT_A_TIME:
        try:
            configuration = _configuration(kubeconfig, context, host)
            if api_key:
                configuration.api_key = {"authorization": f"Bearer {api_key}"}
                configuration.api_key_prefix = {}
                configuration.refresh_api_key_hook = None
            if ca_path:
                configuration.ssl_ca_cert = ca_path
            if not verify_ssl:
                configuration.verify_ssl = False
            tls = _tls(configuration) if configuration.host.startswith("https:") else None
        finally:
            _kubeconfigs._cleanup_temp_files()
    return Access(configuration, tls, workers)


def _configuration(kubeconfig: str | None, context: str | None, host: str | None) -> Configuration:
    configuration = Configuration()
    default = os.path.expanduser("~/.kube/config")
    path = kubeconfig or (default if not host and os.path.exists(default) else None)
    if path:
        _load(configuration, path, context)
    elif not host and "KUBERNETES_SERVICE_HOST" in os.environ:
        _pods.load_incluster_config(client_configuration=configuration)
    elif not host:
        found = "no cluster is named"
        raise ConnectionFailed(found, [Problem("kubeconfig", found, "a kubeconfig, KUBECONFIG, or host and api_key")])
    if host:
        configuration.host = host
    return configuration


def _load(configuration: Configuration, path: str, context: str | None) -> None:
    absent = [one for one in path.split(os.pathsep) if not os.path.exists(one)]
    if absent:
        found = f"{absent[0]} does not exist"
        raise ConnectionFailed(found, [Problem("kubeconfig", found, "the kubeconfig of the cluster")])
    try:
        _kubeconfigs.load_kube_config(path, context, configuration, persist_config=False)
    except (ConfigException, OSError, ValueError, yaml.YAMLError) as error:
        found = f"{path} cannot be used: {error}"
        raise ConnectionFailed(found, [Problem("kubeconfig", found, "a kubeconfig with that context")]) from error


def _tls(configuration: Configuration) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=configuration.ssl_ca_cert or None)
        if configuration.cert_file:
            context.load_cert_chain(configuration.cert_file, configuration.key_file or None)
    except (OSError, ssl.SSLError) as error:
        found = f"its certificates cannot be read: {error}"
        raise ConnectionFailed(found, [Problem(configuration.host, found, "PEM files of a CA and a client")]) from error
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # somebody has decided it, in writing
    return context


def _proxy_for(configuration: Configuration) -> str | None:
    proxy: str | None = configuration.proxy
    around = {"no": getattr(configuration, "no_proxy", None) or ""}
    host = urlsplit(configuration.host).hostname or ""
    bypass: Any = getattr(urllib.request, "proxy_bypass_environment")  # noqa: B009  typeshed leaves it out
    return None if not proxy or bypass(host, around) else proxy
