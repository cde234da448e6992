// Package center is the lab's vCenter: govmomi's simulator, seeded from a description of the estate, with what the
// simulator leaves out (hot-add rules, statistics, revert, containers behind guests, faults on demand).
package center

import (
	"crypto/subtle"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/vmware/govmomi/simulator"
	vapi "github.com/vmware/govmomi/vapi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/estate"
	"landfall/lab/vcenter/internal/podman"
)

// Options of one vCenter.
type Options struct {
	Estate         *estate.Estate
	Listen         string // host:port of the SDK, for links in answers
	Username       string
	ReadOnly       string // a second user that may look and not touch
	Password       string
	State          string // directory, empty: nothing is kept
	Podman         *podman.Client
	ImageTemplate  string
	ImageGuest     string // with one %s for the name of the guest
	AuthorizedKeys string
}

// Center is one running vCenter.
type Center struct {
	options  Options
	estate   *estate.Estate
	service  *simulator.Service
	registry *simulator.Registry
	model    *simulator.Model
	gate     *gate
	roles    roles
	store    *store
	items    map[string]types.ManagedObjectReference // templates of library items, by the id of the item

	mutex    sync.Mutex
	machines map[types.ManagedObjectReference]*machine
}

// New builds the estate, and puts back what an earlier run left in the state directory.
func New(options Options) (*Center, error) {
	c := &Center{
		options: options, estate: options.Estate, machines: map[types.ManagedObjectReference]*machine{},
		items: map[string]types.ManagedObjectReference{},
	}
	if options.ReadOnly != "" {
		c.roles.set(options.ReadOnly, nil)
	}
	if err := c.scratch(); err != nil {
		return nil, err
	}
	preset := simulator.VPX()
	c.model = &simulator.Model{ServiceContent: preset.ServiceContent, RootFolder: preset.RootFolder}
	c.model.ServiceContent.About = about(options.Estate.VCenter, preset.ServiceContent.About)
	if err := c.model.Create(); err != nil {
		return nil, err
	}
	c.service, c.registry = c.model.Service, c.model.Map()
	c.service.Listen = &url.URL{Scheme: "https", Host: options.Listen, Path: "/sdk", User: url.UserPassword(options.Username, options.Password)}
	c.registry.SessionManager().ValidLogin = c.validLogin
	c.registry.SessionManager().ServiceHostName = options.Listen
	c.registry.Put(newPropertyCollector(c.model.ServiceContent.PropertyCollector))

	if err := c.seed(); err != nil {
		return nil, err
	}
	c.registry.AddHandler(&taskNames{})
	c.installStatistics()

	c.service.RegisterSDK(c.registry, "/sdk/vimService")
	c.service.ServeMux.HandleFunc("/sdk/vimServiceVersions.xml", c.service.ServiceVersions)
	c.service.ServeMux.HandleFunc("/about", c.service.About)
	patterns, rest := vapi.New(c.service.Listen, c.registry)
	for _, pattern := range patterns {
		c.service.Handle(pattern, rest)
	}
	c.installLibraries()
	if err := c.seedREST(); err != nil {
		return nil, err
	}

	var err error
	if c.store, err = openStore(options.State); err != nil {
		return nil, err
	}
	if err := c.restore(); err != nil {
		return nil, err
	}
	c.refreshUsage()
	c.gate = newGate(c)
	c.registry.Handler = c.gate.handle
	return c, nil
}

// Handler of the SDK and the REST interface.
func (c *Center) Handler() http.Handler { return c.gate.road(c.service.ServeMux) }

// Close removes the files behind the datastores. Containers go on.
func (c *Center) Close() { c.model.Remove() }

// scratch gives the simulator's files a place that the next start clears, as a killed run cannot.
func (c *Center) scratch() error {
	base := os.TempDir()
	if c.options.State != "" {
		base = filepath.Join(c.options.State, "datastores")
		if err := os.RemoveAll(base); err != nil {
			return err
		}
		if err := os.MkdirAll(base, 0o700); err != nil {
			return err
		}
	}
	return os.Setenv("TMPDIR", base)
}

// context is one caller of the simulator: locks are held on behalf of such a context.
func (c *Center) context() *simulator.Context {
	clone := *c.service.Context
	return &clone
}

func (c *Center) validLogin(login *types.Login) bool {
	known := login.UserName == c.options.Username || c.roles.known(login.UserName)
	right := subtle.ConstantTimeCompare([]byte(login.Password), []byte(c.options.Password)) == 1
	if !known || !right {
		log.Printf("login refused: %s", login.UserName)
	}
	return known && right
}

func about(v estate.About, a types.AboutInfo) types.AboutInfo {
	a.Version, a.ApiVersion, a.Build = v.Version, v.APIVersion, v.Build
	a.FullName = "VMware vCenter Server " + v.Version + " build-" + v.Build + " (Landfall lab, simulated)"
	a.LicenseProductVersion = "8.0"
	return a
}
