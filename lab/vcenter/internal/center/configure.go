package center

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// ReconfigVMTask refuses what a real host refuses: a resize of a running VM that does not allow it.
func (v *virtualMachine) ReconfigVMTask(_ *simulator.Context, req *types.ReconfigVM_Task) soap.HasFault {
	task := v.center.run(v, "ReconfigVM_Task", func() (types.AnyType, types.BaseMethodFault) {
		return nil, v.center.reconfigure(v.Self, &req.Spec)
	})
	return &methods.ReconfigVM_TaskBody{Res: &types.ReconfigVM_TaskResponse{Returnval: task}}
}

// CustomizeVMTask keeps the specification for the next power on.
func (v *virtualMachine) CustomizeVMTask(_ *simulator.Context, req *types.CustomizeVM_Task) soap.HasFault {
	task := v.center.run(v, "CustomizeVM_Task", func() (types.AnyType, types.BaseMethodFault) {
		return nil, v.center.customizeNext(v.Self, &req.Spec)
	})
	return &methods.CustomizeVM_TaskBody{Res: &types.CustomizeVM_TaskResponse{Returnval: task}}
}

func (c *Center) customizeNext(ref types.ManagedObjectReference, spec *types.CustomizationSpec) types.BaseMethodFault {
	vm, m, fault := c.begin(ref)
	if fault != nil {
		return fault
	}
	defer m.ops.Unlock()
	ctx := c.context()
	_, fault = c.hidden(ctx, vm, func() types.ManagedObjectReference {
		return vm.CustomizeVMTask(ctx, &types.CustomizeVM_Task{This: ref, Spec: *spec}).(*methods.CustomizeVM_TaskBody).Res.Returnval
	})
	if fault == nil {
		m.Customization = spec
		c.save(ref)
	}
	return fault
}

func (c *Center) reconfigure(ref types.ManagedObjectReference, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	vm, m, fault := c.begin(ref)
	if fault != nil {
		return fault
	}
	defer m.ops.Unlock()
	ctx := c.context()
	c.registry.WithLock(ctx, vm, func() {
		if fault = mayChange(vm, spec); fault != nil {
			return
		}
		_, fault = c.hidden(ctx, vm, func() types.ManagedObjectReference {
			return vm.ReconfigVMTask(ctx, &types.ReconfigVM_Task{This: ref, Spec: *spec}).(*methods.ReconfigVM_TaskBody).Res.Returnval
		})
		if fault == nil {
			ctx.AutoUpdate(vm, func() { settle(vm) })
		}
	})
	if fault == nil {
		c.save(ref)
		c.store.usageChanged()
	}
	return fault
}

// mayChange holds the rules of hot add. Callers hold the VM's lock.
func mayChange(vm *simulator.VirtualMachine, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	hardware := vm.Config.Hardware
	cpus, cores := hardware.NumCPU, int32(1)
	if spec.NumCPUs != 0 {
		cpus = spec.NumCPUs
	}
	if hardware.NumCoresPerSocket != nil {
		cores = max(1, *hardware.NumCoresPerSocket)
	}
	if spec.NumCoresPerSocket != nil {
		cores = max(1, *spec.NumCoresPerSocket)
	}
	switch {
	case cpus%cores != 0:
		return &types.InvalidArgument{InvalidProperty: "configSpec.numCoresPerSocket"}
	case spec.MemoryMB%4 != 0 || spec.MemoryMB < 0:
		return &types.InvalidArgument{InvalidProperty: "configSpec.memoryMB"}
	case spec.NumCPUs < 0:
		return &types.InvalidArgument{InvalidProperty: "configSpec.numCPUs"}
	case vm.Runtime.PowerState == off:
		return nil
	}
	running := vm.Runtime.PowerState == on
	newCPUs, newMemory := cpus-hardware.NumCPU, spec.MemoryMB-int64(hardware.MemoryMB)
	if spec.MemoryMB == 0 {
		newMemory = 0
	}
	switch {
	case newCPUs > 0 && !(running && isTrue(vm.Config.CpuHotAddEnabled)), newCPUs < 0 && !(running && isTrue(vm.Config.CpuHotRemoveEnabled)):
		return new(types.CpuHotPlugNotSupported)
	case newMemory > 0 && !(running && isTrue(vm.Config.MemoryHotAddEnabled)), newMemory < 0:
		return new(types.MemoryHotPlugNotSupported)
	case changes(spec.CpuHotAddEnabled, vm.Config.CpuHotAddEnabled), changes(spec.MemoryHotAddEnabled, vm.Config.MemoryHotAddEnabled),
		spec.NumCoresPerSocket != nil && hardware.NumCoresPerSocket != nil && *spec.NumCoresPerSocket != *hardware.NumCoresPerSocket:
		return &types.InvalidPowerState{RequestedState: off, ExistingState: vm.Runtime.PowerState}
	}
	return nil
}

func isTrue(value *bool) bool { return value != nil && *value }

func changes(wanted, present *bool) bool { return wanted != nil && *wanted != isTrue(present) }
