# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The front door is switched and switched back; every byte that is not concerned stays."""

from __future__ import annotations

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import front_door, nginx
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.front_door_target import Target

WORKERS = ("10.99.0.13:30300", "10.99.0.14:30300")
GATEWAY = Target("gateway", ("10.99.0.22:8080", "gateway-01:8080"), WORKERS)
WEB = Target("shop-web", ("10.99.0.29:80", "web-01:80"), ("10.99.0.13:30301",))
SHOP = """\
# The front door; gateway is at 10.99.0.22:8080
upstream shop_web { server 10.99.0.29; keepalive 8; }

upstream gateway {
\tserver gateway-01:8080 max_fails=2;  # the old one
    server 10.99.0.99:8080 backup;
}

server {
    listen 80;
    set $tenant "a;b{c}";
    location ~ "^/v[0-9]{1,2}/" { return 404; }
    location /api/  { proxy_pass http://gateway; proxy_set_header X-${tenant}x 1; }
    location / {
        proxy_pass http://shop_web;
    }
}
"""
SWITCHED = """\
# The front door; gateway is at 10.99.0.22:8080
upstream shop_web { server 10.99.0.29; keepalive 8; }

upstream gateway {
\t# landfall gateway: server gateway-01:8080 max_fails=2;  # the old one
\tserver 10.99.0.13:30300 max_fails=2; # landfall gateway
\tserver 10.99.0.14:30300 max_fails=2; # landfall gateway
    server 10.99.0.99:8080 backup;
}

server {
    listen 80;
    set $tenant "a;b{c}";
    location ~ "^/v[0-9]{1,2}/" { return 404; }
    location /api/  { proxy_pass http://gateway; proxy_set_header X-${tenant}x 1; }
    location / {
        proxy_pass http://shop_web;
    }
}
"""


def switch(text: str, *targets: Target) -> str:
    return front_door.switch("nginx", {"shop.conf": text}, targets)["shop.conf"]


def restore(text: str, *names: str) -> str:
    return front_door.restore({"shop.conf": text}, names)["shop.conf"]


def test_an_upstream_is_switched_and_nothing_else() -> None:
    assert switch(SHOP, GATEWAY) == SWITCHED
    assert switch(SWITCHED, GATEWAY) == SWITCHED, "a second time changes nothing"
    assert restore(SWITCHED, "gateway") == SHOP


def test_services_are_switched_one_after_another() -> None:
    both = switch(switch(SHOP, GATEWAY), WEB)
    assert both == switch(SHOP, GATEWAY, WEB)
    assert "    server 10.99.0.99:8080 backup;" in both
    assert restore(both, "shop-web") != SHOP
    assert nginx.parse(restore(restore(both, "shop-web"), "gateway"), source="x")


def test_other_nodes_take_the_place_of_the_first() -> None:
    more = Target("gateway", GATEWAY.legacy, (*WORKERS, "10.99.0.15:30300"))
    assert switch(switch(SHOP, GATEWAY), more) == switch(SHOP, more)


def test_two_guests_of_a_service_give_way_to_all_nodes_once() -> None:
    text = "upstream order {\n    server 10.0.0.1:8083 weight=3;\n    server 10.0.0.2:8083;\n}\n"
    target = Target("order", ("10.0.0.1:8083", "10.0.0.2:8083"), ("10.9.0.1:30400", "10.9.0.2:30400"))
    wanted = """\
upstream order {
    # landfall order: server 10.0.0.1:8083 weight=3;
    server 10.9.0.1:30400 weight=3; # landfall order
    server 10.9.0.2:30400 weight=3; # landfall order
    # landfall order: server 10.0.0.2:8083;
}
"""
    assert switch(text, target) == wanted
    assert restore(wanted, "order") == text


DIRECT = """\
http {
    server {
        location /api/ {
            proxy_pass http://10.99.0.22:8080/v1/;
        }
        location /other/ {
            proxy_pass http://GATEWAY-01:8080;
        }
    }
}
"""


def test_an_address_without_upstream_gets_one() -> None:
    wanted = """\
http {
    upstream landfall_gateway { # landfall gateway
        server 10.99.0.13:30300; # landfall gateway
        server 10.99.0.14:30300; # landfall gateway
    } # landfall gateway
    server {
        location /api/ {
            # landfall gateway: proxy_pass http://10.99.0.22:8080/v1/;
            proxy_pass http://landfall_gateway/v1/; # landfall gateway
        }
        location /other/ {
            # landfall gateway: proxy_pass http://GATEWAY-01:8080;
            proxy_pass http://landfall_gateway; # landfall gateway
        }
    }
}
"""
    assert switch(DIRECT, GATEWAY) == wanted
    assert restore(wanted, "gateway") == DIRECT
    assert switch(wanted, GATEWAY) == wanted


def test_several_files_share_one_upstream() -> None:
    files = {"a.conf": "server {\n  proxy_pass http://10.99.0.22:8080;\n}\n"}
    files["b.conf"] = files["a.conf"]
    switched = front_door.switch("nginx", files, [GATEWAY])
    assert [text.count("upstream landfall_gateway") for text in switched.values()] == [1, 0]
    assert front_door.restore(switched, ["gateway"]) == files


