# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The difference between what a node must have and what was found there: ordered steps, and the same as a diff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .bundle import Entry
from .errors import ConflictError, NotFound, Problem
from .node_settings import CNI_BIN, COMMANDS, TextFile, Wanted

HOSTS_FILE = "/etc/hosts"
_BEGIN = "# landfall: nodes of this cluster"
_END = "# landfall: end"


@dataclass(frozen=True)
class Unit:
    enabled: bool = False
    active: bool = False


@dataclass(frozen=True)
class Found:
    """The host as it is. A path, image or key that is missing there is missing here."""

    files: Mapping[str, str] = field(default_factory=dict)
    programs: Mapping[str, str] = field(default_factory=dict)  # path -> sha256
    cni_archive: str = ""  # sha256 of the archive whose plugins are unpacked and whole
    images: Mapping[str, str] = field(default_factory=dict)  # name -> sha256 of the blob that it was imported from
    kernel_modules: frozenset[str] = frozenset()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    swap: Sequence[str] = ()  # devices in use
    fstab: str = ""
    hosts: str = ""
    units: Mapping[str, Unit] = field(default_factory=dict)
    commands: frozenset[str] = frozenset()
    kubelet_version: str = ""
    joined: bool = False  # it is a node of a cluster already


@dataclass(frozen=True)
class Step:
    """One thing to do. `before` and `after` are what the diff shows; `entry` is the blob that it needs."""

    verb: str
    target: str
    before: str = ""
    after: str = ""
    entry: Entry | None = None
    restarts: tuple[str, ...] = ()
    reload: bool = False

    def __str__(self) -> str:
        version = f" {self.entry.version}" if self.entry else ""
        return f"{self.verb} {self.target}{version}"


def check_host(wanted: Wanted, found: Found, loadable: frozenset[str]) -> None:
    """Refuse a host that cannot become a node, with everything that it lacks at once."""
    problems = [
        Problem(f"command {command}", "not found", f"install the package {package} (a template should carry it)")
        for command, package in COMMANDS.items()
        if command not in found.commands
    ] + [
        Problem(f"kernel module {name}", "neither built in nor loadable", "a kernel that has it")
        for name in wanted.kernel_modules
        if name not in found.kernel_modules | loadable
    ]
    if problems:
        raise NotFound("this host lacks what a node needs", problems)


def check_upgrade(wanted: Wanted, found: Found) -> None:
    """Refuse to change the kubelet's version under running pods: an upgrade drains node by node."""
    new = next((item.entry.version for path, item in wanted.programs.items() if path.endswith("/kubelet")), "")
    old = found.kubelet_version
    if found.joined and old and new and _plain(old) != _plain(new):
        raise ConflictError(
            f"this node runs kubelet {old} and the bundle has {new}; use the playbook `upgrade`, or the bundle of {old}"
        )


def _plain(version: str) -> str:
    return version.removeprefix("v")


def difference(wanted: Wanted, found: Found) -> list[Step]:
    """What has to be done, in an order that works: the ground, the programs, the runtime, the images, the units."""
    steps = [*_ground(wanted, found), *_programs(wanted, found), *_files(wanted.files, found.files)]
    steps += _units(steps, found)
    steps += [
        Step("import", name, _state(found.images.get(name)), _state(entry.sha256), entry)
        for name, entry in wanted.images.items()
        if found.images.get(name) != entry.sha256
    ]
    return steps


def _ground(wanted: Wanted, found: Found) -> Iterable[Step]:
    for name in wanted.kernel_modules:
        if name not in found.kernel_modules:
            yield Step("load", f"kernel module {name}", "not loaded", "loaded")
    # Files first is not possible here: a sysctl of a module exists only when the module is there.
    for key, value in sorted(wanted.sysctls.items()):
        if _words(found.sysctls.get(key, "")) != _words(value):
            yield Step("set", key, found.sysctls.get(key, "unset"), value)
    if wanted.swap_off:
        for device in found.swap:
            yield Step("swap off", device, "in use", "off")
        if without_swap(found.fstab) != found.fstab:
            yield Step("write", "/etc/fstab", found.fstab, without_swap(found.fstab))
    hosts = with_hosts(found.hosts, wanted.hosts)
    if hosts != found.hosts:
        yield Step("write in place", HOSTS_FILE, found.hosts, hosts)


