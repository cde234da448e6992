package center

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// work is what a task does: it holds no lock of the simulator while it waits for a container.
type work func() (types.AnyType, types.BaseMethodFault)

// run starts a task of our own on an object. The task shows up where the simulator's do.
func (c *Center) run(entity mo.Reference, method string, do work) types.ManagedObjectReference {
	ctx := c.context()
	task := simulator.CreateTask(entity, method, nil)
	task.Info.Name = method
	if e, ok := entity.(mo.Entity); ok {
		task.Info.EntityName = e.Entity().Name
	}
	now := time.Now()
	task.Info.StartTime, task.Info.State = &now, types.TaskInfoStateRunning
	task.Self = types.ManagedObjectReference{Type: "Task", Value: fmt.Sprintf("task-%d", c.gate.nextTask())}
	task.Info.Key, task.Info.Task = task.Self.Value, task.Self
	c.registry.Put(task)
	go func() {
		var result types.AnyType
		fault := c.gate.taskFault(method, entity.Reference())
		if fault == nil {
			result, fault = do()
		}
		changes := []types.PropertyChange{{Name: "info.completeTime", Val: time.Now()}}
		if fault != nil {
			changes = append(changes,
				types.PropertyChange{Name: "info.error", Val: types.LocalizedMethodFault{Fault: fault, LocalizedMessage: describe(fault)}},
				types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateError})
		} else {
			changes = append(changes,
				types.PropertyChange{Name: "info.result", Val: result},
				types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateSuccess})
		}
		c.registry.AtomicUpdate(ctx, task, changes)
	}()
	return task.Self
}

// describe says in a sentence what vCenter would say for the faults that callers meet here.
func describe(fault types.BaseMethodFault) string {
	switch f := fault.(type) {
	case *types.DuplicateName:
		return fmt.Sprintf("The name '%s' already exists.", f.Name)
	case *types.InvalidPowerState:
		return fmt.Sprintf("The attempted operation cannot be performed in the current state (%s).", words(string(f.ExistingState)))
	case *types.CpuHotPlugNotSupported:
		return "CPU hot plug is not supported for this virtual machine."
	case *types.MemoryHotPlugNotSupported:
		return "Memory hot plug is not supported for this virtual machine."
	case *types.InvalidArgument:
		return "A specified parameter was not correct: " + f.InvalidProperty
	case *types.GenericVmConfigFault:
		return f.Reason
	case *types.NotEnoughCpus:
		return fmt.Sprintf("The virtual machine needs %d CPUs; the host has %d.", f.NumCpuVm, f.NumCpuDest)
	case *types.InsufficientMemoryResourcesFault:
		return "The available memory resources in the parent resource pool are insufficient for the operation."
	case *types.NicSettingMismatch:
		return fmt.Sprintf("The customization has settings for %d network adapters; the virtual machine has %d.", f.NumberOfNicsInSpec, f.NumberOfNicsInVM)
	case *types.NoPermission:
		return "Permission to perform this operation was denied. NoPermission." + f.PrivilegeId
	case *types.ManagedObjectNotFound:
		return fmt.Sprintf("The object '%s' has already been deleted or has not been completely created.", f.Obj.Value)
	case *types.ToolsUnavailable:
		return "Cannot complete operation because VMware Tools is not running in this virtual machine."
	}
	return words(reflect.TypeOf(fault).Elem().Name())
}

// words of a name in camel case: "Powered on".
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case i == 0:
			b.WriteString(strings.ToUpper(string(r)))
		case r >= 'A' && r <= 'Z':
			b.WriteString(" " + strings.ToLower(string(r)))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// taskNames gives the simulator's own tasks the names of their methods. pyVmomi looks a task's name up among the
// methods it knows, and stumbles over any other.
type taskNames struct{}

var nameOfMethod = map[string]string{
	"AddDVPortgroup": "AddDVPortgroup_Task", "AddHost": "AddHost_Task", "AttachDisk": "AttachDisk_Task", "CloneVm": "CloneVM_Task",
	"CreateDVS": "CreateDVS_Task", "CreateSnapshotEx": "CreateSnapshotEx_Task", "CreateVm": "CreateVM_Task", "CustomizeVm": "CustomizeVM_Task",
	"DeleteDatastoreFile": "DeleteDatastoreFile_Task", "Destroy": "Destroy_Task", "DetachDisk": "DetachDisk_Task",
	"EnterMaintenanceMode": "EnterMaintenanceMode_Task", "ExitMaintenanceMode": "ExitMaintenanceMode_Task",
	"MoveInto": "MoveInto_Task", "MoveIntoFolder": "MoveIntoFolder_Task", "PowerOff": "PowerOffVM_Task", "PowerOn": "PowerOnVM_Task",
	"PowerOnMultiVM": "PowerOnMultiVM_Task", "PromoteDisks": "PromoteDisks_Task", "ReconfigVm": "ReconfigVM_Task",
	"ReconfigureCluster": "ReconfigureComputeResource_Task", "RegisterVm": "RegisterVM_Task", "RelocateVm": "RelocateVM_Task",
	"RemoveAllSnapshots": "RemoveAllSnapshots_Task", "RemoveSnapshot": "RemoveSnapshot_Task", "Rename": "Rename_Task", "Reset": "ResetVM_Task",
	"RevertSnapshot": "RevertToCurrentSnapshot_Task", "RevertToSnapshot": "RevertToSnapshot_Task", "SearchDatastore": "SearchDatastore_Task",
	"Suspend": "SuspendVM_Task", "UpgradeVm": "UpgradeVM_Task",
}

func (*taskNames) Reference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "LandfallTaskNames", Value: "task-names"}
}

func (*taskNames) PutObject(_ *simulator.Context, object mo.Reference) {
	if task, ok := object.(*simulator.Task); ok {
		name := strings.TrimSuffix(task.Info.Name, "_Task")
		if known, ok := nameOfMethod[name]; ok {
			task.Info.Name = known
		} else if !strings.HasSuffix(task.Info.Name, "_Task") {
			task.Info.Name = "" // unset is allowed: a task without a method
		}
	}
}

func (*taskNames) UpdateObject(*simulator.Context, mo.Reference, []types.PropertyChange) {}

func (*taskNames) RemoveObject(*simulator.Context, types.ManagedObjectReference) {}
