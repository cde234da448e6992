# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes node VMs what a decision says. Every stage compares and does the rest, so a killed run goes on where it was.

Clone, disks, guestinfo, marks, tags, rule, power: in this order, since a clone that has its marks is whole but for
what the next look at it shows. All nodes go through a stage together; only what must be shut down for a resize goes
one after the other, as the control planes of a running cluster want it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import OperationFailed
from ..core.node_tags import in_words
from ..core.node_vms import ADOPTED, SIZES, Machine, Step, Wish, step_of
from ..core.sweep import HOST_KEYS
from ..core.vsphere_tree import Record
from .vmomi import vim
from .vsphere import VCenter
from .vsphere_adoption import take_over
from .vsphere_devices import cards_of, connections
from .vsphere_ground import Handles, machine_of, read_machines
from .vsphere_guestinfo import introduce
from .vsphere_power import Powered, power_off, power_on, set_marks
from .vsphere_rules import keep_apart
from .vsphere_specs import Addressing, clone_spec, resize_spec
from .vsphere_tags import attach

_GUEST = ("guest.ipAddress", "guest.net", f'config.extraConfig["{HOST_KEYS}"]')


def build(
    vcenter: VCenter,
    steps: Sequence[Step],
    wish: Wish,
    addressing: Addressing,
    handles: Handles,
    tags: Mapping[str, str],
    *,
    anti_affinity: bool,
    timeout: int,
) -> dict[str, Machine]:
    """Every node whole, on and reachable; the machines by name. `tags`: the ids of those that nodes carry."""
    names = {key: name for name, key in handles.fields.items()}
    ids = {step.node["name"]: step.machine.id for step in steps if step.machine is not None}
    ids |= _clone(vcenter, [step for step in steps if step.machine is None], wish, addressing, handles, timeout=timeout)
    take_over(vcenter, [step for step in steps if step.action == ADOPTED], wish.site, timeout=timeout)
    now = read_machines(vcenter, ids.values(), names)
    rest = [step_of(wish, step.node, now[step.node["name"]]) for step in steps]

    _resize(vcenter, [step for step in rest if not step.power_cycle], timeout=timeout)
    new = [step for step in rest if "role" in step.lacks]
    if addressing.customization == "guestinfo":
        introduce(vcenter, new, addressing, timeout=timeout)
    _mark(vcenter, new, wish, handles)
    _connect(vcenter, [step for step in steps if "networks" in step.lacks], wish, handles, timeout=timeout)
    _tag(vcenter, steps, wish, ids, tags)
    if anti_affinity:  # before the power, when DRS places them
        keep_apart(vcenter, steps, ids, wish.site, handles, timeout=timeout)
    power_on(vcenter, [s.machine for s in rest if s.machine and "power" in s.lacks], timeout=timeout)
    _await_guests(vcenter, rest, names, timeout=timeout)
    for step in rest:
        if step.power_cycle and step.machine is not None:
            power_off(vcenter, [step.machine], timeout=timeout)
            _resize(vcenter, [step], timeout=timeout)
            power_on(vcenter, [step.machine], timeout=timeout)
            _await_guests(vcenter, [step], names, timeout=timeout)
    return read_machines(vcenter, ids.values(), names)


def _clone(
    vcenter: VCenter, steps: Sequence[Step], wish: Wish, addressing: Addressing, handles: Handles, *, timeout: int
) -> dict[str, str]:
    if not steps:
        return {}
    folder = _folder(vcenter, wish.folder, handles.folders)
    template = handles.templates[wish.template]
    cards = cards_of(vcenter, template)
    source = vcenter.object("VirtualMachine", template)
    tasks = {
        step.node["name"]: source.CloneVM_Task(
            folder, step.node["name"], clone_spec(vcenter, step.node, wish, addressing, handles, cards)
        )
        for step in steps
    }
    return vcenter.wait(tasks, what=f"cloning {wish.template}", timeout=timeout)


def _folder(vcenter: VCenter, path: str, known: Mapping[str, str]) -> Any:
    """The folder at `path`, made where it is missing."""
    parts = path.strip("/").split("/")
    at = f"/{parts[0]}/vm"
    folder = vcenter.object("Folder", known[at])
    for part in parts[2:]:
        at = f"{at}/{part}"
        try:
            folder = vcenter.object("Folder", known[at]) if at in known else folder.CreateFolder(part)
        except vim.fault.DuplicateName as error:  # somebody else made it since we looked
            folder = error.object
    return folder


