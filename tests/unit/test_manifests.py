# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shop's manifests: golden files of the whole suite, and tables of what differs from version to version.

`UPDATE_GOLDEN=1 pytest …` writes the golden files anew, to be read in the diff.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.clients.documents import to_yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core import manifests
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError

from tests.unit.suite.workloads import facts

SUITE = Path(__file__).parent / "suite"
PLAN: Any = yaml.safe_load((SUITE / "plan.yml").read_text())
FACTS: Any = facts()
MOVING = [one["name"] for one in PLAN["services"] if one["moves"]]


def planned(name: str, **other: Any) -> Any:
    return {**next(one for one in PLAN["services"] if one["name"] == name), **other}


def service(name: str) -> Any:
    """The facts of a service, to be changed."""
    guest = planned(name)["from"][0]["guest"]
    mine = copy.deepcopy(FACTS)
    return mine, next(one["services"][0] for one in mine["guests"] if one["guest"] == guest)


def render(name: str, mine: Any = FACTS, **other: Any) -> manifests.Rendered:
    return manifests.render(planned(name, **other), PLAN, mine, f"registry.lab.example/mall-trade/{name}:1")


def of_kind(rendered: manifests.Rendered, kind: str) -> Any:
    return next(one for one in rendered.objects if one["kind"] == kind)


def container(rendered: manifests.Rendered) -> Any:
    kind = next(one["kind"] for one in rendered.objects if one["kind"] in ("Deployment", "StatefulSet"))
    return of_kind(rendered, kind)["spec"]["template"]["spec"]["containers"][0]


def environment(rendered: manifests.Rendered) -> dict[str, str]:
    return {one["name"]: one.get("value", "from elsewhere") for one in container(rendered)["env"]}


@pytest.mark.parametrize("name", MOVING)
def test_golden(name: str) -> None:
    rendered = render(name)
    documents = [*rendered.objects, *rendered.services, *([rendered.masked] if rendered.masked else [])]
    text = "---\n".join(to_yaml(one) for one in documents)
    golden = SUITE / "manifests" / f"{name}.yml"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()
    assert "Tea-and-cups-2019" not in text
    assert not rendered.warnings


def test_no_guest_is_named_any_more() -> None:
    """Every address of a guest is a Service's name now; the comments of the old files may speak of them."""
    hosts = [
        host for one in PLAN["services"] for source in one["from"] for host in (source["guest"], source["address"])
    ]
    for name in MOVING:
        rendered = render(name)
        text = str(container(rendered))
        for one in rendered.objects:
            lines = [line for value in one.get("data", {}).values() for line in value.splitlines()]
            text += "\n".join(line for line in lines if not line.lstrip().startswith("#"))
        assert not [host for host in hosts if host in text], name


def test_what_stays_gets_a_service_without_selector() -> None:
    service, endpoints = manifests.bridge(planned("mariadb"))
    assert "selector" not in service["spec"]
    assert service["spec"]["ports"][0]["name"] == endpoints["ports"][0]["name"]
    assert endpoints["metadata"]["labels"]["kubernetes.io/service-name"] == "mariadb"
    assert endpoints["endpoints"] == [{"addresses": ["10.99.0.28"], "conditions": {"ready": True}}]


@pytest.mark.parametrize(
    ("boot", "actuator", "readiness", "liveness", "graceful"),
    [
        (None, False, "tcp", "tcp", False),
        ("1.5.22.RELEASE", True, "tcp", "tcp", False),
        ("2.2.13.RELEASE", True, "/actuator/health", "tcp", False),
        ("2.3.0", True, "/actuator/health/readiness", "/actuator/health/liveness", True),
        ("3.2.4", True, "/actuator/health/readiness", "/actuator/health/liveness", True),
        ("4.0.7", False, "tcp", "tcp", True),
    ],
)
def test_the_contract_by_version(
    boot: str | None, actuator: bool, readiness: str, liveness: str, graceful: bool
) -> None:
    mine, order = service("order")
    order["runtime"] |= {"spring_boot": boot, "actuator": actuator}
    rendered = render("order", mine)
    probes = [container(rendered)[f"{one}Probe"] for one in ("readiness", "liveness")]
    assert [one["httpGet"]["path"] if "httpGet" in one else "tcp" for one in probes] == [readiness, liveness]
    assert ("SERVER_SHUTDOWN" in environment(rendered)) is graceful


