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
	slices.SortFunc(s.Folders, func(a, b folderRecord) int { return number(a.Ref) - number(b.Ref) })
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

// restoreFields adds the custom attributes that were defined at run time, in their order: so they get their old keys.
func (c *Center) restoreFields(s site) {
	for _, field := range s.Fields {
		c.registry.CustomFieldsManager().AddCustomFieldDef(c.context(), &types.AddCustomFieldDef{Name: field.Name, MoType: field.ManagedObjectType})
	}
}

func (c *Center) restoreFolder(f folderRecord) error {
	parent, ok := c.registry.Get(reference("Folder", f.Parent)).(*simulator.Folder)
	if !ok {
		return fmt.Errorf("folder %s: its parent %s is not there", f.Name, f.Parent)
	}
	c.countTo(number(f.Ref) - 1)
	body := parent.CreateFolder(c.context(), &types.CreateFolder{This: parent.Self, Name: f.Name}).(*methods.CreateFolderBody)
	if body.Fault_ != nil {
		return fmt.Errorf("folder %s: %s", f.Name, body.Fault_.String)
	}
	if body.Res.Returnval.Value != f.Ref {
		return fmt.Errorf("folder %s: is %s now, was %s", f.Name, body.Res.Returnval.Value, f.Ref)
	}
	return nil
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
