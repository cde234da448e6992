# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A JVM on a guest: its command line, what its jar says of itself, and where Spring finds its configuration."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .archive import Entry, directory, unpack
from .configuration import settings
from .discovery_guest import JarSeen, Process
from .errors import IntegrityError
from .jar import manifest_attributes
from .workloads import Memory, Runtime

EUREKA_SERVER = "spring-cloud-netflix-eureka-server"
MANIFEST = "META-INF/MANIFEST.MF"
_INNER = re.compile(r"(?:(?:BOOT|WEB)-INF/classes/)?(?:application|bootstrap)(?:-[\w.-]+)?\.(?:ya?ml|properties)")
_WITH_A_WORD = ("-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-opens", "--add-exports")
_URL = re.compile(r"\b(lb|https?|jdbc:\w+|rediss?|amqp|mongodb|s?ftp)://([A-Za-z0-9][\w.-]*)(?::(\d+))?")
_PORTS = {
    "http": 80, "https": 443, "redis": 6379, "rediss": 6379, "amqp": 5672, "mongodb": 27017, "ftp": 21, "sftp": 22,
    "jdbc:mysql": 3306, "jdbc:mariadb": 3306, "jdbc:postgresql": 5432,
}  # fmt: skip


@dataclass(frozen=True)
class CommandLine:
    """A java command line taken apart."""

    flags: tuple[str, ...]
    jar: str | None
    main_class: str | None
    arguments: tuple[str, ...]

    def setting(self, key: str, environment: Mapping[str, str]) -> str | None:
        """A setting of Spring from outside any file, in Spring's order: argument, system property, environment."""
        for prefix, words in ((f"--{key}=", self.arguments), (f"-D{key}=", self.flags)):
            for word in reversed(words):
                if word.startswith(prefix):
                    return word[len(prefix) :]
        # Spring reads eureka.client.service-url as EUREKA_CLIENT_SERVICEURL and as EUREKA_CLIENT_SERVICE_URL.
        upper = key.upper().replace(".", "_")
        return environment.get(upper.replace("-", "")) or environment.get(upper.replace("-", "_"))


def command_line(words: Sequence[str]) -> CommandLine:
    flags: list[str] = []
    rest = list(words[1:])
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word == "-jar" and rest:
            return CommandLine(tuple(flags), rest[0], None, tuple(rest[1:]))
        flags.append(word)
        if word in _WITH_A_WORD and rest:
            flags.append(rest.pop(0))
    return CommandLine(tuple(flags), None, rest[0] if rest else None, tuple(rest[1:]))


def memory(flags: Sequence[str], process: Process) -> Memory:
    return {
        "heap_max_mib": _size(flags, "-Xmx", "-XX:MaxHeapSize="),
        "metaspace_max_mib": _size(flags, "-XX:MaxMetaspaceSize=", "-XX:MaxPermSize="),
        "threads": process.threads,
        "peak_rss_mib": process.peak_rss_mib,
    }


def _size(flags: Sequence[str], *names: str) -> int | None:
    factor = {"": 1 / 1048576, "k": 1 / 1024, "m": 1, "g": 1024, "t": 1048576}
    found = [m for f in flags for n in names if (m := re.fullmatch(re.escape(n) + r"(\d+)([kmgt]?)", f, re.IGNORECASE))]
    return int(int(found[-1][1]) * factor[found[-1][2].lower()]) if found else None


@dataclass(frozen=True)
class Contents:
    """What a jar has inside, by name."""

    entries: Mapping[str, Entry]

    def wanted(self) -> list[Entry]:
        """The few entries that tell what it is."""
        return [entry for name, entry in self.entries.items() if name == MANIFEST or _INNER.fullmatch(name)]

    def has(self, *parts: str) -> bool:
        """Whether one of these libraries is inside."""
        names = (posixpath.basename(name) for name in self.entries if name.endswith(".jar"))
        return any(name.startswith(parts) for name in names)

    def version_of(self, library: str) -> str | None:
        for name in self.entries:
            if match := re.fullmatch(re.escape(library) + r"-(\d[\w.-]*)\.jar", posixpath.basename(name)):
                return match[1]
        return None


