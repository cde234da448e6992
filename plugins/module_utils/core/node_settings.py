# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host must have to be a node: the settings of `node_os` turned into files, programs and images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import containerd
from .bundle import Entry
from .errors import DocumentError, NotFound, Problem

BIN = "/usr/local/bin"
CNI_BIN = "/opt/cni/bin"
SYSCTL_FILE = "/etc/sysctl.d/90-landfall.conf"
MODULES_FILE = "/etc/modules-load.d/landfall.conf"
KUBELET_UNIT = "/etc/systemd/system/kubelet.service"
KUBELET_DROP_IN = "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf"

BINARIES: Mapping[str, tuple[str, ...]] = {  # name in the bundle -> the units that must be restarted with it
    "containerd": ("containerd",),
    "containerd-shim-runc-v2": (),
    "ctr": (),
    "kubeadm": (),
    "kubelet": ("kubelet",),
}
CONTROL_PLANE_BINARIES: Mapping[str, tuple[str, ...]] = {"kubectl": (), "etcdctl": (), "etcdutl": ()}
CNI_ARCHIVE = "cni-plugins"

# Which images a node starts with, by repository.
IMAGES = ("pause", "kube-proxy", "coredns")
CONTROL_PLANE_IMAGES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd")
WORKER_IMAGES = ("metrics-server", "local-path-provisioner", "registry", "busybox")
NETWORK_IMAGES: Mapping[str, tuple[str, ...]] = {"flannel": ("flannel", "busybox"), "calico": (), "cilium": ()}
ENDPOINT_IMAGES: Mapping[str, tuple[str, ...]] = {"kube_vip": ("kube-vip",), "external": ()}

COMMANDS: Mapping[str, str] = {  # command -> Debian package that has it
    "conntrack": "conntrack",
    "ethtool": "ethtool",
    "ip": "iproute2",
    "iptables": "iptables",
    "mount": "mount",
    "nft": "nftables",
    "runc": "runc",
    "socat": "socat",
}
PYTHON = "python3"  # 3.8 at least, for modules of ansible-core 2.19


@dataclass(frozen=True)
class Settings:
    """What the caller wants of the host."""

    roles: tuple[str, ...]
    endpoint_mode: str = "kube_vip"
    network_plugin: str = "flannel"
    cgroup_driver: str = "systemd"
    restrict_oom_score_adj: bool = False
    raised_limits: bool = True
    swap: str = "disabled"
    registries: tuple[containerd.Registry, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    kernel_modules: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)

    @property
    def control_plane(self) -> bool:
        return "control_plane" in self.roles


@dataclass(frozen=True)
class TextFile:
    content: str
    restarts: tuple[str, ...] = ()
    reload: bool = False  # systemd has to read its units again


@dataclass(frozen=True)
class Program:
    entry: Entry
    restarts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Everything that must be true of the host; keys are paths, image names, module names, sysctl keys."""

    files: Mapping[str, TextFile]
    programs: Mapping[str, Program]
    cni: Entry
    images: Mapping[str, Entry]
    kernel_modules: tuple[str, ...]
    sysctls: Mapping[str, str]
    hosts: Mapping[str, str]
    swap_off: bool


def repository(entry: Entry) -> str:
    """The last part of an image's name; an image is known by it, so that registry and tag can change."""
    return entry.image.rpartition(":")[0].rpartition("/")[2]


def repositories(settings: Settings) -> tuple[str, ...]:
    """Which images this host needs before anything can be pulled."""
    names = IMAGES + NETWORK_IMAGES[settings.network_plugin]
    if settings.control_plane:
        names += CONTROL_PLANE_IMAGES + ENDPOINT_IMAGES[settings.endpoint_mode]
    if "worker" in settings.roles:
        names += WORKER_IMAGES
    return tuple(dict.fromkeys(names))


