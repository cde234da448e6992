package center

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// record is one VM in the state file.
type record struct {
	ref           types.ManagedObjectReference
	Name          string          `json:"name"`
	Folder        string          `json:"folder"`
	Host          string          `json:"host"`
	Pool          string          `json:"pool,omitempty"`
	Power         string          `json:"power"`
	Boot          *time.Time      `json:"boot,omitempty"`
	Template      bool            `json:"template,omitempty"`
	Config        json.RawMessage `json:"config"`
	Values        json.RawMessage `json:"values,omitempty"`
	Snapshot      json.RawMessage `json:"snapshot,omitempty"`
	Snapshots     []shot          `json:"snapshots,omitempty"`
	Customization json.RawMessage `json:"customization,omitempty"`
	Machine       *machine        `json:"machine"`
}

// shot is one snapshot of a VM.
type shot struct {
	Ref    string          `json:"ref"`
	Config json.RawMessage `json:"config"`
}

func (r record) config() (*types.VirtualMachineConfigInfo, error) {
	config := new(types.VirtualMachineConfigInfo)
	return config, decode(r.Config, config)
}

// records of all VMs that differ from the seed, oldest first.
func (s *state) records() ([]record, error) {
	list := make([]record, 0, len(s.Machines))
	for ref, raw := range s.Machines {
		r := record{ref: reference("VirtualMachine", ref)}
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", ref, err)
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b record) int { return number(a.ref.Value) - number(b.ref.Value) })
	return list, nil
}

// save keeps a VM, or notes that it is gone. A task of ours is over only when this is done.
func (c *Center) save(ref types.ManagedObjectReference) {
	if c.store == nil || c.store.path == "" || ref.Type != "VirtualMachine" {
		return
	}
	var err error
	if vm, m := c.vm(ref), c.machine(ref); vm == nil || m == nil {
		err = c.store.remove(ref.Value)
	} else {
		var raw []byte
		if raw, err = c.recordOf(vm, m); err == nil {
			err = c.store.put(ref.Value, raw)
		}
	}
	if err != nil {
		log.Printf("state of %s: %v", ref.Value, err)
	}
}

// Sync keeps whatever the simulator changed by itself: names, folders, snapshots, rules.
func (c *Center) Sync() {
	if c.store.path == "" {
		return
	}
	for _, m := range c.all() {
		c.save(m.ref)
	}
	if raw, err := c.siteRecord(); err != nil {
		log.Printf("state of the site: %v", err)
	} else if err := c.store.site(raw); err != nil {
		log.Printf("state of the site: %v", err)
	}
}

func (c *Center) recordOf(vm *simulator.VirtualMachine, m *machine) ([]byte, error) {
	var raw []byte
	var err error
	c.registry.WithLock(c.context(), vm, func() {
		r := record{
			Name: vm.Name, Folder: vm.Parent.Value, Host: vm.Runtime.Host.Value, Power: string(vm.Runtime.PowerState),
			Boot: vm.Runtime.BootTime, Template: vm.Config.Template, Machine: m,
		}
		if vm.ResourcePool != nil {
			r.Pool = vm.ResourcePool.Value
		}
		for _, part := range []struct {
			to   *json.RawMessage
			from any
			set  bool
		}{
			{&r.Config, vm.Config, true},
			{&r.Values, types.ArrayOfCustomFieldValue{CustomFieldValue: vm.CustomValue}, len(vm.CustomValue) > 0},
			{&r.Snapshot, vm.Snapshot, vm.Snapshot != nil},
			{&r.Customization, m.Customization, m.Customization != nil},
		} {
			if part.set && err == nil {
				*part.to, err = encode(part.from)
			}
		}
		if vm.Snapshot != nil && err == nil {
			r.Snapshots, err = c.shots(vm.Snapshot.RootSnapshotList)
		}
		if err == nil {
			raw, err = json.Marshal(r)
		}
	})
	return raw, err
}

func (c *Center) shots(tree []types.VirtualMachineSnapshotTree) ([]shot, error) {
	var list []shot
	for _, node := range tree {
		s, ok := c.registry.Get(node.Snapshot).(*simulator.VirtualMachineSnapshot)
		if !ok {
			continue
		}
		config, err := encode(s.Config)
		if err != nil {
			return nil, err
		}
		list = append(list, shot{node.Snapshot.Value, config})
		below, err := c.shots(node.ChildSnapshotList)
		if err != nil {
			return nil, err
		}
		list = append(list, below...)
	}
	return list, nil
}

// encode writes vim types with their names, so that what is behind an interface comes back as it was.
func encode(value any) (json.RawMessage, error) {
	var buffer bytes.Buffer
	err := types.NewJSONEncoder(&buffer).Encode(value)
	return bytes.TrimSpace(buffer.Bytes()), err
}

func decode(raw json.RawMessage, into any) error {
	return types.NewJSONDecoder(bytes.NewReader(raw)).Decode(into)
}
