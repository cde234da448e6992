package center

import (
	"encoding/base64"
	"encoding/json"
	"log"
	"net/netip"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// instance is what cloud-init's data source VMware reads in guestinfo.metadata, as far as the lab's guests follow it.
type instance struct {
	ID       string `json:"instance-id"`
	Hostname string `json:"local-hostname"`
	Network  struct {
		Ethernets map[string]struct {
			Match struct {
				MAC string `json:"macaddress"`
			} `json:"match"`
			Addresses []netip.Prefix `json:"addresses"`
		} `json:"ethernets"`
	} `json:"network"`
}

// cloudInit takes over name and address at the first start of an instance, and tells whether it did.
func (c *Center) cloudInit(vm *simulator.VirtualMachine, m *machine) bool {
	var text, encoding, card string
	c.registry.WithLock(c.context(), vm, func() {
		text, encoding = extra(vm, "guestinfo.metadata"), extra(vm, "guestinfo.metadata.encoding")
		for _, device := range vm.Config.Hardware.Device {
			if ethernet, ok := device.(types.BaseVirtualEthernetCard); ok && card == "" {
				card = ethernet.GetVirtualEthernetCard().MacAddress
			}
		}
	})
	if text == "" || encoding != "base64" {
		return false
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		log.Printf("%s: guestinfo.metadata: %v", m.ref.Value, err)
		return false
	}
	said := new(instance)
	if err := json.Unmarshal(raw, said); err != nil {
		log.Printf("%s: guestinfo.metadata: %v", m.ref.Value, err)
		return false
	}
	if said.ID == m.Instance {
		return false
	}
	m.Instance, m.Hostname, m.Address = said.ID, said.Hostname, ""
	for _, network := range said.Network.Ethernets {
		if strings.EqualFold(network.Match.MAC, card) && len(network.Addresses) > 0 {
			m.Address = network.Addresses[0].Addr().String()
		}
	}
	return true
}

func extra(vm *simulator.VirtualMachine, key string) string {
	for _, option := range vm.Config.ExtraConfig {
		if value := option.GetOptionValue(); value.Key == key {
			text, _ := value.Value.(string)
			return text
		}
	}
	return ""
}
