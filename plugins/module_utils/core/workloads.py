# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shape of workloads.yml: what runs on the guests, as they told over SSH. Facts only; a secret is never among them.

Where a value looks like a secret, SECRET stands in its place: the move reads it again from the guest, into a Secret.
"""

from __future__ import annotations

from typing import TypedDict

VERSION = 1
SECRET = "(secret)"


class Finding(TypedDict):
    """Something a person should know. `severity`: blocker | warning | information."""

    rule: str
    severity: str
    where: str
    found: str
    meant: str | None


class Connection(TypedDict):
    """One established TCP connection, or one that a configuration names (`source`: socket | configuration | eureka)."""

    address: str  # an IP address, or a host name out of a configuration
    port: int
    source: str


class ConfigurationFile(TypedDict):
    """A file that the service reads. `content` has SECRET where a secret stood; `secrets` are the keys of those."""

    path: str
    content: str
    secrets: list[str]


class Jar(TypedDict):
    path: str
    sha256: str  # empty where the guest has no program that tells it
    size: int


class Runtime(TypedDict):
    """The JVM side of a service; None where it is no JVM or could not be told."""

    java: int | None
    spring_boot: str | None
    application_name: str | None  # spring.application.name
    eureka: bool  # has the Eureka client on its class path
    eureka_server: bool
    actuator: bool
    profiles: list[str]
    main_class: str | None


class Memory(TypedDict):
    heap_max_mib: int | None
    metaspace_max_mib: int | None
    threads: int | None
    peak_rss_mib: int | None


class Site(TypedDict):
    """A virtual server of nginx."""

    names: list[str]
    ports: list[int]
    root: str | None  # None where it only passes requests on


class Registration(TypedDict):
    """An instance as a Eureka server has it."""

    application: str
    address: str
    port: int
    status: str


class Special(TypedDict, total=False):
    """What only services of some kinds tell."""

    sites: list[Site]  # nginx
    registry: list[Registration]  # a Eureka server


class Service(Special):
    """One service found on a guest."""

    name: str  # spring.application.name, else the unit's, else the program's
    kind: str  # jvm | tomcat | nginx | redis | mariadb | ftp | nexus | … | other
    unit: (
        str | None
    )  # by what its starter knows it: a systemd unit, a program of supervisord; None where a script starts it
    started_by: str  # systemd | init | nohup | cron | supervisor
    script: str | None  # the start script; of `init` the one in init.d
    user: str
    pid: int
    working_directory: str
    ports: list[int]  # listening TCP ports
    command: list[str]  # with SECRET for secrets
    flags: list[str]  # JVM flags (-X…, -XX:…, -D…)
    arguments: list[str]  # what follows the jar
    environment: dict[str, str]
    runtime: Runtime | None
    jar: Jar | None
    memory: Memory | None
    configuration: list[ConfigurationFile]
    document_root: str | None  # nginx, FTP
    data: list[str]  # directories that it writes to and that must be kept
    logs: list[str]
    outbound: list[Connection]
    inbound: list[Connection]  # peers of its listening ports


class Fitness(TypedDict, total=False):
    lacks: list[str]  # of the programs that a node needs: what a VM that is taken over must get first


class Workload(Fitness):
    """What one guest told. A guest that could not be read has `reachable: false`, a finding, and no services."""

    guest: str
    addresses: list[str]
    hostname: str | None
    reachable: bool
    services: list[Service]
    findings: list[Finding]


class Workloads(TypedDict):
    version: int
    guests: list[Workload]
