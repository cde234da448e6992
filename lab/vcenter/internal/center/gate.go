package center

import (
	"math/rand"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// Fault is one rule of the control port: what happens to calls of a method, how often.
type Fault struct {
	Method      string  `json:"method"`             // a SOAP method such as CloneVM_Task, or *
	Count       int     `json:"count"`              // how many calls it meets; 0: all
	Skip        int     `json:"skip"`               // how many it lets through first
	Delay       float64 `json:"delay"`              // seconds before anything else
	Fault       string  `json:"fault"`              // a vim fault, "connection" (cut), "503", "truncated", or "" (only the delay)
	Probability float64 `json:"probability"`        // 0 counts as 1
	Object      string  `json:"object,omitempty"`   // only calls on this object: its name or its id
	Task        bool    `json:"task,omitempty"`     // the call succeeds, its task fails
	Property    string  `json:"property,omitempty"` // invalidProperty of an InvalidArgument, reason of the others
	Hits        int     `json:"hits"`
	skipped     int
}

func (f *Fault) ofTask() bool { return f.Task }
func (f *Fault) ofCall() bool { return !f.Task && !f.ofHTTP() }

// gate sees every call before the simulator does.
type gate struct {
	center *Center
	tasks  atomic.Int64
	settle atomic.Int32 // how many more looks at the estate a change deserves: tasks end later than their calls

	mutex  sync.Mutex
	calls  map[string]int
	faults []*Fault
}

func newGate(c *Center) *gate {
	g := &gate{center: c, calls: map[string]int{}}
	g.tasks.Store(1_000_000) // far from the simulator's own numbers
	return g
}

// changed tells whether somebody may have changed the estate lately.
func (g *gate) changed() bool { return g.settle.Load() > 0 && g.settle.Add(-1) >= 0 }

func (g *gate) nextTask() int64 { return g.tasks.Add(1) }

// handle is the simulator's hook. A fault that it returns ends the call.
func (g *gate) handle(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
	g.mutex.Lock()
	g.calls[method.Name]++
	g.mutex.Unlock()
	if !reads(method.Name) {
		g.settle.Store(4)
	}

	if rule := g.match((*Fault).ofCall, method.Name, method.This); rule != nil {
		time.Sleep(time.Duration(rule.Delay * float64(time.Second)))
		if rule.Fault == "connection" {
			panic(http.ErrAbortHandler) // net/http cuts the connection without an answer
		}
		if rule.Fault != "" {
			return nil, newFault(rule, method.This)
		}
	}
	if ctx.Session != nil {
		if missing := g.center.roles.missing(ctx.Session.UserName, method); missing != "" {
			return nil, &types.NoPermission{Object: &method.This, PrivilegeId: missing}
		}
		g.center.front(ctx, method.This)
	}
	return nil, nil
}

// taskFault is the fault of a rule that lets the call through and fails its task.
func (g *gate) taskFault(method string, this types.ManagedObjectReference) types.BaseMethodFault {
	rule := g.match((*Fault).ofTask, method, this)
	if rule == nil {
		return nil
	}
	time.Sleep(time.Duration(rule.Delay * float64(time.Second)))
	if rule.Fault == "" {
		return nil
	}
	return newFault(rule, this)
}

func (g *gate) match(of func(*Fault) bool, method string, this types.ManagedObjectReference) *Fault {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for _, rule := range g.faults {
		switch {
		case rule.Method != "*" && rule.Method != method, !of(rule):
		case rule.Count > 0 && rule.Hits >= rule.Count:
		case rule.Object != "" && rule.Object != this.Value && rule.Object != g.center.nameOf(this):
		case rule.Probability > 0 && rand.Float64() >= rule.Probability:
		case rule.skipped < rule.Skip:
			rule.skipped++
		default:
			rule.Hits++
			return rule
		}
	}
	return nil
}

// newFault makes the vim fault of that name.
func newFault(rule *Fault, this types.ManagedObjectReference) types.BaseMethodFault {
	switch rule.Fault {
	case "NotAuthenticated":
		return &types.NotAuthenticated{NoPermission: types.NoPermission{Object: &this, PrivilegeId: "System.View"}}
	case "NoPermission":
		return &types.NoPermission{Object: &this, PrivilegeId: "System.Modify"}
	case "ManagedObjectNotFound":
		return &types.ManagedObjectNotFound{Obj: this}
	case "GenericVmConfigFault":
		return &types.GenericVmConfigFault{Reason: rule.Property}
	case "InvalidArgument":
		return &types.InvalidArgument{InvalidProperty: rule.Property}
	}
	if kind, ok := types.TypeFunc()(rule.Fault); ok {
		if made, ok := reflect.New(kind).Interface().(types.BaseMethodFault); ok {
			return made
		}
	}
	return &types.SystemError{Reason: rule.Fault}
}

// KnownFault tells whether the control port can make a fault of that name.
func KnownFault(name string) bool {
	if name == "" || name == "connection" || name == unavailable || name == truncated {
		return true
	}
	kind, ok := types.TypeFunc()(name)
	return ok && reflect.PointerTo(kind).Implements(reflect.TypeOf((*types.BaseMethodFault)(nil)).Elem())
}
