# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small schema engine: shapes that complete a document with its defaults and find every problem at once.

A shape's `parse` returns the completed value and appends what is wrong to `problems`. Where something is wrong the
value is None and parsing goes on, so that one run shows all of it and cross checks can still look at the rest.
An empty key (`logging:`) counts as not given. Numbers that came through Ansible as text ("3") are taken as numbers.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import DocumentError, Problem

REQUIRED: Any = object()

_SECRET_KEY = re.compile(r"(password|passwd|passphrase|secret|token|credentials?|api_?key|private_key)$", re.IGNORECASE)
_USER_INFO = re.compile(r"//[^/@\s]+@")


def show(raw: object) -> str:
    """`raw` as an error message may show it: short, and without the password of a URL."""
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, str):
        text = _USER_INFO.sub("//…@", raw)
        return repr(text if len(text) <= 60 else text[:57] + "…")
    if isinstance(raw, Mapping):
        return "a mapping"
    if isinstance(raw, (list, tuple)):
        return "a list"
    return "nothing" if raw is None else str(raw)


def near(word: str, known: list[str]) -> str:
    """What was probably meant by `word`, else what there is."""
    known = list(dict.fromkeys(known))
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    return f"one of {', '.join(known[:20])}{', …' if len(known) > 20 else ''}" if known else "there is none"


class Shape:
    """What a value may be."""

    def parse(self, raw: object, path: str, problems: list[Problem]) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class Text(Shape):
    """A string; `says` names what the pattern stands for."""

    pattern: str | None = None
    says: str = "text"
    choices: tuple[str, ...] = ()
    longest: int = 4096

    def parse(self, raw: object, path: str, problems: list[Problem]) -> str | None:
        if not isinstance(raw, str):
            quoted = f" in quotes: '{show(raw)}'" if isinstance(raw, (int, float)) else ""
            problems.append(Problem(path, f"{show(raw)} is not text", f"{self.says}{quoted}"))
        elif self.choices and raw not in self.choices:
            problems.append(Problem(path, f"{show(raw)} is not {self.says}", f"one of {', '.join(self.choices)}"))
        elif self.pattern and not re.fullmatch(self.pattern, raw):
            problems.append(
                Problem(path, f"{show(raw)} is not {self.says}", f"like {EXAMPLES.get(self.says, self.pattern)}")
            )
        elif len(raw) > self.longest:
            problems.append(Problem(path, f"{show(raw)} has {len(raw)} characters", f"at most {self.longest}"))
        else:
            return str(raw)
        return None


EXAMPLES: dict[str, str] = {}
"""An example for what a Text `says`; filled beside the shapes that use it."""