@pytest.mark.parametrize(
    ("arguments", "path", "port"),
    [
        ([], "/actuator/health/readiness", "main"),
        (["--management.server.port=9001"], "/actuator/health/readiness", 9001),
        (["--server.servlet.context-path=/order"], "/order/actuator/health/readiness", "main"),
        (["--server.servlet.context-path=/order", "--management.server.port=9001"], "/actuator/health/readiness", 9001),
        (["--management.endpoints.web.base-path=/manage"], "/manage/health/readiness", "main"),
    ],
)
def test_where_the_probes_ask(arguments: list[str], path: str, port: int | str) -> None:
    mine, order = service("order")
    order["arguments"] = arguments
    probe = container(render("order", mine))["readinessProbe"]["httpGet"]
    assert (probe["path"], probe["port"]) == (path, port)


def test_secrets_go_into_a_secret_wherever_they_stood() -> None:
    mine, order = service("order")
    order["environment"] = {"DB_PASSWORD": "(secret)", "REGION": "east"}
    order["flags"] += ["-Dshop.token=(secret)", "-Dplain=1"]
    order["arguments"] = ["--spring.data.redis.password=(secret)", "(secret)"]
    rendered = render("order", mine)
    assert rendered.secrets
    assert rendered.secrets["items"] == [
        {"key": "application.yml", "source": "file", "path": "/usr/local/order/config/application.yml"},
        {"key": "SHOP_TOKEN", "source": "value", "pattern": "-Dshop.token=(secret)"},
        {"key": "SPRING_DATA_REDIS_PASSWORD", "source": "value", "pattern": "--spring.data.redis.password=(secret)"},
        {"key": "LANDFALL_SECRET_3", "source": "word", "pattern": "(secret)"},
        {"key": "DB_PASSWORD", "source": "environment", "pattern": "DB_PASSWORD"},
    ]
    assert (rendered.secrets["guest"], rendered.secrets["port"]) == ("order-01", 8083)
    assert set(rendered.masked["stringData"].values()) == {"********"}  # type: ignore[index]
    found = container(rendered)
    assert found["args"] == ["$(LANDFALL_SECRET_3)"]
    assert "(secret)" not in str(rendered.objects)
    assert [one["name"] for one in found["env"]][:5] == [
        "SHOP_TOKEN", "SPRING_DATA_REDIS_PASSWORD", "LANDFALL_SECRET_3", "DB_PASSWORD", "POD_NAME",
    ]  # fmt: skip


def test_a_secret_in_the_middle_of_a_setting_never_comes_into_a_log() -> None:
    mine, order = service("order")
    order["flags"] = ["-Durl=http://u:(secret)@x", "-Dplain=1"]
    rendered = render("order", mine)
    assert "URL" not in environment(rendered)["JDK_JAVA_OPTIONS"]
    assert environment(rendered)["URL"] == "from elsewhere"
    order["runtime"] |= {"spring_boot": None, "eureka": False}
    rendered = render("order", mine)
    assert container(rendered)["command"] == [
        "java", "$(LANDFALL_SECRET_1)", "-Dplain=1", "-XX:MaxRAMPercentage=70.0", "-XX:+ExitOnOutOfMemoryError",
        "-jar", "/app/app.jar",
    ]  # fmt: skip
    assert environment(rendered)["JDK_JAVA_OPTIONS"] == ""


def test_a_file_in_the_jar_is_put_over_where_it_names_a_guest() -> None:
    mine, order = service("order")
    inner = "/usr/local/order/order.jar!/BOOT-INF/classes/application.yml"
    order["configuration"] = [
        {"path": inner, "content": "a: {b: redis-01}\n", "secrets": []},
        {"path": inner.replace("application", "bootstrap"), "content": "c: 1\n", "secrets": []},
        {"path": inner.replace("application", "other"), "content": "d: redis-01\np: (secret)\n", "secrets": ["p"]},
    ]
    rendered = render("order", mine)
    assert of_kind(rendered, "ConfigMap")["data"] == {"application.yml": "a: {b: redis}\n"}
    assert [one["mountPath"] for one in container(rendered)["volumeMounts"] if one["name"] == "configuration"] == [
        "/app/BOOT-INF/classes/application.yml"
    ]
    assert "other.yml names guests and holds secrets" in rendered.warnings[0]


def test_files_of_one_name_keep_apart() -> None:
    mine, order = service("order")
    order["configuration"] = [
        {"path": path, "content": "a: 1\n", "secrets": []}
        for path in ("/srv/a/application.yml", "/srv/b/application.yml")
    ]
    assert sorted(of_kind(render("order", mine), "ConfigMap")["data"]) == [
        "srv.a.application.yml",
        "srv.b.application.yml",
    ]


def test_a_file_that_stays_in_the_jar_changes_no_name() -> None:
    mine, order = service("order")
    order["configuration"] = [
        {"path": path, "content": "a: 1\n", "secrets": []}
        for path in ("/srv/order.jar!/application.yml", "/srv/a/application.yml")
    ]
    assert sorted(of_kind(render("order", mine), "ConfigMap")["data"]) == ["application.yml"]


