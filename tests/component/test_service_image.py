# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""service_image against a real registry, seen by skopeo."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.bundle_store import BundleStore
from ansible_collections.landfall.replatform.plugins.module_utils.clients.image_files import file_digest
from ansible_collections.landfall.replatform.plugins.module_utils.core import image
from ansible_collections.landfall.replatform.plugins.module_utils.core.bundle import Entry

from tests.component.registry_fixture import registry_url
from tests.component.task import run_task

__all__ = ["registry_url"]

BASE_LAYER = b"the base\n" * 400000


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle with one small base image."""
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"User": "65532"},
        "rootfs": {"type": "layers", "diff_ids": [image.digest(BASE_LAYER)]},
    }
    manifest = [{"Config": "config.json", "RepoTags": ["landfall/jre:17"], "Layers": ["layer.tar"]}]
    archive = tmp_path / "jre.tar"
    with tarfile.open(archive, "w") as tar:
        for name, content in {
            "layer.tar": BASE_LAYER,
            "config.json": json.dumps(config).encode(),
            "manifest.json": json.dumps(manifest).encode(),
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    store = BundleStore(tmp_path / "bundle")
    size, sha256 = archive.stat().st_size, file_digest(archive)
    store.path(sha256).parent.mkdir(parents=True)
    archive.rename(store.path(sha256))
    store.write_index(
        [
            Entry(
                name="jre",
                version="17",
                kind="image",
                arch="amd64",
                sha256=sha256,
                size=size,
                file="jre.tar",
                image="landfall/jre:17",
            )
        ]
    )
    return store.directory


def write_jar(path: Path, application: str) -> Path:
    with zipfile.ZipFile(path, "w") as jar:
        for name, content in {
            "META-INF/MANIFEST.MF": "Main-Class: org.springframework.boot.loader.launch.JarLauncher\n",
            "BOOT-INF/classes/shop/Order.class": application,
            "BOOT-INF/lib/spring-core-7.jar": "spring" * 100000,
            "org/springframework/boot/loader/launch/JarLauncher.class": "launcher",
        }.items():
            jar.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content)
    return path


@pytest.fixture
def order(tmp_path: Path, bundle: Path, registry_url: str) -> dict[str, Any]:
    """Arguments for a service with a jar."""
    jar = write_jar(tmp_path / "order.jar", "v1")
    return {
        "name": "order",
        "namespace": "mall-trade",
        "kind": "jvm",
        "source": f"order-01:{jar}",
        "sha256": file_digest(jar),
        "base": "landfall/jre:17",
        "bundle_directory": str(bundle),
        "artifacts_directory": str(tmp_path / "artifacts"),
        "registry_url": registry_url,
        "registry_host": "registry.lab.example",
    }


def inspect(url: str, reference: str, *options: str) -> dict[str, Any]:
    """What skopeo sees; `reference` as it stands in a manifest."""
    place = reference.replace("registry.lab.example", url.removeprefix("http://"))
    name, _at, digest = place.partition("@")
    command = ["skopeo", "inspect", "--tls-verify=false", *options, f"docker://{name.rpartition(':')[0]}@{digest}"]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


def test_a_jar_becomes_an_image_once(order: dict[str, Any], registry_url: str, tmp_path: Path) -> None:
    predicted = run_task("service_image", order, check=True)
    assert predicted["changed"], predicted
    assert not (tmp_path / "artifacts").exists()
    made = run_task("service_image", order)
    assert made["changed"], made
    assert made["image"].startswith(predicted["image"] + "@sha256:")
    assert made["layers"] == 4
    assert f"+{made['image']}" in made["output"]
    assert inspect(registry_url, made["image"])["Digest"] == made["digest"]
    config = inspect(registry_url, made["image"], "--config")["config"]
    launcher = "org.springframework.boot.loader.launch.JarLauncher"
    assert (config["User"], config["Entrypoint"]) == ("65532", ["java", "-cp", "/app", launcher])
    for check in (True, False):
        again = run_task("service_image", order, check=check)
        assert (again["changed"], again["image"], again["blobs_sent"]) == (False, made["image"], 0)


def test_the_base_alone(order: dict[str, Any], registry_url: str) -> None:
    made = run_task("service_image", {**order, "kind": "redis", "source": None, "sha256": None})
    manifest = inspect(registry_url, made["image"], "--raw")
    digest = manifest["layers"][0]["digest"]
    with urllib.request.urlopen(f"{registry_url}/v2/mall-trade/order/blobs/{digest}", timeout=10) as answer:
        assert answer.read() == BASE_LAYER


def test_a_new_version_sends_only_what_changed(order: dict[str, Any], registry_url: str, tmp_path: Path) -> None:
    first = run_task("service_image", order)
    jar = write_jar(tmp_path / "order.jar", "v2")
    second = run_task("service_image", {**order, "sha256": file_digest(jar)})
    assert second["blobs_sent"] == 2  # the application's layer and the configuration
    one, two = (inspect(registry_url, made["image"])["Layers"] for made in (first, second))
    assert [a == b for a, b in zip(one, two, strict=True)] == [True, True, True, False]


def test_a_second_service_takes_the_base_from_the_first(order: dict[str, Any], tmp_path: Path) -> None:
    run_task("service_image", order)
    goods = run_task("service_image", {**order, "name": "goods"})
    assert goods["blobs_sent"] == 4  # not the base's
    assert goods["digest"] != ""


def test_a_jar_that_is_not_the_assessed_one_is_refused(order: dict[str, Any], tmp_path: Path) -> None:
    write_jar(tmp_path / "order.jar", "changed since")
    refused = run_task("service_image", order)
    assert refused["failed"]
    assert f"the plan says {order['sha256']}: it was changed after it had been assessed" in refused["msg"]
    assert not list((tmp_path / "artifacts").glob("*"))


def test_a_jar_is_fetched_once(order: dict[str, Any], tmp_path: Path) -> None:
    run_task("service_image", order)
    (tmp_path / "order.jar").unlink()  # the guest is gone
    moved = run_task("service_image", {**order, "name": "order-again"})
    assert moved["changed"]
    (tmp_path / "artifacts" / f"{order['sha256']}.jar").write_bytes(b"damaged")
    failed = run_task("service_image", {**order, "name": "order-once-more"})
    assert failed["failed"], "a damaged file is not used"


def test_a_document_root(order: dict[str, Any], registry_url: str, tmp_path: Path) -> None:
    root = tmp_path / "www"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<title>shop</title>")
    (root / "assets" / "app.js").write_text("1")
    site = {**order, "name": "shop-web", "kind": "nginx", "source": f"web-01:{root}", "sha256": None}
    assert run_task("service_image", site, check=True)["changed"]
    made = run_task("service_image", site)
    assert made["changed"], made
    assert not run_task("service_image", site)["changed"]
    (root / "index.html").write_text("<title>new shop</title>")
    changed = run_task("service_image", site)
    assert changed["changed"]
    assert changed["digest"] != made["digest"]
    assert not list(Path("/tmp").glob("landfall.????????"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"base": "landfall/jre:99"}, "has no image landfall/jre:99; the images in it: landfall/jre:17"),
        ({"registry_url": "http://127.0.0.1:9"}, "a registry that serves the distribution API should answer"),
        ({"source": "order-01:/nowhere.jar", "sha256": "0" * 64}, "could not read /nowhere.jar"),
    ],
)
def test_refusals_say_what_would_be_right(order: dict[str, Any], wrong: dict[str, Any], says: str) -> None:
    refused = run_task("service_image", {**order, **wrong})
    assert refused["failed"]
    assert says in refused["msg"]
