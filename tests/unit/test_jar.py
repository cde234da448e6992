"""A jar becomes layers: by its index, by Spring Boot's own rules without one, or whole."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients import image_files
from ansible_collections.landfall.replatform.plugins.module_utils.core import image, jar
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import IntegrityError

OLD, NEW = "org.springframework.boot.loader.JarLauncher", "org.springframework.boot.loader.launch.JarLauncher"
INDEX = """- "dependencies":
  - "BOOT-INF/lib/"
- "spring-boot-loader":
  - "org/"
- "company":
  - "BOOT-INF/lib/company-core-1.jar"
- "application":
  - "BOOT-INF/classes/"
  - "META-INF/"
"""
FILES = {
    "BOOT-INF/classes/application.yml": "server: {port: 8083}\n",
    "BOOT-INF/classes/shop/Order.class": "order",
    "BOOT-INF/classpath.idx": "- x\n",
    "BOOT-INF/lib/company-core-1.jar": "core",
    "BOOT-INF/lib/spring-core-7.jar": "spring",
    "BOOT-INF/lib/tools-2-SNAPSHOT.jar": "tools",
    "org/springframework/boot/loader/launch/JarLauncher.class": "launcher",
}


def manifest(main: str | None) -> str:
    lines = ["Manifest-Version: 1.0"]
    if main:
        lines.append(f"Main-Class: {main}")
    return "\r\n".join(
        [*lines, "Start-Class: shop.OrderApplication", "", "Name: other/", "Main-Class: not.this.One", ""]
    )


def write_jar(
    path: Path, files: dict[str, str], main: str | None, time: tuple[int, ...] = (2024, 5, 6, 7, 8, 10)
) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {"META-INF/MANIFEST.MF": manifest(main), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, time), content)  # type: ignore[arg-type]
    return path


def test_a_long_line_of_a_manifest_goes_on_after_a_blank() -> None:
    text = "Main-Class: org.springframework.boot.loader.lau\r\n nch.JarLauncher\r\nX: 1\r\n\r\nMain-Class: later\r\n"
    assert jar.manifest_attributes(text) == {"Main-Class": NEW, "X": "1"}


@pytest.mark.parametrize("main", [OLD, NEW])
def test_the_manifest_names_the_launcher(main: str) -> None:
    layout = jar.layout(["META-INF/MANIFEST.MF", *FILES], manifest(main), None)
    assert layout.entrypoint == ("java", "-cp", "/app", main)


def test_layers_by_the_index_the_most_exact_line_wins_and_the_rest_is_the_application() -> None:
    layout = jar.layout([*FILES, "META-INF/MANIFEST.MF", "licence.txt"], manifest(NEW), INDEX)
    assert {layer.name: list(layer.entries) for layer in layout.layers} == {
        "dependencies": ["BOOT-INF/lib/spring-core-7.jar", "BOOT-INF/lib/tools-2-SNAPSHOT.jar"],
        "spring-boot-loader": ["org/springframework/boot/loader/launch/JarLauncher.class"],
        "company": ["BOOT-INF/lib/company-core-1.jar"],
        "application": [
            "BOOT-INF/classes/application.yml",
            "BOOT-INF/classes/shop/Order.class",
            "BOOT-INF/classpath.idx",
            "META-INF/MANIFEST.MF",
            "licence.txt",
        ],
    }


def test_layers_of_a_jar_from_before_the_index() -> None:
    layout = jar.layout(["META-INF/MANIFEST.MF", *FILES], manifest(OLD), None)
    assert [(layer.name, len(layer.entries)) for layer in layout.layers] == [
        ("dependencies", 2),
        ("spring-boot-loader", 1),
        ("snapshot-dependencies", 1),
        ("application", 4),
    ]


def test_an_ordinary_jar_stays_whole() -> None:
    layout = jar.layout(["META-INF/MANIFEST.MF", "shop/Main.class"], manifest("shop.Main"), None)
    assert not layout.unpacked
    assert layout.entrypoint == ("java", "-jar", "/app/app.jar")


@pytest.mark.parametrize(
    ("names", "main", "says"),
    [
        (["a/B.class"], None, "no Main-Class is named"),
        (["BOOT-INF/lib/../../../etc/passwd"], NEW, "'BOOT-INF/lib/../../../etc/passwd'"),
        (["/etc/passwd", "BOOT-INF/lib/a.jar"], NEW, "'/etc/passwd'"),
    ],
)
def test_refused(names: list[str], main: str | None, says: str) -> None:
    with pytest.raises(IntegrityError, match=says):
        jar.layout(names, manifest(main), None)


def test_what_is_no_jar_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "login.jar"
    page.write_text("<html>please log in</html>")
    with pytest.raises(IntegrityError, match="is not a jar"):
        image_files.jar_layers(page, tmp_path)


def layers_of(tmp_path: Path, name: str, source: Path) -> list[image.Blob]:
    into = tmp_path / name
    into.mkdir()
    return image_files.jar_layers(source, into)[1]


def test_the_same_jar_gives_the_same_layers_and_a_new_class_changes_one(tmp_path: Path) -> None:
    index = {"BOOT-INF/layers.idx": INDEX}
    first = layers_of(tmp_path, "1", write_jar(tmp_path / "1.jar", {**FILES, **index}, NEW))
    again = layers_of(tmp_path, "2", write_jar(tmp_path / "2.jar", {**FILES, **index}, NEW))
    changed = {**FILES, **index, "BOOT-INF/classes/shop/Order.class": "orders"}
    # built on another day, with libraries that were downloaded on another day
    after = layers_of(tmp_path, "3", write_jar(tmp_path / "3.jar", changed, NEW, (2025, 1, 1, 0, 0, 0)))
    assert first == again
    assert [one == two for one, two in zip(first, after, strict=True)] == [True, True, True, False]


def test_a_layer_lies_below_app_with_directories_and_without_owners(tmp_path: Path) -> None:
    source = write_jar(tmp_path / "a.jar", FILES, NEW)
    _layout, blobs, places = image_files.jar_layers(source, tmp_path)
    place = places[blobs[-1].digest]
    with tarfile.open(place.path) as layer:
        found = {member.name: (member.type, member.mode, member.uid, member.mtime) for member in layer}
    assert found["app"] == (tarfile.DIRTYPE, 0o755, 0, 0)
    assert found["app/META-INF/MANIFEST.MF"] == (tarfile.REGTYPE, 0o644, 0, 0)
    assert found["app/BOOT-INF/classes/application.yml"] == (tarfile.REGTYPE, 0o644, 0, 1714979290)


def write_tree(path: Path, files: dict[str, str], *, owner: int, time: int = 1700000000) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.uid, member.mtime, member.size = owner, time, len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return path


def test_a_document_root_is_one_layer_whatever_order_and_owner_its_tar_has(tmp_path: Path) -> None:
    pages = {"./index.html": "<p>", "./assets/app.js": "1"}
    one = write_tree(tmp_path / "one.tar", pages, owner=33)
    two = write_tree(tmp_path / "two.tar", dict(reversed(pages.items())), owner=0)
    new = write_tree(tmp_path / "new.tar", {**pages, "./index.html": "<b>"}, owner=33)
    assert image_files.site_digest(one) == image_files.site_digest(two) != image_files.site_digest(new)
    blobs = []
    for number, tree in enumerate((one, two)):
        into = tmp_path / str(number)
        into.mkdir()
        blob, place = image_files.site_layer(tree, "/var/www/shop", into)
        blobs.append(blob)
    assert blobs[0] == blobs[1]
    with tarfile.open(place.path) as layer:
        assert [(member.name, member.uid, member.mtime) for member in layer if member.isfile()] == [
            ("var/www/shop/assets/app.js", 0, 1700000000),
            ("var/www/shop/index.html", 0, 1700000000),
        ]


def test_a_document_root_that_leaves_itself_is_refused(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "bad.tar", {"../../etc/cron.d/x": "x"}, owner=0)
    with pytest.raises(IntegrityError, match="stay inside"):
        image_files.site_layer(tree, "/var/www", tmp_path)
