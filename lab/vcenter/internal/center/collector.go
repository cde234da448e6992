package center

import (
	"reflect"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// propertyCollector answers as a real vCenter does where the simulator does not: an unset property is left out, and
// reading one by itself gives an empty answer instead of one of another method. The simulator makes a fresh one for
// each session from the zero value, so it can hold nothing.
type propertyCollector struct {
	simulator.PropertyCollector
}

func newPropertyCollector(ref types.ManagedObjectReference) *propertyCollector {
	pc := new(propertyCollector)
	pc.Self = ref
	return pc
}

// FetchResponse has the name that the encoder gives to the answer's element.
type FetchResponse struct {
	Returnval types.AnyType `xml:"returnval,typeattr"`
}

type fetchBody struct {
	Res    *FetchResponse `xml:"FetchResponse,omitempty"`
	Fault_ *soap.Fault    `xml:"http://schemas.xmlsoap.org/soap/envelope/ Fault,omitempty"`
}

func (b *fetchBody) Fault() *soap.Fault { return b.Fault_ }

// Fetch reads one property. The request's type lies in a package of the simulator that nobody else may import.
func (pc *propertyCollector) Fetch(ctx *simulator.Context, req any) soap.HasFault {
	fields := reflect.ValueOf(req).Elem()
	this := fields.FieldByName("This").Interface().(types.ManagedObjectReference)
	property := fields.FieldByName("Prop").String()
	if this.Type == "ServiceInstance" {
		// Its content needs the simulator's own special case, whose method has the same shape.
		out := reflect.ValueOf(&pc.PropertyCollector).MethodByName("Fetch").Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(req)})
		return out[0].Interface().(soap.HasFault)
	}
	res := pc.PropertyCollector.RetrievePropertiesEx(ctx, &types.RetrievePropertiesEx{
		SpecSet: []types.PropertyFilterSpec{{
			PropSet:   []types.PropertySpec{{Type: this.Type, PathSet: []string{property}}},
			ObjectSet: []types.ObjectSpec{{Obj: this}},
		}},
	})
	if res.Fault() != nil {
		return res
	}
	body := &fetchBody{Res: new(FetchResponse)}
	object := res.(*methods.RetrievePropertiesExBody).Res.Returnval.Objects[0]
	if len(object.PropSet) > 0 {
		body.Res.Returnval = object.PropSet[0].Val
	} else if len(object.MissingSet) > 0 {
		missing := object.MissingSet[0].Fault
		return &fetchBody{Fault_: simulator.Fault(missing.LocalizedMessage, missing.Fault)}
	}
	return body
}

// RetrievePropertiesEx leaves out what is not set.
func (pc *propertyCollector) RetrievePropertiesEx(ctx *simulator.Context, req *types.RetrievePropertiesEx) soap.HasFault {
	res := pc.PropertyCollector.RetrievePropertiesEx(ctx, req)
	if body, ok := res.(*methods.RetrievePropertiesExBody); ok && body.Res != nil && body.Res.Returnval != nil {
		prune(body.Res.Returnval.Objects)
	}
	return res
}

// ContinueRetrievePropertiesEx leaves out what is not set.
func (pc *propertyCollector) ContinueRetrievePropertiesEx(ctx *simulator.Context, req *types.ContinueRetrievePropertiesEx) soap.HasFault {
	res := pc.PropertyCollector.ContinueRetrievePropertiesEx(ctx, req)
	if body, ok := res.(*methods.ContinueRetrievePropertiesExBody); ok && body.Res != nil {
		prune(body.Res.Returnval.Objects)
	}
	return res
}

// RetrieveProperties is the old form of the same.
func (pc *propertyCollector) RetrieveProperties(ctx *simulator.Context, req *types.RetrieveProperties) soap.HasFault {
	res := pc.PropertyCollector.RetrieveProperties(ctx, req)
	if body, ok := res.(*methods.RetrievePropertiesBody); ok && body.Res != nil {
		prune(body.Res.Returnval)
	}
	return res
}

// CancelRetrievePropertiesEx ends a paged read. The rest of the pages is forgotten with the session.
func (pc *propertyCollector) CancelRetrievePropertiesEx(*types.CancelRetrievePropertiesEx) soap.HasFault {
	return &methods.CancelRetrievePropertiesExBody{Res: new(types.CancelRetrievePropertiesExResponse)}
}

func prune(objects []types.ObjectContent) {
	for i := range objects {
		kept := objects[i].PropSet[:0]
		for _, property := range objects[i].PropSet {
			if property.Val != nil {
				kept = append(kept, property)
			}
		}
		objects[i].PropSet = kept
	}
}
