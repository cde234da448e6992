package center

import (
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/load"
)

// size is what a formula needs to know of a guest.
type size struct {
	cpus, mhz, memoryMB   float64
	diskUsed, provisioned float64 // KB
}

// formulas turn a share of use into a counter's own unit.
var formulas = map[string]func(size, load.Use, time.Duration) float64{
	"cpu.usagemhz.average":        func(s size, u load.Use, _ time.Duration) float64 { return u.CPU * s.cpus * s.mhz },
	"cpu.usage.average":           func(_ size, u load.Use, _ time.Duration) float64 { return u.CPU * 10000 }, // hundredths of a percent
	"cpu.demand.average":          func(s size, u load.Use, _ time.Duration) float64 { return u.CPU * s.cpus * s.mhz * 1.03 },
	"cpu.ready.summation":         func(s size, u load.Use, d time.Duration) float64 { return u.CPU * s.cpus * d.Seconds() * 6 }, // ms
	"mem.consumed.average":        func(s size, u load.Use, _ time.Duration) float64 { return u.Memory * s.memoryMB * 1024 },     // KB
	"mem.usage.average":           func(_ size, u load.Use, _ time.Duration) float64 { return u.Memory * 0.4 * 10000 },           // of active memory
	"mem.active.average":          func(s size, u load.Use, _ time.Duration) float64 { return u.Memory * 0.4 * s.memoryMB * 1024 },
	"mem.granted.average":         func(s size, u load.Use, _ time.Duration) float64 { return u.Memory * 1.05 * s.memoryMB * 1024 },
	"mem.vmmemctl.average":        func(size, load.Use, time.Duration) float64 { return 0 },
	"mem.swapinRate.average":      func(size, load.Use, time.Duration) float64 { return 0 },
	"mem.swapoutRate.average":     func(size, load.Use, time.Duration) float64 { return 0 },
	"disk.usage.average":          func(_ size, u load.Use, _ time.Duration) float64 { return u.Disk * 20 * 1024 }, // KB/s
	"disk.used.latest":            func(s size, _ load.Use, _ time.Duration) float64 { return s.diskUsed },
	"disk.provisioned.latest":     func(s size, _ load.Use, _ time.Duration) float64 { return s.provisioned },
	"disk.unshared.latest":        func(s size, _ load.Use, _ time.Duration) float64 { return s.diskUsed },
	"disk.maxTotalLatency.latest": func(_ size, u load.Use, _ time.Duration) float64 { return 1 + 9*u.Disk },
	"net.usage.average":           func(_ size, u load.Use, _ time.Duration) float64 { return u.Net * 12 * 1024 }, // KB/s
	"sys.uptime.latest":           func(_ size, _ load.Use, _ time.Duration) float64 { return 97 * 24 * 3600 },
}

// subject is what a series is of: one guest, or all guests of a host.
type subject struct {
	born  time.Time
	idle  bool // was never on: there are no samples
	parts []part
	host  size // only of a host
}

type part struct {
	shape load.Shape
	size  size
}

func (s *statistics) subject(ref types.ManagedObjectReference) *subject {
	c := s.center
	switch object := c.registry.Get(ref).(type) {
	case *simulator.VirtualMachine:
		m := c.machine(ref)
		if m == nil {
			return nil
		}
		result := &subject{born: m.Born}
		c.registry.WithLock(c.context(), object, func() {
			// Who is off here was off all the time; clones and restarted guests have their past since they were made.
			result.idle = object.Runtime.PowerState != on && object.Runtime.BootTime == nil && (object.Config.Template || c.bornOff(m))
			result.parts = []part{{m.Shape, c.sizeOf(object, m)}}
		})
		return result
	case *simulator.HostSystem:
		result := &subject{}
		result.host = size{
			cpus: float64(object.Summary.Hardware.NumCpuCores), mhz: float64(object.Summary.Hardware.CpuMhz),
			memoryMB: float64(object.Hardware.MemorySize >> 20),
		}
		for _, guest := range append([]types.ManagedObjectReference{}, object.Vm...) {
			if vm, m := c.vm(guest), c.machine(guest); vm != nil && m != nil && c.isOn(vm) {
				c.registry.WithLock(c.context(), vm, func() { result.parts = append(result.parts, part{m.Shape, c.sizeOf(vm, m)}) })
			}
		}
		return result
	}
	return nil
}

// bornOff tells whether the estate describes a guest as off or suspended.
func (c *Center) bornOff(m *machine) bool {
	for _, g := range c.estate.Guests {
		if g.Name == m.Seeded {
			return g.Power != ""
		}
	}
	return false
}

func (s *subject) value(formula func(size, load.Use, time.Duration) float64, age, step time.Duration) int64 {
	if s.host.cpus == 0 {
		p := s.parts[0]
		return int64(formula(p.size, p.shape.At(age, step), step))
	}
	var sum load.Use
	for _, p := range s.parts {
		u := p.shape.At(age, step)
		sum.CPU += u.CPU * p.size.cpus / s.host.cpus
		sum.Memory += u.Memory * p.size.memoryMB / s.host.memoryMB
		sum.Disk += u.Disk
		sum.Net += u.Net
	}
	sum.CPU = min(sum.CPU, 1)
	return int64(formula(s.host, sum, step))
}

func (c *Center) sizeOf(vm *simulator.VirtualMachine, m *machine) size {
	s := size{cpus: float64(vm.Config.Hardware.NumCPU), mhz: float64(c.mhzOf(vm)), memoryMB: float64(vm.Config.Hardware.MemoryMB)}
	for i, disk := range disksOf(vm) {
		s.diskUsed += float64(diskUsed(m, i, disk.CapacityInBytes)) / 1024
		s.provisioned += float64(disk.CapacityInBytes) / 1024
	}
	return s
}