def _resize(vcenter: VCenter, steps: Sequence[Step], *, timeout: int) -> None:
    tasks = {
        step.node["name"]: vcenter.object("VirtualMachine", step.machine.id).ReconfigVM_Task(resize_spec(vcenter, step))
        for step in steps
        if step.machine is not None and {*SIZES, "disks"} & set(step.lacks)
    }
    vcenter.wait(tasks, what="the resize", timeout=timeout)


def _connect(vcenter: VCenter, steps: Sequence[Step], wish: Wish, handles: Handles, *, timeout: int) -> None:
    """Cards behind the first: a running node takes them too."""
    networks = [handles.networks[name] for name in wish.networks]
    tasks = {}
    for step in steps:
        if step.machine is not None:
            cards = cards_of(vcenter, step.machine.id)
            spec = vim.vm.ConfigSpec(deviceChange=connections(vcenter, cards[1:], networks))
            tasks[step.node["name"]] = vcenter.object("VirtualMachine", step.machine.id).ReconfigVM_Task(spec)
    vcenter.wait(tasks, what="connecting", timeout=timeout)


def _mark(vcenter: VCenter, steps: Sequence[Step], wish: Wish, handles: Handles) -> None:
    for step in steps:
        if step.machine is not None:
            origin = {"origin": ADOPTED} if step.machine.adopted else {}
            marks = {"role": step.node["role"], "site": wish.site, **origin}
            set_marks(vcenter, step.machine.id, marks, handles.fields)


def _tag(vcenter: VCenter, steps: Sequence[Step], wish: Wish, ids: Mapping[str, str], tags: Mapping[str, str]) -> None:
    wanted: dict[str, list[str]] = {}
    for step in steps:
        carries = step.machine.tags if step.machine is not None else frozenset()
        for word in in_words(wish.tags):
            if word not in carries:
                wanted.setdefault(tags[word], []).append(ids[step.node["name"]])
    if wanted:
        attach(vcenter.endpoint, wanted)


def _await_guests(vcenter: VCenter, steps: Sequence[Step], names: Mapping[int, str], *, timeout: int) -> None:
    """Until each node has its address and has published its host keys, so that the first login can be verified."""
    wanted = {step.node["name"]: step.node["address"] for step in steps}  # None: DHCP gives one
    handles = {s.node["name"]: vcenter.object("VirtualMachine", s.machine.id) for s in steps if s.machine is not None}

    def there(name: str, record: Record) -> bool:
        machine = machine_of(record, names)
        return is_reachable(machine, wanted[name])

    late = sorted(set(wanted) - set(vcenter.watch(handles, _GUEST, there, timeout=timeout)))
    if late:
        machines = read_machines(vcenter, [handles[name]._moId for name in late], names)
        raise OperationFailed(
            f"{vcenter.endpoint}: after {timeout} s these nodes are not ready to be reached: "
            + "; ".join(_lack(machines[name], wanted[name]) for name in late if name in machines)
        )


def is_reachable(machine: Machine, address: str | None) -> bool:
    """Whether a first login could be made, and verified."""
    return _addressed(machine, address) and bool(machine.host_keys)


def _addressed(machine: Machine, address: str | None) -> bool:
    return bool(machine.addresses) if address is None else address in machine.addresses


def _lack(machine: Machine, address: str | None) -> str:
    if not _addressed(machine, address):
        shown = ", ".join(machine.addresses) or "none"
        return f"{machine.name} should have the address {address or 'that DHCP gives'}, its tools report {shown}"
    return f"{machine.name} has published no SSH host keys in {HOST_KEYS}; the template should do that when it starts"


def destroy(vcenter: VCenter, machines: Sequence[Powered], *, timeout: int) -> None:
    """Switch off and delete. Whose they are was decided before."""
    on = {machine.name: vcenter.object("VirtualMachine", machine.id) for machine in machines if machine.power != "off"}
    vcenter.wait({name: vm.PowerOffVM_Task() for name, vm in on.items()}, what="switching off", timeout=timeout)
    tasks = {machine.name: vcenter.object("VirtualMachine", machine.id).Destroy_Task() for machine in machines}
    vcenter.wait(tasks, what="deleting", timeout=timeout)
