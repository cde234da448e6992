# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one engine that writes to a cluster: a list of objects, in waves, applied in parallel, compared exactly.

Read and check every object; discover the kinds once; read what is there; then, wave by wave, apply what is not applied
already; then wait until all of it is ready.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from ..core import expect, mask, objects, order
from ..core.apply import (
    ABSENT,
    CHANGES,
    DELETED,
    Done,
    Report,
    foretold,
    scrubbed,
    together,
)
from ..core.catalogue import defined_by
from ..core.errors import ConnectionFailed, DocumentError, LandfallError, count
from ..core.objects import Manifest
from ..core.wish import Wish
from .jmes import compiled
from .kube import KubeClient
from .kube_files import documents_of, to_yaml
from .kube_object import ObjectWriter
from .kube_ready import Waits
from .kube_survey import Survey

_CONNECTION = ("kubeconfig", "context", "host", "api_key", "ca_path", "verify_ssl")

_RULES_SECONDS = 2.0  # every API server looks for new policies once a second, and then compiles them


def run_task(params: Mapping[str, Any], *, check: bool) -> Report:
    """What a task with these parameters does, or would do."""
    documents = documents_of(params["resources"], params["src"])
    wish = Wish.of_task(dict(params), documents, check=check, compiled=compiled)
    kubeconfig = params["kubeconfig"]
    if check and kubeconfig and not os.path.exists(kubeconfig.split(os.pathsep)[0]):
        return foretold(wish, f"there is no {kubeconfig} yet, so nothing could be compared with the cluster")
    with KubeClient.connect(**{name: params[name] for name in _CONNECTION}, workers=wish.workers) as client:
        return apply(client, wish)


def result_of(report: Report, *, diff: bool) -> dict[str, Any]:
    """What a task returns besides `changed` and warnings."""
    result = {"objects": report.objects(), "summary": report.summary}
    return {**result, "diff": report.diff(to_yaml)} if diff else result


def apply(client: KubeClient, wish: Wish) -> Report:
    """Make `wish` true, or with `wish.check` say exactly what that would change."""
    manifests, problems = objects.read(wish.documents)
    secrets = mask.secret_values((manifest.body for manifest in manifests), wish.sensitive)
    try:
        with ThreadPoolExecutor(max_workers=wish.workers) as threads:
            survey = Survey(client, manifests, absent=wish.absent, threads=threads)
            problems.extend([*survey.problems, *expect.unfounded(wish.expectations, survey.resources)])
            if problems:
                raise DocumentError(f"nothing was written: the objects have {count(problems, 'problem')}", problems)
            return _Writer(client, wish, survey, threads).report()
    except LandfallError as error:
        raise scrubbed(error, secrets) from None


class _Writer:
    """One call, after everything about it is known."""

    def __init__(self, client: KubeClient, wish: Wish, survey: Survey, threads: Executor) -> None:
        self._client, self._wish, self._survey, self._threads = client, wish, survey, threads
        self._objects = ObjectWriter(client, wish, survey)
        self._waits = Waits(client, wish, survey.resources)
        self._cut_off: ConnectionFailed | None = None
        self._rules_written: float | None = None

    def report(self) -> Report:
        wish = self._wish
        done = [Done(manifest.identity, ABSENT) for manifest in self._survey.unknown]
        errors: list[LandfallError] = []
        for wave in order.waves(self._survey.manifests, absent=wish.absent):
            if not any(order.is_policy(manifest) for manifest in wave):
                self._let_rules_hold()
            written, refused = self._write(wave)
            done.extend(written)
            errors.extend(refused)
            if wish.check:
                continue  # a later wave may be tried, though it could not be written
            if errors:
                break
            self._settle_wave(wave, written)
        if errors:
            changes = 0 if wish.check else sum(one.action in CHANGES for one in done)
            so_far = f"; {count(changes, 'other')} had been written" if changes else ""
            raise together(errors, f"{count(errors, 'object')} could not be written{so_far}")
        if not wish.absent and not wish.check:
            self._waits.until_ready(done)
            if wish.wait:
                self._let_rules_hold()
        return Report(done, self._client.warnings)

    def _write(self, wave: list[Manifest]) -> tuple[list[Done], list[LandfallError]]:
        """Write a wave to its end, whatever single objects meet."""
        work = self._objects.delete if self._wish.absent else self._objects.apply
        results = list(self._threads.map(lambda manifest: self._attempt(work, manifest), wave))
        errors = [one for one in results if isinstance(one, LandfallError)]
        return [one for one in results if isinstance(one, Done)], errors

    def _attempt(self, work: Callable[[Manifest], Done], manifest: Manifest) -> Done | LandfallError:
        if self._cut_off is not None:
            return self._cut_off  # a server that has gone for good is not waited for once per object
        started = time.monotonic()
        try:
            return replace(work(manifest), seconds=time.monotonic() - started)
        except ConnectionFailed as error:
            self._cut_off = error
            return error
        except LandfallError as error:
            return error

    def _settle_wave(self, wave: list[Manifest], done: list[Done]) -> None:
        """What the next wave stands on: definitions that are established; on the way out, users that are gone."""
        if self._wish.absent:
            if self._wish.wait:
                self._waits.until_gone(one.identity for one in done if one.action == DELETED)
            return
        definitions = {manifest.identity for manifest in wave if defined_by(manifest.body)}
        self._waits.until_established(one for one in done if one.identity in definitions)
        if any(order.is_policy(manifest) for manifest in wave) and any(one.action in CHANGES for one in done):
            self._rules_written = time.monotonic()

    def _let_rules_hold(self) -> None:
        """Wait until policies of this call hold; nothing in the API tells when they do."""
        if self._rules_written is not None:
            time.sleep(max(0.0, self._rules_written + _RULES_SECONDS - time.monotonic()))
            self._rules_written = None
