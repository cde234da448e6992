"""Services out of workloads: names, roles, what moves, who calls whom."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.plan import Plan
from ansible_collections.landfall.replatform.plugins.module_utils.core.planner.services import base_name, port_of

from tests.unit.world import Json, calls, configuration, guest, merged, plain, plan, registry, service, wish, workload


def services(made: Plan) -> dict[str, Any]:
    return {one["name"]: one for one in made["services"]}


def of(*workloads: Json, **more: Any) -> dict[str, Any]:
    names = list(dict.fromkeys(one["guest"] for one in workloads))
    return services(plan([guest(name) for name in names], list(workloads), **more))


NGINX = plain("nginx", 80)


@pytest.mark.parametrize(
    ("guest_name", "what", "name", "role"),
    [
        ("app-01", service("Order_Service"), "order-service", "application"),
        ("app-01", service("2048"), "s-2048", "application"),
        ("app-01", service("x" * 70), "x" * 63, "application"),
        ("app-01", service("订单"), "app", "application"),
        ("reg-01", registry(), "eureka", "registry"),
        ("cache-01", plain("redis", 6379), "redis", "cache"),
        ("web-01", merged(NGINX, {"document_root": "/var/www/shop"}), "shop-web", "frontend"),
        ("web-01", merged(NGINX, {"document_root": "/srv/admin-web/"}), "admin-web", "frontend"),
        ("portal-01", merged(NGINX, {"document_root": "/usr/share/nginx/html"}), "portal-web", "frontend"),
        ("web-02", merged(NGINX, {"document_root": "/var/www/html"}), "web", "frontend"),
    ],
)
def test_names_and_roles(guest_name: str, what: Json, name: str, role: str) -> None:
    found = of(workload(guest_name, what))
    assert {key: one["role"] for key, one in found.items()} == {name: role}


@pytest.mark.parametrize(
    ("name", "base"), [("order-01", "order"), ("web2", "web"), ("a_b.03", "a_b"), ("7", "7"), ("x", "x")]
)
def test_base_name(name: str, base: str) -> None:
    assert base_name(name) == base


def test_a_service_of_several_guests_is_one() -> None:
    found = of(workload("goods-02", service("goods")), workload("goods-01", service("GOODS")))
    assert [source["guest"] for source in found["goods"]["from"]] == ["goods-01", "goods-02"]
    assert found["goods"]["image"]["source"] == "goods-01:/opt/GOODS/GOODS.jar"


def test_stores_of_different_guests_are_different_services() -> None:
    redis = plain("redis", 6379)
    assert list(of(workload("redis-01", redis), workload("redis-02", redis))) == ["redis"]
    assert list(of(workload("shop-redis-01", redis), workload("pay-redis-01", redis))) == ["pay-redis", "shop-redis"]


def test_two_things_of_one_name_keep_apart() -> None:
    web = merged(NGINX, {"document_root": "/var/www/shop"})
    found = of(workload("app-01", service("shop-web")), workload("web-01", web))
    assert {name: one["kind"] for name, one in found.items()} == {"shop-web": "jvm", "shop-web-nginx": "nginx"}


def test_databases_and_what_nobody_wants_stay() -> None:
    order = service("order", outbound=[calls("db-01", 3306), calls("kept-01", 8080), calls("ftp-01", 21)])
    found = services(
        plan(
            [guest("app-01"), guest("db-01"), guest("kept-01", tags=["keep"]), guest("ftp-01"), guest("nexus-01")],
            [
                workload("app-01", order),
                workload("db-01", plain("mariadb", 3306)),
                workload("kept-01", service("kept")),
                workload("ftp-01", plain("ftp", 21)),
                workload("nexus-01", plain("nexus", 8081)),
            ],
            platform=wish(estate={"exclude": "contains(tags, 'keep')"}),
        )
    )
    # nexus stays too, but nothing that moves calls it, so the plan has nothing to do with it
    assert {name: one["moves"] for name, one in found.items()} == {
        "order": True,
        "mariadb": False,
        "kept": False,
        "ftp": False,
    }
    assert found["mariadb"]["replicas"] == 0
    assert found["mariadb"]["requests"] is None
    assert found["mariadb"]["from"][0]["address"] == guest("db-01")["addresses"][0]


def test_the_document_says_what_moves() -> None:
    raw = wish(suite={"services": {"mariadb": {"moves": True}, "order": {"moves": False}}})
    found = of(workload("a-01", service("order")), workload("d-01", plain("mariadb", 3306)), platform=raw)
    assert {name: one["moves"] for name, one in found.items()} == {"mariadb": True}


def test_a_jvm_without_a_jar_stays() -> None:
    caller = service("order", outbound=[calls("tom-01", 8080)])
    found = of(workload("app-01", caller), workload("tom-01", service("tomcat", jar=None)))
    assert found["tomcat"]["moves"] is False


@pytest.mark.parametrize(
    ("more", "port"),
    [
        ({"ports": [9010, 8081], "flags": ["-Dserver.port=9010"]}, 9010),
        ({"ports": [9010, 8081], "arguments": ["--server.port=9010"]}, 9010),
        ({"ports": [9010, 8081], "environment": {"SERVER_PORT": "9010"}}, 9010),
        ({"ports": [9010, 8081], "configuration": [configuration("a.properties", "a=1\nserver.port=9010\n")]}, 9010),
        (
            {"ports": [9010, 8081], "configuration": [configuration("a.yml", "server:\n  # c\n  port: 9010\na: 1\n")]},
            9010,
        ),
        ({"ports": [9010, 8081], "configuration": [configuration("a.yml", "management:\n  port: 9010\n")]}, 8081),
        ({"ports": [8081], "flags": ["-Dserver.port=${PORT}"]}, 8081),
        ({"ports": [8081], "flags": ["-Dserver.port=9999"]}, 8081),
        ({"ports": []}, None),
    ],
)
def test_the_port_that_a_service_is_called_at(more: Json, port: int | None) -> None:
    assert port_of(service("x", **more)) == port  # type: ignore[arg-type]


CONNECTORS = """<Server port="8005"><Connector port="8009" protocol="AJP/1.3"/>
<!-- <Connector port="8443" SSLEnabled="true"/> --><Connector protocol="HTTP/1.1" port="8080"/></Server>"""


def test_what_lies_in_a_tomcat_stays_and_is_called_at_its_http_port() -> None:
    told = service("shop", kind="tomcat", ports=[8009, 8080], configuration=[configuration("server.xml", CONNECTORS)])
    assert port_of(told) == 8080  # type: ignore[arg-type]
    found = of(workload("shop-01", told), workload("order-01", service("order", outbound=[calls("shop-01", 8080)])))
    assert (found["shop"]["moves"], found["order"]["calls"]) == (False, ["shop"])


CALLEES = [
    workload("goods-01", service("goods", ports=[8081]), addresses=["10.0.1.23"]),
    workload("both-01", service("a", ports=[8001]), service("b", ports=[8002]), addresses=["10.0.1.24", "172.17.0.1"]),
    workload("redis-01", plain("redis", 6379), plain("other", 22), addresses=["10.0.1.27"]),
]


@pytest.mark.parametrize(
    ("more", "called"),
    [
        ({"outbound": [calls("10.0.1.23", 8081)]}, ["goods"]),
        ({"outbound": [calls("10.0.1.23", 9999)]}, []),
        ({"outbound": [calls("10.9.9.9", 8081)]}, []),
        ({"outbound": [calls("GOODS-01", 8081, "configuration")]}, ["goods"]),
        ({"outbound": [calls("GOODS", 0, "eureka")]}, ["goods"]),
        ({"outbound": [calls("10.0.1.24", 8002), calls("both-01", 8001)]}, ["a", "b"]),
        ({"outbound": [calls("127.0.0.1", 8000)]}, ["caller-02"]),
        ({"configuration": [configuration("a.yml", "uri: lb://goods\n")]}, ["goods"]),
        ({"configuration": [configuration("a.yml", "uri: http://goods/api\n")]}, ["goods"]),
        ({"configuration": [configuration("a.yml", "uri: http://goods-01:8081/api\n")]}, ["goods"]),
        ({"configuration": [configuration("a.yml", "uri: http://goodsx\n")]}, []),
        ({"configuration": [configuration("a.yml", "# uri: lb://goods\n")]}, []),
        ({"configuration": [configuration("a.yml", "url: jdbc:mariadb://10.0.1.23:8081/x\n")]}, ["goods"]),
        ({"configuration": [configuration("a.yml", "redis:\n  host: redis-01\n  port: 6379\n")]}, ["redis"]),
        ({"configuration": [configuration("a.yml", "host: both-01\n")]}, []),
        ({"flags": ["-Dspring.data.redis.host=redis-01"]}, ["redis"]),
        ({"arguments": ["--goods.url=http://10.0.1.23:8081"]}, ["goods"]),
        ({"environment": {"GOODS": "http://goods-01:8081"}}, ["goods"]),
        ({"environment": {"EUREKA_INSTANCE_HOSTNAME": "caller-01"}}, []),
        ({"outbound": [calls("10.0.1.20", 8000)]}, []),
    ],
)
def test_who_is_called(more: Json, called: list[str]) -> None:
    runtime = {"runtime": {"eureka": False}}
    caller = workload(
        "caller-01",
        service("caller", **merged(runtime, {"ports": [8000], **more})),
        service("caller-02", **merged(runtime, {"ports": [8000 if called == ["caller-02"] else 8009]})),
        addresses=["10.0.1.20"],
    )
    assert of(caller, *CALLEES)["caller"]["calls"] == called


def test_a_eureka_client_calls_the_registry_and_a_known_peer_is_a_caller() -> None:
    found = of(
        workload("eureka-01", registry()),
        workload("goods-01", service("goods", inbound=[calls("10.0.1.50", 41000)])),
        workload("order-01", service("order"), plain("other", 22), addresses=["10.0.1.50"]),
    )
    assert {name: one["calls"] for name, one in found.items()} == {
        "eureka": [],
        "goods": ["eureka"],
        "order": ["eureka", "goods"],
    }


def test_a_name_that_only_eureka_knows() -> None:
    """Its application name comes from a config server, so neither its jar nor its files tell it."""
    nameless = service("app", ports=[8085], runtime={"application_name": None, "eureka": False})
    told = [{"application": "PRICES", "address": "10.0.1.70", "port": 8085, "status": "UP"}]
    found = of(
        workload("prices-01", nameless, addresses=["10.0.1.70"]),
        workload("eureka-01", {**registry(), "registry": told}),
        workload("order-01", service("order", configuration=[configuration("a.yml", "uri: lb://prices\n")])),
    )
    assert found["order"]["calls"] == ["app", "eureka"]


def test_addresses_that_stand_as_numbers_are_found() -> None:
    text = "spring:\n  url: jdbc:mariadb://10.0.1.28:3306/orders\n  own: 10.0.1.20\n  version: 10.0.1\n"
    order = service("order", configuration=[configuration("/opt/order/a.yml", text)])
    found = of(
        workload("order-01", order, addresses=["10.0.1.20"]),
        workload("db-01", plain("mariadb", 3306), addresses=["10.0.1.28"]),
    )
    assert found["order"]["findings"] == [
        {
            "rule": "hardcoded_address",
            "severity": "warning",
            "where": "order-01:/opt/order/a.yml:2",
            "found": "10.0.1.28",
            "meant": "mariadb",
        }
    ]


def test_different_builds_are_a_finding() -> None:
    other = service("goods", jar={"sha256": "aa" * 32})
    found = of(workload("goods-01", service("goods")), workload("goods-02", other))
    assert [one["rule"] for one in found["goods"]["findings"]] == ["different_builds"]


DOOR = plain(
    "nginx",
    80,
    configuration=[
        configuration("/etc/nginx/nginx.conf", "http {\n  include conf.d/*.conf;\n}\n"),
        configuration(
            "/etc/nginx/conf.d/shop.conf", "upstream gw {\n  server 10.0.1.60:8080;\n}\nproxy_pass http://gw;\n"
        ),
    ],
)


def front(**more: Any) -> Plan:
    return plan(
        [guest("edge-01"), guest("gw-01")],
        [
            workload("edge-01", DOOR, addresses=["10.0.1.61"]),
            workload("gw-01", service("gateway"), service("hidden", ports=[8090]), addresses=["10.0.1.60"]),
        ],
        platform=wish(**merged({"suite": {"front_door": {"guest": "edge-01"}}}, more)),
    )


def test_the_front_door_is_no_service_and_what_is_behind_it_gets_a_node_port() -> None:
    made = front()
    assert made["front_door"] == {
        "kind": "nginx",
        "guest": "edge-01",
        "address": "10.0.1.61",
        "configuration": ["/etc/nginx/conf.d/shop.conf"],
    }
    assert {name: one["expose"] for name, one in services(made).items()} == {
        "gateway": {"node_port": 30000},
        "hidden": {},
    }
    assert "edge-01" not in [name for wave in made["waves"] for name in wave["frees"]]


def test_node_ports_come_from_the_workspace_and_are_taken_once() -> None:
    workspaces = [{"name": "w", "node_ports": "30500-30502", "projects": [{"name": "p"}]}]
    suite = {"project": "p", "services": {"hidden": {"expose": {"node_port": 30501}}}}
    found = services(front(tenancy={"workspaces": workspaces}, suite=suite))
    # 30500 is the registry's
    assert found["gateway"]["expose"] == {"node_port": 30502}
    assert found["gateway"]["namespace"] == "p"
