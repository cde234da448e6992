# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The nodes of a cluster: waits for them and labels them. Never creates one: that is the kubelet's."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..core import kube_nodes
from .kube import KubeClient

_PAUSE = 0.5  # seconds between two looks; a list of nodes is a small request


def wait_for(client: KubeClient, names: Sequence[str], *, ready: bool, timeout: float) -> dict[str, dict[str, Any]]:
    """The nodes, as soon as all of `names` are registered, or ready."""
    deadline = time.monotonic() + timeout
    while True:
        nodes = {node["metadata"]["name"]: node for node in client.list("v1", "Node")}
        problems = kube_nodes.missing(names, nodes, ready=ready)
        if not problems:
            return nodes
        if time.monotonic() > deadline:
            raise kube_nodes.too_late(problems, timeout, ready=ready)
        time.sleep(_PAUSE)


def label(
    client: KubeClient,
    nodes: Mapping[str, Mapping[str, Any]],
    labels: Mapping[str, Mapping[str, str]],
    *,
    coming: Sequence[str] = (),
) -> tuple[str, str]:
    """Give each of `nodes` exactly its `labels` as ours; both sides of the diff.

    Nodes that are still `coming` are only spoken of, and then nothing is written at all: that is a check.
    """
    before: dict[str, Mapping[str, str]] = {}
    after: dict[str, Mapping[str, str]] = {}
    for name, wanted in labels.items():
        node = nodes.get(name)
        if kube_nodes.is_labelled(node, wanted) if node else name not in coming:
            continue
        before[name] = kube_nodes.our_labels(node, wanted) if node else {}
        after[name] = wanted
        if not coming:
            client.apply(kube_nodes.body_of(name, wanted), field_manager=kube_nodes.MANAGER, force=True)
    return kube_nodes.lines(before), kube_nodes.lines(after)
