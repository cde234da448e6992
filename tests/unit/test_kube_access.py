# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a task may say of a cluster, and what it cannot mean."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_access import NAMES, Options
from ansible_collections.landfall.replatform.plugins.module_utils.module import KUBE_ARGUMENTS


def test_every_argument_is_an_option() -> None:
    assert set(KUBE_ARGUMENTS) == set(NAMES)


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("kubeconfig", ["K8S_AUTH_KUBECONFIG", "KUBECONFIG"]),
        ("context", ["K8S_AUTH_CONTEXT"]),
        ("host", ["K8S_AUTH_HOST"]),
        ("api_key", ["K8S_AUTH_API_KEY"]),
        ("username", ["K8S_AUTH_USERNAME"]),
        ("password", ["K8S_AUTH_PASSWORD"]),
        ("client_cert", ["K8S_AUTH_CERT_FILE"]),
        ("client_key", ["K8S_AUTH_KEY_FILE"]),
        ("ca_path", ["K8S_AUTH_SSL_CA_CERT"]),
        ("verify_ssl", ["K8S_AUTH_VERIFY_SSL"]),
        ("proxy", ["K8S_AUTH_PROXY"]),
        ("no_proxy", ["K8S_AUTH_NO_PROXY"]),
        ("impersonate_user", ["K8S_AUTH_IMPERSONATE_USER"]),
        ("impersonate_groups", ["K8S_AUTH_IMPERSONATE_GROUPS"]),
    ],
)
def test_the_environment_that_everybody_knows(name: str, variables: list[str]) -> None:
    assert KUBE_ARGUMENTS[name]["fallback"][1] == variables


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({}, []),
        ({"api_key": "t"}, []),
        ({"username": "u", "password": "p"}, []),
        ({"client_cert": "c"}, []),
        ({"client_cert": "c", "client_key": "k"}, []),
        ({"impersonate_user": "u", "impersonate_groups": ["g"]}, []),
        ({"username": "u"}, ["username"]),
        ({"password": "p"}, ["password"]),
        ({"client_key": "k"}, ["client_key"]),
        ({"impersonate_groups": ["g"]}, ["impersonate_groups"]),
        ({"api_key": "t", "client_cert": "c"}, ["api_key"]),
        ({"api_key": "t", "username": "u"}, ["username", "api_key"]),
    ],
)
def test_what_cannot_be_meant(given: dict[str, Any], paths: list[str]) -> None:
    assert [one.path for one in Options(**given).problems()] == paths
