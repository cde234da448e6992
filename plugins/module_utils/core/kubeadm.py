# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of kubeadm's work stands on a node, and what is left to do: so that a run that was killed goes on.

A node holds something unique only where etcd has voted with it. There nothing is ever reset: kubeadm runs again,
without the phases that stand. A join that had not come so far is taken back and done anew, which is simpler.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .errors import ConflictError, DocumentError, Problem

KUBERNETES = "/etc/kubernetes"
PKI = f"{KUBERNETES}/pki"
MANIFESTS = f"{KUBERNETES}/manifests"
KUBE_VIP = f"{MANIFESTS}/kube-vip.yaml"
ETCD_DATA = "/var/lib/etcd"
CA = f"{PKI}/ca.crt"
ADMIN = f"{KUBERNETES}/admin.conf"
KUBELET_CONF = f"{KUBERNETES}/kubelet.conf"
BOOTSTRAP_CONF = f"{KUBERNETES}/bootstrap-kubelet.conf"
KUBELET_CONFIG = "/var/lib/kubelet/config.yaml"

_PAIRS = tuple(
    f"{PKI}/{name}"
    for name in (
        "ca",
        "apiserver",
        "apiserver-kubelet-client",
        "apiserver-etcd-client",
        "front-proxy-ca",
        "front-proxy-client",
        "etcd/ca",
        "etcd/server",
        "etcd/peer",
        "etcd/healthcheck-client",
    )
)
_CERTS = (*(f"{pair}{end}" for pair in _PAIRS for end in (".crt", ".key")), f"{PKI}/sa.key", f"{PKI}/sa.pub")
_KUBECONFIGS = tuple(f"{KUBERNETES}/{name}.conf" for name in ("admin", "controller-manager", "scheduler"))
_ETCD = f"{MANIFESTS}/etcd.yaml"
_COMPONENTS = tuple(
    f"{MANIFESTS}/{name}.yaml" for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
)
_KUBELET = (KUBELET_CONFIG, "/var/lib/kubelet/kubeadm-flags.env")

WATCHED = (*_CERTS, *_KUBECONFIGS, KUBELET_CONF, BOOTSTRAP_CONF, _ETCD, *_COMPONENTS, *_KUBELET)
"""The files that say how far kubeadm has come."""

ROTATED = "kubelet-client-current.pem"
"""What kubelet.conf names once kubelet-finalize has been there."""


@dataclass(frozen=True)
class Facts:
    """What stands on the node. `objects` is what its own API server knows, None where that does not answer."""

    files: Mapping[str, int] = field(default_factory=dict)  # those of WATCHED that exist, with their size
    etcd_data: bool = False
    kubelet_active: bool = False
    kubelet_rotates: bool = False
    objects: frozenset[str] | None = None
    ca: str = ""

    def has(self, *paths: str) -> bool:
        return all(self.files.get(path) for path in paths)


@dataclass(frozen=True)
class Phase:
    """One phase of `kubeadm init` with the evidence that it has been done."""

    name: str
    files: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()

    def holds(self, facts: Facts) -> bool:
        if self.name == "kubelet-start" and not facts.kubelet_active:
            return False
        if self.name == "kubelet-finalize" and not facts.kubelet_rotates:
            return False
        if self.name == "wait-control-plane" and facts.objects is None:
            return False
        return facts.has(*self.files) and set(self.objects) <= (facts.objects or frozenset())


INIT = (
    Phase("certs", files=_CERTS),
    Phase("kubeconfig", files=(*_KUBECONFIGS, KUBELET_CONF)),
    Phase("etcd", files=(_ETCD,)),
    Phase("control-plane", files=_COMPONENTS),
    Phase("kubelet-start", files=_KUBELET),
    Phase("wait-control-plane"),
    Phase("upload-config", objects=("configmap/kubeadm-config", "configmap/kubelet-config")),
    Phase("mark-control-plane", objects=("control-plane",)),
    Phase("bootstrap-token", objects=("configmap/cluster-info",)),
    Phase("kubelet-finalize"),
    Phase("addon", objects=("daemonset.apps/kube-proxy", "deployment.apps/coredns")),
)


@dataclass(frozen=True)
class Work:
    """What kubeadm has to do; without phases, nothing. `skip` goes to kubeadm, and it would stumble over `remove`."""

    phases: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    reset: bool = False  # take back what an unfinished join left

    def __bool__(self) -> bool:
        return bool(self.phases)


def init_work(facts: Facts) -> Work:
    """What is left of `kubeadm init`."""
    phases = tuple(phase.name for phase in INIT if not phase.holds(facts))
    if len(phases) == len(INIT) and not facts.etcd_data and not facts.files:
        return Work(phases, skip=("show-join-command",))
    held = tuple(phase.name for phase in INIT if phase.holds(facts))
    return Work(phases, ("preflight", *held, "show-join-command") if phases else (), _halves(facts) if phases else ())


