"""Documents as text: what is written is read back as it was, by PyYAML and by ourselves, and people can review it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import (
    from_yaml,
    to_yaml,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.document_text import facts_text
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text("ab:- #\n\t'\"{}[]%@!&*|>?~=.,01e+", max_size=12),
    st.sampled_from(
        ["yes", "No", "null", "~", "1", "1.5", "0x1f", "1e5", "2026-11-23", "12:30", "=", "<<", "y", "a: b"]
    ),
)
SCALAR = st.one_of(TEXT, st.integers(), st.booleans(), st.none(), st.integers(-(10**6), 10**6).map(lambda n: n / 1000))
TREE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=20,
)
FIELD = st.one_of(TREE, st.lists(st.dictionaries(TEXT, TREE, max_size=3), max_size=3), st.lists(TREE, max_size=3))
DOCUMENT = st.dictionaries(TEXT, TREE, min_size=1, max_size=4)


def old_yaml(document: Any) -> str:
    """PyYAML itself, which takes ten times as long."""
    dumper: Any = type("Dumper", (yaml.CSafeDumper,), {"ignore_aliases": lambda _self, _data: True})
    tag = "tag:yaml.org,2002:str"
    dumper.add_representer(
        str, lambda self, text: self.represent_scalar(tag, text, style="|" if "\n" in text else None)
    )
    return str(yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, width=160))


WORDS = st.lists(st.sampled_from(["a", "word", "12", "it's", "x: y", "- z", "订单"]), min_size=1, max_size=60)
LONG = st.recursive(
    WORDS.map(" ".join),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
)


@given(st.dictionaries(st.sampled_from(["one", "two", "a key of some length"]), LONG, min_size=1))
def test_yaml_looks_as_pyyaml_writes_it(document: Any) -> None:
    assert to_yaml(document) == old_yaml(document)


@given(DOCUMENT)
def test_yaml_says_what_was_said(document: Any) -> None:
    text = to_yaml(document)
    assert yaml.safe_load(text) == document == from_yaml(text, source="x")
    assert list(yaml.safe_load(text)) == list(document)


@given(st.dictionaries(TEXT, FIELD, min_size=1, max_size=3))
def test_facts_are_json_and_yaml_alike(document: Any) -> None:
    text = facts_text(document)
    assert json.loads(text) == yaml.safe_load(text) == document == from_yaml(text, source="x")


def test_one_line_for_each_fact() -> None:
    guests = [{"name": "订单-01", "tags": ["a", "b"]}, {"name": "b", "tags": []}]
    assert facts_text({"version": 1, "guests": guests, "networks": []}).splitlines() == [
        '{"version": 1,',
        ' "guests": [',
        '  {"name": "订单-01",',
        '   "tags": ["a", "b"]},',
        '  {"name": "b",',
        '   "tags": []}],',
        ' "networks": []}',
    ]


def test_one_line_for_each_value_and_files_line_by_line() -> None:
    document = {
        "a": [{"b": 1, "c": ["x", "y: z"]}, [], [["n", {}]]],
        "file": "one\n\n two\n",
        "long": {"text": "words " * 30 + "end"},
    }
    assert to_yaml(document).splitlines() == [
        "a:",
        "- b: 1",
        "  c:",
        "  - x",
        "  - 'y: z'",
        "- []",
        "- - - n",
        "    - {}",
        "file: |",
        "  one",
        "",
        "   two",
        "long:",
        "  text: " + "words " * 25 + "words",
        "    " + "words " * 4 + "end",
    ]


@pytest.mark.parametrize("text", ["{a: 1}", "{'a': 1}", "{a: 1} # as people write it"])
def test_yaml_that_begins_like_json_is_still_yaml(text: str) -> None:
    assert from_yaml(text, source="x") == {"a": 1}
