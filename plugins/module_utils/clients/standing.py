# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of the suite is in the cluster."""

from __future__ import annotations

import os

from .kube import KubeClient, Objects

_SUITE = "app.kubernetes.io/managed-by=landfall,app.kubernetes.io/part-of=suite"


def suite_controllers(kubeconfig: str) -> Objects | None:
    """The Deployments and StatefulSets of the suite, in all projects; None where there is no cluster yet."""
    if not os.path.exists(kubeconfig):
        return None
    with KubeClient.connect(kubeconfig=kubeconfig) as client:
        return [one for kind in ("Deployment", "StatefulSet") for one in client.list("apps/v1", kind, labels=_SUITE)]
