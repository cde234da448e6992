package center

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/estate"
)

const gib = int64(1) << 30

// places are the managed objects that guests are put on, by name.
type places struct {
	hosts      map[string]types.ManagedObjectReference
	pools      map[string]types.ManagedObjectReference // by cluster
	folders    map[string]*simulator.Folder
	portgroups map[string]types.BaseVirtualDeviceBackingInfo
	fields     map[string]int32
}

// seed builds everything that the estate describes, except tags, which need the REST interface.
func (c *Center) seed() error {
	ctx := context.Background()
	client, err := vim25.NewClient(ctx, c.service)
	if err != nil {
		return err
	}
	p := &places{
		hosts: map[string]types.ManagedObjectReference{}, pools: map[string]types.ManagedObjectReference{},
		folders: map[string]*simulator.Folder{}, portgroups: map[string]types.BaseVirtualDeviceBackingInfo{},
		fields: map[string]int32{},
	}
	datacenter, err := object.NewRootFolder(client).CreateDatacenter(ctx, c.estate.Datacenter)
	if err != nil {
		return err
	}
	folders, err := datacenter.Folders(ctx)
	if err != nil {
		return err
	}
	dvs, err := c.seedSwitch(ctx, client, folders, p)
	if err != nil {
		return err
	}
	for _, cluster := range c.estate.Clusters {
		if err := c.seedCluster(ctx, client, folders, dvs, cluster, p); err != nil {
			return fmt.Errorf("cluster %s: %w", cluster.Name, err)
		}
	}
	if err := c.seedDatastores(ctx, client, p); err != nil {
		return err
	}
	for _, name := range c.estate.Folders {
		folder, err := folders.VmFolder.CreateFolder(ctx, name)
		if err != nil {
			return err
		}
		p.folders[name] = c.registry.Get(folder.Reference()).(*simulator.Folder)
	}
	if err := c.seedFields(ctx, client, p); err != nil {
		return err
	}
	for _, guest := range append([]estate.Guest{c.estate.Template}, c.estate.Guests...) {
		if err := c.seedGuest(guest, p); err != nil {
			return fmt.Errorf("guest %s: %w", guest.Name, err)
		}
	}
	c.countTo(0) // past the numbers of the simulator's own alarms: what comes next has the same ones after a restart
	return nil
}

func (c *Center) seedSwitch(ctx context.Context, client *vim25.Client, folders *object.DatacenterFolders, p *places) (*object.DistributedVirtualSwitch, error) {
	spec := types.DVSCreateSpec{ConfigSpec: &types.VMwareDVSConfigSpec{DVSConfigSpec: types.DVSConfigSpec{Name: c.estate.Switch}}}
	task, err := folders.NetworkFolder.CreateDVS(ctx, spec)
	if err != nil {
		return nil, err
	}
	info, err := task.WaitForResult(ctx, nil)
	if err != nil {
		return nil, err
	}
	dvs := object.NewDistributedVirtualSwitch(client, info.Result.(types.ManagedObjectReference))
	var groups []types.DVPortgroupConfigSpec
	for _, n := range c.estate.Networks {
		groups = append(groups, types.DVPortgroupConfigSpec{
			Name: n.Name, NumPorts: 128, Type: string(types.DistributedVirtualPortgroupPortgroupTypeEarlyBinding),
			DefaultPortConfig: &types.VMwareDVSPortSetting{
				Vlan: &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: n.VLAN},
			},
		})
	}
	if task, err = dvs.AddPortgroup(ctx, groups); err != nil {
		return nil, err
	}
	if err := task.Wait(ctx); err != nil {
		return nil, err
	}
	network := c.registry.Get(folders.NetworkFolder.Reference()).(*simulator.Folder)
	for _, n := range c.estate.Networks {
		group := c.registry.FindByName(n.Name, network.ChildEntity)
		backing, err := object.NewDistributedVirtualPortgroup(client, group.Reference()).EthernetCardBackingInfo(ctx)
		if err != nil {
			return nil, err
		}
		p.portgroups[n.Name] = backing
	}
	return dvs, nil
}

