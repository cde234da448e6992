# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Edits Maven's settings.xml in place: what is not edited keeps every byte, comments and all.

An XML library that writes the whole file again loses comments or rewrites quotes. So expat only tells where each
element lies, and the edits are spliced into the text. https://maven.apache.org/settings.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from .errors import DocumentError, Problem

EMPTY = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0">\n</settings>\n'
)


@dataclass
class Element:
    """One element: `start`..`end` is all of it, `inner`..`inner_end` what lies between its tags (bytes)."""

    tag: str
    start: int
    end: int = 0
    inner: int = 0
    inner_end: int = 0
    text: str = ""
    children: list[Element] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.tag.rpartition(":")[2]

    @property
    def self_closed(self) -> bool:
        return self.inner == self.end

    def child(self, name: str) -> Element | None:
        return next((one for one in self.children if one.name == name), None)

    def value(self, name: str) -> str | None:
        found = self.child(name)
        return found.text.strip() if found is not None else None


@dataclass(frozen=True)
class Section:
    """A list of the settings and one entry's name in it: <mirrors> of <mirror>, each known by its <id>."""

    container: str
    item: str
    entries: tuple[Mapping[str, str], ...]


def parse(content: bytes, path: str = "settings.xml") -> Element:
    """The root element of a settings file; a DocumentError says where it is not well formed."""
    stack: list[Element] = []
    roots: list[Element] = []
    parser = expat.ParserCreate()

    def started(tag: str, _attributes: dict[str, str]) -> None:
        element = Element(tag, parser.CurrentByteIndex)
        element.inner = _tag_end(content, element.start)
        (stack[-1].children if stack else roots).append(element)
        stack.append(element)

    def ended(_tag: str) -> None:
        element = stack.pop()
        if content[element.inner - 2 : element.inner] == b"/>":
            element.inner_end = element.end = element.inner
        else:
            element.inner_end = parser.CurrentByteIndex
            element.end = content.index(b">", element.inner_end) + 1

    def said(text: str) -> None:
        stack[-1].text += text

    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = said
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        where = f"{path}:{error.lineno}:{error.offset + 1}"
        problem = Problem(where, expat.errors.messages[error.code], "a well-formed settings file")
        raise DocumentError("The settings file is not well formed, and was not touched:", [problem]) from error
    root = roots[0]
    if root.name != "settings":
        problem = Problem(path, f"its root is <{root.name}>", "Maven's settings begin with <settings>")
        raise DocumentError("The settings file is none of Maven's, and was not touched:", [problem])
    return root


def edit(content: bytes, sections: Iterable[Section], values: Mapping[str, str], path: str = "settings.xml") -> bytes:
    """`content` with each section's entries and the simple `values` (<offline>, <localRepository>) as wanted."""
    for name, value in values.items():
        content = _set_value(content, name, value, path)
    for section in sections:
        _refuse_duplicates(parse(content, path), section, path)
        for entry in section.entries:
            content = _set_entry(content, section, entry, path)
    return content


def shadowed_mirrors(content: bytes) -> list[str]:
    """Ids of mirrors that never answer, since an earlier one already takes everything."""
    container = parse(content).child("mirrors")
    hidden: list[str] = []
    everything = False
    for mirror in container.children if container is not None else []:
        if everything:
            hidden.append(mirror.value("id") or "(no id)")
        everything = everything or mirror.value("mirrorOf") == "*"
    return hidden


_SECRET = re.compile(rb"(<(?:\w+:)?(password|passphrase)>)(.*?)(</)", re.DOTALL)


def masked(content: bytes) -> str:
    """The text of a settings file for people: what stands in <password> and <passphrase> is hidden."""

    def hide(found: re.Match[bytes]) -> bytes:
        value = found.group(3).strip()
        reference = value.startswith(b"${env.") and value.endswith(b"}")
        return found.group(0) if reference else found.group(1) + b"(secret)" + found.group(4)

    return _SECRET.sub(hide, content).decode("utf-8", "replace")


