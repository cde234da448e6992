package center

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/estate"
)

// hostVersion is the newest that the simulator knows the hardware versions of.
const hostVersion = "8.0.2"

// equip gives an ESXi host its hardware: the simulator's hosts are all the same small one.
func equip(host *simulator.HostSystem, h estate.Host, address string) {
	cores, threads, memory := h.Cores(), 2*h.Cores(), h.MemoryGiB*gib
	vendor, maker := "Dell Inc.", "intel"
	if strings.HasPrefix(h.CPU, "AMD") {
		maker = "amd"
	}
	hz := int64(h.MHz) * 1_000_000

	host.Hardware.SystemInfo.Vendor, host.Hardware.SystemInfo.Model = vendor, h.Model
	host.Hardware.MemorySize = memory
	host.Hardware.CpuInfo = types.HostCpuInfo{NumCpuPackages: h.Sockets, NumCpuCores: cores, NumCpuThreads: threads, Hz: hz}
	host.Hardware.CpuPkg = nil
	numa := &types.HostNumaInfo{Type: "NUMA", NumNodes: int32(h.Sockets)}
	perSocket := 2 * h.CoresPerSocket
	for socket := range h.Sockets {
		var ids []int16
		for thread := range perSocket {
			ids = append(ids, socket*perSocket+thread)
		}
		host.Hardware.CpuPkg = append(host.Hardware.CpuPkg, types.HostCpuPackage{
			Index: socket, Vendor: maker, Hz: hz, BusHz: 100_000_000, Description: h.CPU, ThreadId: ids,
		})
		numa.NumaNode = append(numa.NumaNode, types.HostNumaNode{
			TypeId: byte(socket), CpuID: ids, MemorySize: memory / int64(h.Sockets), MemoryRangeLength: memory / int64(h.Sockets),
		})
	}
	host.Hardware.NumaInfo = numa

	summary := host.Summary.Hardware
	summary.Vendor, summary.Model, summary.CpuModel = vendor, h.Model, h.CPU
	summary.CpuMhz, summary.MemorySize = h.MHz, memory
	summary.NumCpuPkgs, summary.NumCpuCores, summary.NumCpuThreads = h.Sockets, cores, threads

	product := types.AboutInfo{
		Name: "VMware ESXi", FullName: "VMware ESXi " + hostVersion + " build-22380479", Vendor: "VMware, Inc.",
		Version: hostVersion, Build: "22380479", OsType: "vmnix-x86", ProductLineId: "embeddedEsx", ApiType: "HostAgent",
		ApiVersion: hostVersion + ".0", LicenseProductName: "VMware ESX Server", LicenseProductVersion: "8.0",
	}
	host.Summary.Config.Product = &product
	host.Config.Product = product
	if network := host.Config.Network; network != nil && len(network.Vnic) > 0 && network.Vnic[0].Spec.Ip != nil {
		network.Vnic[0].Spec.Ip.IpAddress = address
	}
	host.Summary.ManagementServerIp = "10.98.0.2"
}

// sumUp writes what the hosts of a cluster have together, and what of it guests may use.
func sumUp(cluster *simulator.ClusterComputeResource, c estate.Cluster) {
	summary := cluster.Summary.GetComputeResourceSummary()
	*summary = types.ComputeResourceSummary{OverallStatus: types.ManagedEntityStatusGreen}
	for _, h := range c.Hosts {
		cores := int32(h.Cores())
		summary.TotalCpu += cores * h.MHz
		summary.TotalMemory += h.MemoryGiB * gib
		summary.NumCpuCores += h.Cores()
		summary.NumCpuThreads += 2 * h.Cores()
		summary.NumHosts++
		summary.NumEffectiveHosts++
	}
	summary.EffectiveCpu = summary.TotalCpu * 95 / 100
	summary.EffectiveMemory = summary.TotalMemory / (1 << 20) * 94 / 100 // MB, unlike the total
}
