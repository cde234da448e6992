package center

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/estate"
	"landfall/lab/vcenter/internal/load"
)

// machine is what the lab knows of a VM beside the simulator's object.
type machine struct {
	ref     types.ManagedObjectReference
	ops     sync.Mutex  // one operation after another
	awaited atomic.Bool // its container is to be started yet: what is heard meanwhile is about an earlier one

	Seeded        string                   `json:"seeded,omitempty"` // its name in the estate, however it is called now
	Shape         load.Shape               `json:"shape"`
	Born          time.Time                `json:"born,omitzero"` // there are no statistics from before
	Hostname      string                   `json:"hostname,omitempty"`
	Address       string                   `json:"address,omitempty"` // fixed; empty: the network gives one
	Dynamic       string                   `json:"dynamic,omitempty"` // what the network gave
	NoTools       bool                     `json:"noTools,omitempty"`
	Instance      string                   `json:"instance,omitempty"` // that its cloud-init has seen
	Container     string                   `json:"container,omitempty"`
	Image         string                   `json:"image,omitempty"`
	Customization *types.CustomizationSpec `json:"-"` // waits for the next power on
}

func (m *machine) address() string {
	if m.Address != "" {
		return m.Address
	}
	return m.Dynamic
}

func (c *Center) machine(ref types.ManagedObjectReference) *machine {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.machines[ref]
}

func (c *Center) addMachine(ref types.ManagedObjectReference, m *machine) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	m.ref = ref
	c.machines[ref] = m
}

func (c *Center) dropMachine(ref types.ManagedObjectReference) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	delete(c.machines, ref)
}

// all machines, oldest first.
func (c *Center) all() []*machine {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	list := make([]*machine, 0, len(c.machines))
	for _, m := range c.machines {
		list = append(list, m)
	}
	sortByReference(list)
	return list
}

// template is the reference of the VM that nodes are cloned from.
func (c *Center) template() types.ManagedObjectReference {
	for _, m := range c.all() {
		if m.Seeded == c.estate.Template.Name {
			return m.ref
		}
	}
	return types.ManagedObjectReference{}
}

// vm is the simulator's object, or nil when the VM is gone.
func (c *Center) vm(ref types.ManagedObjectReference) *simulator.VirtualMachine {
	vm, _ := c.registry.Get(ref).(*simulator.VirtualMachine)
	return vm
}

// wait ends with the simulator's own task, whose polling is too slow for a thousand of them.
func (c *Center) wait(ref types.ManagedObjectReference) (types.AnyType, types.BaseMethodFault) {
	task := c.registry.Get(ref).(*simulator.Task)
	for {
		var info types.TaskInfo
		c.registry.WithLock(c.context(), task, func() { info = task.Info })
		switch info.State {
		case types.TaskInfoStateSuccess:
			return info.Result, nil
		case types.TaskInfoStateError:
			return nil, info.Error.Fault
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// hidden runs a task of the simulator inside one of ours: nobody sees it in the list of recent tasks afterwards.
func (c *Center) hidden(ctx *simulator.Context, object mo.Reference, start func() types.ManagedObjectReference) (types.AnyType, types.BaseMethodFault) {
	var ref types.ManagedObjectReference
	c.registry.WithLock(ctx, object, func() { ref = start() })
	result, fault := c.wait(ref)
	c.registry.Remove(ctx, ref)
	if entity, ok := object.(mo.Entity); ok {
		c.registry.RemoveReference(ctx, object, &entity.Entity().RecentTask, ref)
	}
	manager := c.registry.Get(*c.model.ServiceContent.TaskManager).(*simulator.TaskManager)
	manager.Lock()
	simulator.RemoveReference(&manager.RecentTask, ref)
	manager.Unlock()
	return result, fault
}

func seededMachine(e *estate.Estate, g estate.Guest) *machine {
	return &machine{
		Seeded:   g.Name,
		Shape:    load.Shape{Profile: g.Load.Profile, CPU: g.Load.CPU, Memory: g.Load.Memory, Seed: load.Seed(e.Seed, g.Name)},
		Hostname: g.Name, Address: g.Address, NoTools: g.Tools == "none",
	}
}
