package center

import (
	"context"
	"log"
	"net"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/podman"
)

const hostKeys = "guestinfo.ssh.hostkeys"

// startContainer brings up what is behind a VM, if there is anything.
func (c *Center) startContainer(vm *simulator.VirtualMachine, m *machine) error {
	ctx := context.Background()
	told := c.cloudInit(vm, m)
	if m.Customization != nil {
		c.customize(m)
		told = true
	}
	if told {
		if m.Container != "" { // name and address of a container are for its life: make it anew, keep its /var
			if err := c.options.Podman.Remove(ctx, m.Container, false); err != nil {
				return err
			}
		}
	}
	if m.Container == "" {
		if m.Address == "" && m.Dynamic == "" && m.Seeded == "" {
			m.Dynamic = c.lease()
		}
		return nil
	}
	if err := c.options.Podman.Start(ctx, c.host(vm, m)); err != nil {
		return err
	}
	if m.Address == "" {
		address, err := c.options.Podman.Address(ctx, m.Container)
		if err != nil {
			return err
		}
		m.Dynamic = address
	}
	return nil
}

func (c *Center) stopContainer(m *machine) error {
	if m.Container == "" {
		return nil
	}
	return c.options.Podman.Stop(context.Background(), m.Container)
}

func (c *Center) restartContainer(vm *simulator.VirtualMachine, m *machine, hard bool) error {
	if m.Container == "" {
		return nil
	}
	stop := c.options.Podman.Stop
	if hard {
		stop = c.options.Podman.Kill
	}
	if err := stop(context.Background(), m.Container); err != nil {
		return err
	}
	return c.options.Podman.Start(context.Background(), c.host(vm, m))
}

func (c *Center) removeContainer(m *machine) error {
	if m.Container == "" {
		return nil
	}
	return c.options.Podman.Remove(context.Background(), m.Container, true)
}

func (c *Center) host(vm *simulator.VirtualMachine, m *machine) podman.Host {
	h := podman.Host{
		Name: m.Container, Hostname: m.Hostname, Image: m.Image, Address: m.Address, AuthorizedKeys: c.options.AuthorizedKeys,
	}
	c.registry.WithLock(c.context(), vm, func() {
		for _, device := range vm.Config.Hardware.Device {
			if card, ok := device.(types.BaseVirtualEthernetCard); ok && h.MAC == "" {
				h.MAC = card.GetVirtualEthernetCard().MacAddress
			}
		}
	})
	return h
}

// welcome waits for a host to answer on SSH, then reports what its tools would: names, addresses, public host keys.
func (c *Center) welcome(m *machine) {
	deadline := time.Now().Add(3 * time.Minute)
	for ; time.Now().Before(deadline); time.Sleep(250 * time.Millisecond) {
		vm := c.vm(m.ref)
		if vm == nil || !c.isOn(vm) {
			return
		}
		if !answers(m.address()) {
			continue
		}
		out, err := c.options.Podman.Exec(context.Background(), m.Container, "sh", "-c", "cat /etc/ssh/ssh_host_*_key.pub")
		if err != nil {
			continue
		}
		ctx := c.context()
		c.registry.WithLock(ctx, vm, func() {
			if vm.Runtime.PowerState == on {
				ctx.AutoUpdate(vm, func() {
					setExtra(vm, hostKeys, keysOnly(out))
					c.greet(vm, m)
				})
			}
		})
		c.save(m.ref)
		return
	}
	log.Printf("%s: does not answer on SSH", m.Container)
}

// answers tells whether an SSH server greets at the address.
func answers(address string) bool {
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(address, "22"), 500*time.Millisecond)
	if err != nil {
		return false
	}
	defer connection.Close()
	banner := make([]byte, 4)
	_ = connection.SetReadDeadline(time.Now().Add(2 * time.Second))
	n, err := connection.Read(banner)
	return err == nil && strings.HasPrefix(string(banner[:n]), "SSH")
}

// keysOnly drops the comments: one "type base64" per line.
func keysOnly(text string) string {
	var keys []string
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) >= 2 {
			keys = append(keys, fields[0]+" "+fields[1])
		}
	}
	return strings.Join(keys, "\n")
}

func setExtra(vm *simulator.VirtualMachine, key, value string) {
	kept := []types.BaseOptionValue{}
	for _, option := range vm.Config.ExtraConfig {
		if option.GetOptionValue().Key != key {
			kept = append(kept, option)
		}
	}
	vm.Config.ExtraConfig = append(kept, &types.OptionValue{Key: key, Value: value})
}

func (c *Center) isOn(vm *simulator.VirtualMachine) bool {
	var state types.VirtualMachinePowerState
	c.registry.WithLock(c.context(), vm, func() { state = vm.Runtime.PowerState })
	return state == on
}

// background is for calls that answer before the work is done.
func (c *Center) background(what string, ref types.ManagedObjectReference, do func() types.BaseMethodFault) {
	name := c.nameOf(ref)
	go func() {
		if fault := do(); fault != nil {
			log.Printf("%s: %s: %s", name, what, describe(fault))
		}
	}()
}
