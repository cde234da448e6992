#!/usr/bin/env python3
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""kube_apply beside kubernetes.core.k8s and kubectl, on the same objects and the same real API server.

    .lab/venv/bin/python benchmarks/kube_apply/run.py [--sizes 1,50,500] [--rtts 0,10,20] [--rounds 3] [--json FILE]

Prints medians and ratios to Landfall; README.md says what is measured and how.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
import conftest as _importable  # noqa: E402, F401
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube import KubeClient  # noqa: E402

from benchmarks import peers  # noqa: E402
from benchmarks.kube_apply import table, tools  # noqa: E402
from benchmarks.kube_apply.kubelet import FakeKubelet  # noqa: E402
from benchmarks.kube_apply.road import Road  # noqa: E402
from benchmarks.kube_apply.table import Row  # noqa: E402
from benchmarks.kube_apply.tools import KUBECTL, TASKS, WAITS, Bench, Body  # noqa: E402
from benchmarks.peers import Spent  # noqa: E402
from tests.component.kube_fixture import running  # noqa: E402
from tests.component.kube_objects import deployment, shop  # noqa: E402

_TASKS = 20  # of one object each, after the first of a play
_DEPLOYMENTS, _READY_SECONDS = 10, 2.0
_EMPTY_TASK: Body = {"ansible.builtin.debug": {"msg": "-"}}


