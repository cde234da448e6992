# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The programs that the lab builds out of their Go modules, as data; those that tests start come first.

go/<name>/go.mod pins the version and names the programs as its tools. To raise a version, change it here and there and
run `go mod tidy` there. Two need help with that: flannel `-e`, since a dependency of its tests is not served by the
module proxy, and kube-vip GONOSUMDB for itself, since it is served without an entry in the checksum database.
"""

from __future__ import annotations

from .go import Recipe

KUBERNETES = "1.36.4"
_KUBERNETES_STAMP = " ".join(
    f"-X {package}.{key}={value}"
    for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    for key, value in {
        "gitVersion": f"v{KUBERNETES}",
        "gitMajor": "1",
        "gitMinor": "36",
        "gitTreeState": "clean",
        "buildDate": "2026-08-20T11:51:43Z",
    }.items()
)


def _kubernetes(*names: str) -> Recipe:
    packages = {name: f"k8s.io/kubernetes/cmd/{name}" for name in names}
    return Recipe("kubernetes", KUBERNETES, packages, ldflags=_KUBERNETES_STAMP)


_CNI = "github.com/containernetworking/plugins"
CNI_PLUGINS = {
    name: f"{_CNI}/plugins/{kind}/{name}"
    for kind, names in {
        "main": ("bridge", "loopback", "ptp"),
        "ipam": ("host-local", "static"),
        "meta": ("bandwidth", "firewall", "portmap", "tuning"),
    }.items()
    for name in names
}
_CONTAINERD = "github.com/containerd/containerd/v2"
_DISTRIBUTION = "github.com/distribution/distribution/v3"
_FLANNEL = "github.com/flannel-io/flannel"
_KUBE_VIP = "github.com/kube-vip/kube-vip"
_LOCAL_PATH = "github.com/rancher/local-path-provisioner"

RECIPES = (
    _kubernetes("kube-apiserver"),
    Recipe(
        "etcd",
        "3.6.8",
        {
            "etcd": "go.etcd.io/etcd/server/v3",
            "etcdctl": "go.etcd.io/etcd/etcdctl/v3",
            "etcdutl": "go.etcd.io/etcd/etcdutl/v3",
        },
    ),
    _kubernetes("kubectl", "kube-controller-manager", "kubeadm", "kubelet", "kube-scheduler", "kube-proxy"),
    Recipe(
        "containerd",
        "2.3.4",
        {name: f"{_CONTAINERD}/cmd/{name}" for name in ("containerd", "containerd-shim-runc-v2", "ctr")},
        ldflags=f"-X {_CONTAINERD}/version.Version=v2.3.4",
        tags="no_btrfs,no_zfs,no_devmapper,urfave_cli_no_docs",
    ),
    Recipe("pause", "3.10.2", {"pause": "."}),
    Recipe("cni-plugins", "1.9.1", CNI_PLUGINS, ldflags=f"-X {_CNI}/pkg/utils/buildversion.BuildVersion=v1.9.1"),
    # Its udp backend is C, whatever backend is used.
    Recipe("flannel", "0.28.9", {"flanneld": _FLANNEL}, ldflags=f"-X {_FLANNEL}/pkg/version.Version=v0.28.9", cgo=True),
    Recipe("kube-vip", "0.9.2", {"kube-vip": _KUBE_VIP}, ldflags="-X main.Version=v0.9.2"),
    Recipe("coredns", "1.14.2", {"coredns": "github.com/coredns/coredns"}),
    Recipe("registry", "3.1.2", {"registry": f"{_DISTRIBUTION}/cmd/registry"},
           ldflags=f"-X {_DISTRIBUTION}/version.version=v3.1.2"),
    Recipe("local-path-provisioner", "0.0.30", {"local-path-provisioner": _LOCAL_PATH},
           ldflags="-X main.VERSION=v0.0.30"),
    Recipe("metrics-server", "0.9.0", {"metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server"},
           ldflags="-X k8s.io/client-go/pkg/version.gitVersion=v0.9.0"),
)  # fmt: skip
