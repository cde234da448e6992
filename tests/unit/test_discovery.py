# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a guest's two answers mean."""

from __future__ import annotations

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.discovery import refused
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery import look, questions
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery_java import command_line

from .guest_answers import Guest, Process, jar

JAVA = "/usr/lib/jvm/java-11/bin/java"
LISTEN, TALKS = "0A", "01"
ANY = ("::", 0)
BOOT = jar(**{
    "META-INF/MANIFEST.MF": "Start-Class: shop.Goods\nSpring-Boot-Version: 2.7.18\n",
    "BOOT-INF/classes/application.yml": "spring:\n  application: {name: x}\n  application.name: goods\na: lb://stock\n",
    "BOOT-INF/lib/spring-cloud-netflix-eureka-client-3.1.jar": "",
    "BOOT-INF/lib/spring-boot-actuator-2.7.18.jar": "",
})  # fmt: skip


def java(pid: int = 50, **other: object) -> Process:
    known: dict[str, object] = {
        "command": ["java", "-Xmx256m", "-jar", "goods.jar"], "program": JAVA, "directory": "/srv/goods", "uid": 1000,
        "jar": ("/srv/goods/goods.jar", BOOT), "group": "/system.slice/goods.service",
    }  # fmt: skip
    return Process(pid=pid, **{**known, **other})  # type: ignore[arg-type]


def test_a_service_of_a_unit() -> None:
    guest = Guest(
        [
            java(
                environment={"SPRING_PROFILES_ACTIVE": "prod,cn", "DB_PASSWORD": "x", "INVOCATION_ID": "1", "TZ": "UTC"}
            )
        ],
        sockets=[
            (LISTEN, ("::", 8081), ANY, 50),
            (LISTEN, ("127.0.0.1", 9999), ANY, 50),
            (TALKS, ("::ffff:10.0.0.5", 8081), ("::ffff:10.0.0.9", 40000), 50),
            (TALKS, ("::ffff:10.0.0.5", 8081), ("::ffff:10.0.0.9", 40001), 50),
            (TALKS, ("10.0.0.5", 50000), ("10.0.0.7", 6379), 50),
            ("06", ("10.0.0.5", 8081), ("10.0.0.8", 40000), 0),
        ],
        units={"goods.service": {"MainPID": "50", "EnvironmentFiles": "/etc/default/goods (ignore_errors=no)"}},
        files={
            "/etc/default/goods": "DB_PASSWORD=x\n",
            "/srv/goods/config/application.properties": "stock.url=http://stock-01:8090/x\n",
            "/usr/lib/jvm/java-11/release": 'JAVA_VERSION="11.0.13"\n',
        },
    )
    one = guest.service()
    assert (one["name"], one["unit"], one["started_by"], one["user"]) == ("goods", "goods.service", "systemd", "app")
    assert one["ports"] == [8081]
    assert one["inbound"] == [
        {"address": "10.0.0.8", "port": 8081, "source": "socket"},
        {"address": "10.0.0.9", "port": 8081, "source": "socket"},
    ]
    assert one["outbound"] == [
        {"address": "10.0.0.7", "port": 6379, "source": "socket"},
        {"address": "stock", "port": 0, "source": "configuration"},
        {"address": "stock-01", "port": 8090, "source": "configuration"},
    ]
    assert one["environment"] == {"DB_PASSWORD": "(secret)", "SPRING_PROFILES_ACTIVE": "prod,cn", "TZ": "UTC"}
    assert one["runtime"] == {
        "java": 11, "spring_boot": "2.7.18", "application_name": "goods", "eureka": True, "eureka_server": False,
        "actuator": True, "profiles": ["prod", "cn"], "main_class": "shop.Goods",
    }  # fmt: skip
    assert [(c["path"], c["secrets"]) for c in one["configuration"]] == [
        ("/etc/default/goods", ["DB_PASSWORD"]), ("/srv/goods/config/application.properties", []),
    ]  # fmt: skip
    assert one["memory"] == {"heap_max_mib": 256, "metaspace_max_mib": None, "threads": 31, "peak_rss_mib": 200}


