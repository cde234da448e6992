package center

import (
	"context"
	"fmt"
	"log"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// Reconcile makes containers and power states agree after a start: a container that runs belongs to a VM that is on;
// a VM that was on when the power went gets its container back. A few at a time.
func (c *Center) Reconcile(ctx context.Context, atOnce int) error {
	if c.options.Podman == nil {
		return nil
	}
	for _, m := range c.all() {
		m.awaited.Store(true)
	}
	states, err := c.options.Podman.List(ctx)
	if err != nil {
		return err
	}
	running := map[string]bool{}
	for _, s := range states {
		running[s.Name] = s.Status == "running"
	}
	queue := make(chan *machine)
	var group sync.WaitGroup
	for range atOnce {
		group.Add(1)
		go func() {
			defer group.Done()
			for m := range queue {
				c.revive(m)
			}
		}()
	}
	for _, m := range c.all() {
		vm := c.vm(m.ref)
		if m.Container != "" && vm != nil && c.isOn(vm) && !running[m.Container] {
			queue <- m
			continue
		}
		m.awaited.Store(false)
		switch {
		case m.Container == "" || vm == nil:
		case c.isOn(vm):
			go c.welcome(m)
		case running[m.Container]:
			c.seen(m.Container, 0)
		}
	}
	close(queue)
	group.Wait()
	return nil
}

// revive starts the container of a VM that is on.
func (c *Center) revive(m *machine) {
	vm, _, fault := c.begin(m.ref)
	if fault != nil {
		return
	}
	defer m.ops.Unlock()
	defer m.awaited.Store(false)
	if !c.isOn(vm) {
		return // somebody switched it off while it waited for its turn
	}
	ctx := c.context()
	if err := c.startContainer(vm, m); err != nil {
		log.Printf("%s: %v", m.Container, err)
		c.registry.WithLock(ctx, vm, func() { c.stopped(ctx, vm, m, off) })
		c.save(m.ref)
		return
	}
	c.registry.WithLock(ctx, vm, func() { c.started(ctx, vm, m) })
}

// Watch follows containers that somebody else starts, stops or kills, as a real vCenter follows its hosts.
func (c *Center) Watch(ctx context.Context) {
	for c.options.Podman != nil && ctx.Err() == nil {
		if err := c.options.Podman.Watch(ctx, c.seen); err != nil && ctx.Err() == nil {
			log.Printf("podman events: %v", err)
		}
		time.Sleep(time.Second)
	}
}

// rebooted is the exit status of a host that restarts itself: the kernel ends its init with SIGHUP.
const rebooted = 128 + 1

// seen follows up an event: what counts is how the container is now, once our own work on it is done.
func (c *Center) seen(container string, exit int) {
	for _, m := range c.all() {
		if m.Container == container {
			go c.note(m, exit)
		}
	}
}

func (c *Center) note(m *machine, exit int) {
	vm, _, fault := c.begin(m.ref)
	if fault != nil {
		return
	}
	defer m.ops.Unlock()
	if m.awaited.Load() {
		return
	}
	running, err := c.options.Podman.Running(context.Background(), m.Container)
	if err != nil || c.isOn(vm) == running {
		return
	}
	ctx := c.context()
	if !running && exit == rebooted {
		if err := c.startContainer(vm, m); err == nil {
			c.registry.WithLock(ctx, vm, func() { c.started(ctx, vm, m) })
			return
		}
	}
	log.Printf("%s: somebody changed its power: running=%v", m.Container, running)
	c.registry.WithLock(ctx, vm, func() {
		if !running {
			c.stopped(ctx, vm, m, off)
			return
		}
		ctx.AutoUpdate(vm, func() { setPower(vm, on) })
		c.started(ctx, vm, m)
	})
	c.save(m.ref)
	c.store.usageChanged()
}

// customize takes over what a customization specification says. It is applied once.
func (c *Center) customize(m *machine) {
	spec := m.Customization
	m.Customization = nil
	if prep, ok := spec.Identity.(*types.CustomizationLinuxPrep); ok {
		switch name := prep.HostName.(type) {
		case *types.CustomizationFixedName:
			m.Hostname = name.Name
		case *types.CustomizationVirtualMachineName:
			m.Hostname = strings.ToLower(c.nameOf(m.ref))
		}
	}
	m.Address = ""
	for _, nic := range spec.NicSettingMap {
		if fixed, ok := nic.Adapter.Ip.(*types.CustomizationFixedIp); ok && m.Address == "" {
			m.Address = fixed.IpAddress
		}
	}
}

// lease is the address that a network would give: the first that nobody has, from .100 on.
func (c *Center) lease() string {
	taken := map[string]bool{}
	for _, m := range c.all() {
		taken[m.address()] = true
	}
	for i := 100; ; i++ {
		if address := fmt.Sprintf("10.99.0.%d", i); !taken[address] {
			return address
		}
	}
}
