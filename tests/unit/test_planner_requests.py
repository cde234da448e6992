"""What a service needs: the JVM formula, what was seen, percentiles over guests and replicas, the document."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.memory import flag_mib
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.need import round_up
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.requests import round_cpu

from tests.unit.world import Json, guest, merged, plain, plan, registry, service, usage, wish, workload


def requested(what: Json, *, guests: list[Json] | None = None, name: str | None = None, **platform: Any) -> Any:
    guests = guests or [guest("app-01")]
    raw = wish(**merged({"plan": {"replicas": {"default": 1}}}, platform))
    made = plan(guests, [workload(one["name"], what) for one in guests], platform=raw)
    return next(one for one in made["services"] if name in (None, one["name"]))


def memory(**more: Any) -> Json:
    return {"memory": {"heap_max_mib": None, "metaspace_max_mib": None, "threads": None, "peak_rss_mib": None} | more}


def redis_conf(text: str) -> Json:
    return {"configuration": [{"path": "/etc/redis/redis.conf", "content": text, "secrets": []}]}


@pytest.mark.parametrize(
    ("what", "mib", "because"),
    [
        # 512 + 128 + 40 + 200 = 880
        (service("a"), 896, "Xmx 512 MiB + metaspace 128 + 40 threads of 1 + JVM 200"),
        # 1024 + 256 + 30 * 0.5 + 64 + 200 = 1559
        (
            service(
                "a",
                flags=["-Xmx1g", "-XX:MaxMetaspaceSize=256m", "-Xss512k", "-XX:MaxDirectMemorySize=64m"],
                **memory(threads=21),
            ),
            1600,
            "Xmx 1024 MiB + metaspace 256 + 30 threads of 0.5 + direct memory 64 + JVM 200",
        ),
        (service("a", flags=["-Xmx256m", "-Xmx512m"], **memory(threads=38)), 896, "Xmx 512 MiB + metaspace 128"),
        (service("a", **memory(peak_rss_mib=1000)), 1024, "1000 MiB seen, over Xmx 512 MiB"),
        # a heap that the machine chose says nothing
        (service("a", flags=[], **memory(heap_max_mib=2048, peak_rss_mib=500)), 576, "500 MiB seen + 15%"),
        (service("a", flags=[], **memory()), 1024, "nothing is known, 1024 MiB is usual"),
        (plain("redis", 6379, **memory(peak_rss_mib=100)), 128, "100 MiB seen + 15%"),
        # 256 * 1.25 + 32 = 352: what its settings allow counts, not the little that lies there today
        (
            plain("redis", 6379, **memory(peak_rss_mib=9), **redis_conf("maxmemory 256mb")),
            384,
            "maxmemory 256 MiB + 25% + 32",
        ),
        (plain("redis", 6379, **memory(peak_rss_mib=9), **redis_conf("# maxmemory 1gb")), 64, "9 MiB seen + 15%"),
        (plain("redis", 6379, **memory()), 512, "nothing is known, 512 MiB is usual"),
    ],
)
def test_memory(what: Json, mib: int, because: str) -> None:
    found = requested(what)["requests"]
    assert found["memory_mib"] == mib
    assert found["because"].startswith(because)


def test_memory_by_what_was_seen_where_that_is_asked() -> None:
    found = requested(service("a"), plan={"requests": {"memory": "maximum"}})["requests"]
    assert (found["memory_mib"], found["confidence"]) == (576, 0.8)


@pytest.mark.parametrize(
    ("flags", "prefix", "mib"),
    [
        (["-Xmx512m"], "-Xmx", 512),
        (["-Xmx2G"], "-Xmx", 2048),
        (["-Xss512k"], "-Xss", 0.5),
        (["-Xmx1073741824"], "-Xmx", 1024),
        (["-XX:MaxMetaspaceSize=128m"], "-XX:MaxMetaspaceSize", 128),
        (["-Xmx1g", "-Xmx2g"], "-Xmx", 2048),
        (["-Xmxlots"], "-Xmx", None),
        ([], "-Xmx", None),
    ],
)
def test_flags(flags: list[str], prefix: str, mib: float | None) -> None:
    assert flag_mib(flags, prefix) == mib


def month(cores: float, confidence: float = 1.0) -> Json:
    return {"statistics": {"month": usage(cores, 3.0, confidence=confidence)}}


@pytest.mark.parametrize(
    ("guests", "platform", "millicores", "because"),
    [
        ([month(0.42)], {}, 450, "p95 0.42 cores"),
        ([month(0.42), month(0.42)], {}, 850, "p95 0.84 cores"),
        ([month(0.42)], {"plan": {"replicas": {"default": 3}}}, 150, "p95 0.42 cores over 3 replicas"),
        ([month(0.01)], {}, 50, "p95 0.01 cores, at least 50m"),
        ([month(0.01)], {"plan": {"requests": {"cpu_floor_millicores": 20}}}, 20, "p95 0.01 cores, at least 20m"),
        ([month(0.42)], {"plan": {"requests": {"cpu": "average"}}}, 300, "average 0.25 cores"),
        ([month(0.42)], {"plan": {"requests": {"cpu": "maximum"}}}, 550, "maximum 0.50 cores"),
        ([month(0.42, 0.4)], {}, 4000, "no statistics of app-01, so all of the CPUs there"),
        ([{"statistics": {}}], {"plan": {"replicas": {"default": 2}}}, 2000, "no statistics of app-01"),
        (
            [{"statistics": {"day": usage(1.5, 3.0, seconds=300), **month(0.4)["statistics"]}}],
            {},
            1500,
            "p95 1.50 cores",
        ),
    ],
)
def test_cpu(guests: list[Json], platform: Json, millicores: int, because: str) -> None:
    made = [merged(guest(f"app-{number:02}"), {}) | more for number, more in enumerate(guests, 1)]
    found = requested(service("a"), guests=made, **platform)["requests"]
    assert found["cpu_millicores"] == millicores
    assert found["because"].split("; ")[1].startswith(because)


def test_confidence_is_that_of_the_weaker_half() -> None:
    weak = [merged(guest("app-01"), month(0.4, 0.7))]
    assert requested(service("a"), guests=weak)["requests"]["confidence"] == 0.7
    none = [guest("app-01") | {"statistics": {}}]
    assert requested(service("a"), guests=none)["requests"]["confidence"] == 0.0


def test_services_of_one_guest_share_its_cpu() -> None:
    two = workload("app-01", service("a"), service("b", ports=[8081]), plain("other", 22))
    made = plan([guest("app-01")], [two], platform=wish(plan={"replicas": {"default": 1}}))
    assert [one["requests"]["cpu_millicores"] for one in made["services"] if one["requests"]] == [200, 200]


def test_what_the_document_says_counts() -> None:
    said = {"a": {"requests": {"cpu_millicores": 70, "memory_mib": 333}, "replicas": 4}}
    found = requested(service("a"), suite={"services": said})
    assert found["requests"] == {
        "cpu_millicores": 70,
        "memory_mib": 333,
        "because": "memory as platform.yml says; CPU as platform.yml says",
        "confidence": 1.0,
    }
    assert found["replicas"] == 4


@pytest.mark.parametrize(
    ("what", "platform", "replicas"),
    [
        (service("a"), {"plan": {"replicas": {"default": 2}}}, 2),
        (service("a"), {"plan": {"replicas": {"default": 2, "by_service": {"a": 3}}}}, 3),
        (service("a", data=["/srv/data"]), {"plan": {"replicas": {"default": 2}}}, 1),
        (registry(), {"plan": {"replicas": {"default": 2}}}, 1),
        (plain("redis", 6379), {"plan": {"replicas": {"default": 2}}}, 1),
        (plain("nginx", 80, document_root="/var/www/shop"), {"plan": {"replicas": {"default": 2}}}, 2),
    ],
)
def test_replicas(what: Json, platform: Json, replicas: int) -> None:
    assert requested(what, **platform)["replicas"] == replicas


def test_data_is_what_was_found_and_what_the_document_says() -> None:
    said = {
        "a": {
            "data": [
                {"path": "/srv/data", "size_gib": 5, "storage_class": "local"},
                {"path": "/srv/more", "keep": False},
            ]
        }
    }
    found = requested(service("a", data=["/srv/data", "/srv/found"]), suite={"services": said})
    assert found["data"] == [
        {"path": "/srv/data", "size_gib": 5, "storage_class": "local", "keep": True},
        {"path": "/srv/found", "size_gib": 10, "storage_class": None, "keep": True},
        {"path": "/srv/more", "size_gib": 10, "storage_class": None, "keep": False},
    ]


@pytest.mark.parametrize(
    ("java", "base"), [(8, "jre:17"), (17, "jre:17"), (21, "jre:21"), (22, "jre:25"), (26, "jre:26"), (None, "jre:17")]
)
def test_the_base_image_has_a_java_that_is_new_enough(java: int | None, base: str) -> None:
    assert requested(service("a", runtime={"java": java}))["image"]["base"] == f"landfall/{base}"


def test_rounding() -> None:
    assert [round_up(one, 64) for one in (0, 1, 64, 64.0000001, 65)] == [0, 64, 64, 64, 128]
    assert [round_cpu(one) for one in (1, 95, 101, 1000, 1001)] == [10, 100, 150, 1000, 1100]
