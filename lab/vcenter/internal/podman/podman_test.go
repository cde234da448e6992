package podman

import (
	"slices"
	"strings"
	"testing"
)

func TestArguments(t *testing.T) {
	c := &Client{Network: "landfall", Hosts: []string{"order-01:10.99.0.25", "db-01:10.99.0.28"}}
	args := c.arguments(Host{
		Name: "landfall-order-01", Hostname: "order-01", Image: "localhost/landfall/guest-order-01:latest", Address: "10.99.0.25",
		MAC: "00:50:56:00:00:01", AuthorizedKeys: "/keys",
	})
	line := strings.Join(args, " ")
	for _, want := range []string{
		"--privileged --cgroupns=private --systemd=false -e container=podman --stop-signal 37",
		"--ulimit nofile=20000:20000 --ulimit nproc=30000:30000",
		"--tmpfs /run --tmpfs /run/lock --tmpfs /tmp",
		"-v landfall-order-01-var:/var --network landfall", "--ip 10.99.0.25", "-v /keys:/etc/ssh/authorized_keys/ops:ro",
		"--add-host db-01:10.99.0.28",
	} {
		if !strings.Contains(line, want) {
			t.Errorf("%s is missing in %s", want, line)
		}
	}
	if strings.Contains(line, "--add-host order-01") {
		t.Error("a host knows itself already")
	}
	if tail := args[len(args)-2:]; !slices.Equal(tail, []string{"localhost/landfall/guest-order-01:latest", "/sbin/init"}) {
		t.Errorf("ends with %v", tail)
	}
}

func TestTheNetworkGivesAddressesToo(t *testing.T) {
	args := (&Client{Network: "landfall"}).arguments(Host{Name: "landfall-a", Hostname: "a", Image: "i"})
	if slices.Contains(args, "--ip") || slices.Contains(args, "--mac-address") {
		t.Errorf("asks for what nobody set: %v", args)
	}
}
