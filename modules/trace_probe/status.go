// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/url"
	"time"

	"github.com/picluster/tracing/modules/internal/accesslog"
	"github.com/picluster/tracing/modules/internal/discovery"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Status is what was read of the chain, and what the checks found.
type Status struct {
	// Endpoints are how Tempo is reached, by the names of tempo.Endpoint.
	Endpoints map[string]string
	// Versions are those of Tempo and of what is around it, by names such as
	// traefik, as far as they could be read.
	Versions map[string]string
	// Origin is where Traefik listens, as a URL; "" where it is not part of the
	// proof.
	Origin string
	// AccessLog is what Traefik's arguments say of its access log, as far as the
	// cluster was asked.
	AccessLog accesslog.Settings
	// Logs and Traces are Grafana's data sources.
	Logs, Traces *grafana.Source
	// Metrics is the data source that Traces names for metrics, nil for none.
	Metrics *grafana.Source
	// Problems are why a hop cannot pass, as far as reading tells.
	Problems map[Hop]error
	// ReadyAfter is how long the query frontend took to say that it is ready.
	ReadyAfter time.Duration
	// Findings are those of the checks; none before they are made.
	Findings
}

// servers opens what can be read. What it returns cannot write.
type servers interface {
	// Tempo asks a query frontend whether it is ready.
	Tempo(ctx context.Context, address string) (*tempo.Client, error)
	// Loki opens Loki at its own address.
	Loki(address, tenant string) (loki.Get, error)
	// Grafana opens Grafana.
	Grafana() (links, error)
	// Cluster opens the Kubernetes API when it is first needed: a proof with
	// addresses of its own needs no kubeconfig.
	Cluster() (kube.Reader, error)
	// Connected reports whether that was needed.
	Connected() bool
}

// links are what is read of Grafana.
type links interface {
	Version(context.Context) (string, error)
	// Source is nil where there is no data source of the uid.
	Source(ctx context.Context, uid string) (*grafana.Source, error)
	// Sources are all data sources.
	Sources(context.Context) ([]*grafana.Source, error)
	// Proxied reads from the server behind a data source.
	Proxied(ctx context.Context, uid, path string, query url.Values) (status int, body []byte, err error)
}

// Observe reads how Tempo, Traefik and Grafana are reached, and whether they
// answer. What does not is a problem of its hop, which a check only reports.
func (c *client) Observe(ctx context.Context, spec Spec) (Status, error) {
	if c.observed == nil {
		if err := c.read(ctx, spec); err != nil {
			return Status{}, err
		}
	}
	status := *c.observed
	status.Findings = c.run.findings()
	return status, nil
}

func (c *client) read(ctx context.Context, spec Spec) error {
	if err := reportable(spec.Report); err != nil {
		return err
	}
	r := reading{client: c, spec: spec, Status: &Status{Problems: map[Hop]error{}, Versions: map[string]string{}}}
	if err := r.endpoints(ctx); err != nil {
		return err
	}
	c.observed = r.Status
	r.note(Query, c.askTempo(ctx))
	if spec.through() {
		r.findTraefik(ctx)
	}
	if spec.GrafanaURL != "" {
		r.sources(ctx)
	}
	r.clusterVersions(ctx)
	return r.late(ctx)
}

// reportable refuses a path that the report must not go to, before anything is
// contacted.
func reportable(path string) error {
	if path == "" {
		return nil
	}
	return fault.During("look at the file for the report", file.CheckWrite(path))
}

// reading is a Status in the making.
type reading struct {
	*client
	*Status
	spec Spec
	// last is the problem that was noted last.
	last error
}

func (r *reading) note(hop Hop, err error) {
	if err != nil {
		r.Problems[hop], r.last = err, err
	}
}

// late is why the run timed out before the proof began: the problem that was seen
// last, where there was any.
func (r *reading) late(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fault.During("look at Tempo, Traefik and Grafana", cmp.Or(r.last, ctx.Err()))
}

// endpoints takes those of the task, else reads them from the Services. A Tempo
// that does not exist is a problem of the query frontend.
func (r *reading) endpoints(ctx context.Context) error {
	r.Endpoints = maps.Clone(r.spec.Endpoints)
	if len(r.Endpoints) > 0 {
		return nil
	}
	cluster, err := r.servers.Cluster()
	if err != nil {
		return err
	}
	services, err := discovery.TempoServices(ctx, cluster, r.spec.TempoNamespace, r.spec.TempoRelease)
	if err != nil {
		return err
	}
	for name, address := range tempo.Endpoints(services, kube.ClusterDomain, nil) {
		r.Endpoints[string(name)] = address
	}
	return nil
}

// askTempo opens the query frontend, once it is ready.
func (c *client) askTempo(ctx context.Context) (err error) {
	address := c.observed.Endpoints[query]
	if address == "" {
		return fault.New(fault.NotFound, "install Tempo first, or set tempo_namespace and tempo_release, or endpoints", "find Tempo's query frontend: %s", unqueried(c.observed.Endpoints))
	}
	begin := time.Now()
	if c.query, err = c.servers.Tempo(ctx, address); err != nil {
		return err
	}
	c.observed.ReadyAfter = time.Since(begin)
	c.observed.version("tempo", c.query.Version())
	return nil
}

// findTraefik reads where Traefik listens from its Service, unless the task
// says so. A Service without an address leaves the host name itself.
func (r *reading) findTraefik(ctx context.Context) {
	r.Origin = r.spec.IngressURL
	if r.Origin != "" {
		return
	}
	r.Origin = "http://" + r.spec.IngressHost
	cluster, err := r.servers.Cluster()
	if err != nil {
		return // without a cluster the name service has to know the host
	}
	service, err := cluster.Service(ctx, r.spec.TraefikNamespace, r.spec.TraefikName)
	if err != nil || service == nil {
		return
	}
	if address := kube.LoadBalancerAddress(*service); address != "" {
		r.Origin = "http://" + address
	}
}

// sources reads the data sources of Grafana.
func (r *reading) sources(ctx context.Context) {
	links, err := r.servers.Grafana()
	if err != nil {
		r.note(Grafana, err)
		return
	}
	r.links = links
	if version, err := links.Version(ctx); err == nil {
		r.version("grafana", version)
	}
	r.Traces, err = dataSource(ctx, links, r.spec.TempoUID)
	r.note(Grafana, err)
	if metrics := metricsUID(r.Traces); metrics != "" {
		links = listed(ctx, links)
		r.Metrics, _ = links.Source(ctx, metrics) // that it is not there is told by who asks it
	}
	if !r.spec.linked() {
		return
	}
	r.Logs, err = dataSource(ctx, links, r.spec.LokiUID)
	r.note(DerivedField, err)
	if r.spec.LokiURL == "" { // Loki is asked through that data source
		r.note(AccessLog, err)
	}
}

// errNoSource is the cause when Grafana has no data source of a uid.
var errNoSource = errors.New("there is no data source with this uid")

func dataSource(ctx context.Context, from links, uid string) (*grafana.Source, error) {
	source, err := from.Source(ctx, uid)
	if err == nil && source == nil {
		return nil, fault.Wrap(fault.NotFound, "run the role grafana, or give the uid that Grafana shows", "read data source "+uid, errNoSource)
	}
	return source, err
}
