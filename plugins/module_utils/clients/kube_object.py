# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One object of a call: applied or deleted, or in check mode predicted, from what a survey has found."""

from __future__ import annotations

import time

from ..core import api_errors, owned
from ..core.apply import ABSENT, UNCHANGED, Done, applied, deleted, predicted
from ..core.objects import Identity, Manifest
from ..core.wish import Wish
from .kube import Answer, KubeClient
from .kube_survey import Survey

_SERVED_SECONDS = 15.0  # a kind is served some milliseconds after its definition is established


class ObjectWriter:
    """Writes single objects; may be used by several threads at once."""

    def __init__(self, client: KubeClient, wish: Wish, survey: Survey) -> None:
        self._client, self._wish, self._survey = client, wish, survey

    def apply(self, manifest: Manifest) -> Done:
        identity, wish = manifest.identity, self._wish
        live = self._survey.live.get(identity)
        if live is not None and owned.applied_already(manifest.body, live, wish.field_manager):
            return Done(identity, UNCHANGED, live)
        if wish.check and self._ground_is_coming(identity):
            return predicted(manifest, wish)
        answer = self._send(manifest)
        if answer.ok:
            return applied(manifest, live, answer.body, wish)
        if wish.check and self._misses_what_comes(answer):
            return predicted(manifest, wish)
        raise api_errors.meaning(answer.code, answer.body, str(identity))

    def _send(self, manifest: Manifest) -> Answer:
        wish, identity = self._wish, manifest.identity
        give_up = time.monotonic() + (_SERVED_SECONDS if self._survey.is_pending(identity) else 0)
        while True:
            answer = self._client.send_apply(
                self._survey.resources[identity],
                manifest.body,
                field_manager=wish.field_manager,
                force=wish.force,
                dry_run=wish.check,
            )
            if not api_errors.is_unserved(answer.code, answer.body) or time.monotonic() >= give_up:
                return answer
            time.sleep(0.03)

    def _ground_is_coming(self, identity: Identity) -> bool:
        """In check mode: whether this call would first make the namespace or the kind of an object."""
        namespace = Identity("", "Namespace", "", identity.namespace)
        return self._survey.is_pending(identity) or self._survey.is_coming(namespace)

    def _misses_what_comes(self, answer: Answer) -> bool:
        """In check mode: whether the server only misses what this call would have made before (a role, say)."""
        missing = (answer.body.get("details") or {}).get("name")
        return answer.code == 404 and any(
            one.name == missing and self._survey.is_coming(one) for one in self._survey.resources
        )

    def delete(self, manifest: Manifest) -> Done:
        identity = manifest.identity
        resource, live = self._survey.resources[identity], self._survey.live.get(identity)
        if live is None or not self._client.delete(
            resource.api_version, resource.kind, identity.name, identity.namespace, dry_run=self._wish.check
        ):
            return Done(identity, ABSENT)
        return deleted(manifest, live, self._wish)