@dataclass(frozen=True)
class Number(Shape):
    """A number within limits; `whole` ones only, where asked; or a `word` that stands for one."""

    least: float | None = None
    most: float | None = None
    whole: bool = False
    word: str | None = None

    def parse(self, raw: object, path: str, problems: list[Problem]) -> int | float | str | None:
        if self.word and raw == self.word:
            return self.word
        value = self._read(raw)
        if value is None:
            problems.append(Problem(path, f"{show(raw)} is not a {self._kind()}", f"a {self._kind()}{self._limits()}"))
        elif (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            problems.append(Problem(path, f"{show(raw)} is out of bounds", f"a {self._kind()}{self._limits()}"))
        else:
            return value
        return None

    def _read(self, raw: object) -> int | float | None:
        if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
            return None
        try:
            value = float(raw)
        except ValueError:
            return None
        if not math.isfinite(value):
            return None
        if value == int(value):
            return int(value)
        return None if self.whole else value

    def _kind(self) -> str:
        return "whole number" if self.whole else "number"

    def _limits(self) -> str:
        return self._range() + (f", or {self.word}" if self.word else "")

    def _range(self) -> str:
        if self.least is not None and self.most is not None:
            return f" from {self.least:g} to {self.most:g}"
        if self.least is not None:
            return f", at least {self.least:g}"
        return f", at most {self.most:g}" if self.most is not None else ""


def whole(least: int | None = None, most: int | None = None, word: str | None = None) -> Number:
    """A whole number within limits."""
    return Number(least, most, whole=True, word=word)


@dataclass(frozen=True)
class Flag(Shape):
    """true or false."""

    def parse(self, raw: object, path: str, problems: list[Problem]) -> bool | None:
        known = {"true": True, "yes": True, "false": False, "no": False}
        value = raw if isinstance(raw, bool) else known.get(raw.lower()) if isinstance(raw, str) else None
        if value is None:
            problems.append(Problem(path, f"{show(raw)} is neither true nor false", "true or false"))
        return value


@dataclass(frozen=True)
class ListOf(Shape):
    """A list; items that carry the same value in `unique` are refused."""

    item: Shape
    unique: str | None = None

    def parse(self, raw: object, path: str, problems: list[Problem]) -> list[Any] | None:
        if not isinstance(raw, (list, tuple)):
            problems.append(Problem(path, f"{show(raw)} is not a list", "a list"))
            return None
        values = [self.item.parse(one, f"{path}[{index}]", problems) for index, one in enumerate(raw)]
        seen: dict[Any, int] = {}
        for index, value in enumerate(values):
            key = value.get(self.unique) if self.unique and isinstance(value, dict) else value
            if key is None or isinstance(key, (dict, list)):
                continue
            if key in seen:
                where = f"{path}[{index}]" + (f".{self.unique}" if self.unique else "")
                problems.append(Problem(where, f"{show(key)} stands at {path}[{seen[key]}] already", "each one once"))
            seen.setdefault(key, index)
        return values


@dataclass(frozen=True)
class Table(Shape):
    """A mapping with keys that people choose."""

    value: Shape
    key: Text = field(default_factory=Text)

    def parse(self, raw: object, path: str, problems: list[Problem]) -> dict[str, Any] | None:
        if not isinstance(raw, Mapping):
            problems.append(Problem(path, f"{show(raw)} is not a mapping", "a mapping"))
            return None
        parsed: dict[str, Any] = {}
        for key, value in raw.items():
            if self.key.parse(key, f"{path}.{key}", problems) is not None:
                # `goods:` with nothing after it means goods as it is
                given = {} if value is None and isinstance(self.value, (Record, Table)) else value
                parsed[str(key)] = self.value.parse(given, f"{path}.{key}", problems)
        return parsed


@dataclass(frozen=True)
class Field:
    """One key of a record. Without a default it must be given; `{}` gives a record all of its own defaults."""

    shape: Shape
    default: Any = REQUIRED
    help: str = ""


@dataclass(frozen=True)
class Record(Shape):
    """A mapping with known keys.

    `secrets` are keys whose value never stands in a document: `password` becomes `password_env`, the name of an
    environment variable, or `password_var`, the name of an Ansible Vault variable. Their value here is the default of
    `<key>_env`; REQUIRED means that one of the two must be given, None that neither needs to.
    `elsewhere` says where a key that people look for here is given instead.
    """

    fields: Mapping[str, Field]
    secrets: Mapping[str, Any] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def parse(self, raw: object, path: str, problems: list[Problem]) -> dict[str, Any] | None:
        if not isinstance(raw, Mapping):
            problems.append(Problem(path, f"{show(raw)} is not a mapping", f"a mapping with {', '.join(self.fields)}"))
            return None
        fields = self.all_fields()
        problems.extend(self._strangers(raw, path, fields))
        parsed = {name: self._field(one, raw.get(name), f"{path}.{name}", problems) for name, one in fields.items()}
        for name, default in self.secrets.items():
            environment, variable = parsed[f"{name}_env"], parsed[f"{name}_var"]
            if environment and variable:
                problems.append(Problem(f"{path}.{name}_var", f"{name}_env is given too", "one of the two"))
            elif not environment and not variable and raw.get(name) is None:
                if default is REQUIRED:
                    problems.append(Problem(f"{path}.{name}_env", "is missing", f"it, or {name}_var, has no default"))
                else:
                    parsed[f"{name}_env"] = default
        return parsed

    def all_fields(self) -> dict[str, Field]:
        """The fields with those that stand for the secrets."""
        fields = dict(self.fields)
        for name in self.secrets:
            fields[f"{name}_env"] = Field(_VARIABLE, None, f"environment variable that holds the {name}")
            fields[f"{name}_var"] = Field(_VARIABLE, None, f"Ansible variable (vault) that holds the {name}")
        return fields

    def _field(self, one: Field, raw: object, path: str, problems: list[Problem]) -> Any:
        if raw is not None:
            return one.shape.parse(raw, path, problems)
        if one.default is REQUIRED:
            says = one.help or (one.shape.says if isinstance(one.shape, Text) else "")
            problems.append(Problem(path, "is missing", f"{says}; it has no default" if says else "it has no default"))
            return None
        return None if one.default is None else one.shape.parse(one.default, path, problems)

    def _strangers(self, raw: Mapping[Any, Any], path: str, fields: dict[str, Field]) -> Iterator[Problem]:
        for key in raw:
            where = f"{path}.{key}"
            if key in self.secrets or (key not in fields and _SECRET_KEY.search(str(key))):
                names = f"the name of a variable, in {key}_env (environment) or {key}_var (vault)"
                right = self.elsewhere.get(key, names if key in self.secrets else "leave it out")
                yield Problem(where, "is a secret, and secrets never stand in this document", right)
            elif key in self.elsewhere:
                yield Problem(where, "is not given here", self.elsewhere[key])
            elif key not in fields:
                yield Problem(where, "is not known", near(str(key), list(fields)))


_VARIABLE = Text(r"[A-Za-z_][A-Za-z0-9_]*", "the name of a variable")
EXAMPLES["the name of a variable"] = "NEXUS_PASSWORD"

Check = Callable[[Any, str], Iterator[Problem]]


def each(value: Any, pattern: str, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every (path, value) below `value` that `pattern` names, where not None; `[]` stands for each item of a list."""
    head, _dot, rest = pattern.partition(".")
    name = head.removesuffix("[]")
    inner = value.get(name) if isinstance(value, dict) else None
    where = f"{path}.{name}"
    found = list(enumerate(inner or [])) if head.endswith("[]") else [(-1, inner)]
    for index, one in found:
        if one is not None:
            here = where if index < 0 else f"{where}[{index}]"
            if rest:
                yield from each(one, rest, here)
            else:
                yield here, one


def parse(shape: Shape, raw: object, path: str, checks: Mapping[str, list[Check]] | None = None) -> Any:
    """`raw` completed by `shape`, or a DocumentError with every problem.

    `checks` look across fields: each is called with the value at its key (below `path`; "" is the whole) and its path.
    Only the first problem at a path is told: what follows from it is no news.
    """
    problems: list[Problem] = []
    value = shape.parse(raw, path, problems)
    for key, several in (checks or {}).items():
        for where, one in each(value, key, path) if key else [(path, value)]:
            for check in several if one is not None else []:
                problems.extend(check(one, where))
    if problems:
        told = {problem.path: problem for problem in reversed(problems)}
        problems = [problem for problem in problems if told[problem.path] is problem]
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise DocumentError(f"{path} cannot be used as it is, {count}:", problems)
    return value
