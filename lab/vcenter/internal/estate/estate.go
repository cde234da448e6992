// Package estate reads the description of a data centre that the lab's vCenter shows.
package estate

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"

	"gopkg.in/yaml.v3"
)

// Estate is everything that exists before anyone changes it.
type Estate struct {
	Seed             uint64        `yaml:"seed"`
	VCenter          About         `yaml:"vcenter"`
	Datacenter       string        `yaml:"datacenter"`
	Clusters         []Cluster     `yaml:"clusters"`
	Datastores       []Datastore   `yaml:"datastores"`
	Switch           string        `yaml:"switch"`
	Networks         []Network     `yaml:"networks"`
	Folders          []string      `yaml:"folders"`
	TagCategories    []TagCategory `yaml:"tag_categories"`
	CustomAttributes []string      `yaml:"custom_attributes"`
	Libraries        []Library     `yaml:"libraries"`
	Template         Guest         `yaml:"template"`
	Guests           []Guest       `yaml:"guests"`
}

// About is the version that the vCenter claims to be.
type About struct {
	Version    string `yaml:"version"`
	APIVersion string `yaml:"api_version"`
	Build      string `yaml:"build"`
}

// Cluster is a named set of ESXi hosts.
type Cluster struct {
	Name  string `yaml:"name"`
	Hosts []Host `yaml:"hosts"`
}

// Host is the hardware of one ESXi host.
type Host struct {
	Name           string `yaml:"name"`
	Model          string `yaml:"model"`
	CPU            string `yaml:"cpu"`
	Sockets        int16  `yaml:"sockets"`
	CoresPerSocket int16  `yaml:"cores_per_socket"`
	MHz            int32  `yaml:"mhz"`
	MemoryGiB      int64  `yaml:"memory_gib"`
}

// Cores of the whole host.
func (h Host) Cores() int16 { return h.Sockets * h.CoresPerSocket }

// Datastore is a volume that all hosts of its clusters see.
type Datastore struct {
	Name        string   `yaml:"name"`
	CapacityGiB int64    `yaml:"capacity_gib"`
	Clusters    []string `yaml:"clusters"`
}

// Network is a distributed port group.
type Network struct {
	Name string `yaml:"name"`
	VLAN int32  `yaml:"vlan"`
}

// TagCategory and its tags.
type TagCategory struct {
	Name        string   `yaml:"name"`
	Cardinality string   `yaml:"cardinality"`
	Tags        []string `yaml:"tags"`
}

// Library is a content library.
type Library struct {
	Name  string        `yaml:"name"`
	Items []LibraryItem `yaml:"items"`
}

// LibraryItem is a VM template that the library holds, or something without content, that has only its type.
type LibraryItem struct {
	Name     string `yaml:"name"`
	Type     string `yaml:"type"`
	Template string `yaml:"template"`
}

// Load says what a guest uses: the shape over time, and the mean share of its CPUs and memory.
type Load struct {
	Profile string  `yaml:"profile"`
	CPU     float64 `yaml:"cpu"`
	Memory  float64 `yaml:"memory"`
}

// Guest is one virtual machine.
type Guest struct {
	Name       string            `yaml:"name"`
	OS         string            `yaml:"os"`
	CPUs       int32             `yaml:"cpus"`
	MemoryGiB  int64             `yaml:"memory_gib"`
	DisksGiB   []int64           `yaml:"disks_gib"`
	Host       string            `yaml:"host"`
	Datastore  string            `yaml:"datastore"`
	Network    string            `yaml:"network"`
	Address    string            `yaml:"address"`
	Folder     string            `yaml:"folder"`
	Load       Load              `yaml:"load"`
	Tags       []string          `yaml:"tags"`
	Attributes map[string]string `yaml:"attributes"`
	Live       bool              `yaml:"live"`
	Power      string            `yaml:"power"`
	Tools      string            `yaml:"tools"`
	RawDisk    bool              `yaml:"raw_disk"`
	Snapshots  []string          `yaml:"snapshots"`
	HotAdd     bool              `yaml:"hot_add"`
}

// Read parses the file and checks that every name in it leads somewhere.
func Read(path string) (*Estate, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	e := new(Estate)
	if err := decoder.Decode(e); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// ClusterOf returns the cluster that a host belongs to.
func (e *Estate) ClusterOf(host string) string {
	for _, c := range e.Clusters {
		for _, h := range c.Hosts {
			if h.Name == host {
				return c.Name
			}
		}
	}
	return ""
}

// Live returns the guests that are backed by a container.
func (e *Estate) Live() []Guest {
	var live []Guest
	for _, g := range e.Guests {
		if g.Live {
			live = append(live, g)
		}
	}
	return live
}

func (e *Estate) check() error {
	datastores, networks, folders, tags, fields := set{}, set{}, set{}, set{}, set{}
	for _, d := range e.Datastores {
		datastores[d.Name] = true
	}
	for _, n := range e.Networks {
		networks[n.Name] = true
	}
	for _, f := range e.Folders {
		folders[f] = true
	}
	for _, c := range e.TagCategories {
		for _, t := range c.Tags {
			tags[t] = true
		}
	}
	for _, a := range e.CustomAttributes {
		fields[a] = true
	}
	for _, l := range e.Libraries {
		for _, i := range l.Items {
			if i.Type == "" || (i.Template != "" && i.Template != e.Template.Name) {
				return fmt.Errorf("library %s: item %s needs a type, and the template %s or none", l.Name, i.Name, e.Template.Name)
			}
		}
	}
	names, addresses := set{}, set{}
	for _, g := range append([]Guest{e.Template}, e.Guests...) {
		switch {
		case g.Name == "" || names[g.Name]:
			return fmt.Errorf("guest %q: the name is empty or taken", g.Name)
		case g.CPUs < 1 || g.MemoryGiB < 1 || len(g.DisksGiB) == 0:
			return fmt.Errorf("guest %s: needs cpus, memory_gib and disks_gib", g.Name)
		case e.ClusterOf(g.Host) == "":
			return fmt.Errorf("guest %s: no host %q", g.Name, g.Host)
		case !datastores[g.Datastore]:
			return fmt.Errorf("guest %s: no datastore %q", g.Name, g.Datastore)
		case !networks[g.Network]:
			return fmt.Errorf("guest %s: no network %q", g.Name, g.Network)
		case !folders[g.Folder]:
			return fmt.Errorf("guest %s: no folder %q", g.Name, g.Folder)
		case g.Address != "" && addresses[g.Address]:
			return fmt.Errorf("guest %s: address %s is taken", g.Name, g.Address)
		case g.Live && g.Address == "":
			return fmt.Errorf("guest %s: a live guest needs an address", g.Name)
		case g.Power != "" && g.Power != "off" && g.Power != "suspended":
			return fmt.Errorf("guest %s: power %q is not off or suspended", g.Name, g.Power)
		}
		if _, ok := systems[g.OS]; !ok {
			return fmt.Errorf("guest %s: no operating system %q", g.Name, g.OS)
		}
		if g.Address != "" {
			if _, err := netip.ParseAddr(g.Address); err != nil {
				return fmt.Errorf("guest %s: %w", g.Name, err)
			}
		}
		for _, t := range g.Tags {
			if !tags[t] {
				return fmt.Errorf("guest %s: no tag %q", g.Name, t)
			}
		}
		for a := range g.Attributes {
			if !fields[a] {
				return fmt.Errorf("guest %s: no custom attribute %q", g.Name, a)
			}
		}
		names[g.Name], addresses[g.Address] = true, true
	}
	return nil
}

type set map[string]bool
