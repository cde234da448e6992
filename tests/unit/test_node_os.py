"""From what a host has to what it must have: the steps, their order, what they restart, and what a diff shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core import node_os
from ansible_collections.landfall.replatform.plugins.module_utils.core.containerd import labelled_images
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import ConflictError, NotFound
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_os import Found, Unit, difference
from ansible_collections.landfall.replatform.plugins.module_utils.core.node_settings import COMMANDS, Settings, wanted

from tests.unit.test_node_settings import bundle

SETTINGS = Settings(
    roles=("worker",),
    sysctls={"net.ipv4.ip_forward": "1", "net.ipv4.ip_local_port_range": "1024 65000"},
    kernel_modules=("overlay", "br_netfilter"),
)
WANTED = wanted(SETTINGS, bundle(), "amd64")
BARE = Found(commands=frozenset(COMMANDS), units={"containerd": Unit(), "kubelet": Unit()})
DONE = Found(
    files={path: file.content for path, file in WANTED.files.items()},
    programs={path: program.entry.sha256 for path, program in WANTED.programs.items()},
    cni_archive=WANTED.cni.sha256,
    images={name: entry.sha256 for name, entry in WANTED.images.items()},
    kernel_modules=frozenset(SETTINGS.kernel_modules),
    sysctls={"net.ipv4.ip_forward": "1", "net.ipv4.ip_local_port_range": "1024\t65000"},
    units={"containerd": Unit(True, True), "kubelet": Unit(True, True)},
    commands=frozenset(COMMANDS),
)


def told(found: Found) -> list[str]:
    return [f"{step.verb} {step.target}" for step in difference(WANTED, found)]


def test_a_whole_node_needs_nothing() -> None:
    assert told(DONE) == []


def test_a_bare_host_needs_everything_in_an_order_that_works() -> None:
    steps = told(BARE)
    order = [
        "load kernel module br_netfilter",
        "set net.ipv4.ip_forward",
        "install /usr/local/bin/containerd",
        "unpack /opt/cni/bin",
        "write /etc/containerd/config.toml",
        "reload systemd",
        "enable containerd",
        "start containerd",
        "import registry.k8s.io/pause:3.10.2",
    ]
    assert [step for step in steps if step in order] == order
    assert "start kubelet" not in steps
    assert not [step for step in steps if step.startswith("restart")]


@pytest.mark.parametrize(
    ("found", "steps"),
    [
        (
            replace(DONE, programs={**DONE.programs, "/usr/local/bin/kubelet": "old"}),
            ["install /usr/local/bin/kubelet", "restart kubelet"],
        ),
        (
            replace(DONE, programs={**DONE.programs, "/usr/local/bin/containerd": "old"}),
            ["install /usr/local/bin/containerd", "restart containerd"],
        ),
        (
            replace(DONE, programs={**DONE.programs, "/usr/local/bin/ctr": "old"}),
            ["install /usr/local/bin/ctr"],
        ),
        (
            replace(DONE, files={**DONE.files, "/etc/containerd/config.toml": "old"}),
            ["write /etc/containerd/config.toml", "restart containerd"],
        ),
        (
            replace(DONE, files={**DONE.files, "/etc/systemd/system/kubelet.service": "old"}),
            ["write /etc/systemd/system/kubelet.service", "reload systemd", "restart kubelet"],
        ),
        (
            replace(DONE, images={**DONE.images, "registry.k8s.io/pause:3.10.2": "pulled"}),
            ["import registry.k8s.io/pause:3.10.2"],
        ),
        (replace(DONE, cni_archive=""), ["unpack /opt/cni/bin"]),
        (replace(DONE, swap=["/dev/sdb"]), ["swap off /dev/sdb"]),
        (replace(DONE, fstab="/dev/sdb none swap sw 0 0\n"), ["write /etc/fstab"]),
        (replace(DONE, sysctls={**DONE.sysctls, "net.ipv4.ip_forward": "0"}), ["set net.ipv4.ip_forward"]),
        (replace(DONE, units={**DONE.units, "kubelet": Unit(False, True)}), ["enable kubelet"]),
        (replace(DONE, units={**DONE.units, "containerd": Unit(True, False)}), ["start containerd"]),
    ],
)
def test_only_what_differs_and_only_what_runs_with_something_old(found: Found, steps: list[str]) -> None:
    assert told(found) == steps


def test_a_stopped_kubelet_is_not_restarted() -> None:
    found = replace(
        DONE,
        programs={**DONE.programs, "/usr/local/bin/kubelet": "old"},
        units={**DONE.units, "kubelet": Unit(True, False)},
    )
    assert told(found) == ["install /usr/local/bin/kubelet"]


def test_kept_swap_is_kept() -> None:
    kept = wanted(replace(SETTINGS, swap="kept"), bundle(), "amd64")
    assert difference(kept, replace(DONE, swap=["/dev/sdb"], fstab="/dev/sdb none swap sw 0 0\n")) == []


def test_the_diff_shows_files_in_full_and_the_rest_in_lines() -> None:
    found = replace(
        DONE,
        files={**DONE.files, "/etc/modules-load.d/landfall.conf": "overlay\n"},
        sysctls={**DONE.sysctls, "net.ipv4.ip_forward": "0"},
    )
    assert node_os.as_text(difference(WANTED, found)) == (
        "net.ipv4.ip_forward: 0\n/etc/modules-load.d/landfall.conf:\noverlay\n",
        "net.ipv4.ip_forward: 1\n/etc/modules-load.d/landfall.conf:\noverlay\nbr_netfilter\n",
    )


def test_a_host_without_its_packages_is_refused_with_the_whole_list() -> None:
    found = replace(BARE, commands=frozenset(COMMANDS) - {"conntrack", "socat"})
    with pytest.raises(NotFound) as caught:
        node_os.check_host(WANTED, found, frozenset({"overlay"}))
    assert {problem.path for problem in caught.value.problems} == {
        "command conntrack",
        "command socat",
        "kernel module br_netfilter",
    }


def test_a_module_that_is_built_in_or_can_be_loaded_will_do() -> None:
    node_os.check_host(WANTED, replace(BARE, kernel_modules=frozenset({"overlay"})), frozenset({"br_netfilter"}))


@pytest.mark.parametrize(
    ("joined", "version", "refused"),
    [(True, "v0.9", True), (True, "v1.0", False), (False, "v0.9", False), (True, "", False)],
)
def test_no_upgrade_under_running_pods(joined: bool, version: str, refused: bool) -> None:
    found = replace(DONE, joined=joined, kubelet_version=version)
    if refused:
        with pytest.raises(ConflictError, match=r"upgrade.*v0\.9"):
            node_os.check_upgrade(WANTED, found)
    else:
        node_os.check_upgrade(WANTED, found)


def test_swap_lines_of_fstab() -> None:
    text = "UUID=1 / ext4 defaults 0 1\n# a comment with swap\nUUID=2 none swap sw 0 0\n"
    after = node_os.without_swap(text)
    assert after.splitlines()[:2] == text.splitlines()[:2]
    assert after.splitlines()[2].startswith("#")
    assert node_os.without_swap(after) == after


def test_the_block_of_hosts_is_ours_alone() -> None:
    text = "127.0.0.1 localhost\n10.1.1.1 other\n"
    with_one = node_os.with_hosts(text, {"cp-01": "10.20.8.10"})
    assert with_one.startswith(text)
    assert "10.20.8.10 cp-01\n" in with_one
    assert node_os.with_hosts(with_one, {"cp-01": "10.20.8.10"}) == with_one
    assert "10.20.8.11 cp-01\n" in (moved := node_os.with_hosts(with_one, {"cp-01": "10.20.8.11"}))
    assert "10.20.8.10" not in moved
    assert node_os.with_hosts(with_one, {}) == text
    assert node_os.with_hosts("no newline at the end", {}) == "no newline at the end"


@pytest.mark.parametrize(
    ("name", "config", "filesystems", "there"),
    [
        ("overlay", "CONFIG_OVERLAY_FS=y", "", True),
        ("overlay", "CONFIG_OVERLAY_FS=m", "", False),
        ("overlay", "", "nodev\toverlay\n", True),
        ("br_netfilter", "CONFIG_BRIDGE_NETFILTER=y\nCONFIG_X=n", "", True),
        ("br_netfilter", "# CONFIG_BRIDGE_NETFILTER is not set", "", False),
        ("vxlan", "CONFIG_VXLAN=y", "", True),
    ],
)
def test_built_in_is_as_good_as_loaded(name: str, config: str, filesystems: str, there: bool) -> None:
    assert node_os.kernel_has(name, config, filesystems) is there


def test_images_are_known_by_the_blob_that_they_came_from() -> None:
    listing = (
        "REF TYPE DIGEST SIZE PLATFORMS LABELS\n"
        "registry.k8s.io/pause:3.10.2 application/x sha256:1 1.0 MiB linux/amd64 "
        "io.cri-containerd.image=managed,io.cri-containerd.pinned=pinned,landfall.dev/blob=abc\n"
        "docker.io/library/pulled:1 application/x sha256:2 1.0 MiB linux/amd64 io.cri-containerd.image=managed\n"
        "docker.io/library/bare:1 application/x sha256:2 1.0 MiB linux/amd64 -\n"
    )
    assert labelled_images(listing, "landfall.dev/blob") == {"registry.k8s.io/pause:3.10.2": "abc"}
