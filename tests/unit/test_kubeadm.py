"""From what stands on a node to what kubeadm still has to do: fresh, killed at any point, whole, foreign."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import kubeadm
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import ConflictError, DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.kubeadm import INIT, Facts, Member, Work

EMPTY = Facts()
FILES = {path: 1000 for path in kubeadm.WATCHED if path != kubeadm.BOOTSTRAP_CONF}
OBJECTS = frozenset(
    {
        "node",
        "control-plane",
        "configmap/kubeadm-config",
        "configmap/kubelet-config",
        "configmap/cluster-info",
        "daemonset.apps/kube-proxy",
        "deployment.apps/coredns",
    }
)
WHOLE = Facts(
    files=FILES, etcd_data=True, kubelet_active=True, kubelet_rotates=True, objects=OBJECTS, ca="-----CA-----\n"
)


def only(*prefixes: str) -> dict[str, int]:
    return {path: size for path, size in FILES.items() if path.startswith(prefixes)}


def names(work: Work) -> tuple[str, ...]:
    return work.phases


def test_fresh_runs_as_by_hand() -> None:
    work = kubeadm.init_work(EMPTY)
    assert names(work) == tuple(phase.name for phase in INIT)
    assert work.skip == ("show-join-command",)  # it would print the token


def test_a_whole_control_plane_needs_nothing() -> None:
    assert not kubeadm.init_work(WHOLE)
    assert kubeadm.init_work(WHOLE) == Work()


@pytest.mark.parametrize(
    ("facts", "phases"),
    [
        (Facts(files=only(kubeadm.PKI)), [phase.name for phase in INIT if phase.name != "certs"]),
        (
            replace(WHOLE, etcd_data=False, kubelet_active=False, kubelet_rotates=False, objects=None),
            [
                "kubelet-start",
                "wait-control-plane",
                "upload-config",
                "mark-control-plane",
                "bootstrap-token",
                "kubelet-finalize",
                "addon",
            ],
        ),
        (
            replace(WHOLE, kubelet_rotates=False, objects=frozenset({"node", "configmap/kubeadm-config"})),
            ["upload-config", "mark-control-plane", "bootstrap-token", "kubelet-finalize", "addon"],
        ),
        (replace(WHOLE, objects=OBJECTS - {"deployment.apps/coredns"}), ["addon"]),
        (replace(WHOLE, kubelet_active=False), ["kubelet-start"]),
    ],
)
def test_what_was_killed_goes_on_with_what_is_missing(facts: Facts, phases: list[str]) -> None:
    work = kubeadm.init_work(facts)
    assert list(work.phases) == phases
    assert "preflight" in work.skip
    assert set(work.skip) >= {phase.name for phase in INIT} - set(phases)
    assert not set(work.skip) & set(phases)


@pytest.mark.parametrize(
    ("files", "removed"),
    [
        ({f"{kubeadm.PKI}/ca.key": 100}, {f"{kubeadm.PKI}/ca.key"}),
        ({f"{kubeadm.PKI}/etcd/peer.crt": 100}, {f"{kubeadm.PKI}/etcd/peer.crt"}),
        (
            {f"{kubeadm.PKI}/ca.key": 100, f"{kubeadm.PKI}/ca.crt": 0},
            {f"{kubeadm.PKI}/ca.key", f"{kubeadm.PKI}/ca.crt"},
        ),
        ({f"{kubeadm.PKI}/ca.key": 100, f"{kubeadm.PKI}/ca.crt": 100}, set()),
        ({kubeadm.ADMIN: 0}, {kubeadm.ADMIN}),
    ],
)
def test_halves_are_made_again(files: dict[str, int], removed: set[str]) -> None:
    assert set(kubeadm.init_work(Facts(files=files)).remove) == removed


def test_where_etcd_has_data_nothing_is_removed() -> None:
    facts = Facts(files={f"{kubeadm.PKI}/ca.key": 100}, etcd_data=True)
    assert kubeadm.init_work(facts).remove == ()
    assert not kubeadm.init_work(facts).reset


@pytest.mark.parametrize(
    ("facts", "control_plane", "joined"),
    [
        (EMPTY, False, False),
        (Facts(files={kubeadm.KUBELET_CONF: 1, kubeadm.KUBELET_CONFIG: 1}), False, True),
        (Facts(files={kubeadm.KUBELET_CONF: 0, kubeadm.KUBELET_CONFIG: 1}), False, False),
        (Facts(files={kubeadm.BOOTSTRAP_CONF: 1, kubeadm.KUBELET_CONFIG: 1}), False, False),
        (WHOLE, True, True),
        (replace(WHOLE, objects=OBJECTS - {"control-plane"}), True, False),
        (replace(WHOLE, objects=None), True, False),
        (replace(WHOLE, etcd_data=False), True, False),
    ],
)
def test_who_is_in_the_cluster(facts: Facts, control_plane: bool, joined: bool) -> None:
    assert kubeadm.is_joined(facts, control_plane=control_plane) is joined
    work = kubeadm.join_work(facts, control_plane=control_plane, etcd_member=True)
    assert bool(work) is not joined


def test_a_join_that_had_reached_etcd_is_finished() -> None:
    facts = replace(WHOLE, objects=OBJECTS - {"control-plane"})
    work = kubeadm.join_work(facts, control_plane=True, etcd_member=True)
    assert work.skip == ("preflight", "control-plane-prepare", "kubelet-start")
    assert not work.reset


def test_a_kubelet_that_does_not_run_is_started_again() -> None:
    facts = replace(WHOLE, objects=None, kubelet_active=False)
    assert "kubelet-start" not in kubeadm.join_work(facts, control_plane=True, etcd_member=True).skip


@pytest.mark.parametrize(
    ("facts", "control_plane", "reset"),
    [
        (EMPTY, True, False),
        (EMPTY, False, False),
        (Facts(files=only(kubeadm.PKI)), True, True),
        (Facts(files={kubeadm.BOOTSTRAP_CONF: 1}), False, True),
        (replace(WHOLE, objects=None), True, True),  # its etcd does not belong to the cluster any more
    ],
)
def test_a_join_that_had_not_reached_etcd_is_done_anew(facts: Facts, control_plane: bool, reset: bool) -> None:
    work = kubeadm.join_work(facts, control_plane=control_plane, etcd_member=False)
    assert work.phases == ("join",)
    assert work.skip == ()
    assert work.reset is reset


@pytest.mark.parametrize(
    ("output", "final"),
    [
        ("error execution phase preflight:\n\t[ERROR Swap]: running with swap on is not supported", True),
        ('error execution phase kubelet-start: cannot get Node "cp-02": net/http: request canceled', False),
    ],
)
def test_what_kubeadm_refuses_is_not_tried_again(output: str, final: bool) -> None:
    assert kubeadm.is_final(output) is final


def test_a_node_of_another_cluster_is_refused() -> None:
    kubeadm.check_ca(EMPTY, "any")
    kubeadm.check_ca(WHOLE, "-----CA-----")
    with pytest.raises(ConflictError, match="another cluster"):
        kubeadm.check_ca(WHOLE, "-----OTHER-----")


@pytest.mark.parametrize(
    ("version", "endpoint", "address", "wrong"),
    [
        ("1.36", "10.20.8.9:6443", "10.20.8.10", "kubernetes_version"),
        ("latest", "10.20.8.9:6443", "10.20.8.10", "kubernetes_version"),
        ("1.36.4", "10.20.8.9", "10.20.8.10", "endpoint"),
        ("1.36.4", ":6443", "10.20.8.10", "endpoint"),
        ("1.36.4", "10.20.8.9:6443", "", "node_address"),
    ],
)
def test_parameters_are_refused_before_anything_begins(version: str, endpoint: str, address: str, wrong: str) -> None:
    with pytest.raises(DocumentError) as caught:
        kubeadm.check_cluster(version, endpoint, address)
    assert [problem.path for problem in caught.value.problems] == [wrong]


def test_members_of_etcd() -> None:
    listing = {
        "members": [
            {"ID": 10501334649042878790, "name": "cp-01", "peerURLs": ["https://10.20.8.10:2380"]},
            {"ID": 255, "peerURLs": ["https://[fd00::11]:2380"], "isLearner": True},
        ]
    }
    assert kubeadm.members(json.dumps(listing)) == [
        Member("91bc3c398fb3c146", "cp-01", "10.20.8.10", False),
        Member("ff", "", "fd00::11", True),
    ]


def test_dead_members_are_those_of_nodes_that_join_without_data() -> None:
    known = [
        Member("1", "cp-01", "10.20.8.10", False),
        Member("2", "cp-02", "10.20.8.11", True),
        Member("3", "cp-03", "10.20.8.12", True),
    ]
    joining = [
        {"address": "10.20.8.11", "etcd_data": False},
        {"address": "10.20.8.12", "etcd_data": True},
        {"address": "10.20.8.13"},
    ]
    assert [member.id for member in kubeadm.dead_members(known, joining)] == ["2"]


@pytest.mark.parametrize(
    ("work", "manifest", "changed", "steps"),
    [
        (Work(), ("", ""), False, ()),
        (Work(), ("old", "new"), True, ("kube-vip",)),
        (Work(("join",)), ("", ""), True, ("join",)),
        (Work(("join",)), ("", "new"), True, ("join", "kube-vip")),
    ],
)
def test_what_counts_as_a_change(work: Work, manifest: tuple[str, str], changed: bool, steps: tuple[str, ...]) -> None:
    change = kubeadm.change(work, wrong="not", right="done", manifest=manifest)
    assert change.changed is changed
    assert change.work == steps
    assert ("node: not" in change.before) is bool(work)
