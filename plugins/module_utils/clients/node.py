# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host on its way to be a node: reads what it has, and takes the steps that core decided on."""

from __future__ import annotations

import gzip
import json
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path

from ..core.containerd import labelled_images
from ..core.errors import IntegrityError, OperationFailed
from ..core.node_os import HOSTS_FILE, Found, Step, Unit, kernel_has
from ..core.node_settings import BIN, CNI_BIN, COMMANDS, Wanted
from . import host

BLOB_LABEL = "landfall.dev/blob"
_CTR = [f"{BIN}/ctr", "--namespace", "k8s.io"]
_CNI_RECORD = f"{CNI_BIN}/.landfall.json"
_UNITS = ("containerd", "kubelet")


def look(wanted: Wanted) -> Found:
    """Everything about this host that `wanted` has a word on."""
    units = {name: Unit(*state) for name, state in host.unit_states(_UNITS).items()}
    programs = {path: host.sha256(path) for path in wanted.programs}
    files = {path: host.read(path) for path in wanted.files}
    sysctls = {key: host.sysctl(key) for key in wanted.sysctls}
    config, filesystems = _kernel_config(), host.read("/proc/filesystems") or ""
    return Found(
        files={path: text for path, text in files.items() if text is not None},
        programs={path: digest for path, digest in programs.items() if digest is not None},
        cni_archive=_cni_archive(),
        images=_images() if units.get("containerd", Unit()).active else {},
        kernel_modules=frozenset(
            name
            for name in wanted.kernel_modules
            if os.path.isdir(f"/sys/module/{name}") or kernel_has(name, config, filesystems)
        ),
        sysctls={key: value for key, value in sysctls.items() if value is not None},
        swap=[line.split()[0] for line in (host.read("/proc/swaps") or "").splitlines()[1:]],
        fstab=host.read("/etc/fstab") or "",
        hosts=host.read(HOSTS_FILE) or "",
        units=units,
        commands=frozenset(command for command in COMMANDS if host.exists(command)),
        kubelet_version=_kubelet_version(wanted, programs.get(f"{BIN}/kubelet")),
        joined=os.path.exists("/etc/kubernetes/kubelet.conf"),
    )


def loadable(wanted: Wanted, found: Found) -> frozenset[str]:
    """The kernel modules that are not there yet but could be loaded."""
    return frozenset(
        name for name in wanted.kernel_modules if name not in found.kernel_modules and not _modprobe(name, "--dry-run")
    )


def machine() -> str:
    """The architecture as a bundle calls it."""
    name = os.uname().machine
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(name, name)


def absent_blobs(steps: Iterable[Step], directory: str) -> list[str]:
    """The digests of the blobs that the steps need and that have not arrived whole; their content is checked later."""
    needed = {step.entry.sha256: step.entry.size for step in steps if step.entry is not None}
    return [name for name, size in needed.items() if _size(os.path.join(directory, name)) != size]


def take(step: Step, blob_directory: str) -> None:
    """Do one step."""
    blob = ""
    if step.entry is not None:
        blob = os.path.join(blob_directory, step.entry.sha256)
        try:
            host.check_blob(blob, step.entry.sha256)
        except IntegrityError:
            os.unlink(blob)  # the next run brings it again
            raise
    if step.verb == "load":
        _load(step.target.rpartition(" ")[2])
    elif step.verb == "set":
        host.set_sysctl(step.target, step.after)
    elif step.verb == "swap off":
        host.run(["swapoff", step.target])
    elif step.verb == "write":
        host.write(step.target, step.after)
    elif step.verb == "write in place":
        host.write_in_place(step.target, step.after)
    elif step.verb == "install":
        host.install(blob, step.target)
    elif step.verb == "unpack":
        _unpack(blob, step.after.removeprefix("sha256:"))
    elif step.verb == "import":
        _import(blob, step.after.removeprefix("sha256:"), step.target)
    elif step.verb == "reload":
        host.run(["systemctl", "daemon-reload"])
    else:
        host.systemctl(step.verb, step.target)
    if blob:
        os.unlink(blob)


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except FileNotFoundError:
        return -1


def _kernel_config() -> str:
    packed = Path("/proc/config.gz")
    if packed.exists():
        return gzip.decompress(packed.read_bytes()).decode()
    return host.read(f"/boot/config-{os.uname().release}") or ""


def _modprobe(name: str, *options: str) -> str:
    """Load a kernel module; why it cannot be, where it cannot be."""
    if not host.exists("modprobe"):
        return "there is no modprobe (package kmod)"
    done = host.run(["modprobe", *options, name], check=False)
    return (done.stderr.strip() or "modprobe fails") if done.returncode else ""


def _load(name: str) -> None:
    trouble = _modprobe(name)
    if trouble:
        raise OperationFailed(f"kernel module {name} cannot be loaded: {trouble}")


def _kubelet_version(wanted: Wanted, digest: str | None) -> str:
    path = f"{BIN}/kubelet"
    if digest is None or digest == wanted.programs[path].entry.sha256:
        return ""
    return host.run([path, "--version"]).stdout.strip().rpartition(" ")[2]


def _images() -> dict[str, str]:
    listing = host.run([*_CTR, "images", "ls", f'labels."{BLOB_LABEL}"'], what="listing the images")
    return labelled_images(listing.stdout, BLOB_LABEL)


def _import(blob: str, digest: str, name: str) -> None:
    # Pinned, so that the kubelet never collects an image that cannot be pulled again.
    labels = [f"--label={label}" for label in ("io.cri-containerd.pinned=pinned", f"{BLOB_LABEL}={digest}")]
    host.run([*_CTR, "images", "import", *labels, blob], what=f"importing {name}")
    if _images().get(name) != digest:
        raise OperationFailed(f"the bundle's blob {digest[:12]} does not contain the image {name} that its index names")


def _cni_archive() -> str:
    """The archive that the CNI plugins came from, if every one of them is still what was unpacked."""
    record = json.loads(host.read(_CNI_RECORD) or "{}")
    plugins = record.get("plugins", {})
    whole = plugins and all(host.sha256(f"{CNI_BIN}/{name}") == digest for name, digest in plugins.items())
    return str(record.get("archive", "")) if whole else ""


def _unpack(blob: str, digest: str) -> None:
    Path(CNI_BIN).mkdir(parents=True, exist_ok=True)
    plugins = {}
    with tarfile.open(blob) as archive:
        for member in archive:
            name = os.path.basename(member.name)
            source = archive.extractfile(member) if member.isfile() and member.mode & 0o100 else None
            if source is None:
                continue
            part = Path(CNI_BIN) / f".{name}.landfall"
            part.write_bytes(source.read())
            part.chmod(0o755)
            part.replace(Path(CNI_BIN) / name)
            plugins[name] = host.sha256(f"{CNI_BIN}/{name}")
    host.write(_CNI_RECORD, json.dumps({"archive": digest, "plugins": plugins}, indent=1, sort_keys=True) + "\n")
