# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What started a service, on guests with and without systemd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery import look, questions

from .guest_answers import Guest, Process

JAR = "/srv/goods/goods.jar"
JAVA = "/usr/bin/java"
Found = tuple[str, str | None, str | None]


def goods(**more: object) -> Process:
    command = ["java", "-jar", JAR]
    return Process(pid=50, command=command, program=JAVA, jar=(JAR, b"no archive"), **more)  # type: ignore[arg-type]


def start(guest: Guest) -> Found:
    one = guest.service()
    return one["started_by"], one["unit"], one["script"]


@pytest.mark.parametrize(
    ("told", "unit"),
    [
        (["SUPERVISOR_GROUP_NAME=goods", "SUPERVISOR_PROCESS_NAME=goods"], "goods"),
        (["SUPERVISOR_GROUP_NAME=shop", "SUPERVISOR_PROCESS_NAME=goods"], "shop:goods"),
        (["SUPERVISOR_GROUP_NAME=goods", "SUPERVISOR_PROCESS_NAME=goods_00"], "goods:goods_00"),
    ],
)
def test_a_program_of_supervisord_whoever_stands_between(told: Sequence[str], unit: str) -> None:
    guest = Guest([goods(supervised=told, parent=49, group="/system.slice/supervisor.service")])
    assert start(guest) == ("supervisor", unit, None)
    assert guest.service()["name"] == unit.rpartition(":")[2]
    assert questions(look(guest.first())).scripts == (), "its script is not looked for"


OLD = {"group": "/"}


@pytest.mark.parametrize(
    ("scripts", "started", "initial", "init_scripts", "found"),
    [
        ([], {}, {}, [], ("init", None, None)),
        ([], {}, {"goods.jar": ["/etc/init.d/shop"]}, [], ("init", None, "/etc/init.d/shop")),
        (
            ["/srv/goods/start.sh"],
            {},
            {"/srv/goods/start.sh": ["/etc/init.d/shop"]},
            [],
            ("init", None, "/etc/init.d/shop"),
        ),
        # Spring Boot's own way: the jar itself is the script
        ([], {}, {}, [f"lrwxrwxrwx 1 root root 20 May  4  2016 shop -> {JAR}"], ("init", None, "/etc/init.d/shop")),
        (["/srv/goods/start.sh"], {}, {}, [], ("nohup", None, "/srv/goods/start.sh")),
        (
            ["/srv/goods/start.sh"],
            {"/srv/goods/start.sh": ["/etc/rc.d/rc.local:/srv/goods/start.sh"]},
            {},
            [],
            ("nohup", None, "/srv/goods/start.sh"),
        ),
        (
            ["/srv/goods/start.sh"],
            {"/srv/goods/start.sh": ["/var/spool/cron/root:@reboot /srv/goods/start.sh"]},
            {"goods.jar": ["/etc/init.d/shop"]},
            [],
            ("cron", None, "/srv/goods/start.sh"),
        ),
        ([], {JAR: [f"/etc/inittab:g:3:respawn:java -jar {JAR}"]}, {}, [], ("init", None, None)),
    ],
)
def test_without_systemd(
    scripts: Sequence[str],
    started: Mapping[str, Sequence[str]],
    initial: Mapping[str, Sequence[str]],
    init_scripts: Sequence[str],
    found: Found,
) -> None:
    listed = ["/etc/init.d/:", "total 8", *init_scripts]
    guest = Guest([goods()], scripts={JAR: scripts}, started=started, initial=initial, init_scripts=listed)
    assert start(guest) == found


@pytest.mark.parametrize(
    ("program", "script"),
    [
        ("/usr/sbin/redis-server", "S50redis"),
        ("/usr/sbin/vsftpd", "vsftpd"),
        ("/usr/libexec/mysqld", "mysqld"),
        ("/usr/sbin/nginx", "nginx"),
        ("/usr/sbin/nginx", None),
    ],
)
def test_an_init_script_by_its_name(program: str, script: str | None) -> None:
    others = ["-rwxr-xr-x 1 root root 99 Jan  1 00:00 functions", "-rwxr-xr-x. 1 root root 99 Jan  1 00:00 mysql-old"]
    named = [f"-rwxr-xr-x    1 root     root  99 Jan  1 00:00 {script}"] if script else []
    guest = Guest([Process(9, [program], program=program)], init_scripts=["/etc/init.d/:", *others, *named])
    assert start(guest)[2] == (f"/etc/init.d/{script}" if script else None)


def test_what_nothing_is_known_to_start_is_a_finding() -> None:
    (finding,) = Guest([goods()]).told()["findings"]
    assert (finding["rule"], finding["severity"]) == ("unknown_start", "warning")
    assert finding["found"].startswith("nothing was found that starts goods: ")
    assert Guest([goods()], initial={"goods.jar": ["/etc/init.d/goods"]}).told()["findings"] == []
