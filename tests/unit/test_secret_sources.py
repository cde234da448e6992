# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets are found again on the guest, wherever the facts say that they stood."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.landfall.replatform.plugins.module_utils.core import secret_sources
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import NotFound
from ansible_collections.landfall.replatform.plugins.module_utils.core.rewrite import Rewriter

from tests.unit.test_manifests import SUITE

REWRITER = Rewriter(yaml.safe_load((SUITE / "plan.yml").read_text()), "mall-trade")
FILES = {
    "/etc/redis/redis.conf": "port 6379\nrequirepass top secret\n",
    "/srv/application.yml": "url: jdbc:mariadb://10.99.0.28:3306/orders\npassword: hush\n",
}
COMMAND = ["java", "-Da.password=one", "-Da.password=two", "--url=http://u:p@goods-01:8081/", "-jar", "x.jar"]
ENVIRONMENT = ["DB_URL=jdbc:mariadb://db-01:3306/orders?password=x=y", "DB_PASSWORD=redis-01"]


def read(item: dict[str, Any]) -> str:
    return secret_sources.values([{"key": "k", **item}], FILES, COMMAND, ENVIRONMENT, REWRITER)["k"]


@pytest.mark.parametrize(
    ("item", "value"),
    [
        (
            {"source": "file", "path": "/srv/application.yml"},
            "url: jdbc:mariadb://mariadb:3306/orders\npassword: hush\n",
        ),
        ({"source": "directive", "path": "/etc/redis/redis.conf", "pattern": "requirepass"}, "top secret"),
        ({"source": "environment", "pattern": "DB_URL"}, "jdbc:mariadb://mariadb:3306/orders?password=x=y"),
        ({"source": "value", "pattern": "-Da.password=(secret)"}, "two"),
        ({"source": "word", "pattern": "--url=http://u:(secret)@goods-01:8081/"}, "--url=http://u:p@goods:8081/"),
    ],
)
def test_read_again(item: dict[str, Any], value: str) -> None:
    assert read(item) == value


def test_everything_that_is_gone_is_told_at_once() -> None:
    items = [
        {"key": "a", "source": "file", "path": "/gone"},
        {"key": "b", "source": "environment", "pattern": "GONE"},
        {"key": "c", "source": "value", "pattern": "-Dgone=(secret)"},
    ]
    with pytest.raises(NotFound) as refused:
        secret_sources.values(items, FILES, COMMAND, ENVIRONMENT, REWRITER)
    assert [problem.path for problem in refused.value.problems] == [
        "a in /gone",
        "b in the environment",
        "c in the command line",
    ]


def test_a_fingerprint_follows_the_places_and_not_the_values() -> None:
    items = [{"key": "a", "source": "file", "path": "/x"}]
    assert secret_sources.fingerprint(items) != secret_sources.fingerprint([{**items[0], "path": "/y"}])
    assert secret_sources.files_of(items) == ["/x"]
    assert not secret_sources.needs_process(items)
