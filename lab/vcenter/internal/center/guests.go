package center

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/estate"
)

// lastBoots is the day on which the guest that runs for the shortest time was started: the same after every restart.
var lastBoots = time.Date(2026, 6, 1, 4, 30, 0, 0, time.UTC)

// seedGuest creates one VM of the estate, in the state that the estate gives it.
func (c *Center) seedGuest(g estate.Guest, p *places) error {
	template := g.Name == c.estate.Template.Name
	spec, err := guestSpec(g, p)
	if err != nil {
		return err
	}
	ctx, folder, host := c.context(), p.folders[g.Folder], p.hosts[g.Host]
	result, fault := c.hidden(ctx, folder, func() types.ManagedObjectReference {
		return folder.CreateVMTask(ctx, &types.CreateVM_Task{
			This: folder.Self, Config: *spec, Pool: p.pools[c.estate.ClusterOf(g.Host)], Host: &host,
		}).(*methods.CreateVM_TaskBody).Res.Returnval
	})
	if fault != nil {
		return fmt.Errorf("%s", describe(fault))
	}
	vm := c.vm(result.(types.ManagedObjectReference))
	settle(vm)
	vm.Config.CreateDate = types.NewTime(time.Now().AddDate(-3, 0, 0))
	if g.RawDisk {
		makeRaw(vm)
	}
	for name, value := range g.Attributes {
		v := &types.CustomFieldStringValue{CustomFieldValue: types.CustomFieldValue{Key: p.fields[name]}, Value: value}
		vm.CustomValue = append(vm.CustomValue, v)
		vm.Value = append(vm.Value, v)
	}
	slices.SortFunc(vm.CustomValue, func(a, b types.BaseCustomFieldValue) int {
		return int(a.GetCustomFieldValue().Key - b.GetCustomFieldValue().Key)
	})
	m := seededMachine(c.estate, g)
	if c.options.Podman != nil && g.Live {
		m.Container, m.Image = "landfall-"+g.Name, fmt.Sprintf(c.options.ImageGuest, g.Name)
	}
	c.addMachine(vm.Self, m)
	for _, name := range g.Snapshots {
		c.hidden(ctx, vm, func() types.ManagedObjectReference {
			return vm.CreateSnapshotTask(ctx, &types.CreateSnapshot_Task{This: vm.Self, Name: name}).(*methods.CreateSnapshot_TaskBody).Res.Returnval
		})
	}
	switch {
	case template:
		vm.MarkAsTemplate(&types.MarkAsTemplate{This: vm.Self})
	case g.Power == "":
		setPower(vm, types.VirtualMachinePowerStatePoweredOn)
		boot := lastBoots.AddDate(0, 0, -int(m.Shape.Seed%300))
		vm.Runtime.BootTime, vm.Summary.Runtime.BootTime = &boot, &boot
		if m.Container == "" {
			c.greet(vm, m)
		}
	case g.Power == "suspended":
		setPower(vm, types.VirtualMachinePowerStateSuspended)
	}
	return nil
}

func guestSpec(g estate.Guest, p *places) (*types.VirtualMachineConfigSpec, error) {
	system := g.System()
	spec := &types.VirtualMachineConfigSpec{
		Name: g.Name, GuestId: system.ID, Version: "vmx-19", NumCPUs: g.CPUs, MemoryMB: g.MemoryGiB * 1024,
		NumCoresPerSocket: types.NewInt32(1), CpuHotAddEnabled: types.NewBool(g.HotAdd), MemoryHotAddEnabled: types.NewBool(g.HotAdd),
		CpuHotRemoveEnabled: types.NewBool(false), Files: &types.VirtualMachineFileInfo{VmPathName: "[" + g.Datastore + "]"},
	}
	var devices object.VirtualDeviceList
	scsi, err := devices.CreateSCSIController("pvscsi")
	if err != nil {
		return nil, err
	}
	devices = append(devices, scsi)
	for i, size := range g.DisksGiB {
		name := g.Name + ".vmdk"
		if i > 0 {
			name = fmt.Sprintf("%s_%d.vmdk", g.Name, i)
		}
		disk := devices.CreateDisk(scsi.(types.BaseVirtualController), types.ManagedObjectReference{}, "["+g.Datastore+"] "+path.Join(g.Name, name))
		disk.CapacityInKB = size * 1024 * 1024
		disk.StorageIOAllocation = &types.StorageIOAllocationInfo{Limit: types.NewInt64(-1)}
		devices = append(devices, disk)
	}
	card, err := devices.CreateEthernetCard("vmxnet3", p.portgroups[g.Network])
	if err != nil {
		return nil, err
	}
	ethernet := card.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
	ethernet.AddressType, ethernet.MacAddress = string(types.VirtualEthernetCardMacTypeManual), hardwareAddress(g.Name)
	devices = append(devices, card)
	spec.DeviceChange, err = devices.ConfigSpec(types.VirtualDeviceConfigSpecOperationAdd)
	return spec, err
}

