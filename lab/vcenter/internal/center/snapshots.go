package center

import (
	"bytes"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type snapshot struct {
	*simulator.VirtualMachineSnapshot
	center *Center
}

// RevertToSnapshotTask brings the hardware of the snapshot back and powers the VM off. What is on the disks of its
// container stays as it is: that is not simulated.
func (s *snapshot) RevertToSnapshotTask(_ *simulator.Context, req *types.RevertToSnapshot_Task) soap.HasFault {
	c := s.center
	task := c.run(s.Vm, "RevertToSnapshot_Task", func() (types.AnyType, types.BaseMethodFault) {
		return nil, c.revert(s.VirtualMachineSnapshot, func(ctx *simulator.Context) types.ManagedObjectReference {
			return s.VirtualMachineSnapshot.RevertToSnapshotTask(ctx, req).(*methods.RevertToSnapshot_TaskBody).Res.Returnval
		})
	})
	return &methods.RevertToSnapshot_TaskBody{Res: &types.RevertToSnapshot_TaskResponse{Returnval: task}}
}

// RevertToCurrentSnapshotTask does the same with the last snapshot.
func (v *virtualMachine) RevertToCurrentSnapshotTask(_ *simulator.Context, req *types.RevertToCurrentSnapshot_Task) soap.HasFault {
	c := v.center
	if v.Snapshot == nil || v.Snapshot.CurrentSnapshot == nil {
		return &methods.RevertToCurrentSnapshot_TaskBody{Fault_: simulator.Fault("There is no snapshot.", new(types.NotFound))}
	}
	current, ok := c.registry.Get(*v.Snapshot.CurrentSnapshot).(*simulator.VirtualMachineSnapshot)
	if !ok {
		return &methods.RevertToCurrentSnapshot_TaskBody{Fault_: simulator.Fault("There is no snapshot.", new(types.NotFound))}
	}
	task := c.run(v, "RevertToCurrentSnapshot_Task", func() (types.AnyType, types.BaseMethodFault) {
		return nil, c.revert(current, func(ctx *simulator.Context) types.ManagedObjectReference {
			return v.VirtualMachine.RevertToCurrentSnapshotTask(ctx, req).(*methods.RevertToCurrentSnapshot_TaskBody).Res.Returnval
		})
	})
	return &methods.RevertToCurrentSnapshot_TaskBody{Res: &types.RevertToCurrentSnapshot_TaskResponse{Returnval: task}}
}

func (c *Center) revert(s *simulator.VirtualMachineSnapshot, start func(*simulator.Context) types.ManagedObjectReference) types.BaseMethodFault {
	vm, m, fault := c.begin(s.Vm)
	if fault != nil {
		return fault
	}
	defer m.ops.Unlock()
	if c.isOn(vm) {
		if err := c.stopContainer(m); err != nil {
			return &types.GenericVmConfigFault{Reason: err.Error()}
		}
	}
	config, err := copied(s.Config)
	if err != nil {
		return &types.GenericVmConfigFault{Reason: err.Error()}
	}
	ctx := c.context()
	c.registry.WithLock(ctx, vm, func() {
		if vm.Runtime.PowerState != off {
			if fault = c.stopped(ctx, vm, m, off); fault != nil {
				return
			}
		}
		if _, fault = c.hidden(ctx, vm, func() types.ManagedObjectReference { return start(ctx) }); fault != nil {
			return
		}
		ctx.AutoUpdate(vm, func() { bringBack(vm, config) })
	})
	if fault == nil {
		c.save(s.Vm)
		c.store.usageChanged()
	}
	return fault
}

// bringBack takes everything of a snapshot's configuration that a revert restores: all but name and place.
func bringBack(vm *simulator.VirtualMachine, config *types.VirtualMachineConfigInfo) {
	now := vm.Config
	now.Hardware, now.ExtraConfig, now.Annotation = config.Hardware, config.ExtraConfig, config.Annotation
	now.CpuHotAddEnabled, now.CpuHotRemoveEnabled, now.MemoryHotAddEnabled = config.CpuHotAddEnabled, config.CpuHotRemoveEnabled, config.MemoryHotAddEnabled
	now.CpuAllocation, now.MemoryAllocation, now.BootOptions, now.Flags = config.CpuAllocation, config.MemoryAllocation, config.BootOptions, config.Flags
	vm.Summary.Config.NumCpu, vm.Summary.Config.MemorySizeMB = now.Hardware.NumCPU, now.Hardware.MemoryMB
	cards := int32(0)
	for _, device := range now.Hardware.Device {
		if _, ok := device.(types.BaseVirtualEthernetCard); ok {
			cards++
		}
	}
	vm.Summary.Config.NumEthernetCards = cards
	settle(vm)
}

// copied makes a configuration that shares nothing with the original.
func copied(config types.VirtualMachineConfigInfo) (*types.VirtualMachineConfigInfo, error) {
	var buffer bytes.Buffer
	if err := types.NewJSONEncoder(&buffer).Encode(config); err != nil {
		return nil, err
	}
	out := new(types.VirtualMachineConfigInfo)
	return out, types.NewJSONDecoder(&buffer).Decode(out)
}
