package center

import (
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// refreshUsage makes the current figures agree with each other: what guests use now, what their hosts carry, what is
// left on the datastores. They follow from the same series as the statistics.
func (c *Center) refreshUsage() {
	hosts := map[types.ManagedObjectReference]*hostUse{}
	stored := map[types.ManagedObjectReference]int64{}
	for _, m := range c.all() {
		vm := c.vm(m.ref)
		if vm == nil {
			continue
		}
		ctx := c.context()
		c.registry.WithLock(ctx, vm, func() {
			use := c.quickStats(vm, m)
			for ds, bytes := range storage(vm, m) {
				stored[ds] += bytes
			}
			if vm.Runtime.Host != nil && vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
				h := hosts[*vm.Runtime.Host]
				if h == nil {
					h = new(hostUse)
					hosts[*vm.Runtime.Host] = h
				}
				h.cpu += use.cpu
				h.memory += use.memory
			}
		})
	}
	for _, entity := range c.registry.All("HostSystem") {
		host := entity.(*simulator.HostSystem)
		use := hosts[host.Self]
		if use == nil {
			use = new(hostUse)
		}
		c.registry.WithLock(c.context(), host, func() {
			q := &host.Summary.QuickStats
			q.OverallCpuUsage = use.cpu + 280 // the hypervisor itself
			q.OverallMemoryUsage = use.memory + 4096
			q.Uptime = int32(97 * 24 * time.Hour / time.Second)
		})
	}
	for _, entity := range c.registry.All("Datastore") {
		ds := entity.(*simulator.Datastore)
		c.registry.WithLock(c.context(), ds, func() {
			ds.Summary.FreeSpace = ds.Summary.Capacity - stored[ds.Self]
			ds.Info.GetDatastoreInfo().FreeSpace = ds.Summary.FreeSpace
		})
	}
}

type hostUse struct{ cpu, memory int32 }

func (c *Center) quickStats(vm *simulator.VirtualMachine, m *machine) hostUse {
	q := &vm.Summary.QuickStats
	if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
		q.OverallCpuUsage, q.OverallCpuDemand, q.GuestMemoryUsage, q.HostMemoryUsage, q.UptimeSeconds = 0, 0, 0, 0, 0
		return hostUse{}
	}
	use := m.Shape.At(0, 20*time.Second)
	cpu := int32(use.CPU * float64(vm.Config.Hardware.NumCPU) * float64(c.mhzOf(vm)))
	memory := int32(use.Memory * float64(vm.Config.Hardware.MemoryMB))
	q.OverallCpuUsage, q.OverallCpuDemand = cpu, cpu*103/100
	q.HostMemoryUsage = memory + 60
	q.GuestMemoryUsage = memory * 2 / 5 // active memory: less than what is consumed
	if vm.Runtime.BootTime != nil {
		q.UptimeSeconds = int32(time.Since(*vm.Runtime.BootTime).Seconds())
	}
	return hostUse{cpu, memory + 60}
}

func (c *Center) mhzOf(vm *simulator.VirtualMachine) int32 {
	if vm.Runtime.Host == nil {
		return 2000
	}
	return c.registry.Get(*vm.Runtime.Host).(*simulator.HostSystem).Summary.Hardware.CpuMhz
}

// storage writes what a VM takes up, thin, and returns it by datastore.
func storage(vm *simulator.VirtualMachine, m *machine) map[types.ManagedObjectReference]int64 {
	taken := map[types.ManagedObjectReference]int64{}
	usage := map[types.ManagedObjectReference]*types.VirtualMachineUsageOnDatastore{}
	for i, disk := range disksOf(vm) {
		backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo)
		if !ok || backing.GetVirtualDeviceFileBackingInfo().Datastore == nil {
			continue
		}
		ds := *backing.GetVirtualDeviceFileBackingInfo().Datastore
		if usage[ds] == nil {
			usage[ds] = &types.VirtualMachineUsageOnDatastore{Datastore: ds}
		}
		used := diskUsed(m, i, disk.CapacityInBytes)
		usage[ds].Committed += used
		usage[ds].Unshared += used
		usage[ds].Uncommitted += disk.CapacityInBytes - used
		taken[ds] += used
	}
	total := &types.VirtualMachineStorageSummary{Timestamp: time.Now()}
	vm.Storage.PerDatastoreUsage = nil
	for _, ds := range vm.Datastore {
		if u := usage[ds]; u != nil {
			vm.Storage.PerDatastoreUsage = append(vm.Storage.PerDatastoreUsage, *u)
			total.Committed += u.Committed
			total.Uncommitted += u.Uncommitted
			total.Unshared += u.Unshared
		}
	}
	vm.Summary.Storage = total
	return taken
}
