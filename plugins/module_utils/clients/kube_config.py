# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What kubeconfigs, and the pod that we run in, say of a cluster; read by the kubernetes package."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..core.errors import ConnectionFailed, Problem

# At module level: the action plugin imports this once, in Ansible's parent process, and every task inherits it.
try:
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

User = Mapping[str, Any]
"""The user of a context, as the kubeconfig describes it."""

DEFAULT = "~/.kube/config"


def load_kubeconfig(configuration: Configuration, path: str, context: str | None, *, anonymous: bool) -> User:
    """Put what a context says into `configuration`, with `anonymous` without its user.

    Of several files, the first one counts that says a thing.
    """
    paths = [os.path.expanduser(one) for one in path.split(os.pathsep) if one]
    there = [one for one in paths if os.path.exists(one)]
    if not there:
        raise _unusable(f"{paths[0] if paths else path} does not exist", "the kubeconfig of the cluster")
    try:
        return _load(configuration, there, context, anonymous)
    # what is no kubeconfig at all meets the package's code unchecked
    except (ConfigException, AttributeError, KeyError, OSError, TypeError, ValueError, yaml.YAMLError) as error:
        raise _unusable(f"{path} cannot be used: {error}", "a kubeconfig with that context") from error


def _load(configuration: Configuration, paths: list[str], context: str | None, anonymous: bool) -> User:
    config, current = _read(paths[0]) if len(paths) == 1 else _merge(paths)
    name = context or current
    if anonymous and name:
        config["contexts"].get_with_name(name).value["context"].pop("user", None)
    loader = _kubeconfigs.KubeConfigLoader(config, active_context=name, config_base_path=None)
    with _complaints() as complaints:
        loader.load_and_set(configuration)
    cluster = config["clusters"].get_with_name(loader.current_context["context"]["cluster"]).value["cluster"]
    if cluster.get("proxy-url"):
        configuration.proxy = cluster["proxy-url"]  # older versions of the package leave it out
    who = loader.current_context["context"].get("user")
    node = config["users"].get_with_name(who, safe=True) if who else None
    user: User = (node.value.get("user") if node else None) or {}
    # The package goes on without credentials where a plugin has failed, and only writes that to a log.
    if "exec" in user and not configuration.api_key and not configuration.cert_file:
        said = "; ".join(complaints) or "it gave no credentials"
        raise ConfigException(f"its plugin {user['exec'].get('command')} has failed: {said}")
    return user


def _read(path: str) -> tuple[Any, str | None]:
    """What one file says, and its current context. With libyaml: certificates take the package a tenth of a task."""
    with open(path, encoding="utf-8") as file:
        said = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if said is None:
        raise ConfigException(f"{path} is empty")
    whole = {**said, **{part: said.get(part) or [] for part in ("clusters", "contexts", "users")}}
    return _kubeconfigs.ConfigNode(path, whole, path), said.get("current-context")


def _merge(paths: list[str]) -> tuple[Any, str | None]:
    """What several files say together.

    The package lets the last one decide where nobody names a context; kubectl and everybody else, the first one.
    """
    merger = _kubeconfigs.KubeConfigMerger(os.pathsep.join(paths))
    named = (one.get("current-context") for one in merger.config_files.values())
    return merger.config, next((one for one in named if one), None)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What the package writes to the log of its errors meanwhile."""
    found: list[str] = []

    class _Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage().strip())

    ear = _Ear(logging.ERROR)
    logging.getLogger().addHandler(ear)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(ear)


def forget_files() -> None:
    """Remove the files that the package made of the keys and certificates in kubeconfigs."""
    _kubeconfigs._cleanup_temp_files()


def is_in_pod() -> bool:
    """Whether a service account of a pod is there to be used."""
    return "KUBERNETES_SERVICE_HOST" in os.environ


def load_service_account(configuration: Configuration) -> None:
    """Put what a pod knows of its cluster into `configuration`."""
    try:
        _pods.load_incluster_config(client_configuration=configuration)
    except (ConfigException, OSError) as error:
        found = f"the service account of this pod cannot be used: {error}"
        raise _unusable(found, "a mounted token, or a kubeconfig") from error


def _unusable(found: str, right: str) -> ConnectionFailed:
    return ConnectionFailed(found, [Problem("kubeconfig", found, right)])
