package center

import (
	"encoding/json"
	"fmt"
	"maps"
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
	var kept site
	if saved.Site != nil {
		if err := json.Unmarshal(saved.Site, &kept); err != nil {
			return err
		}
	}
	c.restoreFields(kept)
	for ref := range saved.Gone {
		if err := c.forget(reference("VirtualMachine", ref)); err != nil {
			return err
		}
	}
	c.dropTasks()
	records, err := saved.records()
	if err != nil {
		return err
	}
	if err := c.makeAgain(kept.Folders, records); err != nil {
		return err
	}
	for _, r := range records {
		if err := c.restoreMachine(r); err != nil {
			return fmt.Errorf("%s (%s): %w", r.ref.Value, r.Name, err)
		}
	}
	c.countTo(saved.Highest)
	return c.restoreClusters(kept.Clusters)
}

// makeAgain creates folders and clones in the order of their numbers, as numbers only ever grow.
func (c *Center) makeAgain(folders []folderRecord, records []record) error {
	made := map[int]func() error{}
	for _, f := range folders {
		made[number(f.Ref)] = func() error { return c.restoreFolder(f) }
	}
	for _, r := range records {
		if c.vm(r.ref) == nil {
			made[number(r.ref.Value)] = func() error { return c.recreate(r) }
		}
	}
	for _, n := range slices.Sorted(maps.Keys(made)) {
		if err := made[n](); err != nil {
			return err
		}
	}
	return nil
}

// dropTasks removes what is left of the simulator's own tasks. Their numbers belong to VMs that are still to be made.
func (c *Center) dropTasks() {
	manager := c.registry.Get(*c.model.ServiceContent.TaskManager).(*simulator.TaskManager)
	manager.Lock()
	manager.RecentTask = nil
	manager.Unlock()
	for _, task := range c.registry.AllReference("Task") {
		c.registry.Remove(c.context(), task.Reference())
	}
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

func (c *Center) restoreMachine(r record) error {
	ref := r.ref
	config, err := r.config()
	if err != nil {
		return err
	}
	vm := c.vm(ref)
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

// recreate makes a clone again, under the reference it had. Its folder may be younger than itself: it is moved later.
func (c *Center) recreate(r record) error {
	config, err := r.config()
	if err != nil {
		return err
	}
	folder, ok := c.registry.Get(reference("Folder", r.Folder)).(*simulator.Folder)
	if !ok {
		folder = c.registry.Get(*c.vm(c.template()).Parent).(*simulator.Folder)
	}
	host := reference("HostSystem", r.Host)
	ctx := c.context()
	c.countTo(number(r.ref.Value) - 2) // the task takes one number, the VM the next
	result, fault := c.hidden(ctx, folder, func() types.ManagedObjectReference {
		return folder.CreateVMTask(ctx, &types.CreateVM_Task{
			This: folder.Self, Pool: c.clusterPool(host), Host: &host,
			Config: types.VirtualMachineConfigSpec{
				Name: r.Name, GuestId: config.GuestId, Uuid: config.Uuid, InstanceUuid: config.InstanceUuid, Version: config.Version,
				Files: &types.VirtualMachineFileInfo{VmPathName: config.Files.VmPathName},
			},
		}).(*methods.CreateVM_TaskBody).Res.Returnval
	})
	if fault != nil {
		return fmt.Errorf("%s: %s", r.Name, describe(fault))
	}
	if result.(types.ManagedObjectReference) != r.ref {
		return fmt.Errorf("%s: is %s now, was %s", r.Name, result.(types.ManagedObjectReference).Value, r.ref.Value)
	}
	c.relist(ctx, c.vm(r.ref), config)
	return nil
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
