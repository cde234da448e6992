# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shapes as JSON Schema (2020-12), for editors and other tools: of what people write and of what we write."""

from __future__ import annotations

import types
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from .schema import REQUIRED, Field, Flag, ListOf, Number, Record, Shape, Table, Text

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def of_shape(shape: Shape) -> Json:
    """The schema of what a shape takes."""
    if isinstance(shape, Text):
        schema: Json = {"type": "string"}
        schema |= {"enum": list(shape.choices)} if shape.choices else {}
        schema |= {"pattern": f"^(?:{shape.pattern})$"} if shape.pattern and "(?s)" not in shape.pattern else {}
        schema |= {"minLength": 1} if shape.pattern and "(?s)" in shape.pattern else {}
        return schema | ({"maxLength": shape.longest} if shape.longest != Text.longest else {})
    if isinstance(shape, Number):
        limits = {"minimum": shape.least, "maximum": shape.most}
        kind = "integer" if shape.whole else "number"
        word = {"type": [kind, "string"], "pattern": f"^{shape.word}$"} if shape.word else {"type": kind}
        return word | {key: value for key, value in limits.items() if value is not None}
    if isinstance(shape, Flag):
        return {"type": "boolean"}
    if isinstance(shape, ListOf):
        return {"type": "array", "items": of_shape(shape.item)}
    if isinstance(shape, Table):
        keys, values = of_shape(shape.key), of_shape(shape.value)
        return {"type": "object", "propertyNames": keys, "additionalProperties": values}
    if isinstance(shape, Record):
        return _of_record(shape)
    raise TypeError(f"{type(shape).__name__} has no JSON Schema")


def _of_record(shape: Record) -> Json:
    required = [name for name, one in shape.fields.items() if one.default is REQUIRED]
    return {
        "type": "object",
        "properties": {name: _of_field(one) for name, one in shape.all_fields().items()},
        "additionalProperties": False,
    } | ({"required": required} if required else {})


def _of_field(one: Field) -> Json:
    schema = of_shape(one.shape)
    if one.default is not REQUIRED:  # an empty key means the default
        kinds = schema["type"]
        schema["type"] = [*kinds, "null"] if isinstance(kinds, list) else [kinds, "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        if one.default not in (None, {}):
            schema["default"] = one.default
    return schema | ({"description": one.help} if one.help else {})


def of_type(kind: Any) -> Json:
    """The schema of a TypedDict, and of the types that it is made of."""
    if is_typeddict(kind):
        hints = get_type_hints(kind)
        schema: Json = {
            "type": "object",
            "properties": {name: of_type(one) for name, one in hints.items()},
            "additionalProperties": False,
        }
        required = [name for name in hints if name in kind.__required_keys__]
        return schema | ({"required": required} if required else {})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [of_type(one) for one in arguments]}
    if origin is list:
        return {"type": "array", "items": of_type(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": of_type(arguments[1])}
    if kind is type(None):
        return {"type": "null"}
    return {"type": _PLAIN[kind]} if kind in _PLAIN else {}
