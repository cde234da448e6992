"""The schema engine: every problem at once, each with path, what was found and what would be right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError, Problem
from ansible_collections.landfall.replatform.plugins.module_utils.core.schema import (
    REQUIRED,
    Field,
    Flag,
    ListOf,
    Number,
    Record,
    Shape,
    Table,
    Text,
    each,
    near,
    parse,
    show,
    whole,
)

ROLE = Text(choices=("admin", "viewer"), says="a role")
SERVER = Record({"id": Field(Text())}, secrets={"password": REQUIRED}, elsewhere={"user": "the environment"})


def problems(shape: Shape, raw: Any) -> list[str]:
    found: list[Problem] = []
    shape.parse(raw, "d", found)
    return [str(problem) for problem in found]


@pytest.mark.parametrize(
    ("shape", "raw", "expected"),
    [
        (Text(), "x", "x"),
        (whole(1, 9), 3, 3),
        (whole(1, 9), "3", 3),
        (whole(1, 9), 3.0, 3),
        (Number(0, 1), "0.8", 0.8),
        (Number(0, 1), 1, 1),
        (Flag(), "yes", True),
        (Flag(), "False", False),
        (Flag(), False, False),
        (ListOf(whole()), ["1", 2], [1, 2]),
        (ListOf(whole()), (1, 2), [1, 2]),
        (Table(Record({"a": Field(whole(), 1)})), {"k": None}, {"k": {"a": 1}}),
        (Record({"a": Field(whole(), 1), "b": Field(Text(), None)}), {}, {"a": 1, "b": None}),
        (Record({"a": Field(Record({"b": Field(whole(), 1)}), {})}), {"a": None}, {"a": {"b": 1}}),
        (Record({"a": Field(Record({"b": Field(whole(), 1)}), None)}), {}, {"a": None}),
    ],
)
def test_takes(shape: Shape, raw: Any, expected: Any) -> None:
    assert parse(shape, raw, "d") == expected


@pytest.mark.parametrize(
    ("shape", "raw", "expected"),
    [
        (Text(), 3, "d: 3 is not text; text in quotes: '3'"),
        (Text(), None, "d: nothing is not text; text"),
        (ROLE, "adminn", "d: 'adminn' is not a role; one of admin, viewer"),
        (Text(longest=3), "abcd", "d: 'abcd' has 4 characters; at most 3"),
        (whole(1, 9), "three", "d: 'three' is not a whole number; a whole number from 1 to 9"),
        (whole(1, 9), 10, "d: 10 is out of bounds; a whole number from 1 to 9"),
        (whole(1), 0.5, "d: 0.5 is not a whole number; a whole number, at least 1"),
        (whole(), True, "d: true is not a whole number; a whole number"),
        (Number(None, 1), "nan", "d: 'nan' is not a number; a number, at most 1"),
        (Flag(), "maybe", "d: 'maybe' is neither true nor false; true or false"),
        (ListOf(Text()), "a", "d: 'a' is not a list; a list"),
        (ListOf(Text()), ["a", "b", "a"], "d[2]: 'a' stands at d[0] already; each one once"),
        (Table(Text()), ["a"], "d: a list is not a mapping; a mapping"),
        (Record({"members": Field(Text(), None)}), {"membrs": "x"}, "d.membrs: is not known; did you mean members?"),
        (Record({"a": Field(Text(), None)}), {"zzz": "x"}, "d.zzz: is not known; one of a"),
        (Record({"a": Field(Text(), help="the name")}), {}, "d.a: is missing; the name; it has no default"),
        (SERVER, {"id": "n"}, "d.password_env: is missing; it, or password_var, has no default"),
        (SERVER, {"id": "n", "password_env": "A", "user": "x"}, "d.user: is not given here; the environment"),
        (
            SERVER,
            {"id": "n", "password_env": "A", "password_var": "b"},
            "d.password_var: password_env is given too; one of the two",
        ),
    ],
)
def test_refuses(shape: Shape, raw: Any, expected: str) -> None:
    assert problems(shape, raw) == [expected]


@pytest.mark.parametrize("key", ["password", "api_token", "clientSecret", "db_passwd"])
def test_a_secret_is_refused_and_never_shown(key: str) -> None:
    text = "\n".join(problems(SERVER, {"id": "n", "password_env": "A", key: "Tea-and-cups"}))
    assert f"d.{key}: is a secret" in text
    assert "Tea-and-cups" not in text


def test_the_password_of_a_url_is_not_shown() -> None:
    assert show("http://root:cups@nexus:8081") == "'http://…@nexus:8081'"


def test_duplicates_are_found_by_their_key() -> None:
    shape = ListOf(Record({"name": Field(Text()), "n": Field(whole(), 1)}), unique="name")
    assert problems(shape, [{"name": "a"}, {"name": "b"}, {"name": "a", "n": 2}]) == [
        "d[2].name: 'a' stands at d[0] already; each one once"
    ]


def test_every_problem_at_once_and_only_the_first_of_a_path() -> None:
    shape = Record({"a": Field(whole()), "b": Field(ListOf(ROLE)), "c": Field(Text())})

    def check(value: Any, path: str) -> Iterator[Problem]:
        yield Problem(f"{path}.a", "follows from the first", "")
        yield Problem(f"{path}.c", f"looked at {value['c']}", "")

    with pytest.raises(DocumentError) as caught:
        parse(shape, {"a": "x", "b": ["owner", "admin", "vieewer"], "c": "ok"}, "d", {"": [check]})
    assert [problem.path for problem in caught.value.problems] == ["d.a", "d.b[0]", "d.b[2]", "d.c"]
    assert str(caught.value).startswith("d cannot be used as it is, 4 problems:\n  - d.a: 'x' is not a whole number")


def test_each_walks_lists_and_leaves_out_what_is_not_there() -> None:
    value = {"w": [{"p": [{"n": 1}, None]}, {"p": None}, {"p": [{"n": 2}]}]}
    assert list(each(value, "w[].p[].n", "d")) == [("d.w[0].p[0].n", 1), ("d.w[2].p[0].n", 2)]
    assert list(each({}, "w[].p", "d")) == []


def test_near() -> None:
    assert near("goods", []) == "there is none"
    assert near("gods", ["goods", "goods", "order"]) == "did you mean goods?"
    assert near("x", [str(number) for number in range(100, 150)]).endswith("119, …")
