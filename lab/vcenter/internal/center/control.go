package center

import (
	"encoding/json"
	"net/http"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// Control is the local port for tests and for `python -m lab`: faults, calls, sessions, machines.
func (c *Center) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"status": "ok", "guests": len(c.all()), "containers": c.options.Podman != nil})
	})
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { answer(w, c.gate.rules()) })
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		rule := new(Fault)
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(rule); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if rule.Method == "" || !KnownFault(rule.Fault) {
			http.Error(w, "needs a method, and a fault that vSphere knows: "+rule.Fault, http.StatusBadRequest)
			return
		}
		c.gate.add(rule)
		w.WriteHeader(http.StatusCreated)
		answer(w, rule)
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		c.gate.clear()
		answer(w, c.gate.rules())
	})
	mux.HandleFunc("GET /roles", c.roles.list)
	mux.HandleFunc("POST /roles", c.roles.give)
	mux.HandleFunc("GET /calls", func(w http.ResponseWriter, _ *http.Request) { answer(w, c.gate.counted()) })
	mux.HandleFunc("POST /reset-calls", func(w http.ResponseWriter, _ *http.Request) {
		c.gate.reset()
		answer(w, c.gate.counted())
	})
	mux.HandleFunc("GET /sessions", func(w http.ResponseWriter, _ *http.Request) { answer(w, c.sessions()) })
	mux.HandleFunc("GET /machines", func(w http.ResponseWriter, _ *http.Request) { answer(w, c.overview()) })
	return mux
}

type session struct {
	User     string `json:"user"`
	Login    string `json:"login"`
	LastCall string `json:"lastCall"`
	Calls    int64  `json:"calls"`
}

func (c *Center) sessions() []session {
	view := simulator.Session{Registry: simulator.NewRegistry(), Map: c.registry}
	manager := view.Get(*c.model.ServiceContent.SessionManager).(*simulator.SessionManager)
	list := []session{}
	for _, s := range manager.SessionList {
		list = append(list, session{s.UserName, s.LoginTime.Format("15:04:05"), s.LastActiveTime.Format("15:04:05"), s.CallCount})
	}
	return list
}

// Machine is one line of the overview.
type Machine struct {
	Name      string `json:"name"`
	Power     string `json:"power"`
	Host      string `json:"host"`
	Address   string `json:"address"`
	Container string `json:"container,omitempty"`
	Ready     bool   `json:"ready"` // its tools run: it is up and answers
	Template  bool   `json:"template,omitempty"`
	Live      bool   `json:"live,omitempty"` // a guest that the estate gives a container
}

func (c *Center) overview() []Machine {
	list := []Machine{}
	for _, m := range c.all() {
		vm := c.vm(m.ref)
		if vm == nil {
			continue
		}
		c.registry.WithLock(c.context(), vm, func() {
			list = append(list, Machine{
				Name: vm.Name, Power: string(vm.Runtime.PowerState), Host: c.nameOf(*vm.Runtime.Host), Address: m.address(), Container: m.Container,
				Ready:    vm.Guest.ToolsRunningStatus == string(types.VirtualMachineToolsRunningStatusGuestToolsRunning),
				Template: vm.Config.Template, Live: m.Seeded != "" && m.Container != "",
			})
		})
	}
	return list
}

func (g *gate) add(rule *Fault) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.faults = append(g.faults, rule)
}

func (g *gate) clear() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.faults = nil
}

func (g *gate) rules() []Fault {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	list := []Fault{}
	for _, rule := range g.faults {
		list = append(list, *rule)
	}
	return list
}

func (g *gate) reset() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.calls = map[string]int{}
}

func (g *gate) counted() map[string]int {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	list := map[string]int{}
	for method, n := range g.calls {
		list[method] = n
	}
	return list
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
