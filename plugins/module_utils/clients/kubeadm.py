# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""kubeadm and its helpers on this node: looks what stands, and runs what core decided on."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import secrets
import shutil
import ssl
import string
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

from ..core import kubeadm, kubeadm_config
from ..core.errors import NotFound, OperationFailed
from ..core.kubeadm import Facts, Member, Work
from ..core.kubeadm_config import Cluster, Document, Invitation, Node
from ..core.node_settings import BIN
from . import host

_CONFIGS = "/run/landfall-kubeadm-"
_OBJECTS = {
    "kube-system": (
        "configmap/kubeadm-config",
        "configmap/kubelet-config",
        "daemonset/kube-proxy",
        "deployment/coredns",
    ),
    "kube-public": ("configmap/cluster-info",),
}
LONG = 1200  # seconds; kubeadm gives up by itself long before


def look(node: Node, port: int, *, wait: float) -> Facts:
    """What stands on this node. Where a whole control plane stands, its API server gets `wait` seconds to answer."""
    files = {path: os.path.getsize(path) for path in kubeadm.WATCHED if os.path.exists(path)}
    facts = Facts(
        files=files,
        etcd_data=os.path.isdir(f"{kubeadm.ETCD_DATA}/member"),
        kubelet_active=host.unit_states(["kubelet"]).get("kubelet", (False, False))[1],
        kubelet_rotates=kubeadm.ROTATED in (host.read(kubeadm.KUBELET_CONF) or ""),
        ca=host.read(kubeadm.CA) or "",
    )
    if not facts.etcd_data or not facts.has(kubeadm.ADMIN):
        return facts
    server = f"https://{node.address}:{port}"
    if not _answers(server, wait if kubeadm.is_begun(facts) and facts.kubelet_active else 0):
        return facts
    return Facts(**{**vars(facts), "objects": _objects(server, node.name)})


class Kubeadm:
    """kubeadm on this node, while the caller holds the host's lock: `lock` goes on to each program that is started."""

    def __init__(self, cluster: Cluster, node: Node, lock: int) -> None:
        self._cluster = cluster
        self._node = node
        self._lock = lock
        for left in glob.glob(f"{_CONFIGS}*"):  # by a run that was killed
            os.unlink(left)

    def start(self, work: Work) -> None:
        """`kubeadm init`, or what is left of it."""
        for path in work.remove:
            os.unlink(path)
        documents = kubeadm_config.init(self._cluster, self._node, token=_token(), skip_phases=work.skip)
        with _configured(documents) as path:
            self._run("kubeadm init", "init", "--config", path)

    def invite(self, *, certificates: bool) -> Invitation:
        """A fresh token, and a fresh key for the certificates of control planes."""
        key = secrets.token_hex(32) if certificates else ""
        token = _token()
        with _configured(kubeadm_config.init(self._cluster, self._node, token=token, certificate_key=key)) as path:
            self._run("making a token", "init", "phase", "bootstrap-token", "--config", path)
            if certificates:
                self._run("uploading certificates", "init", "phase", "upload-certs", "--upload-certs", "--config", path)
        peers = tuple(member.address for member in etcd_members()) if certificates else ()
        return Invitation(token, host.read(kubeadm.CA) or "", key, peers)

    def join(self, invitation: Invitation, work: Work) -> None:
        """`kubeadm join`, or what is left of it."""
        with (
            _configured([kubeadm_config.discovery(self._cluster, invitation)]) as discovery,
            _configured(
                kubeadm_config.join(
                    self._cluster, self._node, invitation, discovery_file=discovery, skip_phases=work.skip
                )
            ) as path,
        ):
            self._run("kubeadm join", "join", "--config", path)

    def reset(self) -> None:
        """Take back whatever kubeadm did on this node; its member of etcd is the cluster's business.

        Nothing of etcd is ever deleted: its data is moved out of the way.
        """
        if os.path.isdir(f"{kubeadm.ETCD_DATA}/member"):
            host.systemctl("stop", "kubelet")
            os.rename(f"{kubeadm.ETCD_DATA}/member", f"{kubeadm.ETCD_DATA}.left-{time.time_ns()}")
        self._run("kubeadm reset", "reset", "--force", "--skip-phases=preflight,remove-etcd-member")

    def _run(self, what: str, *arguments: str) -> None:
        host.run([f"{BIN}/kubeadm", *arguments], what=what, timeout=LONG, hold=self._lock)


