# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What vCenter answers about properties, as plain records, without an object of pyVmomi for every value.

pyVmomi writes the question, knows the types and words the faults; only the answer is read here, by ElementTree's
parser in C. benchmarks/estate tells what that saves.
"""

from __future__ import annotations

import gzip
import http.client
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from ..core.vsphere_tree import Record
from .vmomi import Deserializer
from .vsphere_values import local_name, value_of

_OBJECTS, _TOKEN = "{urn:vim25}objects", "{urn:vim25}token"


@dataclass
class Page:
    """One answer; `token` asks for the next, None where there is none."""

    objects: list[Record] = field(default_factory=list)
    token: str | None = None


class PlainPages:
    """A stub for a PropertyCollector: it sends as `stub` does, in its session, and answers with a Page or None."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def InvokeMethod(self, mo: Any, info: Any, args: Any) -> Page | None:
        """What pyVmomi asks of a stub, by the name it has there."""
        stub = self._stub
        request = stub.SerializeRequest(mo, info, args)
        headers = {
            "Accept-Encoding": "gzip",
            "Content-Type": "text/xml; charset=UTF-8",
            "Cookie": stub.cookie,
            "SOAPAction": stub.versionId,
        }
        connection = stub.GetConnection()
        try:
            connection.request("POST", stub.path, request, headers)
            found = self._read(connection.getresponse())
        except BaseException:
            connection.close()
            stub.DropConnections()
            raise
        stub.ReturnConnection(connection)
        if isinstance(found, Exception):
            raise found
        return found

    def _read(self, answer: http.client.HTTPResponse) -> Page | Exception | None:
        if answer.status not in (200, 500):
            raise http.client.HTTPException(f"{answer.status} {answer.reason}")
        body: Any = gzip.GzipFile(fileobj=answer) if answer.getheader("Content-Encoding") == "gzip" else answer
        found = _page(body) if answer.status == 200 else Deserializer(self._stub).Deserialize(body, object)
        answer.read()  # what is left, or the connection cannot be used again
        return found


def _page(body: Any) -> Page | None:
    """A page, taken apart while it arrives; None is the answer of a collector that found nothing."""
    page = Page()
    for _event, element in ElementTree.iterparse(body):
        if element.tag == _OBJECTS:
            page.objects.append(_record(element))
            element.clear()  # a page of a thousand guests is megabytes
        elif element.tag == _TOKEN:
            page.token = element.text
    return page if page.objects or page.token else None


def _record(element: Any) -> Record:
    record: Record = {"type": "", "id": "", "properties": {}}
    for child in element:
        name = local_name(child)
        if name == "obj":
            record["type"], record["id"] = child.get("type"), child.text
        elif name == "propSet":
            found, value = child
            record["properties"][found.text] = value_of(value)
    return record
