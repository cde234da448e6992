# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks planned services whether they answer: from a pod of the suite, and from here."""

from __future__ import annotations

import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ..core import probe
from ..core.errors import LandfallError, NotFound, OperationFailed
from ..core.plan import Plan
from ..core.probe import Answer, Question
from .kube import KubeClient

_SUITE = "app.kubernetes.io/managed-by=landfall,app.kubernetes.io/part-of=suite"


def ask_until_all_answer(client: KubeClient, plan: Plan, names: Sequence[str], *, patience: float) -> list[Answer]:
    """The answers, or an OperationFailed with every service that gave no good one within `patience` seconds."""
    deadline = time.monotonic() + patience
    inside, outside = probe.inside(plan, names), probe.outside(plan, names)
    while True:
        with ThreadPoolExecutor(8) as pool:
            answers = [*_from_a_pod(client, inside), *pool.map(_from_here, outside)]
        wrong = probe.problems(answers)
        if not wrong:
            return answers
        if time.monotonic() > deadline:
            raise OperationFailed(f"{len(wrong)} of {len(answers)} questions got no good answer", wrong)
        time.sleep(2)


def _from_a_pod(client: KubeClient, questions: Sequence[Question]) -> list[Answer]:
    if not questions:
        return []
    words = [word for one in questions for word in (one.service, one.where, probe.http(one))]
    try:
        namespace, pod = _asker(client)
        done = client.exec(namespace, pod, ["bash", "-c", probe.SCRIPT, "ask", *words], timeout=10 + 6 * len(questions))
    except LandfallError as error:
        return [one.judge(f"({' '.join(str(error).split())})") for one in questions]
    return probe.answers_of(questions, done.stdout)


def _asker(client: KubeClient) -> tuple[str, str]:
    """A pod of the suite that is ready."""
    for one in client.list("v1", "Pod", labels=_SUITE):
        conditions = one["status"].get("conditions") or []
        if any(state["type"] == "Ready" and state["status"] == "True" for state in conditions):
            return one["metadata"]["namespace"], one["metadata"]["name"]
    raise NotFound("no pod of the suite is ready that could ask")


def _from_here(question: Question) -> Answer:
    host, _colon, port = question.where.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request("GET", question.send)
        answer = connection.getresponse()
        return question.judge(f"HTTP/1.1 {answer.status} {answer.reason}")
    except (OSError, http.client.HTTPException) as error:
        return question.judge(f"({error})")
    finally:
        connection.close()
