package center

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// site is what was made at run time beside VMs.
type site struct {
	Fields   []types.CustomFieldDef     `json:"fields,omitempty"`
	Folders  []folderRecord             `json:"folders,omitempty"`
	Clusters map[string]json.RawMessage `json:"clusters,omitempty"` // rules and groups
}

type folderRecord struct {
	Ref    string `json:"ref"`
	Parent string `json:"parent"`
	Name   string `json:"name"`
}

func (c *Center) siteRecord() ([]byte, error) {
	s := site{Clusters: map[string]json.RawMessage{}}
	fields := c.registry.CustomFieldsManager()
	c.registry.WithLock(c.context(), fields, func() { s.Fields = append(s.Fields, fields.Field[len(c.estate.CustomAttributes):]...) })
	for _, entity := range c.registry.All("Folder") {
		folder, ok := entity.(*simulator.Folder)
		if !ok || folder.Parent == nil || folder.Parent.Type != "Folder" || !contains(folder.ChildType, "VirtualMachine") {
			continue
		}
		if !contains(c.estate.Folders, folder.Name) {
			s.Folders = append(s.Folders, folderRecord{folder.Self.Value, folder.Parent.Value, folder.Name})
		}
	}
	sortFolders(s.Folders)
	for _, entity := range c.registry.All("ClusterComputeResource") {
		cluster := entity.(*simulator.ClusterComputeResource)
		var raw json.RawMessage
		var err error
		c.registry.WithLock(c.context(), cluster, func() {
			config := cluster.ConfigurationEx.(*types.ClusterConfigInfoEx)
			if len(config.Rule)+len(config.Group) > 0 {
				raw, err = encode(types.ClusterConfigInfoEx{Rule: config.Rule, Group: config.Group})
			}
		})
		if err != nil {
			return nil, err
		}
		if raw != nil {
			s.Clusters[cluster.Name] = raw
		}
	}
	return json.Marshal(s)
}

// sortFolders puts parents before their children: they are older.
func sortFolders(folders []folderRecord) {
	slices.SortFunc(folders, func(a, b folderRecord) int { return number(a.Ref) - number(b.Ref) })
}

// restoreSite comes in two parts: folders and fields before the VMs, rules after them.
func (c *Center) restoreSite(raw json.RawMessage) (func() error, error) {
	nothing := func() error { return nil }
	if raw == nil {
		return nothing, nil
	}
	var s site
	if err := json.Unmarshal(raw, &s); err != nil {
		return nothing, err
	}
	ctx := c.context()
	for _, field := range s.Fields {
		manager := c.registry.CustomFieldsManager()
		manager.AddCustomFieldDef(ctx, &types.AddCustomFieldDef{Name: field.Name, MoType: field.ManagedObjectType})
	}
	for _, f := range s.Folders {
		parent, ok := c.registry.Get(reference("Folder", f.Parent)).(*simulator.Folder)
		if !ok {
			return nothing, fmt.Errorf("folder %s: its parent %s is not there", f.Name, f.Parent)
		}
		c.countTo(number(f.Ref) - 1)
		body := parent.CreateFolder(ctx, &types.CreateFolder{This: parent.Self, Name: f.Name}).(*methods.CreateFolderBody)
		if body.Fault_ != nil {
			return nothing, fmt.Errorf("folder %s: %s", f.Name, body.Fault_.String)
		}
		if body.Res.Returnval.Value != f.Ref {
			return nothing, fmt.Errorf("folder %s: is %s, was %s", f.Name, body.Res.Returnval.Value, f.Ref)
		}
	}
	return func() error { return c.restoreClusters(s.Clusters) }, nil
}

func (c *Center) restoreClusters(clusters map[string]json.RawMessage) error {
	for _, entity := range c.registry.All("ClusterComputeResource") {
		cluster := entity.(*simulator.ClusterComputeResource)
		raw, ok := clusters[cluster.Name]
		if !ok {
			continue
		}
		var config types.ClusterConfigInfoEx
		if err := decode(raw, &config); err != nil {
			return err
		}
		spec := &types.ClusterConfigSpecEx{}
		add := types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationAdd}
		for _, group := range config.Group {
			spec.GroupSpec = append(spec.GroupSpec, types.ClusterGroupSpec{ArrayUpdateSpec: add, Info: group})
		}
		for _, rule := range config.Rule {
			spec.RulesSpec = append(spec.RulesSpec, types.ClusterRuleSpec{ArrayUpdateSpec: add, Info: rule})
		}
		ctx := c.context()
		_, fault := c.hidden(ctx, cluster, func() types.ManagedObjectReference {
			return cluster.ReconfigureComputeResourceTask(ctx, &types.ReconfigureComputeResource_Task{
				This: cluster.Self, Spec: spec, Modify: true,
			}).(*methods.ReconfigureComputeResource_TaskBody).Res.Returnval
		})
		if fault != nil {
			return fmt.Errorf("cluster %s: %s", cluster.Name, describe(fault))
		}
	}
	return nil
}
