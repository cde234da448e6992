package center

import (
	"testing"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

func TestSlots(t *testing.T) {
	now := time.Date(2026, 11, 4, 14, 3, 20, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	cases := []struct {
		name     string
		spec     types.PerfQuerySpec
		interval int32
		oldest   time.Duration
		want     int
	}{
		{"a day", types.PerfQuerySpec{StartTime: ago(24 * time.Hour), EndTime: &now}, 300, 24 * time.Hour, 288},
		{"a month", types.PerfQuerySpec{StartTime: ago(30 * 24 * time.Hour)}, 7200, 30 * 24 * time.Hour, 360},
		{"more than is kept", types.PerfQuerySpec{StartTime: ago(48 * time.Hour)}, 300, 24 * time.Hour, 288},
		{"the last three", types.PerfQuerySpec{MaxSample: 3}, 300, 24 * time.Hour, 3},
		{"nothing yet", types.PerfQuerySpec{}, 300, time.Second, 0},
		{"an hour long ago", types.PerfQuerySpec{StartTime: ago(3 * time.Hour), EndTime: ago(2 * time.Hour)}, 300, 24 * time.Hour, 12},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			ends := slots(tc.spec, tc.interval, now, now.Add(-tc.oldest).Unix())
			if len(ends) != tc.want {
				t.Fatalf("%d slots, want %d", len(ends), tc.want)
			}
			for i := 1; i < len(ends); i++ {
				if ends[i].Sub(ends[i-1]) != time.Duration(tc.interval)*time.Second {
					t.Fatalf("slot %d ends at %s after %s", i, ends[i], ends[i-1])
				}
			}
		})
	}
}

func TestRules(t *testing.T) {
	g := newGate(&Center{})
	g.add(&Fault{Method: "A", Count: 2, Skip: 1})
	g.add(&Fault{Method: "*", Count: 1})
	this := types.ManagedObjectReference{Type: "Task", Value: "task-1"}
	hits := []bool{}
	for range 5 {
		rule := g.match((*Fault).ofCall, "A", this)
		hits = append(hits, rule != nil && rule.Method == "A")
	}
	if want := []bool{false, true, true, false, false}; !equal(hits, want) {
		t.Errorf("hits %v, want %v", hits, want)
	}
	if g.match((*Fault).ofCall, "B", this) != nil {
		t.Error("the rule for all methods was to hit once")
	}
	if g.match((*Fault).ofTask, "A", this) != nil {
		t.Error("a rule for calls met a task")
	}
}

func TestFaultsByName(t *testing.T) {
	for name, want := range map[string]bool{"": true, "connection": true, "NoDiskSpace": true, "InvalidArgument": true, "VirtualMachine": false, "Nonsense": false} {
		if got := KnownFault(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func TestReadsAndWrites(t *testing.T) {
	for method, want := range map[string]bool{
		"RetrievePropertiesEx": true, "QueryPerf": true, "WaitForUpdatesEx": true, "CurrentTime": true, "Logout": true, "FindByUuid": true,
		"PowerOnVM_Task": false, "CreateFolder": false, "SetField": false, "CreateSnapshot_Task": false, "Destroy_Task": false,
	} {
		if got := reads(method); got != want {
			t.Errorf("%s: %v, want %v", method, got, want)
		}
	}
}

func TestKeysOnly(t *testing.T) {
	got := keysOnly("ssh-ed25519 AAAA root@x\n\nssh-rsa BBBB\nbroken\n")
	if want := "ssh-ed25519 AAAA\nssh-rsa BBBB"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFaultsAreDescribed(t *testing.T) {
	for _, tc := range []struct {
		fault types.BaseMethodFault
		want  string
	}{
		{&types.DuplicateName{Name: "cp-01"}, "The name 'cp-01' already exists."},
		{&types.InvalidPowerState{ExistingState: "poweredOn"}, "The attempted operation cannot be performed in the current state (Powered on)."},
		{&types.NoDiskSpace{}, "No disk space"},
	} {
		if got := describe(tc.fault); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

func equal(a, b []bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
