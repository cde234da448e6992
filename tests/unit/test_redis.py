# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Redis protocol in bytes, and redis.conf of a guest as that of a container."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import OperationFailed
from ansible_collections.landfall.replatform.plugins.module_utils.core.redis_protocol import (
    Incomplete,
    ServerError,
    decode,
    encode,
    key_counts,
    parse_info,
    version_of,
)
from ansible_collections.landfall.replatform.plugins.module_utils.core.redis_settings import (
    container_settings,
    max_memory_mib,
)

REPLIES: list[tuple[bytes, object]] = [
    (b"+OK\r\n", "OK"),
    (b"-ERR no\r\n", ServerError("ERR no")),
    (b":-7\r\n", -7),
    (b"$-1\r\n", None),
    (b"$0\r\n\r\n", ""),
    (b"$4\r\n\r\n\r\n\r\n", "\r\n\r\n"),
    ("$6\r\n王工\r\n".encode(), "王工"),
    (b"*-1\r\n", None),
    (b"*0\r\n", []),
    (b"*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n:1\r\n", ["0", ["a", 1]]),
]


@pytest.mark.parametrize(("data", "reply"), REPLIES)
def test_replies(data: bytes, reply: object) -> None:
    assert decode(data + b"+next\r\n") == (reply, len(data))


@pytest.mark.parametrize("data", [data for data, _reply in REPLIES])
def test_a_reply_that_is_cut_anywhere_is_incomplete(data: bytes) -> None:
    for end in range(len(data)):
        with pytest.raises(Incomplete):
            decode(data[:end])


def test_a_command_with_any_bytes() -> None:
    assert encode("SET", "a b", "\r\n") == b"*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$2\r\n\r\n\r\n"
    name = b"\xff\x00".decode("utf-8", "surrogateescape")
    assert encode(name) == b"*1\r\n$2\r\n\xff\x00\r\n"
    assert decode(b"$2\r\n\xff\x00\r\n")[0] == name


def test_what_answers_is_no_redis() -> None:
    with pytest.raises(OperationFailed, match="is no Redis: b'HTTP/1"):
        decode(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_info() -> None:
    info = parse_info(
        "# Keyspace\r\ndb0:keys=25,expires=0,avg_ttl=0\r\ndb11:keys=3,expires=1\r\nredis_version:7.0.15\r\n"
    )
    assert key_counts(info) == {0: 25, 11: 3}
    assert version_of(info) == (7, 0, 15)
    assert version_of({}) == (0,)


def settings(text: str) -> Any:
    secrets = ["requirepass"] if "(secret)" in text else []
    return container_settings([{"path": "/etc/redis.conf", "content": text, "secrets": secrets}], "/data", port=6380)


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("maxmemory 256mb", True),
        ("save 900 1 300 10", True),
        ('notify-keyspace-events "Ex"', True),
        ('rename-command FLUSHALL ""', True),
        ("bind 10.0.0.1", False),
        ("port 6379", False),
        ("dir /var/lib/redis", False),
        ("daemonize yes", False),
        ("# maxmemory 1gb", False),
        ("replicaof 10.0.0.2 6379", False),
        ("Logfile /var/log/redis.log", False),
        ("requirepass (secret)", False),
    ],
)
def test_what_tunes_stays_and_what_ties_to_the_host_goes(line: str, stays: bool) -> None:
    assert (line in settings(line + "\n").text.splitlines()) is stays


def test_what_cannot_come_along_is_told() -> None:
    made = settings("maxmemory 1gb\nuser app on >(secret) ~*\ntls-port 6380\nsentinel auth-pass x (secret)\n")
    assert made.warnings == (
        "/etc/redis.conf:2: user is not carried over (an ACL user)",
        "/etc/redis.conf:3: tls-port is not carried over (TLS)",
        "/etc/redis.conf:4: sentinel holds a secret and is not carried over",
    )
    assert made.password_file is None
    assert settings("requirepass (secret)\n").password_file == "/etc/redis.conf"


@pytest.mark.parametrize(
    ("text", "mib"),
    [
        ("maxmemory 256mb", 256),
        ("MaxMemory 1GB", 1024),
        ("maxmemory 1048576", 1),
        ("maxmemory 500m", 500 * 1000**2 / 1024**2),
        ("maxmemory 1gb\nmaxmemory 2gb", 2048),
        ("maxmemory 0", 0),
        ("# maxmemory 1gb\nmaxmemory-policy noeviction", 0),
        ("maxmemory lots", 0),
    ],
)
def test_how_much_the_data_may_take(text: str, mib: float) -> None:
    assert max_memory_mib([{"path": "/etc/redis.conf", "content": text, "secrets": []}]) == pytest.approx(mib)
