# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""User and password for a token, as OpenShift's OAuth server does it."""

from __future__ import annotations

from typing import Any

from ..core.errors import AccessDenied, ConnectionFailed, LandfallError, OperationFailed, Problem


def token(configuration: Any, username: str, password: str) -> str:
    """A token of `username` for the cluster of `configuration`; it expires as the cluster wants it."""
    # few tasks need these, and none should wait for their import
    try:
        import requests
        from kubernetes.client import Configuration
        from openshift.helper.userpassauth import OCPLoginConfiguration, OCPLoginException
    except ImportError as error:
        raise OperationFailed(f"a Python package for the login to OpenShift is missing here: {error}") from error

    class Login(OCPLoginConfiguration):  # type: ignore[misc]  # untyped code
        """The package's login. Its own constructor hands on an argument that kubernetes 37 has no more."""

        def __init__(self) -> None:
            Configuration.__init__(self, host=configuration.host.rstrip("/"))
            self.ocp_username, self.ocp_password = username, password
            self.con_verify_ca = configuration.verify_ssl and (configuration.ssl_ca_cert or True)

    host = configuration.host
    login = Login()
    try:
        login.discover()
        _check(login.openshift_auth_endpoint, login.openshift_token_endpoint)
        return str(login.login()["access_token"])
    except requests.exceptions.RequestException as error:
        found = f"its OAuth server gives no answer: {error}"
        raise ConnectionFailed(f"{host} cannot be used", [Problem(host, found, "an OpenShift cluster")]) from error
    except OCPLoginException as error:
        raise _refusal(host, error) from error
    except (KeyError, TypeError, ValueError) as error:
        found = f"its OAuth server's answer means nothing: {error!r}"
        raise OperationFailed(f"{host}: no token", [Problem(host, found, "an OpenShift cluster")]) from error


def _check(*endpoints: str) -> None:
    """Refuse to send a password over a road that everybody can read."""
    for endpoint in endpoints:
        if not endpoint.startswith("https://"):
            raise ValueError(f"{endpoint} is not https")


def _refusal(host: str, error: Any) -> LandfallError:
    status = error.req_info.get("req_status_code")
    if status == 401:
        found = "it does not know this user with this password"
        return AccessDenied(f"{host}: {found}", [Problem("username", found, "a user of that cluster")])
    if status in (403, 404):  # who is nobody yet may not even ask a Kubernetes of others
        found = "it has no OAuth server, so it knows no users with passwords"
        return OperationFailed(f"{host}: {found}", [Problem("username", found, "an OpenShift cluster, or api_key")])
    found = f"its OAuth server answers {status}: {error.msg}"
    return OperationFailed(f"{host}: no token", [Problem(host, found, "")])
