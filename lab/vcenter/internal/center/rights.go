package center

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// roles are the users who may not do everything, with the privileges that each has everywhere. Looking is free to all.
type roles struct {
	mutex      sync.Mutex
	privileges map[string][]string
	used       map[string][]string // what each of them has needed so far
}

// set gives a user exactly these privileges.
func (r *roles) set(user string, privileges []string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.privileges == nil {
		r.privileges, r.used = map[string][]string{}, map[string][]string{}
	}
	r.privileges[user] = privileges
}

func (r *roles) known(user string) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	_, known := r.privileges[user]
	return known
}

// missing is the first privilege that a call takes and the user lacks.
func (r *roles) missing(user string, method *simulator.Method) string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	own, limited := r.privileges[user]
	if !limited || reads(method.Name) {
		return ""
	}
	for _, one := range privileges(method) {
		if !slices.Contains(own, one) {
			return one
		}
		if !slices.Contains(r.used[user], one) {
			r.used[user] = append(r.used[user], one)
		}
	}
	return ""
}

type role struct {
	User       string   `json:"user"`
	Privileges []string `json:"privileges"`
	Used       []string `json:"used"`
}

// list is GET /roles of the control port.
func (r *roles) list(w http.ResponseWriter, _ *http.Request) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	list := []role{}
	for user, own := range r.privileges {
		list = append(list, role{user, own, r.used[user]})
	}
	answer(w, list)
}

// give is POST /roles of the control port.
func (r *roles) give(w http.ResponseWriter, request *http.Request) {
	var role role
	if err := json.NewDecoder(request.Body).Decode(&role); err != nil || role.User == "" {
		http.Error(w, "needs a user, and privileges", http.StatusBadRequest)
		return
	}
	r.set(role.User, role.Privileges)
	w.WriteHeader(http.StatusCreated)
	answer(w, role)
}

// reads tells whether a method changes nothing.
func reads(method string) bool {
	for _, prefix := range []string{"Retrieve", "Continue", "CancelRetrieve", "Fetch", "Query", "Find", "CurrentTime", "Log", "SessionIsActive",
		"CreateContainerView", "CreateListView", "DestroyView", "CreateFilter", "DestroyPropert", "CreatePropertyCollector", "WaitFor", "CancelWait",
		"CheckForUpdates", "HasPrivilege", "HasUserPrivilege", "FetchUserPrivilege", "Browse", "ReadNext", "List", "Check", "Get"} {
		if strings.HasPrefix(method, prefix) {
			return true
		}
	}
	return false
}

// privileges are what vCenter asks for before a method. They are those of the vSphere Web Services API reference.
func privileges(method *simulator.Method) []string {
	switch body := method.Body.(type) {
	case *types.CloneVM_Task:
		needed := []string{
			"VirtualMachine.Provisioning.DeployTemplate", "VirtualMachine.Inventory.CreateFromExisting", "Resource.AssignVMToPool",
			"Datastore.AllocateSpace", "Network.Assign",
		}
		if body.Spec.Customization != nil {
			needed = append(needed, "VirtualMachine.Provisioning.Customize")
		}
		if body.Spec.Config != nil {
			needed = append(needed, ofConfig(body.Spec.Config)...)
		}
		return needed
	case *types.ReconfigVM_Task:
		return ofConfig(&body.Spec)
	}
	if one, ok := byMethod[method.Name]; ok {
		return []string{one}
	}
	return []string{"System.Modify"}
}

var byMethod = map[string]string{
	"PowerOnVM_Task":                  "VirtualMachine.Interact.PowerOn",
	"PowerOffVM_Task":                 "VirtualMachine.Interact.PowerOff",
	"ShutdownGuest":                   "VirtualMachine.Interact.PowerOff",
	"Destroy_Task":                    "VirtualMachine.Inventory.Delete",
	"CreateFolder":                    "Folder.Create",
	"AddCustomFieldDef":               "Global.ManageCustomFields",
	"SetField":                        "Global.SetCustomField",
	"SetCustomValue":                  "Global.SetCustomField",
	"ReconfigureComputeResource_Task": "Host.Inventory.EditCluster",
}

func ofConfig(spec *types.VirtualMachineConfigSpec) []string {
	var needed []string
	if spec.NumCPUs != 0 || spec.NumCoresPerSocket != nil {
		needed = append(needed, "VirtualMachine.Config.CPUCount")
	}
	if spec.MemoryMB != 0 {
		needed = append(needed, "VirtualMachine.Config.Memory")
	}
	if len(spec.ExtraConfig) > 0 {
		needed = append(needed, "VirtualMachine.Config.AdvancedConfig")
	}
	for _, change := range spec.DeviceChange {
		needed = append(needed, ofDevice(change.GetVirtualDeviceConfigSpec()))
	}
	if len(needed) == 0 {
		return []string{"VirtualMachine.Config.Settings"}
	}
	return needed
}

func ofDevice(change *types.VirtualDeviceConfigSpec) string {
	_, disk := change.Device.(*types.VirtualDisk)
	switch {
	case disk && change.Operation == types.VirtualDeviceConfigSpecOperationAdd:
		return "VirtualMachine.Config.AddNewDisk"
	case disk && change.Operation == types.VirtualDeviceConfigSpecOperationEdit:
		return "VirtualMachine.Config.DiskExtend"
	case disk:
		return "VirtualMachine.Config.RemoveDisk"
	case change.Operation == types.VirtualDeviceConfigSpecOperationEdit:
		return "VirtualMachine.Config.EditDevice"
	}
	return "VirtualMachine.Config.AddRemoveDevice"
}
