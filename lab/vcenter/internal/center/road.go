package center

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// Faults of HTTP itself, which the simulator's hook cannot make.
const (
	unavailable = "503"       // as a proxy answers while vCenter's services start
	truncated   = "truncated" // half of the answer, then the connection ends
)

var soapMethod = regexp.MustCompile(`<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)`)

func (f *Fault) ofHTTP() bool { return !f.Task && (f.Fault == unavailable || f.Fault == truncated) }

// road is the way to the SDK, on which answers get lost where a rule says so.
func (g *gate) road(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rule := g.lost(r)
		if rule == nil {
			next.ServeHTTP(w, r)
			return
		}
		time.Sleep(time.Duration(rule.Delay * float64(time.Second)))
		if rule.Fault == unavailable {
			http.Error(w, "no healthy upstream", http.StatusServiceUnavailable)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		panic(http.ErrAbortHandler)
	})
}

// lost is the rule that a request meets on its way. The body is read only while there is such a rule.
func (g *gate) lost(r *http.Request) *Fault {
	g.mutex.Lock()
	there := slices.ContainsFunc(g.faults, (*Fault).ofHTTP)
	g.mutex.Unlock()
	if !there {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	name := ""
	if found := soapMethod.FindSubmatch(body); found != nil {
		name = string(found[1])
	}
	return g.match((*Fault).ofHTTP, name, types.ManagedObjectReference{})
}
