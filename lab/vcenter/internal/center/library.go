package center

import (
	"context"
	"net/http"
	"net/http/httptest"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
)

const templateItem = rest.Path + "/vcenter/vm-template/library-items/{item}"

// seedLibraries makes the content libraries. The template of an item is a VM of the inventory, as in vCenter.
func (c *Center) seedLibraries(ctx context.Context, session *rest.Client) error {
	manager := library.NewManager(session)
	volume := []library.StorageBacking{{Type: "DATASTORE", DatastoreID: c.vm(c.template()).Datastore[0].Value}}
	for _, l := range c.estate.Libraries {
		id, err := manager.CreateLibrary(ctx, library.Library{Name: l.Name, Type: "LOCAL", Storage: volume})
		if err != nil {
			return err
		}
		for _, i := range l.Items {
			item, err := manager.CreateLibraryItem(ctx, library.Item{Name: i.Name, Type: i.Type, LibraryID: id})
			if err != nil {
				return err
			}
			if i.Template != "" {
				c.items[item] = c.template()
			}
		}
	}
	return nil
}

// installLibraries answers which VM is the template of an item: the simulator leaves that open.
func (c *Center) installLibraries() {
	c.service.ServeMux.HandleFunc("GET "+templateItem, func(w http.ResponseWriter, r *http.Request) {
		if !c.loggedIn(r) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		vm := c.vm(c.items[r.PathValue("item")])
		if vm == nil {
			http.NotFound(w, r)
			return
		}
		answer(w, map[string]any{"value": map[string]any{
			"guest_OS": vm.Config.GuestId, "vm_template": vm.Self.Value,
			"cpu":    map[string]any{"count": vm.Config.Hardware.NumCPU},
			"memory": map[string]any{"size_mib": vm.Config.Hardware.MemoryMB},
		}})
	})
}

// loggedIn asks the simulator, which knows the sessions, with a question that anybody may ask who has one.
func (c *Center) loggedIn(r *http.Request) bool {
	question := httptest.NewRequest(http.MethodGet, rest.Path+"/com/vmware/content/library", nil)
	question.Header = r.Header.Clone()
	recorder := httptest.NewRecorder()
	c.service.ServeMux.ServeHTTP(recorder, question)
	return recorder.Code == http.StatusOK
}
