# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shape of estate.yml: what is there, as one sweep of a vCenter saw it. Facts only, never edited.

Sizes are GiB and MHz, percentages are 0..100, names are vSphere's own. A value that vCenter did not tell is None.
"""

from __future__ import annotations

from typing import TypedDict

VERSION = 1


class EsxiHost(TypedDict):
    """One ESXi host: what it has, and what its powered-on guests were using at the time of the sweep."""

    name: str
    cluster: str
    sockets: int
    cores: int
    threads: int
    cpu_mhz: int  # of one core
    memory_gib: float
    cpu_used_mhz: int
    memory_used_gib: float
    power_state: str  # on | off | standBy
    in_maintenance: bool
    datastores: list[str]


class Cluster(TypedDict):
    name: str
    datacenter: str
    drs: bool
    ha: bool


class Datastore(TypedDict):
    name: str
    capacity_gib: float
    free_gib: float
    accessible: bool


class Network(TypedDict):
    name: str
    kind: str  # network | portgroup | opaque


class Series(TypedDict):
    """Statistics of one counter over one interval; None where no sample was kept."""

    samples: int
    confidence: float  # samples kept / samples the interval could hold
    average: float | None
    p95: float | None
    maximum: float | None


class Usage(TypedDict):
    """What a guest used: cores of CPU, GiB of consumed memory."""

    interval_seconds: int  # 300 (day) or 7200 (month)
    cpu_cores: Series
    memory_gib: Series


class Statistics(TypedDict, total=False):
    day: Usage
    month: Usage


class Special(TypedDict, total=False):
    special_devices: list[str]  # shared_disk | independent_disk | passthrough | usb; only where there are any


class Guest(Special):
    """One virtual machine. `landfall` holds our own marks (custom attributes `landfall.<key>`), without the prefix."""

    name: str
    uuid: str  # instance UUID
    datacenter: str
    folder: str  # inventory path, /DC0/vm/legacy
    cluster: str
    esxi_host: str
    power_state: str  # on | off | suspended
    template: bool
    connection_state: str  # connected | orphaned | inaccessible …
    guest_os: str  # vSphere's full name of it
    guest_id: str
    hostname: str | None
    addresses: list[str]
    tools: str  # running | not_running | not_installed
    cpus: int
    cores_per_socket: int
    memory_gib: float
    disk_gib: float
    cpu_hot_add: bool
    memory_hot_add: bool
    snapshots: int
    raw_device_mappings: int | None  # None where the sweep did not read devices
    datastores: list[str]
    networks: list[str]
    tags: list[str]
    attributes: dict[str, str]
    landfall: dict[str, str]
    annotation: str
    host_keys: list[str]  # public SSH host keys, "type base64", as the guest published them in guestinfo
    statistics: Statistics


class VCenter(TypedDict):
    host: str
    instance_uuid: str
    version: str


class Estate(TypedDict):
    version: int
    vcenter: VCenter
    clusters: list[Cluster]
    esxi_hosts: list[EsxiHost]
    datastores: list[Datastore]
    networks: list[Network]
    guests: list[Guest]
