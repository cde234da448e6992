# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much memory a replica needs: what its own settings allow it, else the most that was seen."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..redis_settings import max_memory_mib
from ..workloads import Service
from .need import Need, round_up
from .services import APPLICATION, CACHE, FRONTEND, REGISTRY, Found

# A JVM needs more than its heap: classes, one stack for each thread, and its own code, compiler and collector.
# https://docs.oracle.com/en/java/javase/17/vm/native-memory-tracking.html
METASPACE_MIB = 128
OVERHEAD_MIB = 200
STACK_KIB = 1024

# Redis counts neither what its allocator wastes nor the buffers of clients and replicas, and what a snapshot copies on
# write is on top. https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/memory-optimization/
REDIS_ABOVE = 1.25
REDIS_OVERHEAD_MIB = 32

HEADROOM = 1.15  # over a peak that was seen, where nothing else is known
NOTHING_SEEN_MIB = {APPLICATION: 1024, REGISTRY: 1024, CACHE: 512, FRONTEND: 64}
STEP_MIB = 64

_SIZE = re.compile(r"=?([0-9]+)([kKmMgGtT]?)[bB]?")
_UNITS = {"": 1 / 1048576, "k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1048576.0}


def memory_need(one: Found, measure: str) -> Need:
    """Memory of one replica. `measure`: auto (settings first) | maximum (only what was seen counts)."""
    peaks = [part.service["memory"]["peak_rss_mib"] or 0 for part in one.parts if part.service["memory"]]
    peak = max(peaks, default=0)
    formulas = [_formula(part.service) for part in one.parts] if measure == "auto" else []
    known = [formula for formula in formulas if formula]
    if known:
        mib, because = max(known)
        if mib >= peak:
            return Need(round_up(mib, STEP_MIB), mib, because, 1.0)
        return Need(round_up(peak, STEP_MIB), peak, f"{peak} MiB seen, over {because}", 1.0)
    if peak:
        return Need(round_up(peak * HEADROOM, STEP_MIB), peak * HEADROOM, f"{peak} MiB seen + {HEADROOM - 1:.0%}", 0.8)
    mib = NOTHING_SEEN_MIB.get(one.role, 512)
    return Need(mib, mib, f"nothing is known, {mib} MiB is usual", 0.0)


def _formula(service: Service) -> tuple[float, str] | None:
    if service["kind"] == "jvm":
        return _jvm_formula(service)
    return _redis_formula(service) if service["kind"] == "redis" else None


def _redis_formula(service: Service) -> tuple[float, str] | None:
    mib = max_memory_mib(service["configuration"])
    if not mib:
        return None
    return (
        mib * REDIS_ABOVE + REDIS_OVERHEAD_MIB,
        f"maxmemory {mib:g} MiB + {REDIS_ABOVE - 1:.0%} + {REDIS_OVERHEAD_MIB}",
    )


def _jvm_formula(service: Service) -> tuple[float, str] | None:
    memory = service["memory"] or {
        "heap_max_mib": None,
        "metaspace_max_mib": None,
        "threads": None,
        "peak_rss_mib": None,
    }
    # only a heap that somebody set: what a JVM takes by itself depends on the machine
    heap = flag_mib(service["flags"], "-Xmx") or flag_mib(service["flags"], "-XX:MaxHeapSize")
    if not heap:
        return None
    metaspace = flag_mib(service["flags"], "-XX:MaxMetaspaceSize") or memory["metaspace_max_mib"] or METASPACE_MIB
    stack = flag_mib(service["flags"], "-Xss") or flag_mib(service["flags"], "-XX:ThreadStackSize") or STACK_KIB / 1024
    direct = flag_mib(service["flags"], "-XX:MaxDirectMemorySize") or 0
    # the number of threads is never the same twice: tens are enough
    threads = round_up(memory["threads"] or 50, 10)
    total = heap + metaspace + threads * stack + direct + OVERHEAD_MIB
    parts = [f"Xmx {heap:g} MiB", f"metaspace {metaspace:g}", f"{threads} threads of {stack:g}"]
    parts += [f"direct memory {direct:g}"] if direct else []
    return total, " + ".join([*parts, f"JVM {OVERHEAD_MIB}"])


def flag_mib(flags: Sequence[str], prefix: str) -> float | None:
    """The size that a JVM flag gives (`-Xmx512m`, `-XX:MaxMetaspaceSize=128m`), in MiB; the last one counts."""
    sizes = [_SIZE.fullmatch(flag, len(prefix)) for flag in flags if flag.startswith(prefix)]
    found = [match for match in sizes if match]
    return int(found[-1].group(1)) * _UNITS[found[-1].group(2).lower()] if found else None
