# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a pod of a service is: its container, its files, how it is probed and how it ends. One builder for each kind."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import Any

from . import jvm, redis_settings, site, spring
from .configuration import settings
from .jar import HOME
from .jvm import SecretWord
from .plan import Plan
from .plan import Service as Planned
from .rewrite import Change, Rewriter, service_host
from .workloads import ConfigurationFile, Service

# A caller that holds an old list of instances, and the nodes' rules, get this long before the process is asked to end.
DRAIN_SECONDS = 10
SHUTDOWN_SECONDS = 20
EUREKA_PATH = "/eureka/"
# Clients of Spring Cloud 2021 and older register again when their heartbeat is answered with 404, but only if it has no
# body; a server of Spring Boot 4 writes one. By these, its Jersey leaves it empty.
_EMPTY_404 = (
    "-Djersey.config.allowSystemPropertiesProvider=true -Djersey.config.server.response.setStatusOverSendError=true"
)


@dataclass(frozen=True)
class File:
    """A file of the guest, at the same path in the pod. `content` is None where it goes into a Secret."""

    key: str
    path: str
    content: str | None
    source: str  # its path on the guest; empty where Landfall wrote it


@dataclass
class Pod:
    """What differs from service to service in a pod."""

    port: int | None  # None: nobody calls it, and nobody can probe it
    user: int
    command: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, SecretWord] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    writable: list[str] = field(default_factory=list)
    working_directory: str | None = None
    startup: dict[str, Any] | None = None
    readiness: dict[str, Any] = field(default_factory=dict)
    liveness: dict[str, Any] = field(default_factory=dict)
    end_seconds: int = 30
    drains: bool = True
    changes: list[Change] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def application(planned: Planned, service: Service, plan: Plan, rewriter: Rewriter) -> Pod:
    """A Spring Boot (or other) service that calls others through Eureka, by name or by address."""
    pod = _jvm(planned, service, rewriter)
    runtime = service["runtime"]
    boot = spring.version(runtime["spring_boot"]) if runtime else ()
    registry = next((one for one in plan["services"] if one["role"] == "registry"), None)
    if runtime and runtime["eureka"] and registry:
        here = planned["namespace"]
        zone = f"http://{service_host(registry, here)}:{registry['port']}{EUREKA_PATH}"
        # The Service's name, not a pod's address: what callers remember stays right when pods come and go.
        pod.environment |= {
            "EUREKA_INSTANCE_HOSTNAME": f"{planned['name']}.{here}.svc",
            "EUREKA_INSTANCE_PREFER_IP_ADDRESS": "false",
            "EUREKA_INSTANCE_NON_SECURE_PORT": str(planned["port"]),
            "EUREKA_INSTANCE_INSTANCE_ID": "$(POD_NAME)",
            # Who has moved sees soon where the others are.
            "EUREKA_CLIENT_REGISTRY_FETCH_INTERVAL_SECONDS": "5",
            "SPRING_CLOUD_LOADBALANCER_CACHE_TTL": "5s",
        }
        if runtime["actuator"]:
            pod.environment["EUREKA_CLIENT_HEALTHCHECK_ENABLED"] = "true"
        # A variable cannot spell `defaultZone`: Spring would read another key.
        pod.environment["JDK_JAVA_OPTIONS"] += f" -Deureka.client.serviceUrl.defaultZone={zone}"
    if boot >= (2, 3):
        pod.environment["SERVER_SHUTDOWN"] = "graceful"
        pod.environment["SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE"] = f"{SHUTDOWN_SECONDS}s"
    return pod


