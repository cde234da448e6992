# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One session at a vCenter: login, paged reads of leaf properties, tasks, logout.

Never touches an attribute of a managed object: pyVmomi would ask vCenter for it, one round trip each.
"""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from ..core.errors import AccessDenied, ConnectionFailed, Interrupted, LandfallError, NotFound, OperationFailed
from ..core.vsphere_tree import Record
from .vmomi import API_VERSION, SoapStubAdapter, vim, vmodl
from .vsphere_endpoint import Endpoint, PinnedConnection
from .vsphere_pages import Page, PlainPages
from .vsphere_values import plain

Result = TypeVar("Result")

PAGE = 1000  # objects per answer; larger pages cost memory and save nothing

_PAUSES = (0.5, 2.0)  # before a second and a third session


class VCenter:
    """A session that is logged in. Get one from connect()."""

    def __init__(self, endpoint: Endpoint, stub: Any) -> None:
        self.endpoint = endpoint
        self.stub = stub
        self.content = vim.ServiceInstance("ServiceInstance", stub).RetrieveContent()
        self._pages = vmodl.query.PropertyCollector(self.content.propertyCollector._moId, PlainPages(stub))

    def now(self) -> Any:
        """vCenter's own clock."""
        return vim.ServiceInstance("ServiceInstance", self.stub).CurrentTime()

    def object(self, kind: str, identity: str) -> Any:
        """The handle of an object, without a question."""
        return getattr(vim, kind)(identity, self.stub)

    def sweep(self, properties: Mapping[str, Sequence[str]]) -> Iterator[Record]:
        """Every object below the root of the types in `properties`, a page at a time."""
        kinds = {getattr(vim, name): paths for name, paths in properties.items()}
        types = list(kinds)
        # A view lists the subclasses of a type by itself in vCenter; naming them costs nothing and is exact.
        types += [vim.ClusterComputeResource] * (vim.ComputeResource in types)
        types += [vim.dvs.DistributedVirtualPortgroup, vim.OpaqueNetwork] * (vim.Network in types)
        view = self.content.viewManager.CreateContainerView(self.content.rootFolder, types, True)
        try:
            collector = vmodl.query.PropertyCollector
            traversal = collector.TraversalSpec(name="view", type=vim.view.ContainerView, path="view", skip=False)
            yield from self._read([collector.ObjectSpec(obj=view, skip=True, selectSet=[traversal])], kinds)
        finally:
            with suppress(vmodl.MethodFault, OSError, http.client.HTTPException):
                view.DestroyView()

    def read(self, objects: Iterable[Any], paths: Sequence[str], *, raw: bool = False) -> dict[str, Record]:
        """Properties of these objects (of one type), by their id. An object that is gone is missing.

        `raw` keeps vSphere's own structures, which a change sends back.
        """
        listed = list(objects)
        if not listed:
            return {}
        collector = vmodl.query.PropertyCollector
        specs = [collector.ObjectSpec(obj=item, skip=False) for item in listed]
        return {record["id"]: record for record in self._read(specs, {type(listed[0]): paths}, raw=raw)}

    def _read(
        self, objects: list[Any], properties: Mapping[Any, Sequence[str]], *, raw: bool = False
    ) -> Iterator[Record]:
        collector = vmodl.query.PropertyCollector
        specification = collector.FilterSpec(
            objectSet=objects,
            propSet=[collector.PropertySpec(type=kind, pathSet=list(paths)) for kind, paths in properties.items()],
            reportMissingObjectsInResults=True,
        )
        ask = self.content.propertyCollector if raw else self._pages
        page: Page | Any = ask.RetrievePropertiesEx([specification], collector.RetrieveOptions(maxObjects=PAGE))
        while page is not None:
            try:
                yield from map(_record, page.objects) if raw else page.objects
            except BaseException:
                # Whoever stops reading says so: vCenter keeps the rest of a truncated answer in memory.
                if page.token:
                    with suppress(vmodl.MethodFault, OSError, http.client.HTTPException):
                        self.content.propertyCollector.CancelRetrievePropertiesEx(page.token)
                raise
            page = ask.ContinueRetrievePropertiesEx(page.token) if page.token else None

    def watch(
        self, objects: Mapping[str, Any], paths: Sequence[str], done: Callable[[str, Record], bool], *, timeout: float
    ) -> dict[str, Record]:
        """Read `paths` of all these objects together, until `done` is true of each; late ones are missing.

        Asking again with a growing pause is one call for all of them, needs no filter on the server that somebody
        has to destroy, and cannot miss a change.
        """
        end = time.monotonic() + timeout
        waiting = dict(objects)
        finished: dict[str, Record] = {}
        pause = 0.05
        while waiting:
            records = self.read(waiting.values(), paths)
            for key, item in list(waiting.items()):
                record = records.get(item._moId)
                if record is not None and done(key, record):
                    finished[key] = record
                    del waiting[key]
            if not waiting or time.monotonic() >= end:
                break
            time.sleep(min(pause, max(0.0, end - time.monotonic())))
            pause = min(pause * 1.5, 1.0)
        return finished

    def wait(self, tasks: Mapping[str, Any], *, what: str, timeout: float) -> dict[str, Any]:
        """The results of all these tasks; one error that names every task that failed or was late."""

        def ended(_key: str, record: Record) -> bool:
            return record["properties"].get("info.state") in ("success", "error")

        finished = self.watch(tasks, ("info.state", "info.error", "info.result"), ended, timeout=timeout)
        failed = [f"{key}: no end after {timeout:g} s" for key in tasks if key not in finished]
        for key, record in finished.items():
            if record["properties"]["info.state"] == "error":
                failed.append(f"{key}: {fault_text(record['properties'].get('info.error') or {})}")
        if failed:
            raise OperationFailed(f"{self.endpoint}: {what} failed: " + "; ".join(sorted(failed)))
        return {key: record["properties"].get("info.result") for key, record in finished.items()}


