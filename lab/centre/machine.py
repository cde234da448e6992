# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the machine itself must give: limits of the kernel, images, the way to Maven Central."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import yaml

from lab.build.progress import StepFailed, say

from . import podman, program

# Each host in a container watches files of its own: systemd, kubelet, containerd. Debian allows 128 watchers in all.
LIMITS = {"fs/inotify/max_user_instances": 8192, "fs/inotify/max_user_watches": 524288}


def raise_limits() -> None:
    """Raise what is too low, and say so: it stays raised until the machine starts anew."""
    for name, least in LIMITS.items():
        path = Path("/proc/sys", name)
        now = int(path.read_text())
        if now < least:
            path.write_text(str(least))
            say(f"sysctl {name.replace('/', '.')}: {now} -> {least} (stays until the machine restarts)")


def cgroups() -> str:
    """v1 or v2. The flags of the containers are right for both; only v1 could be tried."""
    return "v2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "v1"


def need_images() -> None:
    """Every image that a container will be made of must be there."""
    guests = [guest["name"] for guest in yaml.safe_load(program.ESTATE.read_text())["guests"] if guest.get("live")]
    present = set(podman.run("image", "list", "--format", "{{.Repository}}:{{.Tag}}").split())
    wanted = ["localhost/landfall/node:latest", *(f"localhost/landfall/guest-{name}:latest" for name in guests)]
    missing = [image for image in wanted if image not in present]
    if missing:
        raise StepFailed("images", f"not there: {', '.join(missing)}; make them with `python -m lab build`")


def maven_central() -> str:
    """Where Maven on this machine gets Central from: a mirror in its settings, or what its super POM says."""
    for settings in (Path.home() / ".m2" / "settings.xml", Path("/etc/maven/settings.xml")):
        if settings.exists() and (mirror := _mirror(settings)):
            return mirror
    for jar in sorted(Path("/usr/share/maven/lib").glob("maven-model-builder*.jar")):
        with zipfile.ZipFile(jar) as archive:
            pom = archive.read("org/apache/maven/model/pom-4.0.0.xml").decode()
        if found := re.search(r"<url>(https?://[^<]+)</url>", pom):
            return found[1]
    raise StepFailed("Maven", "neither a mirror in settings.xml nor Maven's own libraries tell where Central is")


def _mirror(settings: Path) -> str | None:
    for mirror in ElementTree.parse(settings).getroot().iterfind(".//{*}mirror"):
        of = (mirror.findtext("{*}mirrorOf") or "").split(",")
        if {"central", "*", "external:*"} & {part.strip() for part in of}:
            return (mirror.findtext("{*}url") or "").strip() or None
    return None
