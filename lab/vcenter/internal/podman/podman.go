// Package podman runs the containers behind VMs: one systemd host each, with a volume on /var and an address of its own.
package podman

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Client calls podman. Its containers carry a label, so that a later run finds exactly its own.
type Client struct {
	Network string
	Hosts   []string // name:address pairs that every container knows
}

// Label of everything that the lab made.
const Label = "landfall=lab"

// Host is one container to be made.
type Host struct {
	Name           string // of the container; its volume is <name>-var
	Hostname       string
	Image          string
	Address        string // empty: the network gives one
	MAC            string
	AuthorizedKeys string // a file of the machine, mounted read-only
}

// State of a container as `podman ps` says it.
type State struct {
	Name   string
	Status string
}

// Start makes the container or starts the one that is there. A running one is left alone.
func (c *Client) Start(ctx context.Context, h Host) error {
	status, err := c.status(ctx, h.Name)
	if err != nil {
		return err
	}
	switch status {
	case "running":
		return nil
	case "":
		_, err = c.run(ctx, c.arguments(h)...)
	default:
		_, err = c.run(ctx, "start", h.Name)
	}
	return err
}

// arguments of `podman run`. Why each of them: reference on hosts in containers, and lab/README.md.
func (c *Client) arguments(h Host) []string {
	args := []string{
		"run", "-d", "--name", h.Name, "--hostname", h.Hostname, "--label", Label, "--pull", "never",
		"--privileged", "--cgroupns=private", "--systemd=false", "-e", "container=podman", "--stop-signal", "37",
		"--ulimit", "nofile=20000:20000", "--ulimit", "nproc=30000:30000",
		"--pids-limit", "-1", // a worker holds many pods of many threads
		"--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp",
		"-v", h.Name + "-var:/var", "--network", c.Network,
	}
	if h.Address != "" {
		args = append(args, "--ip", h.Address)
	}
	if h.MAC != "" {
		args = append(args, "--mac-address", h.MAC)
	}
	if h.AuthorizedKeys != "" {
		args = append(args, "-v", h.AuthorizedKeys+":/etc/ssh/authorized_keys/ops:ro")
	}
	for _, host := range c.Hosts {
		if !strings.HasPrefix(host, h.Hostname+":") { // podman adds the container's own
			args = append(args, "--add-host", host)
		}
	}
	return append(args, h.Image, "/sbin/init")
}

// Stop lets systemd shut the host down, and kills it after ten seconds. One that does not run is fine.
func (c *Client) Stop(ctx context.Context, name string) error {
	_, err := c.run(ctx, "stop", "--ignore", "-t", "10", name)
	return err
}

// Kill is pulling the plug.
func (c *Client) Kill(ctx context.Context, name string) error {
	_, err := c.run(ctx, "kill", name)
	return err
}

// Remove the container, and its volume too where the host is gone for good.
func (c *Client) Remove(ctx context.Context, name string, volume bool) error {
	if _, err := c.run(ctx, "rm", "-f", "--ignore", "-t", "0", name); err != nil {
		return err
	}
	if !volume {
		return nil
	}
	_, err := c.run(ctx, "volume", "rm", "-f", name+"-var")
	if err != nil && strings.Contains(err.Error(), "no such volume") {
		return nil
	}
	return err
}

// Exec runs a command in the container and returns what it printed.
func (c *Client) Exec(ctx context.Context, name string, command ...string) (string, error) {
	return c.run(ctx, append([]string{"exec", name}, command...)...)
}

// Address that the network gave to a container.
func (c *Client) Address(ctx context.Context, name string) (string, error) {
	out, err := c.run(ctx, "container", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name)
	return strings.TrimSpace(out), err
}

// List all containers of the lab, running or not.
func (c *Client) List(ctx context.Context) ([]State, error) {
	return c.ps(ctx, "label="+Label)
}

// ps asks for JSON: the word in a template is a sentence for people ("Up 2 minutes ago").
func (c *Client) ps(ctx context.Context, filter string) ([]State, error) {
	out, err := c.run(ctx, "ps", "-a", "--filter", filter, "--format", "json")
	if err != nil {
		return nil, err
	}
	var found []struct {
		Names []string
		State string
	}
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		return nil, fmt.Errorf("podman ps: %w", err)
	}
	states := make([]State, 0, len(found))
	for _, one := range found {
		states = append(states, State{one.Names[0], one.State})
	}
	return states, nil
}

// Watch calls back for each container that starts or dies, with its exit status, until the context ends or podman does.
func (c *Client) Watch(ctx context.Context, changed func(name string, exit int)) error {
	command := exec.CommandContext(ctx, "podman", "--runtime", "runc", "events", "--stream", "--format", "json",
		"--filter", "type=container", "--filter", "label="+Label, "--filter", "event=died", "--filter", "event=start")
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var event struct {
			Name              string
			ContainerExitCode int
		}
		if json.Unmarshal(lines.Bytes(), &event) == nil && event.Name != "" {
			changed(event.Name, event.ContainerExitCode)
		}
	}
	return command.Wait()
}

// Running tells whether a container runs now.
func (c *Client) Running(ctx context.Context, name string) (bool, error) {
	status, err := c.status(ctx, name)
	return status == "running", err
}

// status is empty where there is no such container.
func (c *Client) status(ctx context.Context, name string) (string, error) {
	states, err := c.ps(ctx, "name=^"+name+"$")
	if err != nil || len(states) == 0 {
		return "", err
	}
	return states[0].Status, nil
}

func (c *Client) run(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "podman", append([]string{"--runtime", "runc"}, args...)...)
	var out, problem bytes.Buffer
	command.Stdout, command.Stderr = &out, &problem
	if err := command.Run(); err != nil {
		return out.String(), fmt.Errorf("podman %s: %w: %s", args[0], err, strings.TrimSpace(problem.String()))
	}
	return out.String(), nil
}
