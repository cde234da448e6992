# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes everything of a call, wave by wave and in parallel, waits for what that needs, and prunes last."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from ..core import order
from ..core.apply import ABSENT, CHANGES, Done, Report, leaving, together
from ..core.catalogue import defined_by
from ..core.errors import ConnectionFailed, LandfallError, count
from ..core.objects import Manifest
from ..core.wish import Wish
from .kube import KubeClient
from .kube_applyset import Keeper
from .kube_object import ObjectWriter
from .kube_ready import Waits
from .kube_survey import Survey

_RULES_SECONDS = 2.0  # every API server looks for new policies once a second, and then compiles them

Work = Callable[[Manifest], Done]
Settle = Callable[[list[Manifest], list[Done]], None]


class Writer:
    """One call, after everything about it is known."""

    def __init__(
        self, client: KubeClient, wish: Wish, survey: Survey, threads: Executor, keeper: Keeper | None
    ) -> None:
        self._client, self._wish, self._survey = client, wish, survey
        self._threads, self._keeper = threads, keeper
        self._objects = ObjectWriter(client, wish, survey)
        self._waits = Waits(client, wish, survey.resources)
        self._done = [Done(manifest.identity, ABSENT) for manifest in survey.unknown]
        self._cut_off: ConnectionFailed | None = None
        self._rules_written: float | None = None

    def report(self) -> Report:
        """Do it, or in check mode say what would be done."""
        wish = self._wish
        if wish.absent:
            self._delete(self._survey.manifests)
        else:
            self._apply(self._survey.manifests)
        if self._keeper:
            if wish.prune:
                self._delete(self._keeper.left_over(self._threads))
                self._keeper.narrow()
            self._done.append(self._keeper.done(pruned=wish.prune))
        goners = [] if wish.absent else leaving(self._survey.live)
        return Report(self._done, [*self._client.warnings, *goners])

    def _apply(self, manifests: list[Manifest]) -> None:
        if self._keeper and not self._keeper.waits_for_namespace:
            self._keeper.widen()
        self._through(order.waves(manifests), self._objects.apply, self._settle)
        if not self._wish.check:
            self._waits.until_ready(self._done)
            if self._wish.wait:
                self._let_rules_hold()

    def _delete(self, manifests: list[Manifest]) -> None:
        self._through(order.waves(manifests, absent=True), self._objects.delete, self._see_off)

    def _through(self, waves: list[list[Manifest]], work: Work, settle: Settle) -> None:
        """Write wave after wave, each to its end, whatever single objects meet."""
        errors: list[LandfallError] = []
        for wave in waves:
            if not any(order.is_policy(manifest) for manifest in wave):
                self._let_rules_hold()
            results = list(self._threads.map(lambda manifest: self._attempt(work, manifest), wave))
            done = [one for one in results if isinstance(one, Done)]
            self._done.extend(done)
            errors.extend(one for one in results if isinstance(one, LandfallError))
            if self._wish.check:
                continue  # a later wave may be tried, though it could not be written
            if errors:
                break
            settle(wave, done)
        if errors:
            changes = 0 if self._wish.check else sum(one.action in CHANGES for one in self._done)
            so_far = f"; {count(changes, 'other')} had been written" if changes else ""
            raise together(errors, f"{count(errors, 'object')} could not be written{so_far}")

    def _attempt(self, work: Work, manifest: Manifest) -> Done | LandfallError:
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

    def _settle(self, wave: list[Manifest], done: list[Done]) -> None:
        """What the next wave stands on: definitions that are established, and the set that all of it belongs to."""
        definitions = {manifest.identity for manifest in wave if defined_by(manifest.body)}
        self._waits.until_established(one for one in done if one.identity in definitions)
        if any(order.is_policy(manifest) for manifest in wave) and any(one.action in CHANGES for one in done):
            self._rules_written = time.monotonic()
        if self._keeper:
            self._keeper.widen()

    def _see_off(self, wave: list[Manifest], done: list[Done]) -> None:
        """On the way out: users that are gone before the used."""
        if self._wish.wait:
            self._waits.until_gone(one.identity for one in done if one.action != ABSENT)

    def _let_rules_hold(self) -> None:
        """Wait until policies of this call hold; nothing in the API tells when they do."""
        if self._rules_written is not None:
            time.sleep(max(0.0, self._rules_written + _RULES_SECONDS - time.monotonic()))
            self._rules_written = None
