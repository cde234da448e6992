package center

import (
	"fmt"
	"hash/fnv"
	"net/netip"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/estate"
)

// greet writes what the tools of a running guest report: its name, addresses and disks. Callers hold the VM's lock.
func (c *Center) greet(vm *simulator.VirtualMachine, m *machine) {
	if m.NoTools {
		return
	}
	g := vm.Guest
	g.ToolsStatus = types.VirtualMachineToolsStatusToolsOk
	g.ToolsRunningStatus = string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)
	g.ToolsVersion, g.ToolsVersionStatus = "12352", string(types.VirtualMachineToolsVersionStatusGuestToolsUnmanaged)
	g.ToolsVersionStatus2, g.ToolsInstallType = g.ToolsVersionStatus, string(types.VirtualMachineToolsInstallTypeGuestToolsTypeOpenVMTools)
	g.GuestState, g.GuestFamily = string(types.VirtualMachineGuestStateRunning), "linuxGuest"
	g.GuestId, g.GuestFullName = vm.Config.GuestId, estate.FullName(vm.Config.GuestId)
	if estate.Windows(vm.Config.GuestId) {
		g.GuestFamily, g.ToolsInstallType = "windowsGuest", string(types.VirtualMachineToolsInstallTypeGuestToolsTypeMSI)
	}
	g.GuestOperationsReady, g.InteractiveGuestOperationsReady = types.NewBool(false), types.NewBool(false)
	g.HostName, g.IpAddress = m.Hostname, m.address()
	c.describeNet(vm, m)
	g.Disk = guestDisks(vm, m)

	s := vm.Summary.Guest
	s.ToolsStatus, s.ToolsRunningStatus, s.ToolsVersionStatus, s.ToolsVersionStatus2 = g.ToolsStatus, g.ToolsRunningStatus, g.ToolsVersionStatus, g.ToolsVersionStatus2
	s.GuestId, s.GuestFullName, s.HostName, s.IpAddress = g.GuestId, g.GuestFullName, g.HostName, g.IpAddress
	vm.Summary.QuickStats.GuestHeartbeatStatus, vm.GuestHeartbeatStatus = types.ManagedEntityStatusGreen, types.ManagedEntityStatusGreen
}

// silence removes it again: a guest that is off reports nothing. Callers hold the VM's lock.
func silence(vm *simulator.VirtualMachine, m *machine) {
	g, s := vm.Guest, vm.Summary.Guest
	if !m.NoTools && g.ToolsVersion != "0" {
		g.ToolsStatus = types.VirtualMachineToolsStatusToolsNotRunning
	}
	g.ToolsRunningStatus = string(types.VirtualMachineToolsRunningStatusGuestToolsNotRunning)
	g.GuestState = string(types.VirtualMachineGuestStateNotRunning)
	g.HostName, g.IpAddress, g.IpStack = "", "", nil
	for i := range g.Net {
		g.Net[i].IpAddress, g.Net[i].IpConfig = nil, nil
	}
	s.ToolsStatus, s.ToolsRunningStatus, s.HostName, s.IpAddress = g.ToolsStatus, g.ToolsRunningStatus, "", ""
	vm.Summary.QuickStats.GuestHeartbeatStatus, vm.GuestHeartbeatStatus = types.ManagedEntityStatusGray, types.ManagedEntityStatusGray
}

func (c *Center) describeNet(vm *simulator.VirtualMachine, m *machine) {
	addr, err := netip.ParseAddr(m.address())
	if err != nil {
		return
	}
	gateway := netip.PrefixFrom(addr, 24).Masked().Addr().Next()
	c.describeCards(vm)
	if len(vm.Guest.Net) > 0 { // only the first card of a guest has an address here
		vm.Guest.Net[0].IpAddress = []string{addr.String()}
		vm.Guest.Net[0].IpConfig = &types.NetIpConfigInfo{IpAddress: []types.NetIpConfigInfoIpAddress{{
			IpAddress: addr.String(), PrefixLength: 24, State: string(types.NetIpConfigInfoIpAddressStatusPreferred),
		}}}
	}
	vm.Guest.IpStack = []types.GuestStackInfo{{
		DnsConfig: &types.NetDnsConfigInfo{HostName: m.Hostname},
		IpRouteConfig: &types.NetIpRouteConfigInfo{IpRoute: []types.NetIpRouteConfigInfoIpRoute{{
			Network: "0.0.0.0", Gateway: types.NetIpRouteConfigInfoGateway{IpAddress: gateway.String(), Device: "0"},
		}}},
	}}
}

// describeCards lists the network cards without addresses.
func (c *Center) describeCards(vm *simulator.VirtualMachine) {
	vm.Guest.Net = nil
	for _, device := range vm.Config.Hardware.Device {
		if card, ok := device.(types.BaseVirtualEthernetCard); ok {
			ethernet := card.GetVirtualEthernetCard()
			vm.Guest.Net = append(vm.Guest.Net, types.GuestNicInfo{
				Network: c.networkName(ethernet), MacAddress: ethernet.MacAddress, Connected: true, DeviceConfigId: ethernet.Key,
			})
		}
	}
}

func (c *Center) networkName(card *types.VirtualEthernetCard) string {
	switch backing := card.Backing.(type) {
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		ref := types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: backing.Port.PortgroupKey}
		if group, ok := c.registry.Get(ref).(*simulator.DistributedVirtualPortgroup); ok {
			return group.Name
		}
	case *types.VirtualEthernetCardNetworkBackingInfo:
		return backing.DeviceName
	}
	return ""
}

// guestDisks are the file systems as the guest sees them.
func guestDisks(vm *simulator.VirtualMachine, m *machine) []types.GuestDiskInfo {
	var list []types.GuestDiskInfo
	for i, disk := range disksOf(vm) {
		info := types.GuestDiskInfo{DiskPath: "/", FilesystemType: "ext4", Capacity: disk.CapacityInBytes * 96 / 100}
		if i > 0 {
			info.DiskPath = fmt.Sprintf("/data%d", i)
		}
		if estate.Windows(vm.Config.GuestId) {
			info.DiskPath, info.FilesystemType = string(rune('C'+i))+`:\`, "NTFS"
		}
		info.FreeSpace = info.Capacity - diskUsed(m, i, info.Capacity)
		list = append(list, info)
	}
	return list
}

// diskUsed is between a third and four fifths of a disk.
func diskUsed(m *machine, index int, capacity int64) int64 {
	return capacity / 100 * int64(35+(m.Shape.Seed>>(8*index))%45)
}

func hash(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return h.Sum64()
}
