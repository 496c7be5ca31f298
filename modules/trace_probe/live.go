// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// survey is what was read, and the ways that were opened for it. It is made
// once in a run: a proof changes nothing that would have to be read again.
type survey struct {
	State
	roads  *roads
	tempo  *tempo.Client
	links  *grafana.Client
	origin string
	// last is the trouble that was noted last.
	last error
	// answered is how long the query frontend took to say that it is ready.
	answered time.Duration
}

// Observe reads how Tempo, Traefik and Grafana are reached, and whether they
// answer. What does not is trouble of its hop, which a check only tells.
func (m *Module) Observe(ctx context.Context, args Args) (State, error) {
	if m.survey != nil {
		return m.survey.State, nil
	}
	if err := reportable(args.Report); err != nil {
		return State{}, err
	}
	roads, err := newRoads(args)
	if err != nil {
		return State{}, err
	}
	s := &survey{State: State{Trouble: map[Hop]error{}, Others: map[string]string{}}, roads: roads}
	if err := s.endpoints(ctx, args); err != nil {
		return State{}, err
	}
	s.note(Query, s.askTempo(ctx))
	if args.through() {
		s.findTraefik(ctx, args)
	}
	if args.GrafanaURL != "" {
		s.sources(ctx, args)
	}
	s.clusterVersions(ctx, args)
	m.survey = s
	return s.State, s.late(ctx)
}

func (s *survey) note(hop Hop, err error) {
	if err != nil {
		s.Trouble[hop], s.last = err, err
	}
}

// late is why the time ran out before the proof began: the trouble that was seen
// last, where there was any.
func (s *survey) late(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fault.Doing("look at Tempo, Traefik and Grafana", cmp.Or(s.last, ctx.Err()))
}

// endpoints takes those of the task, else reads them from the Services. A Tempo
// that is not there is trouble for the query frontend.
func (s *survey) endpoints(ctx context.Context, args Args) error {
	s.Endpoints = map[string]string{}
	if len(args.Endpoints) > 0 {
		for name, value := range args.Endpoints {
			s.Endpoints[name], _ = value.(string)
		}
		return s.complete()
	}
	clients, err := s.roads.cluster()
	if err != nil {
		return err
	}
	selector := kube.InstanceLabel + "=" + args.TempoRelease + ",app.kubernetes.io/name=tempo"
	list, err := clients.Core.Services(args.TempoNamespace).List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return kube.Fault("list the Services in namespace "+args.TempoNamespace, err)
	}
	for name, address := range tempo.Endpoints(list.Items, kube.ClusterDomain, nil) {
		s.Endpoints[string(name)] = address
	}
	return nil
}

// complete adds port and path to the addresses that a proof uses.
func (s *survey) complete() (err error) {
	for _, name := range append([]string{query}, receiverNames()...) {
		if given := s.Endpoints[name]; given != "" && err == nil {
			s.Endpoints[name], err = tempo.Endpoint(name).Complete(given)
		}
	}
	return err
}

func (s *survey) askTempo(ctx context.Context) error {
	address := s.Endpoints[query]
	if address == "" {
		return fault.New(fault.NotFound, "install Tempo first, or set tempo_namespace and tempo_release, or endpoints",
			"find Tempo's query frontend: no endpoint %s among %v", query, slices.Sorted(maps.Keys(s.Endpoints)))
	}
	way, err := s.roads.http(ctx, address)
	if err != nil {
		return err
	}
	begin := time.Now()
	if s.tempo, err = tempo.Open(ctx, way); err != nil {
		return err
	}
	s.answered = time.Since(begin)
	s.Tempo = s.tempo.Version()
	return nil
}

// findTraefik reads where Traefik listens from its Service, unless the task
// says so. A Service without an address leaves the host name itself.
func (s *survey) findTraefik(ctx context.Context, args Args) {
	s.origin = args.IngressURL
	if s.origin != "" {
		return
	}
	s.origin = "http://" + args.IngressHost
	clients, err := s.roads.cluster()
	if err != nil {
		return // without a cluster the name service has to know the host
	}
	service, err := clients.Core.Services(args.TraefikNamespace).Get(ctx, args.TraefikName, meta.GetOptions{})
	if err != nil {
		return
	}
	if address := kube.Balanced(*service); address != "" {
		s.origin = "http://" + address
	}
}

// sources reads the data sources of Grafana.
func (s *survey) sources(ctx context.Context, args Args) {
	client, err := grafana.Open(args.grafana())
	if err != nil {
		s.note(Grafana, err)
		return
	}
	s.links = client
	if version, err := client.Version(ctx); err == nil {
		s.found("grafana", version)
	}
	s.Traces, err = s.source(ctx, args.TempoUID)
	s.note(Grafana, err)
	if !args.linked() {
		return
	}
	s.Logs, err = s.source(ctx, args.LokiUID)
	s.note(DerivedField, err)
	if args.LokiURL == "" { // Loki is asked through that data source
		s.note(AccessLog, err)
	}
}

// errNoSource is the cause when Grafana has no data source of a uid.
var errNoSource = errors.New("there is no data source with this uid")

func (s *survey) source(ctx context.Context, uid string) (*grafana.Source, error) {
	source, err := s.links.Source(ctx, uid)
	if err == nil && source == nil {
		return nil, fault.As(fault.NotFound, "run the role grafana, or give the uid that Grafana shows", "read data source "+uid, errNoSource)
	}
	return source, err
}
