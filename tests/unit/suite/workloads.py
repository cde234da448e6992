# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The guests of the lab's shop as `assess` would read them, out of the very files that the lab puts on them."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.core.workloads import SECRET, Service, Workloads

GUESTS = Path(__file__).resolve().parents[3] / "lab" / "suite" / "guests"


def _file(guest: str, path: str, secrets: dict[str, str] | None = None) -> dict[str, Any]:
    place = GUESTS / guest / "rootfs" / path.lstrip("/")
    if not place.exists():
        place = GUESTS / guest / Path(path).name
    content = place.read_text()
    for secret in (secrets or {}).values():
        assert secret in content
        content = content.replace(secret, SECRET)
    return {"path": path, "content": content, "secrets": list(secrets or {})}


def _service(**parts: Any) -> Service:
    blank: dict[str, Any] = {
        "name": "", "kind": "jvm", "unit": None, "started_by": "systemd", "script": None, "user": "root", "pid": 100,
        "working_directory": "/", "ports": [], "command": [], "flags": [], "arguments": [], "environment": {},
        "runtime": None, "jar": None, "memory": None, "configuration": [], "document_root": None, "data": [],
        "logs": [], "outbound": [], "inbound": [],
    }  # fmt: skip
    return {**blank, **parts}  # type: ignore[typeddict-item]


def _flags(guest: str, unit: str) -> list[str]:
    """The JVM flags in a unit's ExecStart."""
    text = (GUESTS / guest / "rootfs/etc/systemd/system" / unit).read_text().replace("\\\n", " ")
    [line] = [one for one in text.splitlines() if one.startswith("ExecStart=")]
    words = shlex.split(line.removeprefix("ExecStart="))
    return [word for word in words[1 : words.index("-jar")] if word.startswith("-")]


def _environment(guest: str, path: str) -> dict[str, str]:
    lines = [one for one in _file(guest, path)["content"].splitlines() if "=" in one and not one.startswith("#")]
    return {key: shlex.split(value)[0] for key, value in (one.split("=", 1) for one in lines)}


def _runtime(name: str) -> dict[str, Any]:
    server = name == "eureka-server"
    return {
        "java": 17, "spring_boot": "2.7.18" if name == "goods" else "4.0.7", "application_name": name,
        "eureka": True, "eureka_server": server, "actuator": name != "member", "profiles": [], "main_class": None,
    }  # fmt: skip


def facts() -> Workloads:
    """What the guests told."""
    gateway = _environment("gateway-01", "/etc/default/gateway")
    runtimes = {name: _runtime(name) for name in ("eureka-server", "gateway", "goods", "member", "order")}
    password = {"spring.datasource.password": "Tea-and-cups-2019"}
    services = {
        "eureka-01": _service(
            name="eureka-server", unit="eureka.service", working_directory="/opt/eureka", ports=[8761],
            flags=_flags("eureka-01", "eureka.service"), runtime=runtimes["eureka-server"],
            configuration=[_file("eureka-01", "/opt/eureka/application.yml")],
        ),
        "gateway-01": _service(
            name="gateway", unit="gateway.service", ports=[8080], flags=shlex.split(gateway["JAVA_OPTS"]),
            configuration=[_file("gateway-01", "/etc/default/gateway")],
            environment={**gateway, "PATH": "/usr/bin", "INVOCATION_ID": "f00"}, runtime=runtimes["gateway"],
        ),
        "goods-01": _service(
            name="goods", unit="goods-service.service", working_directory="/home/goods", ports=[8081],
            flags=_flags("goods-01", "goods-service.service"), runtime=runtimes["goods"],
            configuration=[
                _file("goods-01", "/home/goods/conf/application-prod.properties"),
                _file("goods-01", "/home/goods/conf/catalogue.json"),
            ],
        ),
        "order-01": _service(
            name="order", script="/usr/local/order/start.sh", started_by="cron", working_directory="/usr/local/order",
            ports=[8083], flags=["-Xms96m", "-Xmx192m", "-XX:+UseSerialGC"], runtime=runtimes["order"],
            configuration=[_file("order-01", "/usr/local/order/config/application.yml", password)],
            logs=["/usr/local/order/nohup.out", "/var/log/order/access.log"],
        ),
        "member-01": _service(
            name="member", unit="member.service", working_directory="/data/app/member", ports=[8084],
            flags=_flags("member-01", "member.service"), environment={"TZ": "Asia/Shanghai"},
            runtime=runtimes["member"],
        ),
        "redis-01": _service(
            name="redis-server", kind="redis", unit="redis-server.service", ports=[6379],
            configuration=[_file("redis-01", "/etc/redis/redis.conf")], data=["/var/lib/redis"],
        ),
        "web-01": _service(
            name="nginx", kind="nginx", unit="nginx.service", ports=[80], document_root="/var/www/shop",
            configuration=[_file("web-01", "/etc/nginx/conf.d/shop.conf")],
        ),
        "db-01": _service(name="mariadbd", kind="mariadb", unit="mariadb.service", ports=[3306]),
    }  # fmt: skip
    guests: list[Any] = [
        {"guest": guest, "addresses": [], "hostname": guest, "reachable": True, "services": [service], "findings": []}
        for guest, service in services.items()
    ]
    return {"version": 1, "guests": guests}
