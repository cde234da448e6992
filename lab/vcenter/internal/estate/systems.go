package estate

import "strings"

// System is a guest operating system in vSphere's words.
type System struct {
	ID       string
	FullName string
}

var systems = map[string]System{
	"debian12":   {"debian12_64Guest", "Debian GNU/Linux 12 (64-bit)"},
	"debian10":   {"debian10_64Guest", "Debian GNU/Linux 10 (64-bit)"},
	"ubuntu2004": {"ubuntu64Guest", "Ubuntu Linux (64-bit)"},
	"centos6":    {"centos6_64Guest", "CentOS 6 (64-bit)"},
	"centos7":    {"centos7_64Guest", "CentOS 7 (64-bit)"},
	"rhel7":      {"rhel7_64Guest", "Red Hat Enterprise Linux 7 (64-bit)"},
	"win2008":    {"windows7Server64Guest", "Microsoft Windows Server 2008 R2 (64-bit)"},
	"win2016":    {"windows9Server64Guest", "Microsoft Windows Server 2016 (64-bit)"},
	"win2019":    {"windows2019srv_64Guest", "Microsoft Windows Server 2019 (64-bit)"},
	"other":      {"otherLinux64Guest", "Other Linux (64-bit)"},
}

// System of a guest.
func (g Guest) System() System { return systems[g.OS] }

// FullName of a guest id, or the id itself where the lab has no such system.
func FullName(id string) string {
	for _, s := range systems {
		if s.ID == id {
			return s.FullName
		}
	}
	return id
}

// Windows tells whether a guest id is one of Microsoft's.
func Windows(id string) bool { return strings.HasPrefix(id, "win") }
