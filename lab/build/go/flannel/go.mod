module landfall/lab/build/flannel

go 1.26.0

require github.com/flannel-io/flannel v0.28.9

// The version that flannel names is not served by the module proxy.
replace github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vpc => github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vpc v1.0.1000

tool github.com/flannel-io/flannel