def contents(jar: JarSeen) -> Contents:
    """The directory of a jar; empty where its tail is none, as of a jar that is no archive."""
    try:
        return Contents(directory(jar.tail, jar.size))
    except IntegrityError:
        return Contents({})


def inner_text(entry: Entry, content: bytes) -> str:
    try:
        return unpack(entry, content).decode("utf-8", "replace")
    except IntegrityError:
        return ""


def configuration_paths(line: CommandLine, process: Process) -> list[str]:
    """Where Spring looks for this process's files, with a pattern for profiles. What is not there does no harm."""
    environment = process.environment
    places = ["./", "./config/", "./config/*/"]
    if said := line.setting("spring.config.location", environment):
        places = _places(said)
    places += _places(line.setting("spring.config.additional-location", environment) or "")
    names = (line.setting("spring.config.name", environment) or "application,bootstrap").split(",")
    paths = []
    for place in places:
        full = posixpath.normpath(posixpath.join(process.directory, place))
        if place.endswith("/"):
            paths += [f"{full}/{name.strip()}*.{end}" for name in names for end in ("yml", "yaml", "properties")]
        else:
            paths.append(full)
    return list(dict.fromkeys(path for path in paths if "*/" not in path))


def tomcat_paths(base: str) -> list[str]:
    """What configures a Tomcat; who may log in to it does not."""
    return [
        f"{base}/{one}" for one in ("conf/server.xml", "conf/context.xml", "conf/Catalina/*/*.xml", "bin/setenv.sh")
    ]


def _places(text: str) -> list[str]:
    words = (re.sub(r"^(optional:)?(file:)?(?://(?=/))?", "", word.strip()) for word in re.split(r"[,;]", text))
    return [word for word in words if word and not word.startswith(("classpath:", "configserver:", "http:", "https:"))]


def runtime(
    line: CommandLine, process: Process, inside: Contents, inner: Mapping[str, str], outer: Iterable[Mapping[str, str]],
    release: str,
) -> Runtime:  # fmt: skip
    """What the service is built with. `inner`: texts of the jar's entries; `outer`: settings of the guest's files."""
    attributes = manifest_attributes(inner.get(MANIFEST, ""))
    profiles = line.setting("spring.profiles.active", process.environment) or ""
    name = line.setting("spring.application.name", process.environment)
    for found in [*outer, *inner_settings(inner)]:
        name = name or found.get("spring.application.name")
    boot = attributes.get("Spring-Boot-Version") or inside.version_of("spring-boot")
    return {
        "java": _java(release, process.program),
        "spring_boot": boot,
        "application_name": name,
        "eureka": inside.has("spring-cloud-netflix-eureka-client", "eureka-client-"),
        "eureka_server": inside.has(EUREKA_SERVER),
        "actuator": inside.has("spring-boot-actuator-", "spring-boot-starter-actuator"),
        "profiles": [word.strip() for word in profiles.split(",") if word.strip()],
        "main_class": line.main_class or attributes.get("Start-Class") or attributes.get("Main-Class"),
    }


def inner_settings(inner: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """The settings inside the jar; those of no profile come first, since they hold for all."""
    for name in sorted(
        (name for name in inner if name != MANIFEST), key=lambda name: ("-" in posixpath.basename(name), name)
    ):
        yield settings(name, inner[name])


def named_in(found: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Hosts that settings name. What a jar's own defaults say of localhost is no call: each site overrides it."""
    for value in found.values():
        for scheme, host, port in _URL.findall(value):
            if host not in ("localhost", "127.0.0.1") and "$" not in host:
                yield host, int(port) if port else _PORTS.get(scheme, 0)


def release_paths(program: str) -> list[str]:
    """Where the version of a JDK or JRE stands."""
    home = posixpath.dirname(posixpath.dirname(program))
    return [f"{home}/release", f"{posixpath.dirname(home)}/release"]


def _java(release: str, program: str) -> int | None:
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release, re.MULTILINE)
    match = match or re.search(r"(?:java|jdk|jre)-?(?:1\.)?(\d+)", program)
    return int(match[1]) if match else None
