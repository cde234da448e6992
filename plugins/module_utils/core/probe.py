# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked of each planned service to see that it answers, from inside of the cluster and from outside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from . import spring
from .errors import DocumentError, Problem
from .plan import Plan, Service, first_workers
from .rewrite import is_called

# Arguments in threes: a name, `host:port`, and what is sent, with \r\n as it is written here. One line for each name:
# the first that it answers. Only bash opens connections by itself, and every base image has it.
SCRIPT = """
ask='exec 3<>"/dev/tcp/${0%:*}/${0##*:}" || exit
  [ -z "$1" ] || printf "$1" >&3
  IFS= read -r -t 5 line <&3
  printf %s "${line:-connected}"'
while [ $# -gt 0 ]; do
  printf '%s\\t' "$1"
  timeout 6 bash -c "$ask" "$2" "$3" 2>/dev/null | tr -cd '\\40-\\176'
  echo
  shift 3
done
"""


@dataclass(frozen=True)
class Question:
    """A question to one service, and what a good answer begins with."""

    service: str
    how: str  # service | node_port | front_door
    where: str  # host:port
    send: str
    good: str  # a pattern

    def judge(self, said: str | None) -> Answer:
        right = bool(said and re.match(self.good, said))
        return Answer(self.service, self.how, self.where, said or "no answer", right)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    service: str
    how: str
    where: str
    said: str
    ok: bool

    def document(self) -> dict[str, object]:
        return asdict(self)


def moved_from(plan: Plan, guests: Sequence[str]) -> list[str]:
    """The services that moved from one of these guests."""
    return [
        one["name"] for one in plan["services"] if one["moves"] and any(part["guest"] in guests for part in one["from"])
    ]


def inside(plan: Plan, names: Sequence[str]) -> list[Question]:
    """What a pod asks: every service that pods call, by its Service's full name, wherever it runs."""
    return [
        _question(one, "service", f"{one['name']}.{one['namespace']}.svc:{one['port']}") for one in _wanted(plan, names)
    ]


def outside(plan: Plan, names: Sequence[str]) -> list[Question]:
    """What somebody outside of the cluster asks: node ports on workers that are made at first, and the front door."""
    questions = [
        _question(one, "node_port", f"{worker}:{one['expose']['node_port']}")
        for one in _wanted(plan, names)
        if one["moves"] and one["expose"].get("node_port")
        for worker in first_workers(plan)
    ]
    door = plan["front_door"]
    if door and not names:
        questions.append(Question("front door", "front_door", f"{door['address']}:80", "/", r"HTTP/\S+ [23]"))
    return questions


def problems(answers: Iterable[Answer]) -> list[Problem]:
    """The services that did not answer as they should."""
    ways = {"service": "from a pod", "node_port": "at a node port", "front_door": "as browsers ask"}
    return [
        Problem(f"{one.service} ({ways[one.how]})", f"{one.where}: {one.said}", "an answer of the running service")
        for one in answers
        if not one.ok
    ]


def answers_of(questions: Iterable[Question], output: str) -> list[Answer]:
    """The answers in what SCRIPT printed."""
    said: Mapping[str, str] = dict(line.split("\t", 1) for line in output.splitlines() if "\t" in line)
    return [one.judge(said.get(one.service)) for one in questions]


def _wanted(plan: Plan, names: Sequence[str]) -> list[Service]:
    unknown = sorted(set(names) - {one["name"] for one in plan["services"]})
    if unknown:
        raise DocumentError("not in the plan", [Problem(f"services: {name}", "is not planned", "") for name in unknown])
    return [one for one in plan["services"] if is_called(one, plan) and (not names or one["name"] in names)]


def _question(service: Service, how: str, where: str) -> Question:
    if service["kind"] == "redis":
        return Question(service["name"], how, where, "PING\\r\\n", r"\+PONG|-NOAUTH")
    if service["kind"] not in ("jvm", "nginx"):
        return Question(service["name"], how, where, "", ".")
    runtime = service["runtime"]
    healthy = runtime and runtime["actuator"] and spring.version(runtime["spring_boot"]) >= (2,)
    # Without a health of its own, any answer of the program will do; what stands before it when it is down says 5xx.
    good = r"HTTP/\S+ [234]"
    return Question(service["name"], how, where, "/actuator/health" if healthy and how == "service" else "/", good)


def http(question: Question) -> str:
    """What SCRIPT sends for a path."""
    if not question.send.startswith("/"):
        return question.send
    host = question.where.rpartition(":")[0]
    return f"GET {question.send} HTTP/1.0\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n"
