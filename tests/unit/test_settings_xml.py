"""Edits of settings.xml: what was asked changes, every other byte stays."""

from __future__ import annotations

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.settings_xml import (
    EMPTY,
    Section,
    edit,
    masked,
    parse,
    shadowed_mirrors,
)
from hypothesis import given
from hypothesis import strategies as st

MIRROR = Section("mirrors", "mirror", ({"id": "nexus", "mirrorOf": "*", "url": "http://n/repository/public/"},))
SERVER = Section("servers", "server", ({"id": "nexus", "username": "${env.U}", "password": "${env.P}"},))

COMMENTED = b"""<?xml version='1.0'  encoding="UTF-8"?>
<!-- licence: keep > me -->

<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0" note='a > b'>
    <!-- | where our builds resolve -->
    <mirrors>
        <!-- the old one -->
        <mirror>
            <id>old</id>
            <mirrorOf>central</mirrorOf>
            <url>http://old/</url>
        </mirror>
    </mirrors>
    <offline>false</offline>
</settings>
<!-- tail -->
"""


def entries(content: bytes, container: str) -> list[dict[str, str]]:
    found = parse(content).child(container)
    assert found is not None
    return [{child.name: child.text.strip() for child in item.children} for item in found.children]


@pytest.mark.parametrize(
    "before",
    [
        EMPTY,
        COMMENTED,
        COMMENTED.replace(b"\n", b"\r\n"),
        b"<settings/>",
        b"<settings></settings>",
        b"<settings><mirrors/></settings>",
        b'<m:settings xmlns:m="urn:x"><m:mirrors></m:mirrors></m:settings>',
        b"<settings>\n  <mirrors><mirror><id>nexus</id><url>http://elsewhere</url></mirror></mirrors>\n</settings>\n",
        b"<settings><mirrors><mirror><id>nexus</id><mirrorOf/><url><![CDATA[x&y]]></url></mirror></mirrors></settings>",
    ],
)
def test_the_entry_is_there_and_a_second_edit_changes_nothing(before: bytes) -> None:
    after = edit(before, [MIRROR, SERVER], {"offline": "true"})
    assert dict(MIRROR.entries[0]) in entries(after, "mirrors")
    assert dict(SERVER.entries[0]) in entries(after, "servers")
    assert parse(after).value("offline") == "true"
    assert edit(after, [MIRROR, SERVER], {"offline": "true"}) == after


def test_untouched_lines_keep_every_byte_and_new_ones_their_surroundings() -> None:
    after = edit(COMMENTED, [MIRROR], {})
    added = b"""        <mirror>
            <id>nexus</id>
            <mirrorOf>*</mirrorOf>
            <url>http://n/repository/public/</url>
        </mirror>
"""
    before, end = COMMENTED.split(b"    </mirrors>")
    assert after == before + added + b"    </mirrors>" + end
    windows = edit(COMMENTED.replace(b"\n", b"\r\n"), [MIRROR], {})
    assert windows == after.replace(b"\n", b"\r\n")


def test_a_changed_value_changes_nothing_else() -> None:
    entry = Section("mirrors", "mirror", ({"id": "old", "url": "http://new/?a=1&b=2"},))
    assert edit(COMMENTED, [entry], {}) == COMMENTED.replace(b"http://old/", b"http://new/?a=1&amp;b=2")


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"<settings><mirrors></settings>", "settings.xml:1:"),
        (b"", "settings.xml:1:1"),
        (b"<project/>", "its root is <project>"),
        (b"<settings><mirrors><mirror><id>a</id></mirror><mirror><id>a</id></mirror></mirrors></settings>", "'a'"),
    ],
)
def test_what_cannot_be_edited_is_refused_with_its_place(content: bytes, where: str) -> None:
    with pytest.raises(DocumentError) as refused:
        edit(content, [MIRROR], {})
    assert where in str(refused.value)


def test_a_mirror_behind_one_that_takes_everything_is_named() -> None:
    late = Section("mirrors", "mirror", ({"id": "late", "mirrorOf": "central", "url": "http://l/"},))
    assert shadowed_mirrors(edit(EMPTY, [MIRROR, late], {})) == ["late"]


def test_passwords_are_hidden_and_references_shown() -> None:
    before = "<server><password>s3cret</password><passphrase>x</passphrase><password>${env.P}</password></server>"
    after = before.replace("s3cret", "(secret)").replace(">x<", ">(secret)<")
    assert masked(before.encode()) == after


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1).map(str.strip).filter(bool))
def test_any_value_is_read_back_as_it_was_written(value: str) -> None:
    section = Section("mirrors", "mirror", ({"id": "x", "mirrorOf": "*", "url": value},))
    after = edit(COMMENTED, [section], {})
    assert {"id": "x", "mirrorOf": "*", "url": value} in entries(after, "mirrors")
    assert edit(after, [section], {}) == after
