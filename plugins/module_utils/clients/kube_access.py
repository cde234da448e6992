# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a cluster is and who we are there: a kubeconfig, a host with a token, or the pod that we run in."""

from __future__ import annotations

import os
import ssl
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import unquote, urlsplit

from ..core.errors import ConnectionFailed, DocumentError, OperationFailed, Problem
from . import kube_config, openshift_login
from .kube_config import User

# At module level: the action plugin imports this once, in Ansible's parent process, and every task inherits it.
try:
    import urllib3
    from kubernetes.client import Configuration
    from urllib3.response import HTTPHeaderDict  # type: ignore[attr-defined]  # where every version of it has it
except ImportError as error:  # ansible-doc and the sanity tests do without
    MISSING: ImportError | None = error
else:
    MISSING = kube_config.MISSING

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 65.0  # the server itself ends a request after 60
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Options:
    """What a task says of a cluster (KUBE_ARGUMENTS). What it leaves out, the kubeconfig says."""

    kubeconfig: str | None = None
    context: str | None = None
    host: str | None = None
    api_key: str | None = None
    username: str | None = None
    password: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    ca_path: str | None = None
    verify_ssl: bool = True
    tls_server_name: str | None = None
    proxy: str | None = None
    no_proxy: str | None = None
    impersonate_user: str | None = None
    impersonate_groups: Sequence[str] | None = None

    @property
    def has_credentials(self) -> bool:
        return bool(self.api_key or self.username or self.client_cert)

    def problems(self) -> list[Problem]:
        """What cannot be meant."""
        pairs = (("username", "password"), ("client_key", "client_cert"), ("impersonate_groups", "impersonate_user"))
        found = [
            Problem(one, f"is given without {other}", f"{one} and {other}")
            for one, other in (*pairs, ("password", "username"))
            if getattr(self, one) and not getattr(self, other)
        ]
        ways = [one for one in ("api_key", "username", "client_cert") if getattr(self, one)]
        if len(ways) > 1:
            found.append(
                Problem(ways[0], f"is given together with {' and '.join(ways[1:])}", "one way to say who asks")
            )
        return found


NAMES = tuple(one.name for one in fields(Options))
"""The names of all options, for whoever picks them from a task's parameters."""


class Access:
    """An open door to one API server: its address, a pool of connections, and the headers that say who asks."""

    def __init__(self, configuration: Configuration, tls: ssl.SSLContext | None, workers: int, user: User) -> None:
        self.server: str = configuration.host.rstrip("/")
        self.tls = tls
        self.server_name: str | None = getattr(configuration, "tls_server_name", None)
        self._configuration = configuration
        self._user = user
        options: dict[str, Any] = {
            "maxsize": max(workers, 32),  # waits have a connection for each kind and namespace
            "retries": False,
            "timeout": urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
        }
        if tls is not None:
            options["ssl_context"] = tls
        if self.server_name:
            options.update(server_hostname=self.server_name, assert_hostname=self.server_name)
        self.proxy = _proxy_for(configuration)
        self.pool = _through(self.proxy, options) if self.proxy else urllib3.PoolManager(**options)

    def headers(self, more: Mapping[str, str] | None = None) -> HTTPHeaderDict:
        """Who asks, and `more`; a token of an exec plugin is renewed here when it has expired."""
        headers = HTTPHeaderDict({"User-Agent": "landfall", **(more or {})})
        settings: Any = self._configuration.auth_settings()
        for one in settings.values():
            if one["in"] == "header" and one["value"]:
                headers[one["key"]] = one["value"].strip()  # files of tokens end with a line end
        if self._user.get("as"):
            headers["Impersonate-User"] = self._user["as"]
        for group in self._user.get("as-groups") or []:
            headers.add("Impersonate-Group", group)
        return headers

    def close(self) -> None:
        self.pool.clear()


def open_access(*, workers: int = 8, **given: Any) -> Access:
    """The access that these Options, or else the environment, describe. Only a login makes requests."""
    options = Options(**given)
    if MISSING is not None:
        raise OperationFailed(f"a Python package that speaks to Kubernetes is missing here: {MISSING}")
    problems = options.problems()
    if problems:
        raise DocumentError("nobody can know who asks the cluster", problems)
    # The package writes keys of a kubeconfig into temporary files and removes them when Python ends, which a forked
    # worker never does properly: they are read into the TLS context at once, and then go.
    with _ONE_AT_A_TIME:
        try:
            configuration = Configuration()
            user = _locate(configuration, options)
            _override(configuration, options)
            tls = _tls(configuration) if configuration.host.startswith("https:") else None
            if options.username and options.password:
                _bear(configuration, openshift_login.token(configuration, options.username, options.password))
        finally:
            kube_config.forget_files()
    return Access(configuration, tls, workers, user)


def _locate(configuration: Configuration, options: Options) -> User:
    """Where the cluster is, and who asks if nobody says it otherwise."""
    default = os.path.expanduser(kube_config.DEFAULT)
    path = options.kubeconfig or (default if not options.host and os.path.exists(default) else None)
    user: User = {}
    if path:
        user = kube_config.load_kubeconfig(configuration, path, options.context, anonymous=options.has_credentials)
    elif not options.host and kube_config.is_in_pod():
        kube_config.load_service_account(configuration)
    elif not options.host:
        found = "no cluster is named"
        raise ConnectionFailed(found, [Problem("kubeconfig", found, "a kubeconfig, KUBECONFIG, or host and api_key")])
    if options.impersonate_user:
        return {"as": options.impersonate_user, "as-groups": options.impersonate_groups}
    return {} if options.has_credentials else user


def _override(configuration: Configuration, options: Options) -> None:
    """What the task says counts more than what a kubeconfig says."""
    if options.host:
        configuration.host = options.host
    if options.has_credentials:
        configuration.cert_file, configuration.key_file = options.client_cert, options.client_key
        configuration.api_key, configuration.refresh_api_key_hook = {}, None
    if options.api_key:
        _bear(configuration, options.api_key)
    if options.ca_path:
        configuration.ssl_ca_cert = options.ca_path
    if not options.verify_ssl:
        configuration.verify_ssl = False
    if options.tls_server_name:
        configuration.tls_server_name = options.tls_server_name
    if options.proxy:
        configuration.proxy = options.proxy
    if options.no_proxy:
        configuration.no_proxy = options.no_proxy


def _bear(configuration: Configuration, token: str) -> None:
    configuration.api_key, configuration.api_key_prefix = {"authorization": f"Bearer {token}"}, {}


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
    url, environment = urlsplit(configuration.host), urllib.request.getproxies()
    proxy: str | None = configuration.proxy or environment.get(url.scheme)
    around = {"no": getattr(configuration, "no_proxy", None) or environment.get("no", "")}
    host = url.hostname or ""
    bypass: Any = getattr(urllib.request, "proxy_bypass_environment")  # noqa: B009  typeshed leaves it out
    return None if not proxy or bypass(host, around) else proxy


def _through(proxy: str, options: Mapping[str, Any]) -> urllib3.ProxyManager:
    url = urlsplit(proxy)
    who = f"{unquote(url.username)}:{unquote(url.password or '')}" if url.username else None
    try:
        return urllib3.ProxyManager(proxy, proxy_headers=urllib3.make_headers(proxy_basic_auth=who), **options)
    except (ValueError, urllib3.exceptions.HTTPError) as error:
        found = f"there is no way through the proxy {url.hostname}: {error}"
        raise ConnectionFailed(found, [Problem("proxy", found, "http://proxy.example:3128")]) from error
