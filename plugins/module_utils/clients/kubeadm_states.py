# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The states of the module `kubeadm`: look, decide, act, and say what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..core import kubeadm, kubeadm_config
from ..core.errors import DocumentError, OperationFailed
from ..core.kubeadm import Change, Facts, Work
from ..core.kubeadm_config import Cluster, Invitation, Node
from . import host
from . import kubeadm as client

_ATTEMPTS = 3


@dataclass(frozen=True)
class Request:
    """What is asked of this node."""

    cluster: Cluster
    node: Node
    kube_vip_image: str | None = None
    joining: Sequence[Mapping[str, Any]] = ()
    invitation: Mapping[str, Any] = field(default_factory=dict)


def bring(state: str, request: Request, *, check_mode: bool) -> Change:
    """Bring this node to `state`."""
    kubeadm.check_cluster(request.cluster.version, request.cluster.endpoint, request.node.address)
    with host.alone(wait=client.LONG) as lock:
        tool = client.Kubeadm(request.cluster, request.node, lock)
        # A first control plane has nobody beside it, so its API server is worth waiting for; a join just goes on.
        facts = client.look(request.node, request.cluster.port, wait=240 if state == "init" and not check_mode else 10)
        states: dict[str, Callable[[Request, client.Kubeadm, Facts, bool], Change]] = {
            "init": _init,
            "invite": _invite,
            "join": _join,
            "reset": _reset,
        }
        return states[state](request, tool, facts, check_mode)


def _init(request: Request, tool: client.Kubeadm, facts: Facts, check_mode: bool) -> Change:
    work = kubeadm.init_work(facts)
    manifest = _manifest(request)
    if not check_mode:
        client.write_kube_vip(*manifest)
        _finish(request, work, tool.start, kubeadm.init_work)
    return kubeadm.change(work, wrong="no control plane, or half of one", right="control plane", manifest=manifest)


def _join(request: Request, tool: client.Kubeadm, facts: Facts, check_mode: bool) -> Change:
    invitation, control_plane = _invitation(request), request.node.control_plane
    kubeadm.check_ca(facts, invitation.ca)
    member = request.node.address in invitation.etcd_peers
    work = kubeadm.join_work(facts, control_plane=control_plane, etcd_member=member)
    manifest = _manifest(request) if control_plane else ("", "")
    if work.reset:
        manifest = ("", manifest[1])  # what stands goes with the rest
    if not check_mode:
        if work and not invitation.token:
            raise DocumentError("this node is not in the cluster yet; `invitation` must be what state: invite returned")

        def act(todo: Work) -> None:
            if todo.reset:
                tool.reset()
            client.write_kube_vip("", manifest[1])
            tool.join(invitation, todo)

        def again(found: Facts) -> Work:
            # etcd's data comes from the attempt before: that one has announced this member.
            return kubeadm.join_work(found, control_plane=control_plane, etcd_member=True)

        if not work:
            client.write_kube_vip(*manifest)
        _finish(request, work, act, again)
    role = "control plane" if control_plane else "worker"
    return kubeadm.change(work, wrong="not in the cluster, or not wholly", right=role, manifest=manifest)


def _finish(request: Request, work: Work, act: Callable[[Work], None], again: Callable[[Facts], Work]) -> None:
    """Do the work, and go on with what is left where an API server was slow for a moment, as a second run would."""
    attempts = 0
    while work:
        attempts += 1
        try:
            act(work)
            break
        except OperationFailed as error:
            if attempts == _ATTEMPTS or kubeadm.is_final(str(error)):
                raise
        work = again(client.look(request.node, request.cluster.port, wait=10))


def _invite(request: Request, tool: client.Kubeadm, facts: Facts, check_mode: bool) -> Change:
    if not request.joining:
        return Change()
    certificates = any(node.get("control_plane") for node in request.joining)
    known = client.etcd_members() if certificates and kubeadm.is_begun(facts) else []
    dead = kubeadm.dead_members(known, request.joining)
    work = ("make an invitation", *(f"remove etcd member {member.address}" for member in dead))
    addresses = [member.address for member in dead]
    if check_mode:
        return Change(work, values={"invitation": {}, "removed_members": addresses})
    for member in dead:
        client.remove_member(member)
    invitation = tool.invite(certificates=certificates)
    return Change(work, values={"invitation": asdict(invitation), "removed_members": addresses})


def _reset(request: Request, tool: client.Kubeadm, facts: Facts, check_mode: bool) -> Change:
    if not facts.files and not facts.etcd_data:
        return Change()
    if not check_mode:
        tool.reset()
        client.leave_network(request.cluster.endpoint.rpartition(":")[0])
    return Change(("reset",), before="node: has a part of a cluster\n", after="node: empty\n")


def _manifest(request: Request) -> tuple[str, str]:
    """kube-vip's static pod as it is and as it shall be."""
    before = host.read(kubeadm.KUBE_VIP) or ""
    if not request.kube_vip_image:
        return before, ""
    address, _colon, port = request.cluster.endpoint.rpartition(":")
    document = kubeadm_config.kube_vip(
        image=request.kube_vip_image,
        address=address,
        port=int(port),
        interface=client.interface_of(request.node.address),
    )
    return before, kubeadm_config.text([document])


def _invitation(request: Request) -> Invitation:
    given = request.invitation
    return Invitation(
        token=given.get("token") or "",
        ca=given.get("ca") or "",
        certificate_key=given.get("certificate_key") or "",
        etcd_peers=tuple(given.get("etcd_peers") or ()),
    )
