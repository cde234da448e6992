"""nexus_config and maven_settings against a real Nexus Repository and the real Maven."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.rest import Http

from tests.component.modules import run_module
from tests.component.nexus_fixture import ADMIN_PASSWORD, RunningNexus

DEPLOY = "D3ploy-of-tests"
REPOSITORIES: list[dict[str, Any]] = [
    {"name": "mall-public", "type": "group", "members": ["mall-releases", "mall-snapshots"]},
    {"name": "mall-releases", "type": "hosted", "version_policy": "release"},
    {"name": "mall-snapshots", "type": "hosted", "version_policy": "snapshot"},
]


def wish(nexus: RunningNexus, **more: Any) -> dict[str, Any]:
    return {
        "url": nexus.url,
        "admin_password": ADMIN_PASSWORD,
        "initial_password": nexus.initial_password,
        "repositories": REPOSITORIES,
        "deployers": [{"name": "deploy", "password": DEPLOY}],
        **more,
    }


def configure(arguments: Mapping[str, Any], *, check: bool = False) -> dict[str, Any]:
    result = run_module("nexus_config", arguments, check=check)
    told = repr(result)
    assert ADMIN_PASSWORD not in told
    assert DEPLOY not in told
    return result


@pytest.fixture(scope="module")
def configured(nexus: RunningNexus) -> RunningNexus:
    """A Nexus that was configured once: the first run did exactly what check mode had predicted."""
    predicted = configure(wish(nexus), check=True)
    done = configure(wish(nexus))
    assert done["changed"]
    assert done["requests"] == predicted["requests"]
    assert done["diff"] == predicted["diff"]
    assert "password of admin" in done["requests"]
    return nexus


def test_a_second_run_changes_nothing(configured: RunningNexus) -> None:
    for check in (True, False):
        assert configure(wish(configured), check=check)["requests"] == []


def test_a_change_is_predicted_and_made_once(configured: RunningNexus) -> None:
    changed = [dict(item) for item in REPOSITORIES]
    changed[0]["members"] = ["mall-snapshots", "mall-releases"]
    arguments = wish(configured, repositories=changed)
    assert configure(arguments, check=True)["requests"] == ["repository mall-public"]
    assert configure(arguments)["requests"] == ["repository mall-public"]
    assert configure(arguments)["requests"] == []
    configure(wish(configured))


def test_a_wrong_password_is_refused_and_says_what_would_be_right(configured: RunningNexus) -> None:
    result = run_module("nexus_config", {**wish(configured), "admin_password": "wrong", "initial_password": "wrong"})
    assert result["failed"]
    assert "NEXUS_ADMIN_PASSWORD" in result["msg"]


def test_what_cannot_be_changed_is_refused_before_the_first_request(configured: RunningNexus) -> None:
    repositories = [
        {"name": "new-one", "type": "hosted"},
        {"name": "mall-releases", "type": "proxy", "remote": "http://127.0.0.1:1/"},
    ]
    result = run_module("nexus_config", wish(configured, repositories=repositories))
    assert result["failed"]
    assert "mall-releases" in result["msg"]
    admin = Http(configured.url, user="admin", password=ADMIN_PASSWORD)
    assert admin.request("GET", "/service/rest/v1/repositories/maven/hosted/new-one").status == 404


def test_the_deployer_may_deploy_once_and_nobody_else_may(configured: RunningNexus) -> None:
    path = "/repository/mall-releases/example/thing/1.0/thing-1.0.pom"
    pom = "<project><modelVersion>4.0.0</modelVersion></project>"
    deployer = Http(configured.url, user="deploy", password=DEPLOY)
    nobody = Http(configured.url, user="deploy", password="wrong")
    assert nobody.request("PUT", path, pom, content_type="text/xml").status == 401
    assert deployer.request("PUT", path, pom, content_type="text/xml").status == 201
    assert deployer.request("PUT", path, pom, content_type="text/xml").status == 400
    assert deployer.request("GET", path.replace("mall-releases", "mall-public")).text == pom


def test_maven_reads_the_settings_and_asks_the_mirror(configured: RunningNexus, tmp_path: Path) -> None:
    settings = tmp_path / "settings.xml"
    arguments = {
        "path": str(settings),
        "mirrors": [{"id": "nexus", "mirror_of": "*", "url": f"{configured.url}/repository/mall-public/"}],
        "servers": [{"id": "nexus", "username_env": "NEXUS_USER", "password_env": "NEXUS_PASSWORD"}],
        "local_repository": str(tmp_path / "repository"),
    }
    predicted = run_module("maven_settings", arguments, check=True)
    assert not settings.exists()
    assert run_module("maven_settings", arguments)["diff"] == predicted["diff"]
    assert not run_module("maven_settings", arguments)["changed"]
    assert settings.stat().st_mode & 0o077 == 0
    (tmp_path / "pom.xml").write_text(
        "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId>"
        "<version>1</version><packaging>pom</packaging></project>"
    )
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "NEXUS_USER": "deploy", "NEXUS_PASSWORD": DEPLOY}
    run = subprocess.run(
        ["mvn", "-B", "-s", settings, "validate"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert "WARNING" not in run.stdout


def test_a_broken_settings_file_is_refused_and_kept(tmp_path: Path) -> None:
    settings = tmp_path / "settings.xml"
    settings.write_text("<settings><mirrors></settings>")
    result = run_module("maven_settings", {"path": str(settings), "offline": True})
    assert result["failed"]
    assert result["problems"][0]["path"] == f"{settings}:1:22"
    assert settings.read_text() == "<settings><mirrors></settings>"
