# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One object of a call: applied or deleted, or in check mode predicted, from what a survey has found."""

from __future__ import annotations

import time

from ..core import api_errors, migrate, owned, ready, recreate
from ..core.apply import ABSENT, UNCHANGED, Body, Done, applied, deleted, predicted, recreated
from ..core.errors import AccessDenied, OperationFailed, Problem
from ..core.objects import Identity, Manifest
from ..core.wish import Wish
from .kube import KubeClient
from .kube_requests import Answer
from .kube_survey import Survey

_SERVED_SECONDS = 15.0  # a kind is served some milliseconds after its definition is established
_LOOK_SECONDS = 0.1
_HAND_OVERS = 10  # so often somebody else may write in between
_JSON_PATCH = "application/json-patch+json"
_MERGE_PATCH = "application/merge-patch+json"


class ObjectWriter:
    """Writes single objects; may be used by several threads at once."""

    def __init__(self, client: KubeClient, wish: Wish, survey: Survey) -> None:
        self._client, self._wish, self._survey = client, wish, survey

    def apply(self, manifest: Manifest) -> Done:
        identity, wish = manifest.identity, self._wish
        live = self._survey.live.get(identity)
        if live is not None and identity in self._survey.settled:
            return Done(identity, UNCHANGED, live)
        if wish.migrate and live is not None and migrate.migrated(live, wish.field_manager) is not None:
            return self._take_over(manifest, live)
        if wish.check and self._ground_is_coming(identity):
            return predicted(manifest, wish)
        answer = self._send(manifest, force=wish.force)
        if answer.ok:
            return applied(manifest, live, answer.body, wish)
        if wish.check and self._misses_what_comes(answer):
            return predicted(manifest, wish)
        return self._refused(manifest, live, answer)

    def delete(self, manifest: Manifest) -> Done:
        identity = manifest.identity
        resource, live = self._survey.resources[identity], self._survey.live.get(identity)
        if live is not None and owned.is_leaving(live):
            return Done(identity, UNCHANGED, live)
        if live is None or not self._client.delete(
            resource.api_version, resource.kind, identity.name, identity.namespace, dry_run=self._wish.check
        ):
            return Done(identity, ABSENT)
        return deleted(manifest, live, self._wish)

    def _send(self, manifest: Manifest, *, force: bool) -> Answer:
        wish, identity = self._wish, manifest.identity
        give_up = time.monotonic() + (_SERVED_SECONDS if self._survey.is_pending(identity) else 0)
        while True:
            answer = self._client.send_apply(
                self._survey.resources[identity],
                manifest.body,
                field_manager=wish.field_manager,
                force=force,
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

    def _take_over(self, manifest: Manifest, live: Body) -> Done:
        """Apply over an object of which client-side tools own fields: these become ours first."""
        wish = self._wish
        if wish.check:
            before = migrate.migrated(live, wish.field_manager) or live
            answer = self._foreseen(manifest, live, before)
        else:
            before = self._hand_over(manifest, live)
            answer = self._send(manifest, force=False)
        if not answer.ok:
            return self._refused(manifest, before, answer)
        return applied(manifest, before, answer.body, wish, taken_over=True)

    def _hand_over(self, manifest: Manifest, live: Body) -> Body:
        """Make the fields of client-side tools ours, in the version that is there now; the object afterwards."""
        identity, resource = manifest.identity, self._survey.resources[manifest.identity]
        for _attempt in range(_HAND_OVERS):
            after = migrate.migrated(live, self._wish.field_manager)
            if after is None:
                return live
            answer = self._client.send(
                "PATCH",
                resource.path(identity),
                query={"fieldManager": self._wish.field_manager},
                body=migrate.json_patch(live, after),
                content_type=_JSON_PATCH,
            )
            if answer.ok:
                return answer.body
            if answer.code != 409:
                break
            live = self._client.get(resource.api_version, resource.kind, identity.name, identity.namespace) or {}
        raise api_errors.meaning(answer.code, answer.body, str(identity))

    def _foreseen(self, manifest: Manifest, live: Body, before: Body) -> Answer:
        """What an apply after a hand-over would be answered, as near as dry runs of one request come to it."""
        answer = self._send(manifest, force=False)
        if answer.code == 409:
            others = api_errors.without_managers(answer.body, migrate.CLIENT_SIDE)
            # those who object alone are the ones who will have gone
            answer = Answer(409, others) if others["details"]["causes"] else self._send(manifest, force=True)
        if answer.code == 422 and not recreate.names_immutable(answer.body):
            # perhaps it is only wrong together with what will have gone
            alone = self._try_alone(manifest)
            return Answer(alone.code, recreate.named_as(manifest, alone.body)) if alone.ok else answer
        return self._without_dropped(manifest, live, before, answer.body) if answer.ok else answer

    def _without_dropped(self, manifest: Manifest, live: Body, before: Body, tried: Body) -> Answer:
        """What a dry run of the live object made, without the fields that go away after the hand-over."""
        gone = migrate.dropped(before, tried, self._wish.field_manager)
        if not gone:
            return Answer(200, tried)
        answer = self._client.send(
            "PATCH",
            self._survey.resources[manifest.identity].path(manifest.identity),
            query={"fieldManager": self._wish.field_manager, "dryRun": "All"},
            body=migrate.trial_patch(live, owned.without(tried, gone)),
            content_type=_MERGE_PATCH,
        )
        if not answer.ok:
            return answer
        metadata = {**answer.body["metadata"], "managedFields": tried["metadata"]["managedFields"]}
        return Answer(answer.code, {**answer.body, "metadata": metadata})  # its defaults are the server's own

    def _refused(self, manifest: Manifest, live: Body | None, answer: Answer) -> Done:
        """Make an object anew of which a field cannot be changed, where that is asked for; else an error."""
        error = api_errors.meaning(answer.code, answer.body, str(manifest.identity))
        if live is None or not recreate.is_immutable(answer.code, answer.body):
            raise error
        kept = recreate.kept_for(manifest, live)
        if kept or not self._wish.recreate:
            raise recreate.with_hint(error, kept)
        trial = self._try_anew(manifest)
        if self._wish.check:
            after = recreate.named_as(manifest, trial.body if trial.ok else manifest.body)
            return recreated(manifest, live, after, self._wish)
        self._remove(manifest, live)
        answer = self._send(manifest, force=True)
        if not answer.ok:
            error = api_errors.meaning(answer.code, answer.body, str(manifest.identity))
            raise type(error)(
                f"{manifest.identity} was deleted and cannot be made anew: {error.message}", error.problems
            )
        return recreated(manifest, live, answer.body, self._wish)

    def _try_anew(self, manifest: Manifest) -> Answer:
        """A dry run of the creation: what no policy lets in must not be deleted for it."""
        answer = self._try_alone(manifest)
        if answer.ok:
            return answer
        error = api_errors.meaning(answer.code, answer.body, str(manifest.identity))
        # an address or a share of a quota may be taken by the very object that goes
        if isinstance(error, AccessDenied) and "exceeded quota" not in error.message:
            raise error
        return answer

    def _try_alone(self, manifest: Manifest) -> Answer:
        """A dry run of the object under a name that is free."""
        return self._client.send_apply(
            self._survey.resources[manifest.identity],
            recreate.trial(manifest),
            field_manager=self._wish.field_manager,
            force=True,
            dry_run=True,
        )

    def _remove(self, manifest: Manifest, live: Body) -> None:
        identity, resource = manifest.identity, self._survey.resources[manifest.identity]
        uid = live["metadata"]["uid"]
        self._client.delete(resource.api_version, resource.kind, identity.name, identity.namespace, uid=uid)
        deadline = time.monotonic() + self._wish.wait_timeout
        while True:
            there = self._client.get(resource.api_version, resource.kind, identity.name, identity.namespace)
            if there is None or there["metadata"]["uid"] != uid:
                return
            if time.monotonic() > deadline:
                found = f"it was deleted to be made anew, and is {ready.gone(there).reason}"
                raise OperationFailed(f"{identity} is not gone", [Problem(str(identity), found, "")])
            time.sleep(_LOOK_SECONDS)
