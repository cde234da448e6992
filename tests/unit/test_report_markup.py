"""HTML that is safe by construction, and the drawing of who calls whom."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.graph import columns_of, places
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.markup import Markup, Text, data, tag
from ansible_collections.landfall.replatform.plugins.module_utils.core.report.parts import amount, percent, signed
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("made", "html"),
    [
        (tag("p", "a < b & c"), "<p>a &lt; b &amp; c</p>"),
        (tag("p", tag("b", "<i>")), "<p><b>&lt;i&gt;</b></p>"),
        (tag("p", ["x", [tag("i", 1)], None, 2.50, 1234567.0]), "<p>x<i>1</i>2.51234567</p>"),
        (tag("p", f"{tag('b', 'x')}"), "<p>&lt;b&gt;x&lt;/b&gt;</p>"),  # out of an f-string, markup is text again
        (tag("a", href='"><script>'), '<a href="&quot;&gt;&lt;script&gt;"></a>'),
        (tag("a", title="it's", class_="b", aria_label="c", hidden=True, id=None, open=False),
         '<a title="it&#x27;s" class="b" aria-label="c" hidden></a>'),
        (tag("input", name="n", value=""), '<input name="n" value=""/>'),
        (tag("p", "a\x00b\x1b\x85\tc\nd"), "<p>a\ufffdb\ufffd\ufffd\tc\nd</p>"),
        (tag("p", Text("<a>", "甲")), '<p><span class="en" lang="en">&lt;a&gt;</span>'
         '<span class="zh" lang="zh-CN">甲</span></p>'),
        (tag("text", Text("a", "甲")), '<text><tspan class="en" lang="en">a</tspan>'
         '<tspan class="zh" lang="zh-CN">甲</tspan></text>'),
        (tag("script", Markup("1 < 2")), "<script>1 < 2</script>"),
    ],
)  # fmt: skip
def test_what_is_not_markup_is_escaped(made: str, html: str) -> None:
    assert made == html


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=8))
def test_data_comes_back_and_never_ends_its_element(value: Any) -> None:
    made = data(value, anchor="facts")
    inside = made.removeprefix('<script type="application/json" id="facts">').removesuffix("</script>")
    assert not set(inside) & set("<>&\u2028\u2029")
    assert json.loads(inside) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [(amount(1234.5), "1,234.5"), (amount(12.0), "12"), (amount(100), "100"), (signed(-3.25), "−3.2"),
     (signed(2), "+2"), (signed(0), "0"), (percent(1, 3), "33%"), (percent(1, 0), "–")],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, says: str) -> None:
    assert text == says


@st.composite
def graphs(draw: Any) -> tuple[list[list[dict[str, Any]]], dict[str, list[str]]]:
    """Services in waves, with calls in all directions."""
    waves = draw(st.lists(st.one_of(st.none(), st.integers(1, 6)), min_size=1, max_size=14))
    names = [f"s{number}" for number in range(len(waves))]
    calls = {name: sorted(draw(st.sets(st.sampled_from(names), max_size=5)) - {name}) for name in names}
    services: Any = [{"name": name, "wave": wave} for name, wave in zip(names, waves, strict=True)]
    return columns_of(services), calls  # type: ignore[return-value]


@given(graphs())
@settings(max_examples=200, deadline=None)
def test_no_call_runs_behind_a_service_that_it_passes(graph: Any) -> None:
    columns, calls = graph
    column_of = {one["name"]: index for index, column in enumerate(columns) for one in column}
    middles, height = places(columns, column_of, calls)
    for caller, callees in calls.items():
        for callee in callees:
            for between in range(column_of[caller] + 1, column_of[callee]):
                lane = middles[between][callee]
                assert all(abs(lane - middles[between][one["name"]]) >= 21 for one in columns[between])
    for index, column in enumerate(columns):
        rows = sorted(middles[index][one["name"]] for one in column)
        assert all(lower - upper >= 42 for upper, lower in pairwise(rows))
        assert rows[0] - 21 >= 30
        assert rows[-1] + 21 <= 30 + height
