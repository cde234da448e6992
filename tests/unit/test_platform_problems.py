"""What can be wrong in platform.yml: each problem with its path, what was found and what would be right."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from tests.unit.documents import VALID, told
from tests.unit.world import Json


def at(path: str, value: Any) -> Json:
    """VALID with `value` at `path`, like tenancy.workspaces[0].name."""
    raw = copy.deepcopy(VALID)
    here: Any = raw
    *before, last = [int(part) if part.isdigit() else part for part in re.split(r"\.|\[|\]\.?", path) if part]
    for part in before:
        here = here[part] if isinstance(part, int) else here.setdefault(part, {})
    if isinstance(here, list) and last == len(here):
        here.append(value)
    else:
        here[last] = value
    return raw


@pytest.mark.parametrize(
    ("path", "value", "where", "says"),
    [
        ("sitee", "x", "sitee", "is not known; did you mean site?"),
        ("site", "My Mall", "site", "is not a DNS-1123 name; like mall-trade"),
        ("version", 2, "version", "out of bounds; a whole number from 1 to 1"),
        (
            "vcenter.password",
            "cups",
            "vcenter.password",
            "is a secret, and secrets never stand in this document; the env",
        ),
        ("vcenter.user", "root", "vcenter.user", "is not given here; the environment variable VMWARE_USER"),
        (
            "vcenter",
            {"host": "v", "ca_path": "ca", "thumbprint": ":".join(["AB"] * 20)},
            "vcenter.thumbprint",
            "one of the",
        ),
        (
            "plan.control_planes",
            {"count": 4},
            "plan.control_planes.count",
            "4 is even; an odd number: 4 outlive no more",
        ),
        ("suite.services.order", {"java": 18}, "suite.services.order.java", "has no Java 18; one of 17, 21, 25"),
        ("nodes.userdata_file", "u.yml", "nodes.customization", "linux_prep, by which no user data reaches a guest"),
        ("plan.workers", {"at_least": 5, "at_most": 3}, "plan.workers.at_most", "3 is below at_least; 5 or more"),
        ("plan.fill", 1.2, "plan.fill", "1.2 is out of bounds; a number from 0.1 to 1"),
        ("plan.wave", {"at_most_service": 5}, "plan.wave.at_most_service", "did you mean at_most_services?"),
        (
            "nodes.names",
            {"worker": "worker"},
            "nodes.names.worker",
            "'worker' is not a name with a place for the number",
        ),
        (
            "nodes.by_name",
            {"worker-01": {"address": "10.0.0.30"}},
            "nodes.addresses.gateway",
            "is missing; with the address of worker-01, nodes need it",
        ),
        (
            "nodes",
            {
                "template": "t",
                "addresses": {"gateway": "10.0.0.1"},
                "by_name": {"a": {"address": "10.0.0.30"}, "b": {"address": "10.0.0.30"}},
            },
            "nodes.by_name.b.address",
            "10.0.0.30 is the address of a too",
        ),
        (
            "nodes",
            {"template": "t", "addresses": {"gateway": "10.0.0.1"}, "by_name": {"a": {"address": "10.0.0.1"}}},
            "nodes.by_name.a.address",
            "10.0.0.1 is the gateway",
        ),
        ("nodes.names", {"worker": "cp-{:02}"}, "nodes.names.worker", "a name of its own"),
        ("nodes.addresses", {"range": "10.0.0.10"}, "nodes.addresses.range", "like 10.20.8.10-10.20.8.60"),
        ("nodes.addresses", {"range": "10.0.0.300-10.0.0.301"}, "nodes.addresses.range", "is not a range"),
        (
            "nodes.addresses",
            {"range": "10.0.0.9-10.0.0.1", "gateway": "10.1.1.1"},
            "nodes.addresses.range",
            "ends before",
        ),
        ("nodes.addresses", {"range": "10.0.0.10-10.0.0.29"}, "nodes.addresses.gateway", "nodes need their gateway"),
        (
            "nodes.addresses",
            {"range": "10.0.0.10-10.0.0.29", "gateway": "10.0.0.10"},
            "nodes.addresses.gateway",
            "10.0.0.10 lies in the range of the nodes",
        ),
        (
            "nodes.addresses",
            {"range": "10.0.0.10-10.0.0.13", "gateway": "10.0.0.1"},
            "nodes.addresses.range",
            "has 4 addresses; at least 5: 3 control planes and 2 workers",
        ),
        (
            "nodes.addresses",
            {"range": "10.0.0.5-10.0.0.30", "gateway": "10.0.0.1"},
            "cluster.endpoint.address",
            "10.0.0.9 lies in platform.nodes.addresses.range, 10.0.0.5-10.0.0.30; an address that no node can get",
        ),
        (
            "nodes.labels",
            {"all_workers": {"landfall.dev/zone": "a b"}},
            "nodes.labels.all_workers.landfall.dev/zone",
            "value",
        ),
        (
            "cluster.version",
            "1.34.2",
            "cluster.version",
            "is not a version of Kubernetes from 1.35 to 1.37; like 1.36.4",
        ),
        (
            "cluster.version",
            1.36,
            "cluster.version",
            "1.36 is not text; a version of Kubernetes from 1.35 to 1.37 in quotes",
        ),
        (
            "cluster.endpoint",
            {"address": "api.mall"},
            "cluster.endpoint.address",
            "is not an IP address; like 10.20.8.9",
        ),
        ("cluster.endpoint", {"address": "10.244.3.1"}, "cluster.endpoint.address", "lies in pods, 10.244.0.0/16"),
        ("cluster.pods", "10.244.0.1/16", "cluster.pods", "one without host bits"),
        ("cluster.services", "10.244.128.0/17", "cluster.services", "overlaps with pods, 10.244.0.0/16"),
        ("cluster.network", {"plugin": "weave"}, "cluster.network.plugin", "one of flannel, calico, cilium"),
        (
            "storage",
            {"classes": [{"name": "s", "kind": "nfs", "share": "/s"}]},
            "storage.classes[0].server",
            "is missing",
        ),
        (
            "storage",
            {"classes": [{"name": n, "kind": "local_path", "default": True} for n in "ab"]},
            "storage.classes[1].default",
            "platform.storage.classes[0] is the default already",
        ),
        ("tenancy.flavour", "kubesphere", "tenancy.flavour", "one of kubernetes, kubesphere_v3, kubesphere_v4"),
        (
            "tenancy.users[2]",
            {"name": "li"},
            "tenancy.users[2].name",
            "'li' stands at platform.tenancy.users[1] already",
        ),
        (
            "tenancy.users[1].email",
            "li",
            "tenancy.users[1].email",
            "'li' is not an e-mail address; like li@mall.example",
        ),
        (
            "tenancy.workspaces[0].members[0].role",
            "adminn",
            "tenancy.workspaces[0].members[0].role",
            "'adminn' is not a role; one of admin, regular, self-provisioner, viewer",
        ),
        (
            "tenancy.workspaces[0].projects[0].members[0].user",
            "lii",
            "tenancy.workspaces[0].projects[0].members[0].user",
            "'lii' is not among platform.tenancy.users; did you mean li?",
        ),
        (
            "tenancy.workspaces[1].projects[0].name",
            "trade",
            "tenancy.workspaces[1].projects[0].name",
            "'trade' is a project of platform.tenancy.workspaces[0] already; a name of its own",
        ),
        (
            "tenancy.workspaces[0].quota.cpu",
            8,
            "tenancy.workspaces[0].quota.cpu",
            "its projects' quotas come to 10, the workspace has 8; at least 10, or smaller projects",
        ),
        (
            "tenancy.workspaces[1].node_ports",
            "30390-30410",
            "tenancy.workspaces[1].node_ports",
            "30390-30410 overlaps with platform.tenancy.workspaces[0].node_ports, 30300-30399",
        ),
        ("tenancy.workspaces[1].node_ports", "29000-29010", "tenancy.workspaces[1].node_ports", "within 30000-32767"),
        (
            "tenancy.workspaces[1].node_ports",
            "30410-30400",
            "tenancy.workspaces[1].node_ports",
            "ends before it begins",
        ),
        ("policy.mode", "enforced", "policy.mode", "one of enforce, audit"),
        (
            "policy.host_path_roots",
            ["srv"],
            "policy.host_path_roots[0]",
            "'srv' is not an absolute path; like /srv/data",
        ),
        (
            "delivery.nexus.repositories[2].members[0]",
            "release",
            "delivery.nexus.repositories[2].members[0]",
            "is not a repository of platform.delivery.nexus; did you mean releases?",
        ),
        (
            "delivery.nexus.repositories[0].remote",
            None,
            "delivery.nexus.repositories[0].remote",
            "a proxy repository needs it",
        ),
        (
            "delivery.nexus.repositories[1].remote",
            "http://x",
            "delivery.nexus.repositories[1].remote",
            "stands at a hosted repository; only a proxy repository has it",
        ),
        (
            "delivery.nexus.repositories[1].format",
            "npm",
            "delivery.nexus.repositories[2].members[0]",
            "'releases' has format npm; members of format maven2",
        ),
        (
            "delivery.nexus.url",
            "http://a:cups@n",
            "delivery.nexus.url",
            "'http://…@n' is not an http(s) address without a",
        ),
        ("delivery.nexus.deployers", [{"name": "ci"}], "delivery.nexus.deployers[0].password_env", "or password_var"),
        (
            "delivery.nexus.deployers",
            [{"name": "ci", "password_env": "P", "repositories": ["central"]}],
            "delivery.nexus.deployers[0].repositories[0]",
            "'central' is not a hosted repository",
        ),
        (
            "delivery.maven",
            {"servers": [{"id": "n", "username_env": "U", "password": "cups"}]},
            "delivery.maven.servers[0]",
            "",
        ),
        ("suite.project", "trad", "suite.project", "is not a project of platform.tenancy; did you mean trade?"),
        ("suite.services.gateway", {"project": "x"}, "suite.services.gateway.project", "one of trade, market, portal"),
        (
            "suite.services.gateway",
            {"expose": {"node_port": 80}},
            "suite.services.gateway.expose.node_port",
            "30000 to 32767",
        ),
        (
            "suite.services.gateway",
            {"expose": {"node_port": 30400}},
            "suite.services.gateway.expose.node_port",
            "30400 is not among the node ports of platform.tenancy.workspaces[0], 30300-30399; one of 30300-30399",
        ),
        (
            "suite.services",
            {"a": {"expose": {"node_port": 30301}}, "b": {"expose": {"node_port": 30301}}},
            "suite.services.b.expose.node_port",
            "30301 is taken by platform.suite.services.a.expose.node_port; a port of its own",
        ),
        (
            "suite.services.gateway",
            {"data": [{"path": "/srv", "storage_class": "locl"}]},
            "suite.services.gateway.data[0].storage_class",
            "is not among platform.storage.classes; did you mean local?",
        ),
        (
            "suite.front_door",
            {"kind": "nginx"},
            "suite.front_door.guest",
            "is missing; name of the guest that browsers talk to",
        ),
        ("cut_over.worse_than", {"latency_p95": 0.5}, "cut_over.worse_than.latency_p95", "a number, at least 1"),
    ],
)
def test_what_can_be_wrong_is_told(path: str, value: Any, where: str, says: str) -> None:
    lines = told(at(path, value))
    fitting = [line for line in lines if line.startswith(f"platform.{where}") and says in line]
    assert len(fitting) == 1, lines
    assert "cups" not in "\n".join(lines)


def test_the_pods_of_the_platform_leave_room_for_services() -> None:
    raw = at("cluster.pods_per_node", 30)
    raw.setdefault("plan", {})["reserve"] = {"on_each_worker": {"pods": 40}}
    assert [line for line in told(raw) if "pods" in line] == [
        "platform.plan.reserve.on_each_worker.pods: 40, and a worker takes no more than 30"
        " (platform.cluster.pods_per_node); fewer than 30"
    ]