class Run:
    """Everything that was measured, as it comes."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.rows: list[Row] = []

    def note(self, row: Row, spent: Spent) -> None:
        self.rows.append(Row(**{**asdict(row), **asdict(spent)}))
        print(
            f"{row.tool:20} {row.work:12} {row.objects:5} objects  RTT {row.rtt:g} ms  {spent.seconds:7.2f} s",
            flush=True,
        )

    def bulk(self, objects: int, rtt: float) -> None:
        """One list of objects: created, looked at again, looked at in check mode, and changed in one of a hundred."""
        with cluster(rtt) as (directory, kubeconfig, client):
            for number, tool in enumerate(self._options.tools):
                if tool == "k8s, loop" and objects > self._options.loop_up_to:
                    continue
                namespace = f"bench-{number}"
                client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
                bodies = wanted(namespace, objects)
                bench = Bench(directory / namespace, kubeconfig)
                row = Row(tool, "create", objects, rtt)
                bench.write(bodies)
                self.note(row, bench.run(tool))
                self.note(row.of("unchanged"), bench.run(tool))
                edits = edit(bodies)
                bench.write(bodies)
                self.note(row.of("check"), bench.run(tool, check=True))
                assert edited(client, namespace) == 0, f"{tool} wrote in check mode"
                self.note(row.of("1 % changed"), bench.run(tool))
                assert edited(client, namespace) == edits, f"{tool} did not do its work"

    def single(self, rtt: float) -> None:
        """Tasks with one object each, unchanged: what the first of a play costs, and then each more."""
        with cluster(rtt) as (directory, kubeconfig, client):
            client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bench"}})
            bench = Bench(directory / "bench", kubeconfig)
            bench.write(wanted("bench", 1))
            start = bench.play([_EMPTY_TASK])
            for tool, task in {"debug": _EMPTY_TASK, **TASKS}.items():
                if tool != "debug" and (tool not in self._options.tools or "objects }}" in json.dumps(task)):
                    continue
                bench.play([task])  # makes the object
                one, many = bench.play([task]), bench.play([task] * (1 + _TASKS))
                self.note(Row(tool, "first task", 1, rtt), one.less(start))
                self.note(Row(tool, "per task", 1, rtt), many.less(one, share=_TASKS))

    def waits(self) -> None:
        """Deployments whose pods get ready two seconds after the (fake) kubelet has seen them."""
        with cluster(0, controllers=True) as (directory, kubeconfig, client):
            for number, tool in enumerate((*WAITS, KUBECTL)):
                if tool.partition(",")[0] not in self._options.tools:
                    continue
                namespace = f"bench-{number}"
                client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
                bench = Bench(directory / namespace, kubeconfig)
                bench.write([deployment(namespace, f"d{one}") for one in range(_DEPLOYMENTS)])
                with FakeKubelet(client, namespace, after=_READY_SECONDS):
                    self.note(Row(tool, "wait", _DEPLOYMENTS, 0), bench.run_and_wait(tool))
                there = client.list("apps/v1", "Deployment", namespace)
                ready = sum(one["status"].get("availableReplicas", 0) for one in there)
                assert ready == _DEPLOYMENTS, f"{tool} did not wait"


@contextmanager
def cluster(rtt: float, *, controllers: bool = False) -> Iterator[tuple[Path, str, KubeClient]]:
    """A fresh etcd and API server, a directory, and a kubeconfig that leads there by a road of that length."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="landfall-bench-")))
        server = stack.enter_context(running(directory))
        if controllers:
            server.start_controllers()
        client = stack.enter_context(KubeClient.connect(kubeconfig=server.kubeconfig))
        document = yaml.safe_load(Path(server.kubeconfig).read_text())
        if rtt:
            road = stack.enter_context(Road(server.port, rtt))
            document["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{road.port}"
        kubeconfig = directory / "kubeconfig"
        kubeconfig.touch(mode=0o600)
        kubeconfig.write_text(yaml.safe_dump(document))
        yield directory, str(kubeconfig), client


def wanted(namespace: str, objects: int) -> list[Body]:
    """So many objects, ten kinds of them; what is edited comes first."""
    bodies = shop(namespace, -(-objects // 10))
    return sorted(bodies, key=lambda body: body["kind"] != "ConfigMap")[:objects]


def edit(bodies: list[Body]) -> int:
    """Change one object in a hundred, and at least one."""
    edits = max(1, len(bodies) // 100)
    for body in bodies[:edits]:
        body["data"]["edited"] = "yes"
    return edits


def edited(client: KubeClient, namespace: str) -> int:
    return sum("edited" in (one.get("data") or {}) for one in client.list("v1", "ConfigMap", namespace))


def main() -> None:
    names = [*TASKS, KUBECTL]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes", type=peers.numbers, default=[1, 50, 500], help="objects in a list (default 1,50,500)"
    )
    parser.add_argument("--rtts", type=peers.numbers, default=[0, 10, 20], help="round trips in ms (default 0,10,20)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tools", type=chosen(names), default=names, help=f"some of: {'; '.join(names)}")
    parser.add_argument("--works", type=chosen(["bulk", "single", "wait"]), default=["bulk", "single", "wait"])
    parser.add_argument("--loop-up-to", type=int, default=50, help="objects that the loop of kubernetes.core gets")
    parser.add_argument("--json", type=Path, help="a file for every single measurement")
    options = parser.parse_args()
    peers.prepare()
    machine: dict[str, Any] = {"cores": os.cpu_count(), "python": platform.python_version(), **tools.versions()}
    machine["load at the start"] = round(os.getloadavg()[0], 2)
    print(", ".join(f"{name} {value}" for name, value in machine.items()), flush=True)
    run = Run(options)
    for _round in range(options.rounds):
        if "bulk" in options.works:
            for size, rtt in itertools.product(options.sizes, options.rtts):
                run.bulk(size, rtt)
        if "single" in options.works:
            for rtt in options.rtts:
                run.single(rtt)
        if "wait" in options.works:
            run.waits()
    print("\n" + table.of(run.rows))
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "rows": [asdict(row) for row in run.rows]}, indent=1))


def chosen(names: list[str]):  # type: ignore[no-untyped-def]
    """Some of `names`, separated by semicolons (a name may hold a comma)."""

    def parse(text: str) -> list[str]:
        several = [one.strip() for one in text.split(";")]
        unknown = [one for one in several if one not in names]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of: {'; '.join(names)}")
        return several

    return parse


if __name__ == "__main__":
    main()
