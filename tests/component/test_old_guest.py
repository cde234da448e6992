# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""workload_facts and guest_unit where busybox is all there is: its shell, its tools, its init and init scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest_units import Service, bring
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery_ask import Questions, ask
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery_script import LOOK
from ansible_collections.landfall.replatform.plugins.module_utils.core.workloads import Workload

from .old_guests import SECRET, Machine, machine

EUREKA = f"""#!/bin/sh
case $1 in
  start)
    cd /srv/eureka || exit 1
    /usr/lib/jvm/java-17-openjdk-amd64/bin/java -Xmx160m -XX:MaxMetaspaceSize=128m -jar eureka.jar --server.port=8761 \\
      --spring.config.additional-location=/etc/eureka/ --admin.password={SECRET} > nohup.out 2>&1 < /dev/null & ;;
  stop) kill $(pgrep -f eureka.jar) ;;
esac
"""
REDIS = """#!/bin/sh
case $1 in
  start) redis-server /etc/redis.conf --daemonize yes > /dev/null ;;
  stop) kill $(cat /run/redis.pid) ;;
esac
"""
SETTINGS = f"shop:\n  upload-dir: /data/pictures\n  stock: http://stock-01:8090/x\n  token: {SECRET}\n"
FILES = {
    "/etc/init.d/S40redis": REDIS,
    "/etc/init.d/S60registry": EUREKA,
    "/etc/redis.conf": f"bind 0.0.0.0\ndir /srv/redis\npidfile /run/redis.pid\nrequirepass {SECRET}\n",
    "/etc/eureka/application.yml": SETTINGS,
    "/srv/redis/keep": "",
}
INSTANCE = {
    "instanceId": "goods-01:8081", "hostName": "goods-01", "app": "GOODS", "ipAddr": "10.99.0.23",
    "vipAddress": "goods", "status": "UP", "port": {"$": 8081, "@enabled": "true"},
    "metadata": {"user.password": SECRET},
    "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
}  # fmt: skip
REGISTER = """
printf %s "$1" > /tmp/instance
wget -q -O - --header 'Content-Type: application/json' --post-file /tmp/instance http://127.0.0.1:8761/eureka/apps/GOODS
"""


@pytest.fixture(scope="module")
def old() -> Iterator[Machine]:
    with machine("guest-old") as found:
        found.put(FILES)
        found.product("eureka-server.jar", "/srv/eureka/eureka.jar")
        found.run("ifconfig lo up; for one in /etc/init.d/S??*; do $one start; done; mkdir /www; httpd -p 8080 -h /www")
        found.wait_for(6379, 8761, 8080)
        found.run(REGISTER, json.dumps({"instance": INSTANCE}))
        yield found


@pytest.fixture(scope="module")
def told(old: Machine) -> Workload:
    return old.look()


def test_it_is_as_old_as_it_says(old: Machine) -> None:
    missing = (
        "for one in python3 bash systemctl ss getent curl; do command -v $one; done; readlink /bin/sh; readlink /bin/ls"
    )
    assert old.guest.run(missing).text.split() == ["/bin/busybox", "/bin/busybox"]


@pytest.mark.parametrize("script", [LOOK, ask(Questions(files=("/a*.yml",), scripts=("/a b",), registries=(1,)))])
def test_its_shell_reads_the_scripts(old: Machine, script: str) -> None:
    old.run('printf %s "$1" > /tmp/script; sh -n /tmp/script', script)


def test_it_lacks_all_that_busybox_has_not(told: Workload) -> None:
    assert told["lacks"] == ["python3", "conntrack", "ethtool", "iptables", "nft", "runc", "socat"]


def test_all_is_told(told: Workload) -> None:
    assert (told["reachable"], told["findings"]) == (True, [])
    assert {one["name"]: (one["kind"], one["ports"]) for one in told["services"]} == {
        "eureka-server": ("jvm", [8761]), "redis": ("redis", [6379]), "httpd": ("other", [8080]),
    }  # fmt: skip


def test_a_jvm_of_an_init_script(told: Workload) -> None:
    eureka = next(one for one in told["services"] if one["kind"] == "jvm")
    assert (eureka["started_by"], eureka["unit"], eureka["script"]) == ("init", None, "/etc/init.d/S60registry")
    assert eureka["jar"]
    assert (eureka["jar"]["path"], len(eureka["jar"]["sha256"])) == ("/srv/eureka/eureka.jar", 64)
    runtime = eureka["runtime"]
    assert runtime
    assert (runtime["java"], runtime["application_name"], runtime["eureka_server"]) == (17, "eureka-server", True)
    assert runtime["spring_boot"]
    assert eureka["memory"]
    assert (eureka["memory"]["heap_max_mib"], eureka["memory"]["metaspace_max_mib"]) == (160, 128)
    assert (eureka["memory"]["peak_rss_mib"] or 0) > 80
    assert (eureka["logs"], eureka["data"]) == (["/srv/eureka/nohup.out"], ["/data/pictures"])
    assert [one["path"] for one in eureka["configuration"]] == ["/etc/eureka/application.yml"]
    assert {"address": "stock-01", "port": 8090, "source": "configuration"} in eureka["outbound"]


def test_who_is_registered(told: Workload) -> None:
    eureka = next(one for one in told["services"] if one["kind"] == "jvm")
    assert eureka.get("registry") == [{"application": "GOODS", "address": "10.99.0.23", "port": 8081, "status": "UP"}]
    assert {"address": "10.99.0.23", "port": 8761, "source": "eureka"} in eureka["inbound"]


def test_no_secret_is_kept(told: Workload) -> None:
    assert SECRET not in json.dumps(told)
    assert json.dumps(told).count("(secret)") >= 4


def test_redis_of_an_init_script(told: Workload) -> None:
    redis = next(one for one in told["services"] if one["kind"] == "redis")
    assert (redis["started_by"], redis["script"]) == ("init", "/etc/init.d/S40redis")
    assert (redis["data"], [one["path"] for one in redis["configuration"]]) == (["/srv/redis"], ["/etc/redis.conf"])


def test_nothing_stays_behind(old: Machine, told: Workload) -> None:
    assert told["reachable"]
    assert "sleep" not in old.run("cat /proc/[0-9]*/cmdline | tr '\\000' ' '")


def test_an_init_script_is_stopped_for_good_and_started_again(old: Machine) -> None:
    redis = Service(None, "/etc/init.d/S40redis", "root", 6379, "init")
    before, after = bring(old.guest, redis, running=False, patience=20, dry=False)
    assert (before.running, before.at_boot, after.running, after.at_boot) == (True, True, False, False)
    assert old.guest.listeners(6379) == []
    assert old.run("ls /etc/init.d/S*; ls -A /etc/init.d | grep landfall").split() == [
        "/etc/init.d/S60registry", ".landfall.S40redis",
    ]  # fmt: skip
    again, _after = bring(old.guest, redis, running=False, patience=20, dry=False)
    assert (again.running, again.at_boot) == (False, False)
    bring(old.guest, redis, running=True, patience=20, dry=False)
    assert old.guest.listeners(6379)
    assert old.run("ls -A /etc/init.d | grep redis").split() == ["S40redis"]