@pytest.mark.parametrize(
    ("group", "units", "unit", "started_by"),
    [
        ("/system.slice/goods.service", {"goods.service": {}}, "goods.service", "systemd"),
        ("/system.slice/cron.service", {"cron.service": {}}, None, "cron"),
        ("/system.slice/crond.service", {"crond.service": {}}, None, "cron"),
        ("/user.slice/user-0.slice/session-3.scope", {"ssh.service": {}}, None, "nohup"),
        ("/system.slice/rc-local.service", {"rc-local.service": {}}, None, "nohup"),
        ("/system.slice/supervisor.service", {"supervisor.service": {}}, None, "supervisor"),
        ("/", {}, None, "init"),
    ],
)
def test_what_started_it(group: str, units: dict[str, dict[str, str]], unit: str | None, started_by: str) -> None:
    one = Guest([java(group=group)], units=units).service()
    assert (one["unit"], one["started_by"]) == (unit, started_by)


def test_the_script_that_cron_or_rc_local_names() -> None:
    guest = Guest(
        [java(group="/system.slice/rc-local.service")],
        units={"rc-local.service": {}},
        scripts={"/srv/goods/goods.jar": ["/srv/goods/bin/deploy.sh", "/srv/goods/start.sh", "/srv/goods/run.sh"]},
    )
    assert guest.service()["script"] == "/srv/goods/start.sh"
    guest.started = {"/srv/goods/run.sh": ["/etc/rc.local:/srv/goods/run.sh"]}
    assert (guest.service()["started_by"], guest.service()["script"]) == ("nohup", "/srv/goods/run.sh")
    guest.started = {"/srv/goods/run.sh": ["/var/spool/cron/root:@reboot /srv/goods/run.sh"]}
    assert (guest.service()["started_by"], guest.service()["script"]) == ("cron", "/srv/goods/run.sh")


def test_a_supervisor_is_no_part_of_what_it_starts() -> None:
    guest = Guest(
        [
            Process(40, ["python", "/usr/bin/supervisord"], program="/usr/bin/python2.7"),
            java(50, parent=40, group="/"),
            java(51, parent=40, group="/", command=["java", "-jar", "/opt/b/stock-1.2.3.jar"], jar=None),
        ],
        sockets=[(LISTEN, ("0.0.0.0", p), ANY, pid) for p, pid in ((9001, 40), (8081, 50), (8082, 51))],
    )
    told = {one["name"]: one for one in guest.told()["services"]}
    assert {name: one["ports"] for name, one in told.items()} == {"python2.7": [9001], "goods": [8081], "stock": [8082]}
    assert {told["goods"]["started_by"], told["stock"]["started_by"]} == {"supervisor"}


def test_children_belong_to_their_server_and_the_system_to_nobody() -> None:
    guest = Guest(
        [
            Process(10, ["nginx: master process /usr/sbin/nginx", "", ""], program="/usr/sbin/nginx"),
            Process(11, ["nginx: worker process"], parent=10, program="/usr/sbin/nginx"),
            Process(20, ["/usr/sbin/sshd", "-D"], program="/usr/sbin/sshd"),
        ],
        sockets=[(LISTEN, ("0.0.0.0", 80), ANY, 10), (LISTEN, ("0.0.0.0", 22), ANY, 20)],
        nginx={
            "/usr/sbin/nginx": "# configuration file /etc/nginx/nginx.conf:\nhttp { include conf.d/*; }\n"
            "# configuration file /etc/nginx/mime.types:\ntypes { a b; }\n"
            "# configuration file /etc/nginx/conf.d/a.conf:\nupstream g { server 10.0.0.7:8080; }\n"
            "server { root /var/www/a; location / { proxy_pass http://g; } access_log /var/log/a.log; }\n"
        },
    )
    one = guest.service()
    assert (one["kind"], one["ports"], one["document_root"]) == ("nginx", [80], "/var/www/a")
    assert one["command"] == ["nginx: master process /usr/sbin/nginx"]
    assert [file["path"] for file in one["configuration"]] == ["/etc/nginx/conf.d/a.conf", "/etc/nginx/nginx.conf"]
    assert one["outbound"] == [{"address": "10.0.0.7", "port": 8080, "source": "configuration"}]
    assert (one["logs"], one["memory"]) == (["/var/log/a.log"], {
        "heap_max_mib": None, "metaspace_max_mib": None, "threads": 31, "peak_rss_mib": 400,
    })  # fmt: skip