// settle sets what the simulator leaves out of every VM that it makes, and what its clients stumble over when unset.
func settle(vm *simulator.VirtualMachine) {
	full := estate.FullName(vm.Config.GuestId)
	vm.Config.GuestFullName, vm.Summary.Config.GuestFullName = full, full
	vm.Runtime.FaultToleranceState, vm.Runtime.RecordReplayState = types.VirtualMachineFaultToleranceStateNotConfigured, types.VirtualMachineRecordReplayStateInactive
	vm.Runtime.MaxCpuUsage, vm.Runtime.MaxMemoryUsage = 2600*vm.Config.Hardware.NumCPU, vm.Config.Hardware.MemoryMB
	vm.Summary.Runtime = vm.Runtime
	vm.Summary.Config.Annotation = vm.Config.Annotation
	vm.Summary.Config.NumVirtualDisks = int32(len(disksOf(vm)))
	if vm.Config.CpuHotAddEnabled == nil {
		vm.Config.CpuHotAddEnabled = types.NewBool(false)
	}
	if vm.Config.MemoryHotAddEnabled == nil {
		vm.Config.MemoryHotAddEnabled = types.NewBool(false)
	}
}

func setPower(vm *simulator.VirtualMachine, state types.VirtualMachinePowerState) {
	vm.Runtime.PowerState, vm.Summary.Runtime.PowerState = state, state
}

func disksOf(vm *simulator.VirtualMachine) []*types.VirtualDisk {
	var disks []*types.VirtualDisk
	for _, device := range vm.Config.Hardware.Device {
		if disk, ok := device.(*types.VirtualDisk); ok {
			disks = append(disks, disk)
		}
	}
	return disks
}

// makeRaw turns the last disk into a raw device mapping, as databases on old arrays have them.
func makeRaw(vm *simulator.VirtualMachine) {
	disks := disksOf(vm)
	disk := disks[len(disks)-1]
	flat := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	disk.Backing = &types.VirtualDiskRawDiskMappingVer1BackingInfo{
		VirtualDeviceFileBackingInfo: flat.VirtualDeviceFileBackingInfo, LunUuid: "0200020000600a098038303742", DeviceName: "vml.0200020000600a0980",
		CompatibilityMode: string(types.VirtualDiskCompatibilityModePhysicalMode), DiskMode: string(types.VirtualDiskModeIndependent_persistent), Uuid: flat.Uuid,
	}
}

// hardwareAddress in VMware's range for addresses that somebody set, from the name.
func hardwareAddress(name string) string {
	n := hash(name)
	return fmt.Sprintf("00:50:56:%02x:%02x:%02x", byte(n>>16)&0x3f, byte(n>>8), byte(n))
}

func sortByReference(list []*machine) {
	slices.SortFunc(list, func(a, b *machine) int { return number(a.ref.Value) - number(b.ref.Value) })
}

// number at the end of a reference such as vm-71.
func number(value string) int {
	n, _ := strconv.Atoi(value[strings.LastIndex(value, "-")+1:])
	return n
}