def _programs(wanted: Wanted, found: Found) -> Iterable[Step]:
    for path, program in wanted.programs.items():
        if found.programs.get(path) != program.entry.sha256:
            before = _state(found.programs.get(path))
            yield Step("install", path, before, _state(program.entry.sha256), program.entry, program.restarts)
    if found.cni_archive != wanted.cni.sha256:
        yield Step("unpack", CNI_BIN, _state(found.cni_archive), _state(wanted.cni.sha256), wanted.cni)


def _files(wanted: Mapping[str, TextFile], found: Mapping[str, str]) -> Iterable[Step]:
    for path, file in wanted.items():
        if found.get(path) != file.content:
            yield Step("write", path, found.get(path, ""), file.content, None, file.restarts, file.reload)


def _units(steps: Sequence[Step], found: Found) -> list[Step]:
    """Restart what runs with something old; containerd runs from here on, the kubelet waits for kubeadm."""
    changed = {unit for step in steps for unit in step.restarts}
    units = []
    if any(step.reload for step in steps):
        units.append(Step("reload", "systemd", "old units", "new units"))
    for name in ("containerd", "kubelet"):
        unit = found.units.get(name, Unit())
        if not unit.enabled:
            units.append(Step("enable", name, "disabled", "enabled"))
        if unit.active and name in changed:
            units.append(Step("restart", name, "runs with the old files", "runs with the new files"))
        elif not unit.active and name == "containerd":
            units.append(Step("start", name, "stopped", "running"))
    return units


def as_text(steps: Iterable[Step]) -> tuple[str, str]:
    """Both sides of the diff: files in full, everything else one line each."""
    before, after = [], []
    for step in steps:
        if step.verb.startswith("write"):
            before.append(f"{step.target}:\n{step.before}")
            after.append(f"{step.target}:\n{step.after}")
        else:
            before.append(f"{step.target}: {step.before}\n")
            after.append(f"{step.target}: {step.after}\n")
    return "".join(before), "".join(after)


def _state(sha256: str | None) -> str:
    return f"sha256:{sha256}" if sha256 else "absent"


def _words(value: str) -> list[str]:
    # /proc/sys separates the numbers of a setting by tabs.
    return value.split()


def without_swap(fstab: str) -> str:
    """fstab with its swap lines commented out."""
    lines = []
    for line in fstab.splitlines(keepends=True):
        fields = line.split()
        is_swap = len(fields) > 2 and not fields[0].startswith("#") and fields[2] == "swap"
        lines.append(f"# off for Kubernetes: {line}" if is_swap else line)
    return "".join(lines)


def with_hosts(text: str, hosts: Mapping[str, str]) -> str:
    """/etc/hosts with Landfall's block as it should be; without `hosts`, without the block."""
    kept: list[str] = []
    inside = False
    for line in text.splitlines():
        if line == _BEGIN:
            inside = True
        if not inside:
            kept.append(line)
        if line == _END:
            inside = False
    block = [_BEGIN, *(f"{address} {name}" for name, address in sorted(hosts.items())), _END] if hosts else []
    if not block and len(kept) == len(text.splitlines()):
        return text
    return "".join(f"{line}\n" for line in [*kept, *block])


def kernel_has(name: str, config: str, filesystems: str) -> bool:
    """Whether the kernel has `name` built in, by its configuration or its list of file systems."""
    if any(line.split()[-1:] == [name] for line in filesystems.splitlines()):
        return True
    option = _KERNEL_OPTIONS.get(name, f"CONFIG_{name.upper()}")
    return f"\n{option}=y\n" in f"\n{config}\n"


_KERNEL_OPTIONS = {
    "overlay": "CONFIG_OVERLAY_FS",
    "br_netfilter": "CONFIG_BRIDGE_NETFILTER",
    "nf_conntrack": "CONFIG_NF_CONNTRACK",
    "nf_tables": "CONFIG_NF_TABLES",
    "vxlan": "CONFIG_VXLAN",
}