@contextmanager
def connect(parameters: Mapping[str, Any]) -> Iterator[VCenter]:
    """A session for a `with` block: always logged out, and vSphere's faults come out as our errors."""
    endpoint = Endpoint.of(parameters)
    if vim is None:
        raise LandfallError("the Python library pyVmomi is missing where this runs; `pip install pyvmomi` there")
    with _in_our_words(endpoint):
        stub = SoapStubAdapter(
            host=endpoint.hostname,
            port=endpoint.port,
            path="/sdk",
            version=API_VERSION,
        )
        stub.scheme, stub.schemeArgs = PinnedConnection, endpoint.arguments()
        vcenter = VCenter(endpoint, stub)
        sessions = vcenter.content.sessionManager
        sessions.Login(endpoint.username, endpoint.password, None)
        try:
            with _unbroken(endpoint):
                yield vcenter
        finally:
            with suppress(vmodl.MethodFault, OSError, http.client.HTTPException):
                sessions.Logout()
            stub.DropConnections()


def read_in_session(parameters: Mapping[str, Any], work: Callable[[VCenter], Result]) -> Result:
    """What `work`, which only reads, returns in a session of its own; in another one where that breaks off."""
    pauses = list(_PAUSES)
    while True:
        try:
            with connect(parameters) as vcenter:
                return work(vcenter)
        except Interrupted:
            if not pauses:
                raise
            time.sleep(pauses.pop(0))


@contextmanager
def _unbroken(endpoint: Endpoint) -> Iterator[None]:
    """What goes wrong on a connection that has carried a login is no wrong address."""
    try:
        yield
    except vim.fault.NotAuthenticated as error:
        raise Interrupted(
            f"{endpoint} has ended the session of {endpoint.username} in the middle of the work"
        ) from error
    except (OSError, http.client.HTTPException, ExpatError, ParseError) as error:
        raise Interrupted(f"{endpoint} broke off in the middle of the work: {error or type(error).__name__}") from error


@contextmanager
def _in_our_words(endpoint: Endpoint) -> Iterator[None]:
    try:
        yield
    except vim.fault.InvalidLogin as error:
        raise AccessDenied(
            f"{endpoint} refuses the login of {endpoint.username}; username and password should be those of a user "
            "of this vCenter (VMWARE_USER, VMWARE_PASSWORD)"
        ) from error
    except vim.fault.NoPermission as error:
        raise AccessDenied(
            f"{endpoint}: {endpoint.username} may not {error.privilegeId} on {getattr(error.object, '_moId', '?')}; "
            "a role with that privilege is needed there"
        ) from error
    except vmodl.fault.ManagedObjectNotFound as error:
        raise NotFound(
            f"{endpoint}: {getattr(error.obj, '_moId', 'an object')} was removed while we worked on it"
        ) from error
    except vmodl.MethodFault as error:
        raise OperationFailed(f"{endpoint}: {fault_text(plain(error))}") from error
    except ssl.SSLCertVerificationError as error:
        raise ConnectionFailed(
            f"{endpoint}: its certificate is not trusted: {error.verify_message}; ca_path should name the "
            "CA that signed it, or thumbprint pin it"
        ) from error
    except http.client.HTTPException as error:  # 503, while its services start
        raise Interrupted(f"{endpoint} does not answer as a vCenter: {error or type(error).__name__}") from error
    except OSError as error:
        raise ConnectionFailed(f"{endpoint} does not answer as a vCenter: {error or type(error).__name__}") from error


def _record(item: Any) -> Record:
    """An object with vSphere's own structures."""
    properties = {found.name: found.val for found in item.propSet}
    return {"type": type(item.obj).__name__.rsplit(".", 1)[-1], "id": item.obj._moId, "properties": properties}


def fault_text(fault: Mapping[str, Any]) -> str:
    """What a fault says: its message where it has one, else its name and what it carries."""
    inner = fault.get("fault") if isinstance(fault.get("fault"), Mapping) else None
    name = str((inner or fault).get("_type", "unknown fault")).rsplit(".", 1)[-1]
    message = fault.get("localizedMessage") or fault.get("msg") or (inner or {}).get("msg") or ""
    return f"{name}: {message}" if message and name not in str(message) else str(message or name)
