# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Configuration files as settings and without secrets."""

from __future__ import annotations

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.configuration import configuration_file, settings
from ansible_collections.landfall.replatform.plugins.module_utils.core.secrets import (
    is_secret_key,
    masked,
    masked_arguments,
    masked_environment,
    masked_text,
)
from hypothesis import given
from hypothesis import strategies as st

YAML = """\
# the shop
server: {port: 8081}
spring:
  application:
    name: "goods"   # as Eureka knows it
  datasource:
    url: jdbc:mysql://shop:hunter2@db-01:3306/goods?useSSL=false&password=hunter3
    password: 'hunter4'
    hikari.maximum-pool-size: 5
  profiles:
    active: ${PROFILE:prod}
routes:
  - id: goods
    uri: lb://goods
    secrets:
      token: hunter5
  - id: order
    uri: lb://order
jwt:
  private-key: |
    -----BEGIN-----
    hunter6

    hunter7
  token-validity: 30
hosts:
  - 10.0.0.1
  - 10.0.0.2
#  password: hunter8
---
spring.config.activate.on-profile: test
spring.redis.password: ${REDIS_PASSWORD:hunter9}
"""


def test_yaml_as_settings() -> None:
    found = settings("application.yml", YAML)
    assert found["spring.application.name"] == "goods"
    assert found["spring.datasource.hikari.maximum-pool-size"] == "5"
    assert found["routes.0.uri"] == "lb://goods"
    assert found["routes.1.uri"] == "lb://order"
    assert (found["hosts.0"], found["hosts.1"]) == ("10.0.0.1", "10.0.0.2")
    assert found["jwt.token-validity"] == "30"
    assert found["spring.config.activate.on-profile"] == "test"


def test_yaml_without_secrets() -> None:
    kept = configuration_file("application.yml", YAML)
    assert "hunter" not in kept["content"]
    assert kept["secrets"] == [
        "jwt.private-key", "routes.0.secrets.token", "spring.datasource.password", "spring.datasource.url",
        "spring.redis.password",
    ]  # fmt: skip
    lines = kept["content"].splitlines()
    assert "    password: (secret)" in lines
    assert "    url: jdbc:mysql://shop:(secret)@db-01:3306/goods?useSSL=false&password=(secret)" in lines
    assert "  private-key: (secret)" in lines
    assert "spring.redis.password: ${REDIS_PASSWORD:(secret)}" in lines
    gone = ("hunter", "BEGIN", "private-key")
    others = [line for line in YAML.splitlines() if line and not any(word in line for word in gone)]
    assert [line for line in lines if line and "(secret)" not in line] == others, "every other line is as it was"
    assert configuration_file("application.yml", kept["content"])["content"] == kept["content"]


PROPERTIES = """\
spring.application.name=goods
db.password = se\\
    cret
! comment
api.key:abc
empty.password=
server.ssl.key-store=file:/etc/shop.jks
server.ssl.key-store-password=changeit
export TOKEN='x y'
path.with.spaces a b
"""


def test_properties() -> None:
    found = settings("application.properties", PROPERTIES)
    assert (found["spring.application.name"], found["db.password"], found["TOKEN"]) == ("goods", "secret", "x y")
    kept = configuration_file("application.properties", PROPERTIES)
    assert kept["secrets"] == ["TOKEN", "api.key", "db.password", "server.ssl.key-store-password"]
    assert "db.password = (secret)\n! comment" in kept["content"]
    assert "empty.password=\nserver.ssl.key-store=file:/etc/shop.jks\n" in kept["content"]


def test_servers() -> None:
    redis = configuration_file("/etc/redis/redis.conf", "bind 0.0.0.0\nrequirepass foo bar\nmasterauth x\n")
    assert redis["content"] == "bind 0.0.0.0\nrequirepass (secret)\nmasterauth (secret)\n"
    text = (
        'location / {\n  proxy_pass http://a;\n  proxy_set_header Authorization "Basic dXNlcjpwYXNz";\n}\n'
        "ssl_certificate_key /etc/ssl/a.key;\nssl_password_file /etc/ssl/pass;\n"
    )
    assert configuration_file("shop.conf", text)["content"] == text.replace("dXNlcjpwYXNz", "(secret)")


@pytest.mark.parametrize(
    "key",
    [
        "password", "spring.datasource.password", "DB_PASS", "MYSQL_PWD", "jwt.secret", "aws.secretAccessKey", "apiKey",
        "API_KEY", "client-secret", "oauth.token", "encrypt.key", "secrets.anything", "requirepass",
        "x.credentials.user",
    ],
)  # fmt: skip
def test_keys_of_secrets(key: str) -> None:
    assert is_secret_key(key)


@pytest.mark.parametrize(
    "key",
    [
        "username", "server.port", "token-validity", "password-file", "secret-name", "key-store", "keyspace",
        "proxy_pass", "fastcgi_pass", "token.url", "spring.application.name", "management.endpoint", "", "[0]",
    ],
)  # fmt: skip
def test_keys_of_none(key: str) -> None:
    assert not is_secret_key(key)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("hunter2", "(secret)"), ("123456", "(secret)"), ("true", "true"), ("", ""), ("${PW}", "${PW}"),
        ("${PW:}", "${PW:}"), ("${PW:x}", "${PW:(secret)}"), ("ENC(abc)", "(secret)"), ("/not/a/path", "(secret)"),
    ],
)  # fmt: skip
def test_values_of_secrets(value: str, shown: str) -> None:
    assert masked("db.password", value) == shown


def test_command_lines_and_environments() -> None:
    words = ["java", "-Dx.password=1", "-Dk=v", "--db-password", "two", "-jar", "a.jar", "--token=3", "http://u:p@h/"]
    assert masked_arguments(words) == [
        "java", "-Dx.password=(secret)", "-Dk=v", "--db-password", "(secret)", "-jar", "a.jar", "--token=(secret)",
        "http://u:(secret)@h/",
    ]  # fmt: skip
    assert masked_environment({"OPTS": "-Xmx1g -Da.secret=q -Db=c", "PW": "1", "DB_PASS": "2"}) == {
        "DB_PASS": "(secret)", "OPTS": "-Xmx1g -Da.secret=(secret) -Db=c", "PW": "1",
    }  # fmt: skip


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_is_read(text: str) -> None:
    for name in ("a.yml", "a.properties", "a.conf"):
        settings(name, text)
        configuration_file(name, text)
    assert masked_text(masked_text(text)) == masked_text(text)


@given(st.text(alphabet="abcXYZ019!@%+-_./", min_size=4, max_size=20).filter(lambda value: not value.isspace()))
def test_no_secret_survives(secret: str) -> None:
    value = f"Q{secret}Q"
    for name, line in (("a.yml", f"a:\n  password: {value}\n"), ("a.properties", f"a.password={value}\n")):
        assert value not in configuration_file(name, line)["content"]
