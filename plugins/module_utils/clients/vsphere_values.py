# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of vSphere as plain data: an object is its id, a structure a dict of what is set with its `_type`.

They come as objects of pyVmomi, or as the XML that these are made of; both ways lead to the same.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from .vmomi import DataObject, ManagedObject, VmomiSupport, parse_time, vmodl

_DECLARED = "{http://www.w3.org/2001/XMLSchema-instance}type"
_XML_SCHEMA = "http://www.w3.org/2001/XMLSchema"

Reader = Callable[[Any], Any]
"""Makes the plain value of an element."""


def plain(value: Any) -> Any:
    """The plain value of what pyVmomi made."""
    if isinstance(value, ManagedObject):
        return value._moId
    if isinstance(value, (DataObject, vmodl.MethodFault)):
        fields = {name: item for name, item in value.__dict__.items() if item is not None}
        return {"_type": type(value).__name__, **{name: plain(item) for name, item in fields.items()}}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, type):
        return value.__name__  # a property may hold the name of a vSphere type
    return str(value) if isinstance(value, str) else value  # vSphere's enumerations are subclasses of str


def value_of(element: Any, reader: Reader | None = None) -> Any:
    """The plain value of an element that names its type; where it names none, what `reader` makes of it."""
    name = element.get(_DECLARED)
    if reader is None or (name is not None and reader is not _type_name):
        reader = _named(name)
    return reader(element)


def local_name(element: Any) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


@cache
def _named(name: str) -> Reader:
    """The reader of a type by its name in XML."""
    prefix, _colon, local = name.rpartition(":")
    if local.endswith("ManagedObjectReference"):
        return _list_of(_text) if local.startswith("ArrayOf") else _text
    return _reader(VmomiSupport.GetWsdlType(_XML_SCHEMA, local) if prefix else VmomiSupport.GuessWsdlType(local))


@cache
def _reader(kind: Any) -> Reader:
    """The reader of a type of pyVmomi."""
    if kind is type:
        return _type_name
    if issubclass(kind, list):
        return _list_of(_reader(kind.Item))
    if issubclass(kind, vmodl.LocalizedMethodFault):
        return _fault
    if issubclass(kind, (DataObject, vmodl.MethodFault)):
        return _structure_of(kind)
    return next((reader for base, reader in _SIMPLE.items() if issubclass(kind, base)), _text)


def _list_of(item: Reader) -> Reader:
    return lambda element: [value_of(child, item) for child in element]


def _structure_of(kind: Any) -> Reader:
    # a fault inside of something comes with its message around it, which pyVmomi's types do not tell
    fields = {
        info.name: vmodl.LocalizedMethodFault if issubclass(info.type, vmodl.MethodFault) else info.type
        for info in kind._GetPropertyList()
    }
    unset = plain(kind())  # lists are empty, and what is not optional has a value

    def read(element: Any) -> dict[str, Any]:
        found = {name: list(value) if isinstance(value, list) else value for name, value in unset.items()}
        for child in element:
            name = local_name(child)
            declared = fields[name]
            if issubclass(declared, list):  # the elements of a list stand side by side
                found[name].append(value_of(child, _reader(declared.Item)))
            else:
                found[name] = value_of(child, _reader(declared))
        return found

    return read


def _fault(element: Any) -> dict[str, Any]:
    """A fault with its message, as pyVmomi puts the two together."""
    parts = {local_name(child): child for child in element}
    message = parts.get("localizedMessage")
    return {**value_of(parts["fault"]), **({} if message is None else {"msg": _text(message)})}


def _type_name(element: Any) -> str:
    return str(VmomiSupport.GuessWsdlType(element.text).__name__)


def _text(element: Any) -> str:
    return element.text or ""


_SIMPLE: dict[Any, Reader] = {
    bool: lambda element: element.text in ("true", "1"),
    int: lambda element: int(element.text),
    float: lambda element: float(element.text),
    bytes: lambda element: base64.b64decode(element.text or ""),
    datetime: lambda element: parse_time(element.text),
}
