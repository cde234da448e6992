# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one engine that writes to a cluster: a list of objects, in waves, applied in parallel, compared exactly.

Read and check every object; discover the kinds once; read what is there; then, wave by wave, apply what is not applied
already; then wait until all of it is ready.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from ..core import expect, mask
from ..core.apply import (
    Report,
    foretold,
    scrubbed,
)
from ..core.errors import DocumentError, LandfallError, count
from ..core.wish import Wish
from . import kube_access
from .jmes import compiled
from .kube import KubeClient
from .kube_applyset import Keeper
from .kube_files import documents_of, to_yaml
from .kube_survey import Survey
from .kube_writer import Writer
from .openshift import OpenShiftClient


def run_task(params: Mapping[str, Any], *, check: bool) -> Report:
    """What a task with these parameters does, or would do."""
    documents = documents_of(params["resources"], params["src"])
    wish = Wish.of_task(dict(params), documents, check=check, compiled=compiled)
    kubeconfig = params["kubeconfig"]
    if check and kubeconfig and not any(map(os.path.exists, kubeconfig.split(os.pathsep))):
        return foretold(wish, f"there is no {kubeconfig} yet, so nothing could be compared with the cluster")
    kind = OpenShiftClient if params["flavour"] == "openshift" else KubeClient
    with kind.connect(**{name: params[name] for name in kube_access.NAMES}, workers=wish.workers) as client:
        return apply(client, wish)


def result_of(report: Report, *, diff: bool) -> dict[str, Any]:
    """What a task returns besides `changed` and warnings."""
    result = {"objects": report.objects(), "summary": report.summary}
    return {**result, "diff": report.diff(to_yaml)} if diff else result


def apply(client: KubeClient, wish: Wish) -> Report:
    """Make `wish` true, or with `wish.check` say exactly what that would change."""
    manifests, problems = wish.manifests()
    secrets = mask.secret_values((manifest.body for manifest in manifests), wish.sensitive)
    try:
        with ThreadPoolExecutor(max_workers=wish.workers) as threads:
            survey = Survey(client, manifests, wish, threads)
            problems.extend([*survey.problems, *expect.unfounded(wish.expectations, survey.resources)])
            keeper = Keeper(client, wish.applyset, survey, check=wish.check) if wish.applyset else None
            problems.extend(keeper.problems(force=wish.force) if keeper else [])
            if problems:
                raise DocumentError(f"nothing was written: the objects have {count(problems, 'problem')}", problems)
            if wish.preflight and not wish.check:
                _try_all(client, wish, survey, threads)
            report = Writer(client, wish, survey, threads, keeper).report()
            return report.with_objects(wish) if wish.return_objects else report
    except LandfallError as error:
        raise scrubbed(error, secrets) from None


def _try_all(client: KubeClient, wish: Wish, survey: Survey, threads: Executor) -> None:
    """A dry run of everything: a refusal of the last wave is known before the first one is written."""
    try:
        Writer(client, replace(wish, check=True), survey, threads, None).report()
    except LandfallError as error:
        raise type(error)(f"nothing was written: {error.message}", error.problems) from error
