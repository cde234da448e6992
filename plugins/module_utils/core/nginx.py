# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""nginx configuration as directives with their place in the text, so that edits leave every other byte alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .errors import DocumentError, Problem

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
      | (?P<mark>[;{}])
      | (?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<word>(?!["'])(?:\\.|[^\s;{}])+)
    """,
    re.VERBOSE | re.DOTALL,
)
_VARIABLE = re.compile(r"\$\{[A-Za-z0-9_]+\}")
_LUA = "_by_lua_block"


@dataclass(frozen=True)
class Directive:
    """One directive: `text[start:end]` is all of it, with its `;` or its block."""

    name: str
    arguments: tuple[str, ...]
    start: int
    end: int
    block: tuple[Directive, ...] | None = field(default=None)

    def find(self, name: str) -> Iterator[Directive]:
        """The directives of a name inside, at any depth."""
        for one in self.block or ():
            if one.name == name:
                yield one
            yield from one.find(name)


def parse(text: str, *, source: str) -> tuple[Directive, ...]:
    """The directives of `text`, or a DocumentError that names the line."""
    # `${name}` is the one place where a brace is no brace: it is read as a word without one, of the same length.
    plain = _VARIABLE.sub(lambda match: f"${'_' * (len(match[0]) - 1)}", text)
    directives, _end = _block(text, plain, 0, source, top=True)
    return directives


def walk(directives: Iterable[Directive], name: str) -> Iterator[Directive]:
    """The directives of a name, at any depth."""
    for one in directives:
        if one.name == name:
            yield one
        yield from one.find(name)


def edit(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """`text` with the parts [start, end) replaced."""
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def _block(text: str, plain: str, position: int, source: str, *, top: bool) -> tuple[tuple[Directive, ...], int]:
    found: list[Directive] = []
    words: list[tuple[int, int]] = []
    while position < len(plain):
        token = _TOKEN.match(plain, position)
        if token is None:
            raise _wrong(text, position, source, "a quote that is never closed")
        position = token.end()
        if token["blank"]:
            continue
        if not token["mark"]:
            words.append(token.span())
        elif token["mark"] == ";":
            if words:
                found.append(_directive(text, words, position))
            words = []
        elif token["mark"] == "{":
            if not words:
                raise _wrong(text, token.start(), source, "a block without a name")
            inner: tuple[Directive, ...] = ()
            if text[slice(*words[0])].endswith(_LUA):
                position = _skip(plain, position, source)
            else:
                inner, position = _block(text, plain, position, source, top=False)
            found.append(_directive(text, words, position, inner))
            words = []
        elif top or words:
            raise _wrong(text, token.start(), source, "a } too many" if top else "a directive without its ;")
        else:
            return tuple(found), position
    if words:
        raise _wrong(text, words[0][0], source, "a directive without its ;")
    if not top:
        raise _wrong(text, len(text), source, "a block that is never closed")
    return tuple(found), position


def _directive(
    text: str, words: list[tuple[int, int]], end: int, block: tuple[Directive, ...] | None = None
) -> Directive:
    name, *arguments = (_unquoted(text[start:stop]) for start, stop in words)
    return Directive(name, tuple(arguments), words[0][0], end, block)


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] in "\"'" and word[-1] == word[0] else word


def _skip(text: str, position: int, source: str) -> int:
    """The end of a block of another language, whose braces are in pairs."""
    depth = 1
    for offset in range(position, len(text)):
        depth += {"{": 1, "}": -1}.get(text[offset], 0)
        if depth == 0:
            return offset + 1
    raise _wrong(text, position, source, "a block that is never closed")


def _wrong(text: str, position: int, source: str, found: str) -> DocumentError:
    line = text.count("\n", 0, position) + 1
    return DocumentError(
        "not a configuration of nginx", [Problem(f"{source}:{line}", found, "what `nginx -t` accepts")]
    )
