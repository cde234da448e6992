package center

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// The simulator looks an object up in the session before it looks in the inventory. So an object of ours with the
// same reference, put into the session, takes the calls, while the simulator's own code goes on to see its own object.
func (c *Center) front(ctx *simulator.Context, ref types.ManagedObjectReference) {
	session := ctx.Session.Registry
	known := session.Get(ref)
	var object mo.Reference
	switch real := c.registry.Get(ref).(type) {
	case *simulator.VirtualMachine:
		object = &virtualMachine{VirtualMachine: real, center: c}
	case *simulator.VirtualMachineSnapshot:
		object = &snapshot{VirtualMachineSnapshot: real, center: c}
	case *simulator.Datacenter:
		object = &datacenter{Datacenter: real, center: c}
	case *simulator.CustomFieldsManager:
		object = &customFields{CustomFieldsManager: real, center: c}
	case nil:
		if known != nil && (ref.Type == "VirtualMachine" || ref.Type == "VirtualMachineSnapshot") {
			session.Remove(ctx, ref)
		}
		return
	default:
		return
	}
	if known == nil {
		c.registry.WithLock(ctx, object, func() { session.Put(object) })
	}
}

type datacenter struct {
	*simulator.Datacenter
	center *Center
}

// PowerOnMultiVMTask powers on one by one, where each host then has its container.
func (d *datacenter) PowerOnMultiVMTask(_ *simulator.Context, req *types.PowerOnMultiVM_Task) soap.HasFault {
	c := d.center
	task := c.run(d, "PowerOnMultiVM_Task", func() (types.AnyType, types.BaseMethodFault) {
		result := types.ClusterPowerOnVmResult{}
		for _, ref := range req.Vm {
			if fault := c.powerOn(ref); fault != nil {
				result.NotAttempted = append(result.NotAttempted, types.ClusterNotAttemptedVmInfo{
					Vm: ref, Fault: types.LocalizedMethodFault{Fault: fault, LocalizedMessage: describe(fault)},
				})
				continue
			}
			result.Attempted = append(result.Attempted, types.ClusterAttemptedVmInfo{Vm: ref})
		}
		return result, nil
	})
	return &methods.PowerOnMultiVM_TaskBody{Res: &types.PowerOnMultiVM_TaskResponse{Returnval: task}}
}

type customFields struct {
	*simulator.CustomFieldsManager
	center *Center
}

// SetField keeps the value over a restart.
func (f *customFields) SetField(ctx *simulator.Context, req *types.SetField) soap.HasFault {
	if f.center.registry.Get(req.Entity) == nil {
		return &methods.SetFieldBody{Fault_: simulator.Fault("", &types.ManagedObjectNotFound{Obj: req.Entity})}
	}
	res := f.CustomFieldsManager.SetField(ctx, req)
	if res.Fault() == nil {
		f.center.save(req.Entity)
	}
	return res
}

func (c *Center) nameOf(ref types.ManagedObjectReference) string {
	if entity, ok := c.registry.Get(ref).(mo.Entity); ok {
		return entity.Entity().Name
	}
	return ""
}
