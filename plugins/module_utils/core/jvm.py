# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a JVM service is started in a container: flags, arguments and environment, out of those of its guest.

Memory is the container's: the heap gets the share of the limit that it had in megabytes. What the deployment contract
sets (the name in Eureka, how to end) is taken out of the old start, since it would win there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from . import spring
from .rewrite import Rewriter
from .workloads import Service

_MEMORY = re.compile(
    r"-Xm[sxn]|-XX:(Initial|Max)HeapSize=|-XX:(Max)?NewSize=|-XX:(Min|Max|Initial)RAM|-XX:[+-]UseContainerSupport"
)
_AGENT = re.compile(r"-(javaagent|agentlib|agentpath):")
_EXIT = "-XX:+ExitOnOutOfMemoryError"
_HEAP = re.compile(r"-(?:Xmx|XX:MaxHeapSize=)([0-9]+)([kKmMgG]?)")
_UNITS = {"": 1 / 1048576, "k": 1 / 1024, "m": 1.0, "g": 1024.0}
_CONTRACT = tuple(
    spring.canonical(name)
    for name in (
        "eureka.instance.hostname",
        "eureka.instance.prefer-ip-address",
        "eureka.instance.ip-address",
        "eureka.instance.instance-id",
        "eureka.instance.non-secure-port",
        "eureka.client.service-url.",
        "server.shutdown",
        "spring.lifecycle.timeout-per-shutdown-phase",
    )
)
# What a shell, a login or systemd gave to a process, and the image gives anew; options that only a start script read.
_SURROUNDINGS = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|SHLVL|_|TERM|MAIL|LANG|LANGUAGE|LS_COLORS|HOSTNAME|JAVA_HOME|JRE_HOME"
    r"|CLASSPATH|JAVA_OPTS|JVM_OPTS|JAVA_ARGS|INVOCATION_ID|JOURNAL_STREAM|NOTIFY_SOCKET|MAINPID|MANAGERPID|MEMORY_PRESSURE\w*"
    r"|WATCHDOG_\w+|SYSTEMD_\w+|XDG_\w+|SSH_\w+|SUDO_\w+|LISTEN_\w+|LC_\w+|CREDENTIALS_DIRECTORY|RUNTIME_DIRECTORY"
    r"|STATE_DIRECTORY|LOGS_DIRECTORY|CACHE_DIRECTORY|CONFIGURATION_DIRECTORY|DBUS_\w+"
)


@dataclass(frozen=True)
class SecretWord:
    """A secret on the guest: its key in the Secret, and where it stands there."""

    key: str
    source: str  # environment | word | value (of a word) | directive
    pattern: str  # the variable; the word of the command line, with SECRET in it; the directive
    path: str = ""  # the file of a directive


@dataclass
class Start:
    """How the process is started."""

    flags: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, SecretWord] = field(default_factory=dict)  # environment variable -> where it comes from
    left_out: list[str] = field(default_factory=list)


def start_of(service: Service, rewriter: Rewriter, *, memory_mib: int, java: int | None) -> Start:
    """The start of a service in a container of `memory_mib` MiB, on an image with Java `java`."""
    start = Start()
    runtime = service["runtime"]
    boot = bool(runtime and runtime["spring_boot"])
    for flag in service["flags"]:
        if _MEMORY.match(flag) or _of_contract(flag, "-D"):
            continue
        if _AGENT.match(flag):
            start.left_out.append(flag)  # the agent's file is not in the image
        else:
            _take(start, start.flags, flag, "-D", rewriter, boot=boot)
    for argument in service["arguments"]:
        if not _of_contract(argument, "--"):
            _take(start, start.arguments, argument, "--", rewriter, boot=boot)
    for name, value in sorted(service["environment"].items()):
        if _SURROUNDINGS.fullmatch(name) or _of_contract(f"{name}=", ""):
            continue
        if name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"):
            start.flags.extend(flag for flag in value.split() if not _MEMORY.match(flag))
        elif spring.is_secret(value):
            start.secrets[name] = SecretWord(name, "environment", name)
        else:
            start.environment[name] = rewriter.value(value)
    start.flags += [one for one in (*_heap(service["flags"], memory_mib), _EXIT) if one not in start.flags]
    if runtime and runtime["java"] and java and runtime["java"] != java:
        # flags that went away between the two versions must not keep it from starting
        start.flags.append("-XX:+IgnoreUnrecognizedVMOptions")
    return start


def options(flags: Iterable[str]) -> str:
    """Flags as the value of JDK_JAVA_OPTIONS, which takes everything that a command line does."""
    return " ".join(f'"{flag}"' if re.search(r"\s", flag) else flag for flag in flags)


def _take(start: Start, words: list[str], word: str, prefix: str, rewriter: Rewriter, *, boot: bool) -> None:
    if not spring.is_secret(word):
        words.append(rewriter.value(word))
        return
    name, equals, _value = word.removeprefix(prefix).partition("=")
    if boot and word.startswith(prefix) and equals and not spring.is_secret(name):
        # the environment of a container is seen by fewer people than its command line
        variable = spring.variable(name)
        start.secrets[variable] = SecretWord(variable, "value", word)
        return
    variable = f"LANDFALL_SECRET_{len(start.secrets) + 1}"
    start.secrets[variable] = SecretWord(variable, "word", word)
    words.append(f"$({variable})")


def _of_contract(word: str, prefix: str) -> bool:
    if not word.startswith(prefix) or "=" not in word:
        return False
    return spring.canonical(word.removeprefix(prefix).partition("=")[0]).startswith(_CONTRACT)


def _heap(flags: Sequence[str], memory_mib: int) -> list[str]:
    sizes = [match for flag in flags if (match := _HEAP.fullmatch(flag))]
    if not sizes:
        return ["-XX:MaxRAMPercentage=70.0"]
    mib = int(sizes[-1][1]) * _UNITS[sizes[-1][2].lower()]
    return [f"-XX:MaxRAMPercentage={min(max(100 * mib / memory_mib, 10), 80):.1f}"]