def _tag_end(content: bytes, start: int) -> int:
    """Behind the > of the tag that begins at `start`; a > may stand within quotes."""
    quote = 0
    for index in range(start, len(content)):
        byte = content[index]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == ord(">"):
            return index + 1
    raise ValueError("a tag without an end")  # expat has read it, so it has one


def _set_value(content: bytes, name: str, value: str, path: str) -> bytes:
    root = parse(content, path)
    found = root.child(name)
    if found is None:
        return _append(content, root, _element(_prefix(root), name, value))
    if found.text.strip() == value:
        return content
    return _replace(content, found, value)


def _set_entry(content: bytes, section: Section, entry: Mapping[str, str], path: str) -> bytes:
    root = parse(content, path)
    prefix = _prefix(root)
    container = root.child(section.container)
    if container is None:
        content = _append(content, root, f"<{prefix}{section.container}>{_NEWLINE}</{prefix}{section.container}>")
        return _set_entry(content, section, entry, path)
    item = next((one for one in container.children if one.value("id") == entry["id"]), None)
    if item is None:
        lines = [_element(prefix, name, value) for name, value in entry.items()]
        body = _NEWLINE.join(
            [f"<{prefix}{section.item}>", *(_INDENT + line for line in lines), f"</{prefix}{section.item}>"]
        )
        return _append(content, container, body)
    for name, value in entry.items():
        current = item.child(name)
        if current is None:
            content = _append(content, item, _element(prefix, name, value))
        elif current.text.strip() != value:
            content = _replace(content, current, value)
        else:
            continue
        return _set_entry(content, section, entry, path)  # the places behind the edit have moved
    return content


_NEWLINE = "\n"
_INDENT = "  "


def _element(prefix: str, name: str, value: str) -> str:
    return f"<{prefix}{name}>{escape(value)}</{prefix}{name}>"


def _prefix(root: Element) -> str:
    return root.tag[: -len(root.name)]


def _replace(content: bytes, element: Element, value: str) -> bytes:
    new = escape(value)
    if element.self_closed:
        whole = f"<{element.tag}>{new}</{element.tag}>"
        return content[: element.start] + whole.encode() + content[element.end :]
    return content[: element.inner] + new.encode() + content[element.inner_end :]


def _append(content: bytes, parent: Element, body: str) -> bytes:
    """`body` as the last child of `parent`, in the indentation and the line ends of its surroundings."""
    end_of_line = b"\r\n" if b"\r\n" in content else b"\n"
    outer = _indentation(content, parent.start)
    inner = _indentation(content, parent.children[0].start) if parent.children else outer + _INDENT.encode()
    unit = inner[len(outer) :] or _INDENT.encode()
    lines = [inner + line.encode().replace(_INDENT.encode(), unit, 1) for line in body.split(_NEWLINE)]
    block = end_of_line.join(lines) + end_of_line
    if parent.self_closed:
        opening = content[parent.start : parent.end].rstrip(b"/> \t") + b">"
        closing = outer + f"</{parent.tag}>".encode()
        return content[: parent.start] + opening + end_of_line + block + closing + content[parent.end :]
    kept = content[: parent.inner_end]
    tail = kept[len(kept.rstrip(b" \t")) :]
    kept = kept[: len(kept) - len(tail)]
    if not kept.endswith(b"\n"):
        kept += end_of_line
        tail = outer
    return kept + block + tail + content[parent.inner_end :]


def _indentation(content: bytes, at: int) -> bytes:
    line = content[content.rfind(b"\n", 0, at) + 1 : at]
    return line if not line.strip() else b""


def _refuse_duplicates(root: Element, section: Section, path: str) -> None:
    container = root.child(section.container)
    ids = [one.value("id") for one in container.children] if container is not None else []
    twice = sorted({str(one) for one in ids if ids.count(one) > 1})
    if twice:
        problems = [
            Problem(f"{path}: {section.container}", f"two entries have the id '{one}'", "one entry for each id")
            for one in twice
        ]
        raise DocumentError("The settings file is ambiguous, and was not touched:", problems)