def wanted(settings: Settings, entries: Sequence[Entry], arch: str) -> Wanted:
    """The whole wanted state; every entry that the bundle lacks is reported at once."""
    fitting = [entry for entry in entries if entry.arch in (arch, "all", "noarch")]
    binaries = {**BINARIES, **(CONTROL_PLANE_BINARIES if settings.control_plane else {})}
    by_name = {entry.name: entry for entry in fitting if entry.kind in ("binary", "archive")}
    by_repository = {repository(entry): entry for entry in fitting if entry.kind == "image"}
    problems = [
        Problem(f"bundle entry {name}", f"not there for {arch}", "make the bundle again with it")
        for name in (*binaries, CNI_ARCHIVE)
        if name not in by_name
    ] + [
        Problem(f"bundle image {name}", f"not there for {arch}", "make the bundle again with it")
        for name in repositories(settings)
        if name not in by_repository
    ]
    if problems:
        raise NotFound("the bundle lacks what a node needs", problems)
    pause = by_repository["pause"]
    return Wanted(
        files=_files(settings, pause.image),
        programs={f"{BIN}/{name}": Program(by_name[name], restarts) for name, restarts in binaries.items()},
        cni=by_name[CNI_ARCHIVE],
        images={by_repository[name].image: by_repository[name] for name in repositories(settings)},
        kernel_modules=settings.kernel_modules,
        sysctls=settings.sysctls,
        hosts=settings.hosts,
        swap_off=settings.swap == "disabled",
    )


def check(settings: Settings) -> None:
    """Refuse settings that cannot be meant; every problem at once."""
    problems = []
    if not settings.roles:
        problems.append(Problem("roles", "is empty", "control_plane, worker or both"))
    for key, value in settings.sysctls.items():
        if not key or "/" in key or "\n" in value:
            problems.append(Problem(f"sysctls[{key!r}]", "is not a kernel setting", "like net.ipv4.ip_forward: 1"))
    for registry in settings.registries:
        if "/" in registry.host:
            problems.append(
                Problem("registries", f"'{registry.host}' is not a host", "like registry.example or host:5000")
            )
    if problems:
        raise DocumentError("node_os cannot make a node from these settings", problems)


def _files(settings: Settings, sandbox_image: str) -> dict[str, TextFile]:
    files = {
        containerd.CONFIG: TextFile(
            containerd.config(
                sandbox_image=sandbox_image,
                systemd_cgroup=settings.cgroup_driver == "systemd",
                restrict_oom_score_adj=settings.restrict_oom_score_adj,
            ),
            restarts=("containerd",),
        ),
        containerd.UNIT: TextFile(containerd.unit(raised_limits=settings.raised_limits), ("containerd",), reload=True),
        KUBELET_UNIT: TextFile(_KUBELET_UNIT, ("kubelet",), reload=True),
        KUBELET_DROP_IN: TextFile(_KUBELET_DROP_IN, ("kubelet",), reload=True),
        MODULES_FILE: TextFile("".join(f"{name}\n" for name in settings.kernel_modules)),
        SYSCTL_FILE: TextFile("".join(f"{key} = {value}\n" for key, value in sorted(settings.sysctls.items()))),
    }
    mirrors = containerd.registry_files(settings.registries)
    return {**files, **{path: TextFile(text) for path, text in mirrors.items()}}


_KUBELET_UNIT = """[Unit]
Description=kubelet, which runs the pods of this node
After=containerd.service network-online.target
Wants=containerd.service network-online.target
# Before kubeadm has written its configuration there is nothing that it could do.
ConditionPathExists=/var/lib/kubelet/config.yaml
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/local/bin/kubelet
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
"""

# The file names and KUBELET_KUBEADM_ARGS are kubeadm's interface to the kubelet.
_KUBELET_DROP_IN = """[Service]
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
# A worker has no static pods, and the kubelet would complain of it every second.
ExecStartPre=/usr/bin/mkdir -p /etc/kubernetes/manifests
ExecStart=
ExecStart=/usr/local/bin/kubelet \\
  --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \\
  --kubeconfig=/etc/kubernetes/kubelet.conf \\
  --config=/var/lib/kubelet/config.yaml \\
  $KUBELET_KUBEADM_ARGS
"""