func (c *Center) seedCluster(ctx context.Context, client *vim25.Client, folders *object.DatacenterFolders,
	dvs *object.DistributedVirtualSwitch, cluster estate.Cluster, p *places) error {
	created, err := folders.HostFolder.CreateCluster(ctx, cluster.Name, types.ClusterConfigSpecEx{
		DasConfig: &types.ClusterDasConfigInfo{Enabled: types.NewBool(true), AdmissionControlEnabled: types.NewBool(true)},
		DrsConfig: &types.ClusterDrsConfigInfo{Enabled: types.NewBool(true), DefaultVmBehavior: types.DrsBehaviorFullyAutomated},
	})
	if err != nil {
		return err
	}
	for i, host := range cluster.Hosts {
		task, err := created.AddHost(ctx, types.HostConnectSpec{HostName: host.Name}, true, nil, nil)
		if err != nil {
			return err
		}
		info, err := task.WaitForResult(ctx, nil)
		if err != nil {
			return err
		}
		ref := info.Result.(types.ManagedObjectReference)
		task, err = dvs.Reconfigure(ctx, &types.DVSConfigSpec{Host: []types.DistributedVirtualSwitchHostMemberConfigSpec{
			{Operation: string(types.ConfigSpecOperationAdd), Host: ref},
		}})
		if err != nil {
			return err
		}
		if err := task.Wait(ctx); err != nil {
			return err
		}
		equip(c.registry.Get(ref).(*simulator.HostSystem), host, fmt.Sprintf("10.98.0.%d", 10*len(p.pools)+i+11))
		p.hosts[host.Name] = ref
	}
	sumUp(c.registry.Get(created.Reference()).(*simulator.ClusterComputeResource), cluster)
	pool, err := created.ResourcePool(ctx)
	if err != nil {
		return err
	}
	p.pools[cluster.Name] = pool.Reference()
	return nil
}

func (c *Center) seedDatastores(ctx context.Context, client *vim25.Client, p *places) error {
	for _, ds := range c.estate.Datastores {
		dir := filepath.Join(c.option("vcsim.home"), ds.Name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		var ref types.ManagedObjectReference
		for _, cluster := range c.estate.Clusters {
			if !contains(ds.Clusters, cluster.Name) {
				continue
			}
			for _, host := range cluster.Hosts {
				system, err := object.NewHostSystem(client, p.hosts[host.Name]).ConfigManager().DatastoreSystem(ctx)
				if err != nil {
					return err
				}
				created, err := system.CreateLocalDatastore(ctx, ds.Name, dir)
				if err != nil {
					return err
				}
				if ref.Value == "" { // for further hosts the simulator mounts the same one, and returns nothing
					ref = created.Reference()
				}
			}
		}
		if ref.Value == "" {
			return fmt.Errorf("datastore %s: none of its clusters exists", ds.Name)
		}
		volume := c.registry.Get(ref).(*simulator.Datastore)
		volume.Summary.Type = "VMFS"
		volume.Summary.MultipleHostAccess = types.NewBool(true)
		volume.Summary.Capacity = ds.CapacityGiB * gib
		volume.Summary.FreeSpace = volume.Summary.Capacity // every disk that is created takes its share off
		volume.Info.GetDatastoreInfo().FreeSpace = volume.Summary.FreeSpace
	}
	return nil
}

func (c *Center) seedFields(ctx context.Context, client *vim25.Client, p *places) error {
	manager, err := object.GetCustomFieldsManager(client)
	if err != nil {
		return err
	}
	for _, name := range c.estate.CustomAttributes {
		field, err := manager.Add(ctx, name, "VirtualMachine", nil, nil)
		if err != nil {
			return err
		}
		p.fields[name] = field.Key
	}
	return nil
}

// option of the vCenter's settings.
func (c *Center) option(key string) string {
	for _, setting := range c.registry.OptionManager().Setting {
		if v := setting.GetOptionValue(); v.Key == key {
			return fmt.Sprint(v.Value)
		}
	}
	return ""
}

func contains(list []string, value string) bool {
	for _, item := range list {
		if item == value {
			return true
		}
	}
	return false
}
