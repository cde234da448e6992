"""What the planner warns of, and what it refuses: each rule where it holds, and not where it does not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.summary import lines
from ansible_collections.landfall.replatform.plugins.module_utils.core.special_devices import special_devices
from ansible_collections.landfall.replatform.plugins.module_utils.core.sweep import DEVICES
from ansible_collections.landfall.replatform.plugins.module_utils.core.sweep import estate as sweep_estate

from tests.unit.world import (
    Json,
    calls,
    configuration,
    guest,
    host,
    merged,
    plain,
    plan,
    service,
    usage,
    wish,
    workload,
)

Told = list[tuple[str, str, str, str]]


def told(findings: Any) -> Told:
    return [(one["severity"], one["rule"], one["where"], one["found"]) for one in findings]


def of(made: Any, name: str) -> Told:
    return told(next(one for one in made["services"] if one["name"] == name)["findings"])


def one_service(*, machine: Json | None = None, raw: Json | None = None, **more: Any) -> Any:
    return plan(
        [guest("a-01", **(machine or {}))], [workload("a-01", service("a", **more))], platform=wish(**(raw or {}))
    )


def test_nothing_is_said_of_a_service_that_has_nothing() -> None:
    made = one_service()
    assert (of(made, "a"), made["blockers"], made["warnings"]) == ([], [], [])


def application(text: str) -> Json:
    return {"configuration": [configuration("/opt/a/application.yml", text)]}


@pytest.mark.parametrize(
    ("more", "rule", "where", "found"),
    [
        (
            application("licence: 00:50:56:9a:1b:2c"),
            "mac_address",
            "a-01:/opt/a/application.yml:1",
            "00:50:56:9a:1b:2c",
        ),
        ({"environment": {"HW": "00-50-56-9a-1b-2c"}}, "mac_address", "a-01:environment HW", "00-50-56-9a-1b-2c"),
        ({"logs": ["/opt/a/logs/a.log"]}, "writes_working_directory", "a-01:/opt/a", "/opt/a/logs/a.log"),
        ({"ports": [443]}, "privileged_port", "a", "listens on 443"),
        ({"runtime": {"java": 11}}, "java_changes", "a", "runs on Java 11, its image has 17"),
        ({"runtime": {"java": 18}}, "java_changes", "a", "runs on Java 18, its image has 21"),
        ({"runtime": {"java": None}}, "java_unknown", "a", "nothing tells its Java; it gets 17"),
    ],
)
def test_warnings_of_a_service(more: Json, rule: str, where: str, found: str) -> None:
    made = one_service(**more)
    assert of(made, "a") == [("warning", rule, where, found)]
    assert made["blockers"] == []


@pytest.mark.parametrize(
    "more",
    [
        application("id: 00:50:56:9a:1b:2c:77\ntime: 10:20:30:40:50"),  # longer or shorter than the number of a card
        application("# licence: 00:50:56:9a:1b:2c"),
        {"logs": ["/opt/a/nohup.out", "/var/log/a.log", "/opt/abc/a.log"]},
        {"logs": ["/var/log/a.log"], "working_directory": "/"},
        {"ports": [1024], "runtime": {"java": 25}},
        application("eureka: ${URL:http://localhost:8761/eureka}"),  # where nothing listens on this guest
        application("self: http://localhost:8080/health"),
    ],
)
def test_what_only_looks_like_it(more: Json) -> None:
    assert of(one_service(**more), "a") == []


@pytest.mark.parametrize(
    ("java", "rule", "found"),
    [
        (7, "java_too_old", "Java 7 does not see the limits of a container"),
        (26, "java_too_new", "runs on Java 26, and the bundle has 17, 21, 25"),
    ],
)
def test_a_java_that_no_image_has(java: int, rule: str, found: str) -> None:
    assert told(one_service(runtime={"java": java})["blockers"]) == [("blocker", rule, "a", found)]


@pytest.mark.parametrize(
    ("java", "wanted", "found"),
    [
        (7, 17, ["runs on Java 7, its image has 17"]),
        (26, 25, ["runs on Java 26, its image has 25"]),
        (8, 21, ["runs on Java 8, its image has 21"]),
        (21, 21, []),
        (None, 25, []),
    ],
)
def test_a_java_that_people_chose(java: int | None, wanted: int, found: list[str]) -> None:
    made = one_service(runtime={"java": java}, raw={"suite": {"services": {"a": {"java": wanted}}}})
    assert made["blockers"] == []
    assert of(made, "a") == [("warning", "java_changes", "a", one) for one in found]
    assert made["services"][0]["image"]["base"] == f"landfall/jre:{wanted}"


def test_a_tomcat_that_shall_move() -> None:
    assert told(one_service(kind="tomcat")["blockers"]) == []
    wanted = {"suite": {"services": {"a": {"moves": True}}}}
    assert told(one_service(kind="tomcat", raw=wanted)["blockers"]) == [
        ("blocker", "war_in_tomcat", "a", "no image is made of what a Tomcat serves")
    ]


def test_a_service_beside_it_is_no_longer_there() -> None:
    text = "spring.redis: redis://localhost:6379\nmail: 127.0.0.1:25\n"
    both = workload("a-01", service("a", **application(text)), plain("redis", 6379))
    made = plan([guest("a-01")], [both])
    where = "a-01:/opt/a/application.yml:1"
    assert of(made, "a") == [("warning", "localhost_dependency", where, "localhost:6379")]


@pytest.mark.parametrize(
    ("machine", "severity", "rule", "found"),
    [
        ({"raw_device_mappings": 2}, "warning", "raw_device_mapping", "2 of its disks are LUNs of a storage"),
        ({"snapshots": 3}, "information", "snapshot", "3 snapshots"),
        ({"tools": "not_installed"}, "warning", "no_tools", "its tools are not installed"),
        ({"special_devices": ["shared_disk"]}, "warning", "shared_disk", "shares a disk with another VM"),
        (
            {"special_devices": ["independent_disk"]},
            "warning",
            "independent_disk",
            "has a disk that snapshots leave out",
        ),
        ({"special_devices": ["usb"]}, "blocker", "usb", "a USB device is plugged in, a dongle perhaps"),
        (
            {"special_devices": ["passthrough"]},
            "blocker",
            "passthrough",
            "a device of its host is passed through to it",
        ),
        ({"connection_state": "orphaned"}, "blocker", "guest_disconnected", "is orphaned"),
    ],
)
def test_rules_of_a_guest_whose_services_move(machine: Json, severity: str, rule: str, found: str) -> None:
    made = one_service(machine=machine)
    assert of(made, "a") == [(severity, rule, "a-01", found)]
    blocks = [("blocker", rule, "a", f"a-01: {found}")] if severity == "blocker" else []
    assert told(made["blockers"]) == blocks
    # a guest that nobody leaves may be what it likes
    stays = one_service(machine=machine, raw={"suite": {"services": {"a": {"moves": False}}}})
    assert (stays["services"], stays["blockers"]) == ([], [])


DISK = "vim.vm.device.VirtualDisk"


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ({"_type": DISK, "backing": {"fileName": "x", "diskMode": "persistent", "sharing": "sharingNone"}}, []),
        ({"_type": DISK, "backing": {"diskMode": "independent_persistent"}}, ["independent_disk"]),
        ({"_type": DISK, "backing": {"sharing": "sharingMultiWriter"}}, ["shared_disk"]),
        ({"_type": "vim.vm.device.ParaVirtualSCSIController", "sharedBus": "physicalSharing"}, ["shared_disk"]),
        ({"_type": "vim.vm.device.ParaVirtualSCSIController", "sharedBus": "noSharing"}, []),
        ({"_type": "vim.vm.device.VirtualPCIPassthrough"}, ["passthrough"]),
        ({"_type": "vim.vm.device.VirtualSriovEthernetCard"}, ["passthrough"]),
        ({"_type": "vim.vm.device.VirtualUSB"}, ["usb"]),
        ({"_type": "vim.vm.device.VirtualUSBController"}, []),
    ],
)
def test_devices_that_tie_a_guest(device: Json, words: list[str]) -> None:
    assert special_devices([{"_type": DISK}, device, device]) == words
    raw = {"type": "VirtualMachine", "id": "vm-1", "properties": {"name": "a", DEVICES: [device]}}
    about: Any = {"host": "vc", "instance_uuid": "u", "version": "8"}
    swept, _ids = sweep_estate([raw], vcenter=about, attributes={}, tags={})  # type: ignore[list-item]
    assert swept["guests"][0].get("special_devices", []) == words


@pytest.mark.parametrize(
    ("wave", "waves", "blocked"),
    [(2, [["a"], ["b"]], []), (1, [["a", "b"]], []), ({"a": 2, "b": 1}, [["b"], ["a"]], ["b"])],
)
def test_a_wave_that_people_want(wave: Any, waves: list[list[str]], blocked: list[str]) -> None:
    wanted = wave if isinstance(wave, dict) else {"b": wave}
    made = plan(
        [guest("a-01"), guest("b-01")],
        [
            workload("a-01", service("a", outbound=[calls(guest("b-01")["addresses"][0], 8080)])),
            workload("b-01", service("b")),
        ],
        platform=wish(suite={"services": {name: {"wave": number} for name, number in wanted.items()}}),
    )
    assert [one["services"] for one in made["waves"]] == waves
    assert [(one["rule"], one["where"]) for one in made["blockers"]] == [
        ("wave_before_caller", name) for name in blocked
    ]


def test_a_blocker_that_is_accepted_is_a_warning() -> None:
    accept = {"plan": {"accept": ["usb:a-01", "service_unknown:platform.suite.services.b"]}}
    made = one_service(machine={"special_devices": ["usb"]}, raw=merged(accept, {"suite": {"services": {"b": {}}}}))
    assert [severity for severity, *_rest in of(made, "a")] == ["warning"]
    assert (made["blockers"], [one["rule"] for one in made["warnings"]]) == ([], ["service_unknown"])


def warned(*guests: Json, hosts: list[Json], **raw: Any) -> Told:
    small = {"control_planes": {"cpus": 2, "memory_gib": 8}, "workers": {"cpus": 4, "memory_gib": 16}}
    told_there = [workload("a-01", service("a"))]
    made = plan([guest("a-01"), *guests], told_there, platform=wish(**merged({"plan": small}, raw)), hosts=hosts)
    assert len(made["warnings"]) == 0 or "Warnings (" in "\n".join(lines(made))
    return told(made["warnings"])


def test_nodes_wider_than_a_socket() -> None:
    narrow = [host(f"esx-{number}", sockets=8, cores=16, memory_gib=512.0) for number in (1, 2, 3)]
    assert warned(hosts=narrow) == [
        (
            "warning",
            "wider_than_socket",
            f"worker-0{number}",
            f"4 CPUs and 16 GiB; a socket of esx-{esxi} has 2 cores and 61 GiB",
        )
        for number, esxi in ((1, 2), (2, 3))
    ]


def heavy(number: int, gib: float) -> Json:
    seen = {"month": usage(1, gib)}
    return guest(f"big-{number}", memory_gib=gib, esxi_host=f"esx-{number}", statistics=seen)


def test_a_cluster_that_is_crowded_until_waves_have_freed_guests() -> None:
    three = [host(f"esx-{number}", memory_gib=200.0) for number in (1, 2, 3)]
    assert warned(hosts=three) == []
    others = [heavy(2, 130.0), heavy(3, 130.0)]
    found = "without esx-3, 380 GiB for 420 GiB of guests and nodes, 416 GiB after the last wave"
    assert warned(heavy(1, 100.0), *others, hosts=three) == [("warning", "cluster_crowded", "A", found)]
    found = "without esx-3, 380 GiB for 383 GiB of guests and nodes; after wave 1 it fits"
    assert warned(heavy(1, 63.0), *others, hosts=three) == [("warning", "cluster_crowded", "A", found)]
    assert warned(heavy(1, 59.0), *others, hosts=three) == []
    assert warned(heavy(1, 63.0), *others, hosts=three, plan={"survive": {"esxi_hosts": 0}}) == []


def test_a_service_whose_only_node_may_be_lost_and_a_guest_that_sleeps() -> None:
    raw = {
        "nodes": {"labels": {"by_name": {"worker-01": {"disk": "ssd"}}}},
        "suite": {"services": {"a": {"node_selector": {"disk": "ssd"}}}},
    }
    asleep = guest("b-01", power_state="suspended")
    found = "its labels are on 1 worker or fewer, and as many may be lost"
    assert warned(asleep, hosts=[host(f"esx-{number}") for number in (1, 2, 3)], **raw) == [
        ("warning", "guest_suspended", "b-01", "nobody can look into it"),
        ("warning", "no_spare_node", "a", found),
    ]


def test_minutes() -> None:
    time = {"minutes_to_build": 7, "minutes_per_node": 1, "minutes_per_wave": 2.5, "minutes_per_service": 4}
    data = {"suite": {"services": {"b": {"data": [{"path": "/srv/b", "size_gib": 30}]}}}}
    names = ("a", "b")
    made = plan(
        [guest("a-01"), guest("b-01")],
        [
            workload("a-01", service("a", outbound=[calls(guest("b-01")["addresses"][0], 8080)])),
            workload("b-01", service("b")),
        ],
        platform=wish(**merged(data, {"plan": {"time": {**time, "copy_mib_per_second": 10}}})),
    )
    assert [wave["services"] for wave in made["waves"]] == [[name] for name in names]
    assert [wave["minutes"] for wave in made["waves"]] == [7, 58]  # 30 GiB at 10 MiB/s take 51.2 minutes
    summary: Any = made["summary"]
    assert summary["minutes"] == {"build": 12, "waves": 65, "all": 77}
    assert "Time     12 min to build, 1 h 05 min for the waves" in lines(made)


@pytest.mark.parametrize(
    ("said", "blocked"),
    [
        ([], ["a-01:/srv/a"]),
        ([{"path": "/srv/a", "keep": False}], []),
        ([{"path": "/srv/b", "keep": True}], ["a-01:/srv/a", "a-01:/srv/b"]),
    ],
)
def test_data_that_would_be_lost_holds_its_service_back(said: list[Json], blocked: list[str]) -> None:
    made = one_service(data=["/srv/a"], raw={"suite": {"services": {"a": {"data": said}}}})
    assert [where for severity, rule, where, _found in of(made, "a") if rule == "data_stays_behind"] == blocked