def test_redis_and_its_configuration() -> None:
    command = ["/usr/bin/redis-server 0.0.0.0:6379", ""]
    unit = {"ExecStart": "{ path=/usr/bin/redis-server ; argv[]=/usr/bin/redis-server /etc/r.conf ; }"}
    guest = Guest(
        [Process(9, command, program="/usr/bin/redis-check-rdb", group="/system.slice/redis.service")],
        sockets=[(LISTEN, ("0.0.0.0", 6379), ANY, 9)],
        units={"redis.service": unit},
        files={"/etc/r.conf": "dir /data/redis\nrequirepass x\nlogfile /var/log/r.log\n"},
    )
    guest.processes[0].program = "/usr/bin/redis-server"
    assert questions(look(guest.first())).files == ("/etc/r.conf",)
    one = guest.service()
    assert (one["name"], one["data"], one["logs"]) == ("redis", ["/data/redis"], ["/var/log/r.log"])
    assert one["configuration"][0]["secrets"] == ["requirepass"]


def test_a_jar_that_cannot_be_read_is_a_service_all_the_same() -> None:
    one = Guest([java(jar=("/srv/goods/goods.jar", b"half of a jar"))]).service()
    assert one["name"] == "goods"
    assert one["runtime"] is not None
    assert one["runtime"]["spring_boot"] is None
    bare = Guest([java(jar=None, command=["java", "-cp", "/a:/b", "-Da=b", "shop.Main", "--server.port=1"])]).service()
    assert (bare["flags"], bare["arguments"]) == (["-cp", "/a:/b", "-Da=b"], ["--server.port=1"])
    assert bare["runtime"] is not None
    assert bare["runtime"]["main_class"] == "shop.Main"


def test_without_root_the_result_says_so() -> None:
    told = Guest([java()], user="1000").told()
    assert told["findings"][0]["rule"] == "not_privileged"


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        ([], ["/srv/goods/application*.yml", "/srv/goods/config/bootstrap*.properties"]),
        (["-Dspring.config.location=classpath:/a.yml,file:/etc/goods/"], ["/etc/goods/application*.properties"]),
        (["-Dspring.config.additional-location=optional:file:./extra.yml"], ["/srv/goods/extra.yml"]),
        (["-Dspring.config.name=shop"], ["/srv/goods/shop*.yaml"]),
    ],
)
def test_where_spring_looks(words: list[str], paths: list[str]) -> None:
    guest = Guest([java(command=["java", *words, "-jar", "goods.jar"])])
    asked = questions(look(guest.first())).files
    assert set(paths) <= set(asked)
    if any("config.location" in word for word in words):
        assert not [path for path in asked if path.startswith("/srv/goods")]


def test_a_setting_is_found_in_springs_order() -> None:
    line = command_line(["java", "-Da.b-c=2", "-jar", "x.jar", "--a.b-c=1"])
    assert line.setting("a.b-c", {"A_BC": "3"}) == "1"
    assert command_line(["java", "-jar", "x.jar"]).setting("a.b-c", {"A_B_C": "4"}) == "4"


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        ("Failed to connect: Host key verification failed.", "its SSH host key is not the one that is known"),
        ("ops@10.0.0.1: Permission denied (publickey).", "it refuses the login"),
        ("ssh: connect to host 10.0.0.1 port 22: Connection timed out", "it does not answer"),
        ("ssh: connect to host 10.0.0.1 port 22: Connection refused", "it cannot be reached"),
        ("kex_exchange_identification: Connection closed by remote host", "it drops the connection"),
        ("Timeout, server 10.0.0.1 not responding.", "it does not answer"),
        ("it broke\nin its own way", "in its own way"),
    ],
)
def test_why_a_guest_could_not_be_read(reason: str, found: str) -> None:
    told = refused("old-01", ["10.0.0.1"], reason)
    assert (told["reachable"], told["addresses"], told["services"]) == (False, ["10.0.0.1"], [])
    (finding,) = told["findings"]
    assert (finding["rule"], finding["severity"], finding["found"]) == ("unreadable_guest", "blocker", found)
