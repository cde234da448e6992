package center

import (
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/estate"
	"landfall/lab/vcenter/internal/podman"
)

func begin(t *testing.T, state string) *Center {
	t.Helper()
	t.Setenv("TMPDIR", os.TempDir()) // a state moves it; the next test has its own
	description, err := estate.Read("../../../estate.yml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{Estate: description, Listen: "127.0.0.1:0", Username: "u", Password: "p", State: state})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func named(t *testing.T, c *Center, name string) *simulator.VirtualMachine {
	t.Helper()
	for _, m := range c.all() {
		if vm := c.vm(m.ref); vm.Name == name {
			return vm
		}
	}
	t.Fatalf("no VM %s", name)
	return nil
}

func TestReferencesAreTheSameEachTime(t *testing.T) {
	one, two := begin(t, ""), begin(t, "")
	for _, m := range one.all() {
		if other := two.machine(m.ref); other == nil || other.Seeded != m.Seeded {
			t.Errorf("%s is %s in one and %v in the other", m.ref.Value, m.Seeded, other)
		}
	}
}

func TestHotAdd(t *testing.T) {
	yes, no := types.NewBool(true), types.NewBool(false)
	cases := []struct {
		name  string
		state types.VirtualMachinePowerState
		hot   *bool
		spec  types.VirtualMachineConfigSpec
		want  types.BaseMethodFault
	}{
		{"off takes anything", off, no, types.VirtualMachineConfigSpec{NumCPUs: 16, MemoryMB: 4096}, nil},
		{"cpu up without", on, no, types.VirtualMachineConfigSpec{NumCPUs: 8}, &types.CpuHotPlugNotSupported{}},
		{"cpu up with", on, yes, types.VirtualMachineConfigSpec{NumCPUs: 8}, nil},
		{"cpu down", on, yes, types.VirtualMachineConfigSpec{NumCPUs: 2}, &types.CpuHotPlugNotSupported{}},
		{"memory up without", on, no, types.VirtualMachineConfigSpec{MemoryMB: 16384}, &types.MemoryHotPlugNotSupported{}},
		{"memory up with", on, yes, types.VirtualMachineConfigSpec{MemoryMB: 16384}, nil},
		{"memory down", on, yes, types.VirtualMachineConfigSpec{MemoryMB: 4096}, &types.MemoryHotPlugNotSupported{}},
		{"nothing new", on, no, types.VirtualMachineConfigSpec{NumCPUs: 4, MemoryMB: 8192, Annotation: "x"}, nil},
		{"suspended", suspended, yes, types.VirtualMachineConfigSpec{NumCPUs: 8}, &types.CpuHotPlugNotSupported{}},
		{"the switch itself", on, no, types.VirtualMachineConfigSpec{CpuHotAddEnabled: yes}, &types.InvalidPowerState{}},
		{"odd sockets", off, no, types.VirtualMachineConfigSpec{NumCPUs: 3, NumCoresPerSocket: types.NewInt32(2)}, &types.InvalidArgument{}},
		{"odd memory", off, no, types.VirtualMachineConfigSpec{MemoryMB: 4098}, &types.InvalidArgument{}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			vm := &simulator.VirtualMachine{}
			vm.Config = &types.VirtualMachineConfigInfo{CpuHotAddEnabled: tc.hot, MemoryHotAddEnabled: tc.hot}
			vm.Config.Hardware = types.VirtualHardware{NumCPU: 4, MemoryMB: 8192, NumCoresPerSocket: types.NewInt32(1)}
			vm.Runtime.PowerState = tc.state
			got := mayChange(vm, &tc.spec)
			if reflect.TypeOf(got) != reflect.TypeOf(tc.want) {
				t.Errorf("got %T, want %T", got, tc.want)
			}
		})
	}
}

func TestOthersGoOnWhileATaskWaits(t *testing.T) {
	c := begin(t, "")
	vm := named(t, c, "order-01")
	waiting, finish := make(chan struct{}), make(chan struct{})
	task := c.run(&virtualMachine{vm, c}, "PowerOffVM_Task", func() (types.AnyType, types.BaseMethodFault) {
		close(waiting)
		<-finish
		return nil, nil
	})
	<-waiting
	read := make(chan int32)
	go c.registry.WithLock(c.context(), vm, func() { read <- vm.Config.Hardware.NumCPU })
	select {
	case n := <-read:
		if n != 4 {
			t.Errorf("read %d CPUs", n)
		}
	case <-time.After(5 * time.Second):
		t.Error("a task holds the lock of its VM while it waits")
	}
	close(finish)
	if _, fault := c.wait(task); fault != nil {
		t.Error(describe(fault))
	}
}

func TestUnsetPropertiesAreLeftOut(t *testing.T) {
	c := begin(t, "")
	ctx := c.context()
	pc := c.registry.Get(c.model.ServiceContent.PropertyCollector).(*propertyCollector)
	ref := named(t, c, "appliance-hsm").Self
	res := pc.RetrievePropertiesEx(ctx, &types.RetrievePropertiesEx{SpecSet: []types.PropertyFilterSpec{{
		PropSet:   []types.PropertySpec{{Type: "VirtualMachine", PathSet: []string{"name", "guest.ipAddress"}}},
		ObjectSet: []types.ObjectSpec{{Obj: ref}},
	}}})
	got := res.(*methods.RetrievePropertiesExBody).Res.Returnval.Objects[0].PropSet
	if len(got) != 1 || got[0].Name != "name" {
		t.Errorf("got %v", got)
	}
}

func TestASnapshotSharesNothingWithItsOriginal(t *testing.T) {
	c := begin(t, "")
	vm := named(t, c, "db-01")
	config, err := copied(*vm.Config)
	if err != nil {
		t.Fatal(err)
	}
	config.Hardware.Device[0].GetVirtualDevice().Key = -7
	if vm.Config.Hardware.Device[0].GetVirtualDevice().Key == -7 {
		t.Error("the devices are shared")
	}
	if len(config.Hardware.Device) != len(vm.Config.Hardware.Device) {
		t.Errorf("%d devices, want %d", len(config.Hardware.Device), len(vm.Config.Hardware.Device))
	}
}

func TestAGapInTheStateIsAnError(t *testing.T) {
	dir := t.TempDir()
	first := begin(t, dir)
	ref := named(t, first, "web-01").Self
	first.registry.WithLock(first.context(), first.vm(ref), func() { first.vm(ref).Parent = &types.ManagedObjectReference{Type: "Folder", Value: "group-9999"} })
	first.save(ref)
	if _, err := New(first.options); err == nil {
		t.Error("a VM without its folder was accepted")
	}
}

func TestNumbersOfReferences(t *testing.T) {
	for value, want := range map[string]int{"vm-71": 71, "group-v3": 0, "task-1000001": 1000001, "": 0} {
		if got := number(value); got != want {
			t.Errorf("%q: %d, want %d", value, got, want)
		}
	}
}

var _ mo.Entity = &virtualMachine{} // the simulator treats it as one

func TestWhatIsHeardBeforeAContainerIsStartedIsAboutAnEarlierOne(t *testing.T) {
	c := begin(t, "")
	c.options.Podman = &podman.Client{} // it knows no container of this name
	vm := named(t, c, "order-01")
	m := c.machine(vm.Self)
	m.Container = "landfall-test-never-made"
	for _, awaited := range []bool{true, false} {
		m.awaited.Store(awaited)
		c.note(m, 0)
		if c.isOn(vm) != awaited {
			t.Errorf("awaited %v: on is %v", awaited, c.isOn(vm))
		}
	}
}
