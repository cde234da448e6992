# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks the server for every right that a call needs, before the call begins."""

from __future__ import annotations

from concurrent.futures import Executor

from ..core import rights
from ..core.rights import Right, Rights
from .kube import KubeClient

_PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def forbidden(client: KubeClient, needed: Rights, threads: Executor) -> list[Right]:
    """Those of `needed` that these credentials do not have; for single objects where a role allows some of them."""
    refused = _refused(client, list(needed), threads)
    single = {right: rights.by_name(right, needed[right]) for right in refused}
    still = set(_refused(client, [one for several in single.values() for one in several], threads))
    found: list[Right] = []
    for right, several in single.items():
        left = [one for one in several if one in still]
        found.extend([right] if len(left) == len(several) else left)
    return found


def _refused(client: KubeClient, asked: list[Right], threads: Executor) -> list[Right]:
    answers = threads.map(lambda right: client.request("POST", _PATH, body=right.review).body["status"], asked)
    return [right for right, status in zip(asked, answers, strict=True) if not status.get("allowed")]
