package center

import (
	"fmt"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/load"
)

// CloneVMTask does what the specification says, all of it, and gives a clone of the template its container.
func (v *virtualMachine) CloneVMTask(_ *simulator.Context, req *types.CloneVM_Task) soap.HasFault {
	task := v.center.run(v, "CloneVM_Task", func() (types.AnyType, types.BaseMethodFault) {
		ref, fault := v.center.clone(v.VirtualMachine, req)
		if fault != nil {
			return nil, fault
		}
		return ref, nil
	})
	return &methods.CloneVM_TaskBody{Res: &types.CloneVM_TaskResponse{Returnval: task}}
}

func (c *Center) clone(source *simulator.VirtualMachine, req *types.CloneVM_Task) (types.ManagedObjectReference, types.BaseMethodFault) {
	none := types.ManagedObjectReference{}
	origin := c.machine(source.Self)
	if origin == nil {
		return none, &types.ManagedObjectNotFound{Obj: source.Self}
	}
	spec := req.Spec
	config := types.VirtualMachineConfigSpec{}
	if spec.Config != nil {
		config = *spec.Config
	}
	if fault := c.place(source, &spec.Location, req.Folder); fault != nil {
		return none, fault
	}
	// The simulator takes only a part of the configuration; the rest follows as a reconfiguration of the clone.
	spec.Config = &types.VirtualMachineConfigSpec{
		Uuid: config.Uuid, InstanceUuid: config.InstanceUuid, ExtraConfig: carried(source, config.ExtraConfig), NumCPUs: config.NumCPUs, MemoryMB: config.MemoryMB,
	}
	config.DeviceChange = append(spec.Location.DeviceChange, config.DeviceChange...)
	spec.Location.DeviceChange = nil
	powerOn, customization := spec.PowerOn, spec.Customization
	spec.PowerOn, spec.Customization = false, nil // of a clone that has all its network cards
	ctx := c.context()
	result, fault := c.hidden(ctx, source, func() types.ManagedObjectReference {
		copied := *req
		copied.Spec = spec
		return source.CloneVMTask(ctx, &copied).(*methods.CloneVM_TaskBody).Res.Returnval
	})
	if fault != nil {
		return none, fault
	}
	ref := result.(types.ManagedObjectReference)
	if spec.Template {
		c.leavePools(ref)
	}
	vm := c.vm(ref)
	m := c.newMachine(vm, source, origin)
	c.addMachine(ref, m)

	config.Uuid, config.InstanceUuid, config.ExtraConfig, config.Files, config.Name, config.Version = "", "", nil, nil, "", ""
	inherit(&config, source)
	if fault := c.reconfigure(ref, &config); fault != nil && !spec.Template {
		c.destroy(ref)
		return none, fault
	}
	if customization != nil {
		if fault := c.customizeNext(ref, customization); fault != nil {
			c.destroy(ref)
			return none, fault
		}
	}
	c.save(ref)
	if powerOn && !spec.Template {
		if fault := c.powerOn(ref); fault != nil {
			return none, fault
		}
	}
	return ref, nil
}

// place finds the host that a real cluster would choose, and refuses what does not exist: the simulator trusts its callers.
func (c *Center) place(source *simulator.VirtualMachine, location *types.VirtualMachineRelocateSpec, folder types.ManagedObjectReference) types.BaseMethodFault {
	for _, ref := range []*types.ManagedObjectReference{location.Pool, location.Host, location.Datastore, &folder} {
		if ref != nil && c.registry.Get(*ref) == nil {
			return &types.ManagedObjectNotFound{Obj: *ref}
		}
	}
	pool := location.Pool
	if pool == nil {
		pool = source.ResourcePool
	}
	if pool == nil {
		return &types.InvalidArgument{InvalidProperty: "spec.location.pool"}
	}
	cluster := c.clusterOf(*pool)
	if cluster == nil {
		return &types.InvalidArgument{InvalidProperty: "spec.location.pool"}
	}
	if location.Host == nil {
		host := c.emptiest(cluster)
		location.Host = &host
	} else if simulator.FindReference(cluster.Host, *location.Host) == nil {
		return &types.InvalidArgument{InvalidProperty: "spec.location.host"}
	}
	host := c.registry.Get(*location.Host).(*simulator.HostSystem)
	if location.Datastore == nil {
		// A template of another cluster may lie where this host cannot see: then the host's own first volume.
		if len(source.Datastore) > 0 && simulator.FindReference(host.Datastore, source.Datastore[0]) != nil {
			location.Datastore = &source.Datastore[0]
		} else {
			location.Datastore = &host.Datastore[0]
		}
	} else if simulator.FindReference(host.Datastore, *location.Datastore) == nil {
		return &types.InvalidArgument{InvalidProperty: "spec.location.datastore"}
	}
	return nil
}