def _halves(facts: Facts) -> tuple[str, ...]:
    """Files that kubeadm would take for whole: an empty one, or a key without its certificate. Both are made again.

    Where etcd has data they stay: then something has been signed with them, and a person has to look.
    """
    if facts.etcd_data:
        return ()
    empty = [path for path, size in facts.files.items() if not size]
    single = [
        f"{pair}{end}"
        for pair in _PAIRS
        for end in (".crt", ".key")
        if f"{pair}{end}" in facts.files and not facts.has(f"{pair}.crt", f"{pair}.key")
    ]
    return tuple(sorted({*empty, *single}))


def is_begun(facts: Facts) -> bool:
    """Whether the files of a control plane stand, so that its API server is worth waiting for."""
    return facts.has(*_CERTS, *_KUBECONFIGS, _ETCD, *_COMPONENTS, *_KUBELET) and facts.etcd_data


def is_joined(facts: Facts, *, control_plane: bool) -> bool:
    """Whether the node is a whole member of its cluster."""
    if not facts.has(KUBELET_CONF, KUBELET_CONFIG):
        return False
    return not control_plane or (is_begun(facts) and "control-plane" in (facts.objects or ()))


def join_work(facts: Facts, *, control_plane: bool, etcd_member: bool) -> Work:
    """What is left of `kubeadm join`; `etcd_member`: the cluster's etcd knows this node."""
    if is_joined(facts, control_plane=control_plane):
        return Work()
    if control_plane and facts.etcd_data and etcd_member:
        skip = ["preflight"]
        if facts.has(*_CERTS, *_KUBECONFIGS, *_COMPONENTS):
            skip.append("control-plane-prepare")
        if facts.has(*_KUBELET) and facts.kubelet_active:
            skip.append("kubelet-start")
        return Work(("rest of join",), tuple(skip))
    return Work(("join",), reset=bool(facts.files) or facts.etcd_data)


def is_final(output: str) -> bool:
    """Whether kubeadm refused the host itself, so that trying again is of no use."""
    return "[ERROR " in output


def check_ca(facts: Facts, ca: str) -> None:
    """Refuse to join a node that belongs to another cluster."""
    if facts.ca and ca and facts.ca.strip() != ca.strip():
        raise ConflictError(
            f"{CA} on this node is not the authority of the cluster that it shall join; it belongs to another cluster: "
            "reset it first, if nothing there is needed any more"
        )


def check_cluster(version: str, endpoint: str, address: str) -> None:
    """Refuse parameters that kubeadm would refuse after it had begun."""
    problems = []
    if version.count(".") != 2 or not version.removeprefix("v").replace(".", "").isdigit():
        problems.append(Problem("kubernetes_version", f"'{version}' is not a version", "like 1.36.4"))
    if not endpoint.rpartition(":")[0] or not endpoint.rpartition(":")[2].isdigit():
        problems.append(Problem("endpoint", f"'{endpoint}' is not host:port", "like 10.20.8.9:6443"))
    if not address:
        problems.append(Problem("node_address", "is empty", "the address that the other nodes reach this one by"))
    if problems:
        raise DocumentError("kubeadm cannot work with these parameters", problems)


@dataclass(frozen=True)
class Member:
    """A member of the cluster's etcd."""

    id: str
    name: str
    address: str
    learner: bool


def members(listing: str) -> list[Member]:
    """The members, out of what `etcdctl member list -w json` prints."""
    return [
        Member(
            id=format(int(item["ID"]), "x"),
            name=item.get("name", ""),
            address=item["peerURLs"][0].rpartition("://")[2].rpartition(":")[0].strip("[]"),
            learner=bool(item.get("isLearner", False)),
        )
        for item in json.loads(listing)["members"]
    ]


def dead_members(known: Iterable[Member], joining: Sequence[Mapping[str, object]]) -> list[Member]:
    """Members that stand for a node which has to join and has no data of etcd: nobody will ever answer for them."""
    empty = {str(node["address"]) for node in joining if not node.get("etcd_data")}
    return [member for member in known if member.address in empty]


@dataclass(frozen=True)
class Change:
    """What a state of `kubeadm` did, or would do."""

    work: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.work) or self.before != self.after


def change(work: Work, *, wrong: str, right: str, manifest: tuple[str, str] = ("", "")) -> Change:
    """The change that `work` and kube-vip's manifest (as it is, as it shall be) make."""
    steps = list(work.phases)
    before = f"node: {wrong}\n" if work else ""
    after = f"node: {right}\n" if work else ""
    if manifest[0] != manifest[1]:
        steps.append("kube-vip")
        before, after = before + manifest[0], after + manifest[1]
    return Change(tuple(steps), before, after)