def registry(planned: Planned, service: Service, plan: Plan, rewriter: Rewriter) -> Pod:
    """A Eureka server; with several replicas each is the others' peer."""
    pod = _jvm(planned, service, rewriter)
    name, port, peers = planned["name"], planned["port"], planned["replicas"] > 1
    hosts = [f"{name}-{number}.{name}-headless" for number in range(planned["replicas"])]
    zones = ",".join(f"http://{host}:{port}{EUREKA_PATH}" for host in hosts)
    pod.environment |= {
        "EUREKA_INSTANCE_HOSTNAME": f"$(POD_NAME).{name}-headless",
        "EUREKA_INSTANCE_PREFER_IP_ADDRESS": "false",
        "EUREKA_CLIENT_REGISTER_WITH_EUREKA": str(peers).lower(),
        "EUREKA_CLIENT_FETCH_REGISTRY": str(peers).lower(),
        # Empty after its start, it gives no answer until every instance has had the time to register again: its
        # clients go on with what they know, instead of learning that nobody is there.
        "EUREKA_SERVER_WAIT_TIME_IN_MS_WHEN_SYNC_EMPTY": "90000",
    }
    pod.environment["JDK_JAVA_OPTIONS"] += f" -Deureka.client.serviceUrl.defaultZone={zones} {_EMPTY_404}"
    pod.drains = False
    return pod


def frontend(planned: Planned, service: Service, plan: Plan, rewriter: Rewriter) -> Pod:
    """A built front end, served by nginx as on its guest."""
    made = site.configuration(service["configuration"], service["document_root"] or "/usr/share/nginx/html", rewriter)
    probe = {"httpGet": {"path": site.HEALTH, "port": "main"}, "periodSeconds": 5, "timeoutSeconds": 2}
    return Pod(
        port=site.PORT,
        user=33,
        files=[File("default.conf", "/etc/nginx/conf.d/default.conf", made.text, "")],
        writable=["/tmp"],
        readiness=probe,
        liveness={**probe, "periodSeconds": 10, "failureThreshold": 3},
        changes=list(made.changes),
        warnings=list(made.warnings),
    )


def cache(planned: Planned, service: Service, plan: Plan, rewriter: Rewriter) -> Pod:
    """A Redis whose data lies on a volume of its own. Its Service leads to the guest until the hand-over."""
    directory = planned["data"][0]["path"] if planned["data"] else redis_settings.DIRECTORY
    port = planned["port"] or redis_settings.PORT
    settings = redis_settings.container_settings(service["configuration"], directory, port=port)
    ping = {
        "exec": {"command": ["sh", "-c", f"redis-cli -p {port} ping | grep -q PONG"]},
        "periodSeconds": 5,
        "timeoutSeconds": 3,
    }
    pod = Pod(
        port=port,
        user=999,
        command=["redis-server", redis_settings.PATH],
        files=[File("redis.conf", redis_settings.PATH, settings.text, "")],
        writable=[] if planned["data"] else [directory],
        readiness=ping,
        liveness={"tcpSocket": {"port": "main"}, "periodSeconds": 10, "failureThreshold": 6},
        end_seconds=60,
        drains=False,
        warnings=list(settings.warnings),
    )
    if settings.password_file:
        pod.secrets["REDISCLI_AUTH"] = SecretWord("password", "directive", "requirepass", settings.password_file)
        # Out of the environment into a file, since arguments can be seen in the list of processes.
        password = '"$REDISCLI_AUTH"'
        write = f"printf 'requirepass %s\\nmasterauth %s\\n' {password} {password} > {redis_settings.PASSWORD_PATH}"
        pod.command = ["sh", "-c", f"umask 077; {write}; exec redis-server {redis_settings.PATH}"]
        pod.writable.append("/tmp")
    return pod


def _jvm(planned: Planned, service: Service, rewriter: Rewriter) -> Pod:
    requests, image = planned["requests"], planned["image"]
    memory = requests["memory_mib"] if requests else 1024
    base_java = spring.version((image["base"] if image else "").rpartition(":")[2])
    start = jvm.start_of(service, rewriter, memory_mib=memory, java=base_java[0] if base_java else None)
    files, changes, warnings = _files(service, rewriter)
    port = spring.number(service, "server.port") or planned["from"][0]["port"] or planned["port"]
    pod = Pod(
        port=port,
        user=65532,
        arguments=start.arguments,
        environment={**start.environment, "JDK_JAVA_OPTIONS": jvm.options(start.flags)},
        secrets=start.secrets,
        files=files,
        writable=_writable(service, files),
        working_directory=None if service["working_directory"] in ("", "/") else service["working_directory"],
        end_seconds=DRAIN_SECONDS + SHUTDOWN_SECONDS + 10,
        changes=changes,
        warnings=[*warnings, *(f"{flag} is left out: its file is not in the image" for flag in start.left_out)],
    )
    if any(flag.startswith("$(") for flag in start.flags):
        # Java writes what it finds in this variable to its log. Such a jar is no Spring Boot's, so it lies there whole.
        pod.command = ["java", *start.flags, "-jar", f"/{HOME}/app.jar"]
        pod.environment["JDK_JAVA_OPTIONS"] = ""
    if port:
        _probe(pod, service)
    return pod


