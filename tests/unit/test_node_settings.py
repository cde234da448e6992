"""What a node must have: the wanted state made of settings and bundle, and the files in it, against golden ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import containerd, node_settings
from ansible_collections.landfall.replatform.plugins.module_utils.core.bundle import Entry
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import DocumentError, NotFound
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_settings import Settings, wanted

from tests.unit.golden import check_golden

GOLDEN = Path(__file__).parent / "node_files"
IMAGES = (
    "registry.k8s.io/pause:3.10.2",
    "registry.k8s.io/kube-proxy:v1.36.4",
    "registry.k8s.io/coredns/coredns:v1.14.2",
    "registry.k8s.io/kube-apiserver:v1.36.4",
    "registry.k8s.io/kube-controller-manager:v1.36.4",
    "registry.k8s.io/kube-scheduler:v1.36.4",
    "registry.k8s.io/etcd:3.6.8-0",
    "registry.k8s.io/metrics-server/metrics-server:v0.9.0",
    "ghcr.io/flannel-io/flannel:v0.28.9",
    "ghcr.io/kube-vip/kube-vip:v0.9.2",
    "docker.io/rancher/local-path-provisioner:v0.0.30",
    "docker.io/library/busybox:1.35.0",
    "docker.io/library/registry:3.1.2",
    "landfall/jre:17",
)
BINARIES = ("kubeadm", "kubelet", "kubectl", "containerd", "containerd-shim-runc-v2", "ctr", "etcdctl", "etcdutl")
REGISTRY = containerd.Registry("registry.mall.example", ("http://10.20.8.10:30500", "http://10.20.8.9:30500"))


def entry(kind: str, name: str, image: str = "", arch: str = "amd64") -> Entry:
    return Entry(kind, name, "1.0", arch, name[:1].encode().hex() * 32, 10, name, image)


def bundle(*, arch: str = "amd64", without: str = "") -> list[Entry]:
    entries = [entry("binary", name, arch=arch) for name in BINARIES]
    entries.append(entry("archive", "cni-plugins", arch=arch))
    entries += [entry("image", image.rpartition("/")[2].partition(":")[0], image, arch) for image in IMAGES]
    return [one for one in entries if one.name != without]


def names(settings: Settings) -> set[str]:
    return {one.name for one in wanted(settings, bundle(), "amd64").images.values()}


@pytest.mark.parametrize(
    ("path", "settings"),
    [
        (containerd.CONFIG, {}),
        (containerd.UNIT, {}),
        (f"{containerd.REGISTRIES}/registry.mall.example/hosts.toml", {}),
        (node_settings.KUBELET_UNIT, {}),
        (node_settings.KUBELET_DROP_IN, {}),
        (node_settings.SYSCTL_FILE, {}),
        (node_settings.MODULES_FILE, {}),
        (containerd.CONFIG, {"cgroup_driver": "cgroupfs", "restrict_oom_score_adj": True}),
        (containerd.UNIT, {"raised_limits": False}),
    ],
)
def test_files(path: str, settings: dict[str, Any]) -> None:
    given = Settings(
        roles=("worker",),
        registries=(REGISTRY,),
        sysctls={"net.ipv4.ip_forward": "1", "fs.inotify.max_user_instances": "8192"},
        kernel_modules=("overlay", "br_netfilter"),
        **settings,
    )
    text = wanted(given, bundle(), "amd64").files[path].content
    golden = GOLDEN / (("constrained-" if settings else "") + path.strip("/").replace("/", "_"))
    check_golden(golden, text)


def test_only_control_planes_get_the_tools_and_images_of_control_planes() -> None:
    worker, control_plane = (wanted(Settings(roles=(role,)), bundle(), "amd64") for role in ("worker", "control_plane"))
    only = set(control_plane.programs) - set(worker.programs)
    assert only == {f"/usr/local/bin/{name}" for name in ("kubectl", "etcdctl", "etcdutl")}
    assert "kube-apiserver" in names(Settings(roles=("control_plane",)))
    assert "kube-apiserver" not in names(Settings(roles=("worker",)))


def test_a_single_node_gets_both() -> None:
    assert {"kube-apiserver", "metrics-server", "registry"} <= names(Settings(roles=("control_plane", "worker")))


def test_images_of_the_suite_stay_away() -> None:
    assert "jre" not in names(Settings(roles=("control_plane", "worker")))


@pytest.mark.parametrize(
    ("settings", "image", "needed"),
    [
        ({"endpoint_mode": "external"}, "kube-vip", False),
        ({"endpoint_mode": "kube_vip"}, "kube-vip", True),
        ({"network_plugin": "calico"}, "flannel", False),
        ({"network_plugin": "flannel"}, "flannel", True),
    ],
)
def test_choices_decide_images(settings: dict[str, str], image: str, needed: bool) -> None:
    assert (image in names(Settings(roles=("control_plane",), **settings))) is needed


def test_everything_that_the_bundle_lacks_is_told_at_once() -> None:
    with pytest.raises(NotFound) as caught:
        wanted(Settings(roles=("control_plane",)), [entry("binary", "kubelet")], "amd64")
    paths = {problem.path for problem in caught.value.problems}
    assert {"bundle entry kubeadm", "bundle entry cni-plugins", "bundle image kube-apiserver"} <= paths
    assert "bundle entry kubelet" not in paths


def test_a_bundle_of_another_architecture_is_no_bundle() -> None:
    with pytest.raises(NotFound, match="lacks what a node needs"):
        wanted(Settings(roles=("worker",)), bundle(), "arm64")
    assert wanted(Settings(roles=("worker",)), bundle(arch="arm64"), "arm64")


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"roles": ()}, "roles"),
        ({"sysctls": {"net/ipv4": "1"}}, "sysctls"),
        ({"sysctls": {"net.ipv4.ip_forward": "1\nkernel.panic = 1"}}, "sysctls"),
        ({"registries": (containerd.Registry("host/path", ()),)}, "registries"),
    ],
)
def test_settings_that_cannot_be_meant(settings: dict[str, Any], path: str) -> None:
    with pytest.raises(DocumentError) as caught:
        node_settings.check(Settings(**{"roles": ("worker",), **settings}))
    assert caught.value.problems[0].path.startswith(path)
