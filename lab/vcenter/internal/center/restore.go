package center

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// restore puts back what an earlier run had changed. References stay the same: clients keep them.
func (c *Center) restore() error {
	if c.store.path == "" {
		return nil
	}
	estate, err := digestOf(c.estate)
	if err != nil {
		return err
	}
	for _, m := range c.all() {
		raw, err := c.recordOf(c.vm(m.ref), m)
		if err != nil {
			return err
		}
		c.store.seeded[m.ref.Value] = digest(raw)
	}
	saved := &c.store.saved
	if saved.Estate == "" {
		saved.Estate = estate
		return c.store.write()
	}
	if saved.Estate != estate {
		return fmt.Errorf("%s belongs to another estate: the description has changed since; take the lab down first", c.store.path)
	}
	finish, err := c.restoreSite(saved.Site)
	if err != nil {
		return err
	}
	for ref := range saved.Gone {
		if err := c.forget(reference("VirtualMachine", ref)); err != nil {
			return err
		}
	}
	refs := make([]string, 0, len(saved.Machines))
	for ref := range saved.Machines {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b string) int { return number(a) - number(b) })
	for _, ref := range refs {
		var r record
		if err := json.Unmarshal(saved.Machines[ref], &r); err != nil {
			return fmt.Errorf("%s: %w", ref, err)
		}
		if err := c.restoreMachine(reference("VirtualMachine", ref), r); err != nil {
			return fmt.Errorf("%s (%s): %w", ref, r.Name, err)
		}
	}
	if saved.Highest > 0 {
		c.countTo(saved.Highest)
	}
	return finish()
}

// forget destroys a seeded VM that an earlier run had destroyed. Its container went then.
func (c *Center) forget(ref types.ManagedObjectReference) error {
	vm := c.vm(ref)
	if vm == nil {
		return nil
	}
	ctx := c.context()
	setPower(vm, off)
	_, fault := c.hidden(ctx, vm, func() types.ManagedObjectReference {
		return vm.DestroyTask(ctx, &types.Destroy_Task{This: ref}).(*methods.Destroy_TaskBody).Res.Returnval
	})
	if fault != nil {
		return fmt.Errorf("%s: %s", ref.Value, describe(fault))
	}
	c.dropMachine(ref)
	return nil
}

func (c *Center) restoreMachine(ref types.ManagedObjectReference, r record) error {
	config := new(types.VirtualMachineConfigInfo)
	if err := decode(r.Config, config); err != nil {
		return err
	}
	vm := c.vm(ref)
	if vm == nil {
		var err error
		if vm, err = c.recreate(ref, r, config); err != nil {
			return err
		}
	}
	ctx := c.context()
	if vm.Parent.Value != r.Folder {
		folder, ok := c.registry.Get(reference("Folder", r.Folder)).(*simulator.Folder)
		if !ok {
			return fmt.Errorf("its folder %s is not there", r.Folder)
		}
		_, fault := c.hidden(ctx, folder, func() types.ManagedObjectReference {
			return folder.MoveIntoFolderTask(ctx, &types.MoveIntoFolder_Task{This: folder.Self, List: []types.ManagedObjectReference{ref}}).(*methods.MoveIntoFolder_TaskBody).Res.Returnval
		})
		if fault != nil {
			return fmt.Errorf("into folder %s: %s", folder.Name, describe(fault))
		}
	}
	before := *vm.Runtime.Host
	host := reference("HostSystem", r.Host)
	vm.Runtime.Host = &host
	c.rehome(ctx, vm, before)
	vm.Name = r.Name
	vm.Config = config
	vm.Summary.Config.Name, vm.Summary.Config.Template = r.Name, r.Template
	vm.ResourcePool = nil
	if r.Pool != "" {
		pool := reference("ResourcePool", r.Pool)
		vm.ResourcePool = &pool
	}
	if err := c.restoreValues(vm, r); err != nil {
		return err
	}
	setPower(vm, types.VirtualMachinePowerState(r.Power))
	bringBack(vm, config)
	vm.Runtime.BootTime = r.Boot
	vm.Summary.Runtime = vm.Runtime
	m := r.Machine
	c.addMachine(ref, m)
	c.describeCards(vm)
	if vm.Runtime.PowerState == on && m.Container == "" {
		c.greet(vm, m)
	} else {
		silence(vm, m)
	}
	if r.Customization != nil {
		return c.restoreCustomization(vm, m, r.Customization)
	}
	return nil
}

// recreate makes a clone again, under the reference it had.
func (c *Center) recreate(ref types.ManagedObjectReference, r record, config *types.VirtualMachineConfigInfo) (*simulator.VirtualMachine, error) {
	folder, ok := c.registry.Get(reference("Folder", r.Folder)).(*simulator.Folder)
	if !ok {
		return nil, fmt.Errorf("its folder %s is not there", r.Folder)
	}
	host := reference("HostSystem", r.Host)
	pool := c.clusterPool(host)
	ctx := c.context()
	c.countTo(number(ref.Value) - 2) // the task takes one number, the VM the next
	result, fault := c.hidden(ctx, folder, func() types.ManagedObjectReference {
		return folder.CreateVMTask(ctx, &types.CreateVM_Task{
			This: folder.Self, Pool: pool, Host: &host,
			Config: types.VirtualMachineConfigSpec{
				Name: r.Name, GuestId: config.GuestId, Uuid: config.Uuid, InstanceUuid: config.InstanceUuid, Version: config.Version,
				Files: &types.VirtualMachineFileInfo{VmPathName: config.Files.VmPathName},
			},
		}).(*methods.CreateVM_TaskBody).Res.Returnval
	})
	if fault != nil {
		return nil, fmt.Errorf("%s", describe(fault))
	}
	if result.(types.ManagedObjectReference) != ref {
		return nil, fmt.Errorf("is %s now", result.(types.ManagedObjectReference).Value)
	}
	vm := c.vm(ref)
	c.relist(ctx, vm, config)
	return vm, nil
}

func (c *Center) restoreCustomization(vm *simulator.VirtualMachine, m *machine, raw json.RawMessage) error {
	spec := new(types.CustomizationSpec)
	if err := decode(raw, spec); err != nil {
		return err
	}
	m.Customization = spec
	vm.Config.Tools.PendingCustomization = "" // it is pending anew
	ctx := c.context()
	_, fault := c.hidden(ctx, vm, func() types.ManagedObjectReference {
		return vm.CustomizeVMTask(ctx, &types.CustomizeVM_Task{This: vm.Self, Spec: *spec}).(*methods.CustomizeVM_TaskBody).Res.Returnval
	})
	if fault != nil {
		return fmt.Errorf("customization: %s", describe(fault))
	}
	return nil
}

// countTo makes the simulator give its next object a number above n.
func (c *Center) countTo(n int) {
	marker := new(mo.ListView)
	marker.Self = reference("ListView", fmt.Sprintf("listview-%d", n))
	c.registry.Put(marker)
	_ = c.registry.AlignCounter()
	c.registry.Remove(c.context(), marker.Self)
}