def test_a_name_that_another_begins_with_is_another() -> None:
    text = SWITCHED.replace("landfall gateway", "landfall gateway-b2b")
    assert restore(text, "gateway") == text


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("    set $backend 10.99.0.22:8080;", "shop.conf:2: 10.99.0.22:8080 (gateway)"),
        ("    proxy_pass https://gateway-01:8080;", "shop.conf:2: gateway-01:8080 (gateway)"),
    ],
)
def test_what_cannot_be_switched_is_told(line: str, where: str) -> None:
    with pytest.raises(DocumentError) as refused:
        switch(f"server {{\n{line}\n}}\n", GATEWAY)
    assert where in str(refused.value)


@pytest.mark.parametrize(
    "line", ["server 10.99.0.22:80801;", "server 110.99.0.22:8080;", "server x-gateway-01:8080;", "# 10.99.0.22:8080"]
)
def test_what_only_looks_like_it_stays(line: str) -> None:
    text = f"upstream x {{\n    {line}\n    server unix:/run/x.sock;\n}}\n"
    assert switch(text, GATEWAY) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("server {\n  listen 80\n}\n", "shop.conf:3: a directive without its ;"),
        ("server {\n  listen 80;\n", "shop.conf:3: a block that is never closed"),
        ("}\n", "shop.conf:1: a } too many"),
        ('set $a "b;\n', "shop.conf:1: a quote that is never closed"),
        ("events {}\n\nworker 1", "shop.conf:3: a directive without its ;"),
    ],
)
def test_what_is_no_configuration_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(DocumentError, match="not a configuration of nginx") as refused:
        switch(text, GATEWAY)
    assert says in str(refused.value)


def test_directives_of_other_languages_are_passed_over() -> None:
    text = "server {\n  content_by_lua_block { local t = {1, {2}}; ngx.say('}') }\n  listen 80;\n}\n"
    text = text.replace("'}'", "'x'")
    assert [one.name for one in nginx.parse(text, source="x")[0].block or ()] == ["content_by_lua_block", "listen"]


HAPROXY = """\
defaults
    mode http

frontend shop
    bind :80
    use_backend api if { path_beg /api/ }
    default_backend pages   # 10.99.0.29:80

backend api
    balance roundrobin
    option httpchk GET /actuator/health
    server gw1 10.99.0.22:8080 check port 8088 inter 2s cookie a   # the first
    server gw2 GATEWAY-01:8080 check cookie b
    server spare 10.99.0.99:8080 backup

backend pages
\tserver web ipv4@10.99.0.29:80 check
"""
HAPROXY_SWITCHED = """\
defaults
    mode http

frontend shop
    bind :80
    use_backend api if { path_beg /api/ }
    default_backend pages   # 10.99.0.29:80

backend api
    balance roundrobin
    option httpchk GET /actuator/health
    # landfall gateway: server gw1 10.99.0.22:8080 check port 8088 inter 2s cookie a   # the first
    server gw1 10.99.0.13:30300 check inter 2s cookie a # landfall gateway
    server gw1-2 10.99.0.14:30300 check inter 2s cookie a-2 # landfall gateway
    # landfall gateway: server gw2 GATEWAY-01:8080 check cookie b
    server spare 10.99.0.99:8080 backup

backend pages
\t# landfall shop-web: server web ipv4@10.99.0.29:80 check
\tserver web 10.99.0.13:30301 check # landfall shop-web
"""


def haproxy(text: str, *targets: Target) -> str:
    return front_door.switch("haproxy", {"haproxy.cfg": text}, targets)["haproxy.cfg"]


def test_haproxy_there_and_back() -> None:
    assert haproxy(HAPROXY, GATEWAY, WEB) == HAPROXY_SWITCHED
    assert haproxy(HAPROXY_SWITCHED, GATEWAY, WEB) == HAPROXY_SWITCHED
    assert haproxy(HAPROXY_SWITCHED, GATEWAY) == HAPROXY_SWITCHED
    assert restore(HAPROXY_SWITCHED, "gateway", "shop-web") == HAPROXY


def test_each_backend_of_haproxy_gets_all_nodes() -> None:
    text = "backend a\n  server x 10.99.0.22:8080\nbackend b\n  server x 10.99.0.22:8080\n"
    assert haproxy(text, GATEWAY).count("server x-2 10.99.0.14:30300") == 2


@pytest.mark.parametrize(
    "line",
    ["server-template gw 1-3 10.99.0.22:8080 check", "http-request set-dst-port int(8080) # no\n  x 10.99.0.22:8080"],
)
def test_what_haproxy_says_otherwise_is_refused(line: str) -> None:
    with pytest.raises(DocumentError) as refused:
        haproxy(f"backend api\n  {line}\n", GATEWAY)
    assert "10.99.0.22:8080 (gateway)" in refused.value.problems[0].found


def test_haproxy_calls_a_service_without_node_port() -> None:
    with pytest.raises(DocumentError, match="cannot be reached from outside"):
        haproxy("backend a\n  server g 10.99.0.22:8080\n", Target("gateway", ("10.99.0.22:8080",), ()))
