package center

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// relist sets the datastores and networks that follow from the devices.
func (c *Center) relist(ctx *simulator.Context, vm *simulator.VirtualMachine, config *types.VirtualMachineConfigInfo) {
	vm.Network = nil
	for _, device := range config.Hardware.Device {
		if card, ok := device.(types.BaseVirtualEthernetCard); ok {
			switch backing := card.GetVirtualEthernetCard().Backing.(type) {
			case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
				vm.Network = append(vm.Network, reference("DistributedVirtualPortgroup", backing.Port.PortgroupKey))
			case *types.VirtualEthernetCardNetworkBackingInfo:
				if backing.Network != nil {
					vm.Network = append(vm.Network, *backing.Network)
				}
			}
		}
		disk, ok := device.(*types.VirtualDisk)
		if !ok {
			continue
		}
		backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo)
		if !ok || backing.GetVirtualDeviceFileBackingInfo().Datastore == nil {
			continue
		}
		ref := *backing.GetVirtualDeviceFileBackingInfo().Datastore
		if simulator.FindReference(vm.Datastore, ref) == nil {
			vm.Datastore = append(vm.Datastore, ref)
			if ds, ok := c.registry.Get(ref).(*simulator.Datastore); ok {
				c.registry.AddReference(ctx, ds, &ds.Vm, vm.Self)
			}
		}
	}
}

func (c *Center) restoreValues(vm *simulator.VirtualMachine, r record) error {
	vm.CustomValue, vm.Value = nil, nil
	if r.Values != nil {
		var values types.ArrayOfCustomFieldValue
		if err := decode(r.Values, &values); err != nil {
			return err
		}
		vm.CustomValue = values.CustomFieldValue
		vm.Value = slices.Clone(values.CustomFieldValue)
	}
	ctx := c.context()
	if vm.Snapshot != nil {
		for _, old := range c.registry.AllReference("VirtualMachineSnapshot") {
			if s, ok := old.(*simulator.VirtualMachineSnapshot); ok && s.Vm == vm.Self {
				c.registry.Remove(ctx, s.Self)
			}
		}
	}
	vm.Snapshot, vm.RootSnapshot = nil, nil
	if r.Snapshot == nil {
		return nil
	}
	vm.Snapshot = new(types.VirtualMachineSnapshotInfo)
	if err := decode(r.Snapshot, vm.Snapshot); err != nil {
		return err
	}
	for _, tree := range vm.Snapshot.RootSnapshotList {
		vm.RootSnapshot = append(vm.RootSnapshot, tree.Snapshot)
	}
	for _, shot := range r.Snapshots {
		s := &simulator.VirtualMachineSnapshot{VirtualMachineSnapshot: mo.VirtualMachineSnapshot{Vm: vm.Self}}
		s.Self = reference("VirtualMachineSnapshot", shot.Ref)
		if err := decode(shot.Config, &s.Config); err != nil {
			return err
		}
		c.registry.Put(s)
	}
	return nil
}

func (c *Center) clusterPool(host types.ManagedObjectReference) types.ManagedObjectReference {
	parent := *c.registry.Get(host).(*simulator.HostSystem).Parent
	return *c.registry.Get(parent).(*simulator.ClusterComputeResource).ResourcePool
}