func (c *Center) clusterOf(pool types.ManagedObjectReference) *simulator.ClusterComputeResource {
	for {
		switch object := c.registry.Get(pool).(type) {
		case *simulator.ClusterComputeResource:
			return object
		case *simulator.ResourcePool:
			pool = *object.Parent
		default:
			return nil
		}
	}
}

// emptiest is the host with the most memory that no running VM claims.
func (c *Center) emptiest(cluster *simulator.ClusterComputeResource) types.ManagedObjectReference {
	best, most := cluster.Host[0], int64(-1<<62)
	for _, ref := range cluster.Host {
		host := c.registry.Get(ref).(*simulator.HostSystem)
		free := host.Hardware.MemorySize
		for _, guest := range append([]types.ManagedObjectReference{}, host.Vm...) {
			if vm := c.vm(guest); vm != nil && !vm.Config.Template {
				free -= int64(vm.Config.Hardware.MemoryMB) << 20
			}
		}
		if free > most && !host.Runtime.InMaintenanceMode {
			best, most = ref, free
		}
	}
	return best
}

func (c *Center) newMachine(vm, source *simulator.VirtualMachine, origin *machine) *machine {
	shape := origin.Shape
	shape.Seed = load.Seed(c.estate.Seed, vm.Name)
	m := &machine{Shape: shape, Born: time.Now().UTC(), Hostname: origin.Hostname}
	if c.options.Podman != nil && (source.Config.Template || origin.Image != "") {
		m.Image = origin.Image
		if m.Image == "" {
			m.Image = c.options.ImageTemplate
		}
		m.Container = "landfall-" + vm.Name
		for _, other := range c.all() {
			if other.Container == m.Container { // of a VM that was renamed since
				m.Container = fmt.Sprintf("landfall-%s-%d", vm.Name, number(vm.Self.Value))
			}
		}
	}
	ctx := c.context()
	c.registry.WithLock(ctx, vm, func() {
		ctx.AutoUpdate(vm, func() {
			cards := 0
			for _, device := range vm.Config.Hardware.Device {
				if card, ok := device.(types.BaseVirtualEthernetCard); ok { // the simulator copies the original's address
					ethernet := card.GetVirtualEthernetCard()
					ethernet.AddressType = string(types.VirtualEthernetCardMacTypeAssigned)
					ethernet.MacAddress = hardwareAddress(fmt.Sprintf("%s/%s/%d", vm.Name, vm.Self.Value, cards))
					cards++
				}
			}
			settle(vm)
		})
	})
	return m
}

// leavePools takes a template out of the pools, which the simulator would still list once it is gone.
func (c *Center) leavePools(ref types.ManagedObjectReference) {
	ctx := c.context()
	for _, entity := range c.registry.All("ResourcePool") {
		if pool, ok := entity.(*simulator.ResourcePool); ok {
			c.registry.RemoveReference(ctx, pool, &pool.Vm, ref)
		}
	}
}

// carried are the source's further settings, which a clone has too, with those of the specification over them.
func carried(source *simulator.VirtualMachine, wanted []types.BaseOptionValue) []types.BaseOptionValue {
	own := map[string]bool{}
	for _, option := range wanted {
		own[option.GetOptionValue().Key] = true
	}
	var all []types.BaseOptionValue
	for _, option := range source.Config.ExtraConfig {
		if !own[option.GetOptionValue().Key] {
			all = append(all, option)
		}
	}
	return append(all, wanted...)
}

// inherit takes from the original what the specification leaves open.
func inherit(config *types.VirtualMachineConfigSpec, source *simulator.VirtualMachine) {
	if config.Annotation == "" {
		config.Annotation = source.Config.Annotation
	}
	if config.CpuHotAddEnabled == nil {
		config.CpuHotAddEnabled = source.Config.CpuHotAddEnabled
	}
	if config.MemoryHotAddEnabled == nil {
		config.MemoryHotAddEnabled = source.Config.MemoryHotAddEnabled
	}
}
