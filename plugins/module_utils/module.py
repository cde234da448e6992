# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The edge to Ansible: the only file of module_utils that knows AnsibleModule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule, env_fallback

from .core.errors import FieldConflict, LandfallError


@dataclass(frozen=True)
class Outcome:
    """What a verb did, or would do in check mode."""

    changed: bool
    before: str = ""
    after: str = ""
    header: str = ""
    warnings: list[str] = field(default_factory=list)
    values: Mapping[str, Any] = field(default_factory=dict)


def failure(error: LandfallError) -> dict[str, Any]:
    """The result of a task that met `error`: its message, and each problem as data."""
    result: dict[str, Any] = {"msg": str(error), "problems": [asdict(problem) for problem in error.problems]}
    conflicts = [one for one in error.problems if isinstance(one, FieldConflict)]
    return {**result, "conflicts": [one.facts for one in conflicts]} if conflicts else result


def success(outcome: Outcome, *, diff: bool) -> dict[str, Any]:
    """The result of a task that ended with `outcome`."""
    result: dict[str, Any] = {"changed": outcome.changed, **outcome.values}
    if outcome.warnings:
        result["warnings"] = list(outcome.warnings)
    if diff and outcome.before != outcome.after:
        header = outcome.header or "state"
        result["diff"] = {
            "before": outcome.before,
            "after": outcome.after,
            "before_header": header,
            "after_header": header,
        }
    return result


def run(module: AnsibleModule, verb: Callable[[dict[str, Any], bool], Outcome]) -> None:
    """Call `verb(params, check_mode)` and leave with its outcome or its error."""
    try:
        outcome = verb(module.params, module.check_mode)
    except LandfallError as error:
        module.fail_json(**failure(error))
    module.exit_json(**success(outcome, diff=module._diff))


VCENTER_ARGUMENTS: dict[str, Any] = {
    "hostname": {"type": "str", "required": True, "fallback": (env_fallback, ["VMWARE_HOST"])},
    "port": {"type": "int", "default": 443, "fallback": (env_fallback, ["VMWARE_PORT"])},
    "username": {"type": "str", "required": True, "fallback": (env_fallback, ["VMWARE_USER"])},
    "password": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["VMWARE_PASSWORD"])},
    "ca_path": {"type": "path"},
    "thumbprint": {"type": "str"},
    "timeout": {"type": "int", "default": 60},
}

KUBE_ARGUMENTS: dict[str, Any] = {
    "kubeconfig": {"type": "path", "fallback": (env_fallback, ["K8S_AUTH_KUBECONFIG", "KUBECONFIG"])},
    "context": {"type": "str", "fallback": (env_fallback, ["K8S_AUTH_CONTEXT"])},
    "host": {"type": "str", "fallback": (env_fallback, ["K8S_AUTH_HOST"])},
    "api_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["K8S_AUTH_API_KEY"])},
    "username": {"type": "str", "fallback": (env_fallback, ["K8S_AUTH_USERNAME"])},
    "password": {"type": "str", "no_log": True, "fallback": (env_fallback, ["K8S_AUTH_PASSWORD"])},
    "client_cert": {"type": "path", "fallback": (env_fallback, ["K8S_AUTH_CERT_FILE"])},
    "client_key": {"type": "path", "no_log": False, "fallback": (env_fallback, ["K8S_AUTH_KEY_FILE"])},
    "ca_path": {"type": "path", "fallback": (env_fallback, ["K8S_AUTH_SSL_CA_CERT"])},
    "verify_ssl": {"type": "bool", "default": True, "fallback": (env_fallback, ["K8S_AUTH_VERIFY_SSL"])},
    "tls_server_name": {"type": "str", "fallback": (env_fallback, ["K8S_AUTH_TLS_SERVER_NAME"])},
    "proxy": {"type": "str", "fallback": (env_fallback, ["K8S_AUTH_PROXY"])},
    "no_proxy": {"type": "str", "fallback": (env_fallback, ["K8S_AUTH_NO_PROXY"])},
    "impersonate_user": {"type": "str", "fallback": (env_fallback, ["K8S_AUTH_IMPERSONATE_USER"])},
    "impersonate_groups": {
        "type": "list",
        "elements": "str",
        "fallback": (env_fallback, ["K8S_AUTH_IMPERSONATE_GROUPS"]),
    },
}
