package estate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const lab = "../../../estate.yml"

// The nodes that the lab makes: three control planes and two workers.
const nodesGiB = 3*16 + 2*16

func TestEachClusterHoldsEverythingWithOneHostLost(t *testing.T) {
	e, err := Read(lab)
	if err != nil {
		t.Fatal(err)
	}
	for _, cluster := range e.Clusters {
		var total, biggest, used int64
		for _, h := range cluster.Hosts {
			total += h.MemoryGiB
			biggest = max(biggest, h.MemoryGiB)
		}
		for _, g := range e.Guests {
			if e.ClusterOf(g.Host) == cluster.Name && g.Power == "" {
				used += g.MemoryGiB
			}
		}
		if cluster.Name == "Prod-A" {
			used += nodesGiB
		}
		if used > total-biggest {
			t.Errorf("%s: %d GiB used, %d left without its biggest host", cluster.Name, used, total-biggest)
		}
	}
	if len(e.Guests) != 60 || len(e.Live()) != 10 {
		t.Errorf("%d guests, %d of them live", len(e.Guests), len(e.Live()))
	}
}

func TestMistakesAreNamed(t *testing.T) {
	raw, err := os.ReadFile(lab)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, old, new, want string }{
		{"unknown key", "cpus: 2, memory_gib: 4", "cpus: 2, sockets: 2, memory_gib: 4", "field sockets not found"},
		{"unknown host", "host: esx-b2", "host: esx-x", `no host "esx-x"`},
		{"unknown tag", "tags: [cache, production]", "tags: [cash]", `no tag "cash"`},
		{"address twice", "10.99.0.22", "10.99.0.21", "address 10.99.0.21 is taken"},
		{"name twice", "name: goods-01", "name: order-01", `"order-01": the name is empty or taken`},
		{"unknown folder", "folder: office", "folder: bureau", `no folder "bureau"`},
		{"unknown state", `power: "off"`, "power: down", `power "down" is not off or suspended`},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			text := strings.Replace(string(raw), tc.old, tc.new, 1)
			if text == string(raw) {
				t.Fatal("the lab's estate no longer holds what this case changes")
			}
			path := filepath.Join(t.TempDir(), "estate.yml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(path); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}