def test_a_new_configuration_makes_new_pods() -> None:
    mine, goods = service("goods")
    annotations = [of_kind(render("goods"), "Deployment")["spec"]["template"]["metadata"]["annotations"]]
    goods["configuration"][0]["content"] += "x=1\n"
    annotations.append(of_kind(render("goods", mine), "Deployment")["spec"]["template"]["metadata"]["annotations"])
    assert annotations[0] != annotations[1]


def test_a_service_with_data_is_never_twice_on_one_volume() -> None:
    data = [{"path": "/srv/files", "size_gib": 5, "storage_class": "fast", "keep": True}]
    rendered = render("order", data=data)
    assert of_kind(rendered, "Deployment")["spec"]["strategy"] == {"type": "Recreate"}
    assert of_kind(rendered, "PersistentVolumeClaim")["spec"]["storageClassName"] == "fast"
    assert "/srv/files on order-01 is not brought along" in rendered.warnings[0]


def test_a_service_that_nobody_calls_has_no_port() -> None:
    mine, order = service("order")
    order["configuration"] = []
    nobody = [{**planned("order")["from"][0], "port": None}]
    rendered = render("order", mine, port=None, **{"from": nobody})
    assert not rendered.services
    assert not {"ports", "readinessProbe", "livenessProbe", "startupProbe"} & set(container(rendered))


def test_several_registries_are_peers() -> None:
    found = environment(render("eureka", replicas=2))
    assert (found["EUREKA_CLIENT_REGISTER_WITH_EUREKA"], found["EUREKA_CLIENT_FETCH_REGISTRY"]) == ("true", "true")
    zones = "http://eureka-0.eureka-headless:8761/eureka/,http://eureka-1.eureka-headless:8761/eureka/"
    assert f"-Deureka.client.serviceUrl.defaultZone={zones} " in found["JDK_JAVA_OPTIONS"]


def test_services_of_another_namespace_are_called_by_their_long_name() -> None:
    elsewhere = copy.deepcopy(PLAN)
    for one in elsewhere["services"]:
        if one["name"] in ("eureka", "redis"):
            one["namespace"] = "mall-base"
    rendered = manifests.render(planned("member"), elsewhere, FACTS, "x")
    options = environment(rendered)["JDK_JAVA_OPTIONS"]
    assert "-Dspring.data.redis.host=redis.mall-base " in options
    assert "defaultZone=http://eureka.mall-base:8761/eureka/" in options


def test_facts_that_do_not_match_the_plan() -> None:
    mine, order = service("order")
    order["script"] = "/usr/local/order/run.sh"
    with pytest.raises(DocumentError, match="plan and facts do not match"):
        render("order", mine)


def test_a_redis_with_a_password() -> None:
    mine, redis = service("redis")
    redis["configuration"][0]["content"] += "requirepass (secret)\nloadmodule /usr/lib/x.so\n"
    redis["configuration"][0]["secrets"] = ["requirepass"]
    rendered = render("redis", mine)
    settings = of_kind(rendered, "ConfigMap")["data"]["redis.conf"]
    assert "(secret)" not in settings
    assert settings.endswith("include /tmp/auth.conf\n")
    assert rendered.secrets
    assert rendered.secrets["items"] == [
        {"key": "password", "source": "directive", "pattern": "requirepass", "path": "/etc/redis/redis.conf"}
    ]
    assert "loadmodule is not carried over (a module)" in rendered.warnings[0]


def test_flags_of_two_words_stay_together_and_nothing_is_said_twice() -> None:
    mine, order = service("order")
    opens = ["--add-opens", "java.base/java.lang=ALL-UNNAMED", "--add-opens", "java.base/java.util=ALL-UNNAMED"]
    order["flags"] = ["-server", *opens, "-Da=b c", "-XX:+ExitOnOutOfMemoryError", "-Xmx100m", "-javaagent:/opt/a.jar"]
    rendered = render("order", mine)
    options = environment(rendered)["JDK_JAVA_OPTIONS"].split(" -Deureka")[0]
    assert options == f'-server {" ".join(opens)} "-Da=b c" -XX:+ExitOnOutOfMemoryError -XX:MaxRAMPercentage=17.4'
    assert rendered.warnings == ["-javaagent:/opt/a.jar is left out: its file is not in the image"]


def test_an_image_with_another_java_bears_with_old_flags() -> None:
    mine, order = service("order")
    order["runtime"]["java"] = 8
    assert environment(render("order", mine))["JDK_JAVA_OPTIONS"].split()[-2] == "-XX:+IgnoreUnrecognizedVMOptions"
