module landfall/lab/build/registry

go 1.26.0

require github.com/distribution/distribution/v3 v3.1.2

tool github.com/distribution/distribution/v3/cmd/registry
