# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The container images of the cluster: which there are, as data, and how one is made of programs and Debian layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import archive, cache, layers, places, rootfs
from .recipes import KUBERNETES

HERE = Path(__file__).resolve().parent / "images"


@dataclass(frozen=True)
class Image:
    """An image: Debian layers first, then `files` (path inside -> product, or file of lab/build/images)."""

    name: str
    reference: str
    files: Mapping[str, str] = field(default_factory=dict)
    debian: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str:
        return self.reference.rpartition(":")[2].removeprefix("v")

    @property
    def product(self) -> str:
        return f"{self.name}.image.tar"


def _program(name: str, reference: str, at: str = "", debian: tuple[str, ...] = (), **settings: Any) -> Image:
    """An image of one program, which is its entry point."""
    path = at or f"usr/local/bin/{name}"
    return Image(name, reference, {path: name}, debian, {"Entrypoint": [f"/{path}"], "Env": [_PATH], **settings})


_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_JAVA = "/usr/lib/jvm/java-17-openjdk-amd64"
_K8S = "registry.k8s.io"

IMAGES = (
    *(
        _program(name, f"{_K8S}/{name}:v{KUBERNETES}")
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    ),
    _program("kube-proxy", f"{_K8S}/kube-proxy:v{KUBERNETES}", debian=("network",)),
    _program("etcd", f"{_K8S}/etcd:3.6.8-0"),
    _program("coredns", f"{_K8S}/coredns/coredns:v1.14.2", at="coredns"),
    _program("pause", f"{_K8S}/pause:3.10.2", at="pause"),
    Image(
        "flannel",
        "ghcr.io/flannel-io/flannel:v0.28.9",
        {"opt/bin/flanneld": "flanneld"},
        ("network",),
        {"Entrypoint": ["/opt/bin/flanneld"], "Env": [_PATH]},
    ),
    _program("kube-vip", "ghcr.io/kube-vip/kube-vip:v0.9.2", at="kube-vip"),
    _program("metrics-server", f"{_K8S}/metrics-server/metrics-server:v0.9.0", at="metrics-server", User="65534:65534"),
    _program(
        "local-path-provisioner",
        "docker.io/rancher/local-path-provisioner:v0.0.30",
        at="usr/bin/local-path-provisioner",
    ),
    Image("busybox", "docker.io/library/busybox:1.35.0", debian=("busybox",), settings={"Cmd": ["sh"], "Env": [_PATH]}),
    Image(
        "registry",
        "docker.io/library/registry:3.1.2",
        {"usr/local/bin/registry": "registry", "etc/distribution/config.yml": "registry.yml"},
        settings={
            "Entrypoint": ["/usr/local/bin/registry"],
            "Cmd": ["serve", "/etc/distribution/config.yml"],
            "Env": [_PATH],
            "ExposedPorts": {"5000/tcp": {}},
        },
    ),
    Image(
        "jre",
        "landfall/jre:17",
        debian=("base", "jre"),
        settings={
            "User": "65532:65532",
            "WorkingDir": "/app",
            "Env": [_PATH, f"JAVA_HOME={_JAVA}", "LANG=C.UTF-8"],
            "Cmd": ["java", "-version"],
        },
    ),
    Image(
        "nginx",
        "landfall/nginx:1.22",
        debian=("base", "nginx"),
        settings={
            "User": "33:33",
            "Env": [_PATH],
            "Cmd": ["nginx", "-g", "daemon off;"],
            "StopSignal": "SIGQUIT",
            "ExposedPorts": {"8080/tcp": {}},
        },
    ),
    Image(
        "redis",
        "landfall/redis:7.0",
        debian=("base", "redis"),
        settings={
            "User": "999:999",
            "WorkingDir": "/data",
            "Env": [_PATH],
            "Cmd": ["redis-server", "--protected-mode", "no", "--dir", "/data"],
            "ExposedPorts": {"6379/tcp": {}},
        },
    ),
)


def build(image: Image) -> Path:
    """The archive of an image; its programs and Debian layers are products by now, or become so."""
    parts = [rootfs.base() if name == "base" else rootfs.image(name) for name in image.debian]
    files = {at: _file(name) for at, name in image.files.items()}
    inputs = {
        "image": asdict(image),
        "layers": [cache.sums(part)["sha256"] for part in parts],
        "files": {at: _sum(path) for at, path in files.items()},
        "code": [cache.file_sum(Path(str(module.__file__))) for module in (archive, layers)],
    }

    def make(job: cache.Job) -> None:
        tars = list(parts)
        if files:
            tars.append(job.scratch / "files.tar")
            layers.write_files(tars[-1], files)
        stored = [archive.compressed(tar, job.scratch) for tar in tars]
        archive.write(job.directory / image.product, image.reference, image.settings, stored)

    return cache.make(f"image-{image.name}", inputs, [image.product], make)[image.product]


def _file(name: str) -> Path:
    committed = HERE / name
    return committed if committed.is_file() else (places.PRODUCTS / name).resolve()


def _sum(path: Path) -> object:
    return cache.file_sum(path) if path.parent == HERE else cache.sums(path)["sha256"]