def _probe(pod: Pod, service: Service) -> None:
    runtime = service["runtime"]
    boot = spring.version(runtime["spring_boot"]) if runtime else ()
    tcp = {"tcpSocket": {"port": "main"}}
    alive, ready = tcp, tcp
    if runtime and runtime["actuator"] and boot >= (2,):
        port = spring.number(service, "management.server.port")
        own = port is not None and port != pod.port
        context = spring.lookup(service, "server.servlet.context-path") or ""
        base = spring.lookup(service, "management.endpoints.web.base-path") or "/actuator"
        path = f"{'' if own else context.rstrip('/')}{base.rstrip('/')}/health"
        where: dict[str, Any] = {"port": port if own else "main"}
        if boot >= (2, 3):
            pod.environment["MANAGEMENT_ENDPOINT_HEALTH_PROBES_ENABLED"] = "true"
            alive = {"httpGet": {"path": f"{path}/liveness", **where}}
            ready = {"httpGet": {"path": f"{path}/readiness", **where}}
        else:
            ready = {"httpGet": {"path": path, **where}}
    # Ten minutes: a JVM that shares its cores with many others starts slowly, once.
    pod.startup = {**ready, "periodSeconds": 3, "failureThreshold": 200, "timeoutSeconds": 3}
    pod.readiness = {**ready, "periodSeconds": 5, "failureThreshold": 3, "timeoutSeconds": 3}
    pod.liveness = {**alive, "periodSeconds": 10, "failureThreshold": 6, "timeoutSeconds": 5}


def _files(service: Service, rewriter: Rewriter) -> tuple[list[File], list[Change], list[str]]:
    """The configuration that a service reads. What is in its jar is there anyway, unless it names guests."""
    files: list[File] = []
    changes: list[Change] = []
    warnings: list[str] = []
    mounted: list[tuple[str, str | None, str]] = []
    for one in service["configuration"]:
        if _is_environment(one, service):
            continue
        content, changed = rewriter.file(one["path"], one["content"])
        path, inside = _place(one)
        if inside and not changed:
            continue
        if inside and one["secrets"]:
            warnings.append(f"{one['path']} names guests and holds secrets, so it stays as it is in the jar")
            continue
        mounted.append((path, None if one["secrets"] else content, one["path"]))
        changes.extend(changed)
    names = [posixpath.basename(path) for path, _content, _source in mounted]
    for name, (path, shown, source) in zip(names, mounted, strict=True):
        key = name if names.count(name) == 1 else path.strip("/").replace("/", ".")
        files.append(File(key, path, shown, source))
    return files, changes, warnings


def _is_environment(one: ConfigurationFile, service: Service) -> bool:
    """Whether a file only sets the environment, as a unit's EnvironmentFile does: the process has it already."""
    keys = settings(one["path"], one["content"])
    return bool(keys) and all(re.fullmatch(r"[A-Z_][A-Z0-9_]*", key) and key in service["environment"] for key in keys)


def _place(one: ConfigurationFile) -> tuple[str, bool]:
    """Where a file lies in the pod, and whether it is one of the jar's own (`<jar>!/<entry>`)."""
    _jar, separator, entry = one["path"].partition("!/")
    return (f"/{HOME}/{entry}", True) if separator else (one["path"], False)


def _writable(service: Service, files: list[File]) -> list[str]:
    """Directories that a service writes its logs to; a log that a start script made goes to the container's output."""
    logs = {posixpath.dirname(one) for one in service["logs"] if posixpath.basename(one) != "nohup.out"}
    kept = {one for one in logs if one not in ("", "/", "/dev", "/tmp") and not one.startswith(f"/{HOME}")}
    return ["/tmp", *sorted(kept)]
