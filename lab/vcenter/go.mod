module landfall/lab/vcenter

go 1.26.8

require (
	github.com/vmware/govmomi v0.56.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
