package center

import (
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// virtualMachine takes the calls that change a VM.
type virtualMachine struct {
	*simulator.VirtualMachine
	center *Center
}

const (
	on        = types.VirtualMachinePowerStatePoweredOn
	off       = types.VirtualMachinePowerStatePoweredOff
	suspended = types.VirtualMachinePowerStateSuspended
)

// PowerOnVMTask starts the container too.
func (v *virtualMachine) PowerOnVMTask(*simulator.Context, *types.PowerOnVM_Task) soap.HasFault {
	task := v.center.run(v, "PowerOnVM_Task", func() (types.AnyType, types.BaseMethodFault) { return nil, v.center.powerOn(v.Self) })
	return &methods.PowerOnVM_TaskBody{Res: &types.PowerOnVM_TaskResponse{Returnval: task}}
}

// PowerOffVMTask stops the container too.
func (v *virtualMachine) PowerOffVMTask(*simulator.Context, *types.PowerOffVM_Task) soap.HasFault {
	task := v.center.run(v, "PowerOffVM_Task", func() (types.AnyType, types.BaseMethodFault) { return nil, v.center.powerDown(v.Self, off) })
	return &methods.PowerOffVM_TaskBody{Res: &types.PowerOffVM_TaskResponse{Returnval: task}}
}

// SuspendVMTask is a power off for the container: its memory is not kept.
func (v *virtualMachine) SuspendVMTask(*simulator.Context, *types.SuspendVM_Task) soap.HasFault {
	task := v.center.run(v, "SuspendVM_Task", func() (types.AnyType, types.BaseMethodFault) {
		return nil, v.center.powerDown(v.Self, suspended)
	})
	return &methods.SuspendVM_TaskBody{Res: &types.SuspendVM_TaskResponse{Returnval: task}}
}

// ResetVMTask pulls the plug and puts it in again.
func (v *virtualMachine) ResetVMTask(*simulator.Context, *types.ResetVM_Task) soap.HasFault {
	task := v.center.run(v, "ResetVM_Task", func() (types.AnyType, types.BaseMethodFault) { return nil, v.center.reset(v.Self, true) })
	return &methods.ResetVM_TaskBody{Res: &types.ResetVM_TaskResponse{Returnval: task}}
}

// ShutdownGuest asks the guest; it answers at once, and the VM is off a little later.
func (v *virtualMachine) ShutdownGuest(*simulator.Context, *types.ShutdownGuest) soap.HasFault {
	if fault := v.guestReady(); fault != nil {
		return &methods.ShutdownGuestBody{Fault_: simulator.Fault(describe(fault), fault)}
	}
	v.center.background("shut down", v.Self, func() types.BaseMethodFault { return v.center.powerDown(v.Self, off) })
	return &methods.ShutdownGuestBody{Res: new(types.ShutdownGuestResponse)}
}

// StandbyGuest asks the guest to sleep.
func (v *virtualMachine) StandbyGuest(*simulator.Context, *types.StandbyGuest) soap.HasFault {
	if fault := v.guestReady(); fault != nil {
		return &methods.StandbyGuestBody{Fault_: simulator.Fault(describe(fault), fault)}
	}
	v.center.background("stand by", v.Self, func() types.BaseMethodFault { return v.center.powerDown(v.Self, suspended) })
	return &methods.StandbyGuestBody{Res: new(types.StandbyGuestResponse)}
}

// RebootGuest asks the guest to start anew.
func (v *virtualMachine) RebootGuest(*simulator.Context, *types.RebootGuest) soap.HasFault {
	if fault := v.guestReady(); fault != nil {
		return &methods.RebootGuestBody{Fault_: simulator.Fault(describe(fault), fault)}
	}
	v.center.background("reboot", v.Self, func() types.BaseMethodFault { return v.center.reset(v.Self, false) })
	return &methods.RebootGuestBody{Res: new(types.RebootGuestResponse)}
}

func (v *virtualMachine) guestReady() types.BaseMethodFault {
	if v.Runtime.PowerState != on {
		return &types.InvalidPowerState{RequestedState: on, ExistingState: v.Runtime.PowerState}
	}
	if v.Guest.ToolsRunningStatus != string(types.VirtualMachineToolsRunningStatusGuestToolsRunning) {
		return new(types.ToolsUnavailable)
	}
	return nil
}

// begin locks a VM for one operation, if it is still there.
func (c *Center) begin(ref types.ManagedObjectReference) (*simulator.VirtualMachine, *machine, types.BaseMethodFault) {
	m := c.machine(ref)
	if m == nil {
		return nil, nil, &types.ManagedObjectNotFound{Obj: ref}
	}
	m.ops.Lock()
	vm := c.vm(ref)
	if vm == nil {
		m.ops.Unlock()
		return nil, nil, &types.ManagedObjectNotFound{Obj: ref}
	}
	return vm, m, nil
}

func (c *Center) powerOn(ref types.ManagedObjectReference) types.BaseMethodFault {
	vm, m, fault := c.begin(ref)
	if fault != nil {
		return fault
	}
	defer m.ops.Unlock()
	ctx := c.context()
	c.registry.WithLock(ctx, vm, func() { fault = c.mayStart(vm) })
	if fault != nil {
		return fault
	}
	if err := c.startContainer(vm, m); err != nil {
		return &types.GenericVmConfigFault{Reason: err.Error()}
	}
	c.registry.WithLock(ctx, vm, func() {
		_, fault = c.hidden(ctx, vm, func() types.ManagedObjectReference {
			return vm.PowerOnVMTask(ctx, &types.PowerOnVM_Task{This: ref}).(*methods.PowerOnVM_TaskBody).Res.Returnval
		})
		if fault == nil {
			c.started(ctx, vm, m)
		}
	})
	if fault == nil {
		c.save(ref)
		c.store.usageChanged()
	}
	return fault
}

// mayStart refuses what no host could run.
func (c *Center) mayStart(vm *simulator.VirtualMachine) types.BaseMethodFault {
	host := c.registry.Get(*vm.Runtime.Host).(*simulator.HostSystem)
	switch {
	case vm.Config.Template:
		return new(types.NotSupported)
	case vm.Runtime.PowerState == on:
		return &types.InvalidPowerState{RequestedState: on, ExistingState: on}
	case host.Runtime.InMaintenanceMode:
		return new(types.InvalidState)
	case vm.Config.Hardware.NumCPU > int32(host.Hardware.CpuInfo.NumCpuThreads):
		return &types.NotEnoughCpus{NumCpuDest: int32(host.Hardware.CpuInfo.NumCpuThreads), NumCpuVm: vm.Config.Hardware.NumCPU}
	case int64(vm.Config.Hardware.MemoryMB)<<20 > host.Hardware.MemorySize:
		return &types.InsufficientMemoryResourcesFault{
			Unreserved: host.Hardware.MemorySize >> 20, Requested: int64(vm.Config.Hardware.MemoryMB),
		}
	}
	return nil
}

// started writes what follows from a boot. The guest's own words come when it is up. Callers hold the VM's lock.
func (c *Center) started(ctx *simulator.Context, vm *simulator.VirtualMachine, m *machine) {
	ctx.AutoUpdate(vm, func() {
		boot := time.Now()
		vm.Runtime.BootTime, vm.Summary.Runtime.BootTime = &boot, &boot
		if m.Container != "" {
			silence(vm, m)
		} else {
			c.greet(vm, m)
		}
	})
	if m.Container != "" {
		go c.welcome(m)
	}
}

// powerDown ends in off or suspended.
func (c *Center) powerDown(ref types.ManagedObjectReference, target types.VirtualMachinePowerState) types.BaseMethodFault {
	vm, m, fault := c.begin(ref)
	if fault != nil {
		return fault
	}
	defer m.ops.Unlock()
	ctx := c.context()
	var state types.VirtualMachinePowerState
	c.registry.WithLock(ctx, vm, func() { state = vm.Runtime.PowerState })
	if state == target || (target == suspended && state != on) {
		return &types.InvalidPowerState{RequestedState: on, ExistingState: state}
	}
	if err := c.stopContainer(m); err != nil {
		return &types.GenericVmConfigFault{Reason: err.Error()}
	}
	c.registry.WithLock(ctx, vm, func() { fault = c.stopped(ctx, vm, m, target) })
	if fault == nil {
		c.save(ref)
		c.store.usageChanged()
	}
	return fault
}

// stopped writes the new state of a VM whose container is gone already. Callers hold the VM's lock.
func (c *Center) stopped(ctx *simulator.Context, vm *simulator.VirtualMachine, m *machine, target types.VirtualMachinePowerState) types.BaseMethodFault {
	_, fault := c.hidden(ctx, vm, func() types.ManagedObjectReference {
		if target == suspended {
			return vm.SuspendVMTask(ctx, &types.SuspendVM_Task{This: vm.Self}).(*methods.SuspendVM_TaskBody).Res.Returnval
		}
		return vm.PowerOffVMTask(ctx, &types.PowerOffVM_Task{This: vm.Self}).(*methods.PowerOffVM_TaskBody).Res.Returnval
	})
	if fault == nil {
		ctx.AutoUpdate(vm, func() {
			vm.Runtime.BootTime, vm.Summary.Runtime.BootTime = nil, nil
			silence(vm, m)
		})
	}
	return fault
}

// reset restarts a running VM, with the plug or by asking.
func (c *Center) reset(ref types.ManagedObjectReference, hard bool) types.BaseMethodFault {
	vm, m, fault := c.begin(ref)
	if fault != nil {
		return fault
	}
	defer m.ops.Unlock()
	ctx := c.context()
	var state types.VirtualMachinePowerState
	c.registry.WithLock(ctx, vm, func() { state = vm.Runtime.PowerState })
	if state != on {
		return &types.InvalidPowerState{RequestedState: on, ExistingState: state}
	}
	if err := c.restartContainer(vm, m, hard); err != nil {
		return &types.GenericVmConfigFault{Reason: err.Error()}
	}
	c.registry.WithLock(ctx, vm, func() { c.started(ctx, vm, m) })
	return nil
}
