package center

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// DestroyTask removes the VM with its container and the container's volume.
func (v *virtualMachine) DestroyTask(*simulator.Context, *types.Destroy_Task) soap.HasFault {
	task := v.center.run(v, "Destroy_Task", func() (types.AnyType, types.BaseMethodFault) { return nil, v.center.destroy(v.Self) })
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: task}}
}

// UnregisterVM forgets the VM. Nothing could ever reach its container again, so that goes too.
func (v *virtualMachine) UnregisterVM(ctx *simulator.Context, req *types.UnregisterVM) soap.HasFault {
	c, m := v.center, v.center.machine(v.Self)
	res := v.VirtualMachine.UnregisterVM(ctx, req)
	if res.Fault() == nil && m != nil {
		c.dropMachine(v.Self)
		c.save(v.Self)
		c.background("unregister", v.Self, func() types.BaseMethodFault {
			if err := c.removeContainer(m); err != nil {
				return &types.GenericVmConfigFault{Reason: err.Error()}
			}
			return nil
		})
	}
	return res
}

func (c *Center) destroy(ref types.ManagedObjectReference) types.BaseMethodFault {
	vm, m, fault := c.begin(ref)
	if fault != nil {
		return fault
	}
	defer m.ops.Unlock()
	if c.isOn(vm) {
		return &types.InvalidPowerState{RequestedState: off, ExistingState: on}
	}
	if err := c.removeContainer(m); err != nil {
		return &types.GenericVmConfigFault{Reason: err.Error()}
	}
	ctx := c.context()
	_, fault = c.hidden(ctx, vm, func() types.ManagedObjectReference {
		return vm.DestroyTask(ctx, &types.Destroy_Task{This: ref}).(*methods.Destroy_TaskBody).Res.Returnval
	})
	if fault == nil {
		c.dropMachine(ref)
		c.save(ref)
		c.store.usageChanged()
	}
	return fault
}

// RelocateVMTask moves a VM to another host, pool or datastore, and keeps the lists of all of them right.
func (v *virtualMachine) RelocateVMTask(_ *simulator.Context, req *types.RelocateVM_Task) soap.HasFault {
	c := v.center
	task := c.run(v, "RelocateVM_Task", func() (types.AnyType, types.BaseMethodFault) {
		vm, m, fault := c.begin(v.Self)
		if fault != nil {
			return nil, fault
		}
		defer m.ops.Unlock()
		for _, ref := range []*types.ManagedObjectReference{req.Spec.Pool, req.Spec.Host, req.Spec.Datastore, req.Spec.Folder} {
			if ref != nil && c.registry.Get(*ref) == nil {
				return nil, &types.ManagedObjectNotFound{Obj: *ref}
			}
		}
		ctx := c.context()
		before := *vm.Runtime.Host
		_, fault = c.hidden(ctx, vm, func() types.ManagedObjectReference {
			return vm.RelocateVMTask(ctx, req).(*methods.RelocateVM_TaskBody).Res.Returnval
		})
		if fault == nil {
			c.rehome(ctx, vm, before)
			c.save(v.Self)
			c.store.usageChanged()
		}
		return nil, fault
	})
	return &methods.RelocateVM_TaskBody{Res: &types.RelocateVM_TaskResponse{Returnval: task}}
}

// rehome puts a VM on the list of its host and takes it off that of the one before.
func (c *Center) rehome(ctx *simulator.Context, vm *simulator.VirtualMachine, before types.ManagedObjectReference) {
	if old, ok := c.registry.Get(before).(*simulator.HostSystem); ok {
		c.registry.RemoveReference(ctx, old, &old.Vm, vm.Self)
	}
	host := c.registry.Get(*vm.Runtime.Host).(*simulator.HostSystem)
	c.registry.AddReference(ctx, host, &host.Vm, vm.Self)
}