def etcd_members() -> list[Member]:
    """The members of the cluster's etcd, asked on this control plane."""
    return kubeadm.members(_etcdctl("member", "list", "--write-out=json"))


def remove_member(member: Member) -> None:
    """Take a dead member out of etcd."""
    _etcdctl("member", "remove", member.id)


def write_kube_vip(before: str, after: str) -> None:
    """Bring the static pod of kube-vip from `before` to `after`; the kubelet follows by itself."""
    if after and before != after:
        host.write(kubeadm.KUBE_VIP, after, mode=0o600)
    elif before and not after:
        os.unlink(kubeadm.KUBE_VIP)


def leave_network(address: str) -> None:
    """Take away what pods' networking left on this host, and the cluster's address where this host held it."""
    for directory in ("/etc/cni/net.d", "/var/lib/cni", "/run/flannel"):
        shutil.rmtree(directory, ignore_errors=True)
    for link in ("cni0", "flannel.1"):
        host.run(["ip", "link", "delete", link], check=False)
    for family in ("ip", "ip6"):
        for table in ("kube-proxy", "flannel-ipv4", "flannel-ipv6"):
            host.run(["nft", "delete", "table", family, table], check=False)
    for held in _links():
        if any(info.get("local") == address for info in held.get("addr_info", [])):
            host.run(["ip", "address", "delete", f"{address}/32", "dev", str(held["ifname"])])


def interface_of(address: str) -> str:
    """The network interface that carries this node's address."""
    for link in _links():
        if any(info.get("local") == address for info in link.get("addr_info", [])):
            return str(link["ifname"])
    raise NotFound(f"no network interface of this host has the address {address}; node_address must be one of its own")


def _links() -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = json.loads(host.run(["ip", "-json", "address", "show"]).stdout)
    return links


def _token() -> str:
    letters = string.ascii_lowercase + string.digits
    return ".".join("".join(secrets.choice(letters) for _letter in range(length)) for length in (6, 16))


@contextlib.contextmanager
def _configured(documents: Sequence[Document]) -> Iterator[str]:
    """A file that only root reads, in memory, gone afterwards: it holds the token and the key."""
    descriptor, path = tempfile.mkstemp(prefix=os.path.basename(_CONFIGS), dir=os.path.dirname(_CONFIGS))
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(kubeadm_config.text(documents))
        yield path
    finally:
        os.unlink(path)


def _answers(server: str, wait: float) -> bool:
    """Whether the API server says that it lives. /livez is open to everybody, so no certificate is looked at here."""
    context = ssl.create_default_context(cafile=kubeadm.CA)
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
    deadline = time.monotonic() + wait
    while True:
        try:
            with opener.open(f"{server}/livez", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.5)


def _objects(server: str, name: str) -> frozenset[str]:
    """What kubeadm has put into the cluster, as far as it concerns this node."""
    found: set[str] = set()
    node = _kubectl(server, "get", "node", name, "--ignore-not-found", "--output=json")
    if node:
        labels = json.loads(node)["metadata"].get("labels", {})
        found.update({"node"} | ({"control-plane"} if "node-role.kubernetes.io/control-plane" in labels else set()))
    for namespace, names in _OBJECTS.items():
        listing = _kubectl(server, "get", *names, "--namespace", namespace, "--ignore-not-found", "--output=name")
        found.update(listing.split())
    return frozenset(found)


def _kubectl(server: str, *arguments: str) -> str:
    # Until kubeadm has bound the rights of admin.conf, only super-admin.conf may do anything; it may be gone later.
    identity = next(path for path in (f"{kubeadm.KUBERNETES}/super-admin.conf", kubeadm.ADMIN) if os.path.exists(path))
    options = ["--kubeconfig", identity, "--server", server, "--cache-dir", "/run/landfall-kubectl"]
    return host.run([f"{BIN}/kubectl", *options, *arguments], what="reading the cluster").stdout.strip()


def _etcdctl(*arguments: str) -> str:
    pki = f"{kubeadm.PKI}/etcd"
    options = [
        "--endpoints=https://127.0.0.1:2379",
        f"--cacert={pki}/ca.crt",
        f"--cert={pki}/healthcheck-client.crt",
        f"--key={pki}/healthcheck-client.key",
    ]
    done = host.run([f"{BIN}/etcdctl", *options, *arguments], what=f"etcdctl {' '.join(arguments[:2])}", check=False)
    if done.returncode:
        raise OperationFailed(f"etcd does not take `{' '.join(arguments)}`: {done.stderr.strip()[-600:]}")
    return done.stdout
