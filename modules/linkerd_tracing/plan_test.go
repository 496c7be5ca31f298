// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/plan"
)

type tree = map[string]any

// mesh is a Linkerd of a version, with a release that has other people's values.
func mesh(t *testing.T, version string) Status {
	t.Helper()
	generation, err := compat.LinkerdFor(version)
	require.NoError(t, err)
	return Status{
		Version: version, Generation: generation,
		Release: helm.Release{Name: "lp", Namespace: "linkerd", Status: helm.Deployed, Values: tree{"proxy": tree{"logLevel": "warn"}, "identity": tree{"issuer": tree{"tls": tree{"keyPEM": "S3CRET"}}}}},
		Tempo: Tempo{Namespace: "tracing", ServiceAccount: "tempo", Pods: 3, Meshed: true,
			Endpoints: map[string]string{"otlp_grpc": "tempo-distributor.tracing.svc.cluster.local:4317", "opencensus": "tempo-distributor.tracing.svc.cluster.local:55678"}},
	}
}

func wanted() Spec { return Spec{Args: Args{Protocol: "auto", ServiceName: "linkerd-proxy"}} }

func absent(args Args) Spec {
	args.State = "absent"
	return Spec{Args: args}
}

// planned is the plan for a status without a proposal yet.
func planned(spec Spec, status Status) (plan.Plan, error) {
	if status.Installed() && status.Proposal.Refusal == nil {
		status.Proposal = status.proposal(spec)
	}
	return (&client{}).Plan(spec, status)
}

func TestSettingsOfEachGeneration(t *testing.T) {
	const otlp, opencensus = "tempo-distributor.tracing.svc.cluster.local:4317", "tempo-distributor.tracing.svc.cluster.local:55678"
	separate := tree{"endpoint": otlp, "meshIdentity": tree{"serviceAccountName": "tempo", "namespace": "tracing"}}
	cases := map[string]struct {
		reason string
		want   tree
	}{
		"stable-2.12.2": {"the seed author's values", tree{"collector": tree{"enabled": false}, "jaeger": tree{"enabled": false},
			"webhook": tree{"collectorSvcAddr": opencensus, "collectorSvcAccount": "tempo"}}},
		"edge-25.4.4": {"2.18 chooses the protocol", tree{"collector": tree{"enabled": false}, "jaeger": tree{"enabled": false},
			"webhook": tree{"collectorSvcAddr": otlp, "collectorSvcAccount": "tempo", "collectorTraceProtocol": "opentelemetry", "collectorTraceSvcName": "linkerd-proxy"}}},
		"edge-25.8.1": {"a single key for the identity", tree{"proxy": tree{"logLevel": "warn", "tracing": tree{"enable": true, "traceServiceName": "linkerd-proxy",
			"collector": tree{"endpoint": otlp, "meshIdentity": tree{"serviceAccountName": "tempo.tracing"}}}}}},
		"edge-25.10.7": {"2.19 looks at both spellings", tree{"proxy": tree{"logLevel": "warn", "tracing": tree{"enabled": true, "enable": true, "traceServiceName": "linkerd-proxy", "collector": separate}}}},
		"edge-26.8.3":  {"the newest", tree{"proxy": tree{"logLevel": "warn", "tracing": tree{"enabled": true, "traceServiceName": "linkerd-proxy", "collector": separate}}}},
	}
	for version, test := range cases {
		t.Run(version, func(t *testing.T) {
			have := mesh(t, version)
			d := have.proposal(wanted())
			require.NoError(t, d.Err)
			require.Equal(t, "S3CRET", helm.Lookup(d.Values, "identity", "issuer", "tls", "keyPEM"), "the user's values are kept")
			for key, value := range test.want {
				require.Equal(t, value, d.Values[key], test.reason)
			}
			have.Release.Values, have.Record = d.Values, d.Record
			again, err := planned(wanted(), have)
			require.NoError(t, err)
			require.Empty(t, again.Changes, "the second run changes nothing")
			back := have.proposal(absent(Args{}))
			require.NoError(t, back.Err)
			require.True(t, overlay.Equal(mesh(t, version).Release.Values, back.Values), "absent puts back what was there: %v", back.Values)
		})
	}
}

func TestPlanShowsOnlyItsOwnSettings(t *testing.T) {
	got, err := planned(wanted(), mesh(t, "edge-26.8.3"))
	require.NoError(t, err)
	require.Equal(t, []string{"update release/linkerd/lp"}, got.Paths())
	diff := got.Diff()
	require.Equal(t, "release/linkerd/lp: {}\n", diff["before"])
	require.Contains(t, diff["after"], "endpoint: tempo-distributor.tracing.svc.cluster.local:4317")
	require.NotContains(t, diff["after"], "S3CRET")
	require.NotContains(t, diff["after"], "logLevel")
}

// cutOff is a mesh in which an upgrade by this module was interrupted: a
// release's values are written before its objects.
func cutOff(t *testing.T) Status {
	t.Helper()
	have := mesh(t, "edge-26.8.3")
	d := have.proposal(wanted())
	have.Deployed = have.Release
	have.Release.Revision, have.Release.Status, have.Release.Updated = 2, helm.PendingUpgrade, noon
	have.Release.Values, have.Record = d.Values, d.Record
	return have
}

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func TestPendingRelease(t *testing.T) {
	const state = "change release linkerd/lp: revision 2 is pending-upgrade"
	const rollback = "roll it back with: helm rollback lp -n linkerd"
	later := noon.Add(11 * time.Minute)
	cases := map[string]struct {
		reason      string
		at          time.Time
		change      func(*Status)
		fault, hint string
	}{
		"ours, dead":    {"no run lasts that long", later, func(*Status) {}, "", ""},
		"ours, at work": {"it may be a live run", noon.Add(9 * time.Minute), func(*Status) {}, state, "run again when it is done; if it died, it is repaired by a run after timeout, or " + rollback},
		"not pending":   {"nothing to repair", noon, func(s *Status) { s.Release.Status = helm.Deployed }, "", ""},
		"other endpoint": {"it still contains only our change", later, func(s *Status) {
			helm.Set(s.Release.Values, "tempo.old:4317", "proxy", "tracing", "collector", "endpoint")
		}, "", ""},
		"of somebody else":   {"their change may be half applied", later, func(s *Status) { helm.Set(s.Release.Values, "debug", "proxy", "logLevel") }, state, "wait for it, or " + rollback},
		"another chart":      {"Linkerd is being upgraded", later, func(s *Status) { s.Release.Chart = helm.Chart{Name: "linkerd-control-plane", Version: "2"} }, state, "wait for it, or " + rollback},
		"nothing of ours":    {"it has no record", later, func(s *Status) { s.Record = nil }, state, "wait for it, or " + rollback},
		"our install":        {"we installed it", later, func(s *Status) { s.Deployed, s.Record.Installed = helm.Release{}, true }, "", ""},
		"somebody's install": {"nothing was ever deployed", later, func(s *Status) { s.Deployed = helm.Release{} }, state, "wait for it, or " + rollback},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			have, spec := cutOff(t), wanted()
			spec.Limit = 10 * time.Minute
			test.change(&have)
			err := have.pending(spec, test.at)
			if test.fault == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.fault, test.reason)
			require.Equal(t, test.hint, fault.HintOf(err))
		})
	}
}

// An interrupted upgrade has the wanted values, but has not succeeded.
func TestInterruptedUpgradeIsRepeated(t *testing.T) {
	have := cutOff(t)
	steps, err := planned(wanted(), have)
	require.NoError(t, err)
	require.Equal(t, []string{"update release/linkerd/lp"}, steps.Paths())
	require.Equal(t, "release/linkerd/lp: {}\n", steps.Diff()["before"])
	require.Contains(t, steps.Warnings, "release linkerd/lp was left pending-upgrade by a run that died: revision 2 is marked as failed, and the change is made again")

	have.Unmanaged = fault.New(fault.Conflict, "", "revision 2 is pending-upgrade")
	_, err = planned(wanted(), have)
	require.EqualError(t, err, "revision 2 is pending-upgrade")
}

// Which revision counts: a control plane whose upgrade failed for good is still
// installed by Helm.
func TestEffectiveRevision(t *testing.T) {
	revision := func(number int, status helm.Status, chart string) helm.Release {
		return helm.Release{Name: "lcp", Revision: number, Status: status, Chart: helm.Chart{Name: chart}}
	}
	cases := map[string]struct {
		reason    string
		revisions []helm.Release
		want      int
	}{
		"none":                   {"another chart's", []helm.Release{revision(1, helm.Deployed, "linkerd-crds")}, 0},
		"failed after deployed":  {"Helm continues from the deployed one", []helm.Release{revision(2, helm.Failed, "lcp"), revision(1, helm.Deployed, "lcp")}, 1},
		"being worked on":        {"its outcome decides", []helm.Release{revision(2, helm.PendingUpgrade, "lcp"), revision(1, helm.Deployed, "lcp")}, 2},
		"all failed":             {"the release exists", []helm.Release{revision(2, helm.Failed, "lcp"), revision(1, helm.Failed, "lcp")}, 2},
		"record deleted by hand": {"only earlier records are left", []helm.Release{revision(2, helm.Superseded, "lcp"), revision(1, helm.Superseded, "lcp")}, 2},
		"uninstalled":            {"with its history kept", []helm.Release{revision(1, helm.Uninstalled, "lcp")}, 0},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, effective(test.revisions, "lcp").Revision, test.reason)
		})
	}
}

func TestPlanRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		spec   Spec
		change func(*Status)
		want   string
		kind   fault.Kind
	}{
		"unmeshed":        {"no trace would arrive", wanted(), func(s *Status) { s.Tempo.Meshed = false }, "send Linkerd's traces to Tempo: its pods are not in the mesh, and Linkerd only sends traces within it", fault.Unsupported},
		"no receiver":     {"Tempo does not take OTLP", wanted(), func(s *Status) { s.Tempo.Endpoints = map[string]string{"zipkin": "x"} }, "find a receiver of Tempo for Linkerd edge-26.8.3: it speaks opentelemetry, and Tempo takes none of it", fault.Unsupported},
		"by the CLI":      {"there is no release to change", wanted(), func(s *Status) { s.Unmanaged = fault.New(fault.Unsupported, "", "not Helm") }, "not Helm", fault.Unsupported},
		"chart refuses":   {"reported before anything is written", wanted(), func(s *Status) { s.Proposal.Refusal = fault.New(fault.Rejected, "", "must be set") }, "must be set", fault.Rejected},
		"Flux' release":   {"it would restore its own values", wanted(), func(s *Status) { s.Owner = kube.Owner{Name: "Flux' HelmRelease linkerd/lp", Place: "there"} }, "release linkerd/lp belongs to Flux' HelmRelease linkerd/lp, which would undo the change", fault.Conflict},
		"going namespace": {"nothing can be created in it", wanted(), func(s *Status) { s.Terminating = fault.New(fault.Conflict, "", "namespace linkerd is being deleted") }, "namespace linkerd is being deleted", fault.Conflict},
		"not there":       {"required: true", Spec{Args: Args{Required: true}}, func(s *Status) { s.Version = "" }, "find Linkerd: there is none in this cluster", fault.NotFound},
		"wanted protocol": {"Linkerd does not speak it", Spec{Args: Args{Protocol: "opencensus", ServiceName: "x"}}, func(*Status) {}, "find a receiver of Tempo for Linkerd edge-26.8.3: it speaks opentelemetry, and Tempo takes none of it", fault.Unsupported},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			have := mesh(t, "edge-26.8.3")
			test.change(&have)
			got, err := planned(test.spec, have)
			require.EqualError(t, err, test.want, test.reason)
			require.Equal(t, test.kind, fault.KindOf(err))
			require.Empty(t, got.Changes)
		})
	}
}

func TestPlanWarns(t *testing.T) {
	cases := map[string]struct {
		reason  string
		spec    Spec
		change  func(*Status)
		warning string
	}{
		"tolerant":   {"unmeshed: warn", Spec{Args: Args{Protocol: "auto", Unmeshed: "warn"}}, func(s *Status) { s.Tempo.Meshed = false }, "Tempo's pods are not in the mesh"},
		"no pods":    {"Tempo is installed later in the same play", wanted(), func(s *Status) { s.Tempo.Pods, s.Tempo.Meshed = 0, false }, "Tempo has no pods in namespace tracing yet"},
		"old pods":   {"a proxy reads its settings once", wanted(), func(*Status) {}, "until they are restarted"},
		"opencensus": {"before 2.17", wanted(), func(s *Status) { s.Generation, _ = compat.LinkerdFor("stable-2.14.10") }, "until they are restarted"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			have := mesh(t, "edge-26.8.3")
			test.change(&have)
			got, err := planned(test.spec, have)
			require.NoError(t, err)
			require.Contains(t, got.Warnings[0]+got.Warnings[len(got.Warnings)-1], test.warning, test.reason)
		})
	}
}

// Without a request for Linkerd's traces, there is a warning and no change.
func TestUnmeshedTempoIsSkipped(t *testing.T) {
	have := mesh(t, "edge-26.8.3")
	have.Tempo.Meshed = false
	skip := wanted()
	skip.Unmeshed = "skip"
	got, err := planned(skip, have)
	require.NoError(t, err)
	require.Empty(t, got.Changes)
	require.Contains(t, got.Warnings[0], "Tempo's pods are not in the mesh, so Linkerd is left as it is: annotate its namespace")
}

func TestNoLinkerdMeansNothingToDo(t *testing.T) {
	for _, spec := range []Spec{wanted(), absent(Args{}), absent(Args{Required: true})} {
		got, err := planned(spec, Status{})
		require.NoError(t, err)
		require.Empty(t, got.Changes)
	}
}

// A setting that somebody has changed since belongs to them: it is restored
// when ours is removed.
func TestDriftedSettingsAreCorrected(t *testing.T) {
	have := mesh(t, "edge-26.8.3")
	d := have.proposal(wanted())
	require.NoError(t, d.Err)
	have.Release.Values, have.Record = d.Values, d.Record
	helm.Set(have.Release.Values, "theirs:4317", "proxy", "tracing", "collector", "endpoint")
	d = have.proposal(wanted())
	require.NoError(t, d.Err)
	require.True(t, have.differs(d))
	have.Release.Values, have.Record = d.Values, d.Record
	back := have.proposal(absent(Args{}))
	require.NoError(t, back.Err)
	require.Equal(t, "theirs:4317", helm.Lookup(back.Values, "proxy", "tracing", "collector", "endpoint"))
}

// nameOverride in the values of Tempo's chart changes the name in its labels.
func TestPodsOfTempo(t *testing.T) {
	pods := func(names ...string) (all []core.Pod) {
		for _, name := range names {
			all = append(all, core.Pod{ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{nameLabel: name}}})
		}
		return all
	}
	cases := map[string]struct {
		reason     string
		pods, want []string
	}{
		"the chart's name": {"another chart's pods are ignored", []string{"tempo", "rollout-operator"}, []string{"tempo"}},
		"another name":     {"nameOverride", []string{"traces", "rollout-operator"}, []string{"traces"}},
		"none":             {"nothing runs", nil, nil},
		"only other pods":  {"those pods are not Tempo", []string{"rollout-operator"}, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, pods(test.want...), append([]core.Pod(nil), tempoPods(pods(test.pods...))...), test.reason)
		})
	}
}

func TestTempoInTheMesh(t *testing.T) {
	pod := func(component string, init, containers []string) core.Pod {
		made := core.Pod{ObjectMeta: meta.ObjectMeta{Labels: map[string]string{"app.kubernetes.io/component": component}}, Spec: core.PodSpec{ServiceAccountName: "tempo-sa"}}
		for _, name := range init {
			made.Spec.InitContainers = append(made.Spec.InitContainers, core.Container{Name: name})
		}
		for _, name := range containers {
			made.Spec.Containers = append(made.Spec.Containers, core.Container{Name: name})
		}
		return made
	}
	cases := map[string]struct {
		reason string
		pods   []core.Pod
		want   Tempo
	}{
		"all":            {"a sidecar in each", []core.Pod{pod("distributor", nil, []string{"distributor", "linkerd-proxy"})}, Tempo{ServiceAccount: "tempo-sa", Pods: 1, Meshed: true}},
		"native sidecar": {"among the init containers", []core.Pod{pod("distributor", []string{"linkerd-proxy"}, []string{"distributor"})}, Tempo{ServiceAccount: "tempo-sa", Pods: 1, Meshed: true}},
		"one is not":     {"started before the annotation", []core.Pod{pod("distributor", nil, []string{"linkerd-proxy"}), pod("ingester", nil, []string{"ingester"})}, Tempo{ServiceAccount: "tempo-sa", Pods: 2}},
		"memcached":      {"it receives no spans", []core.Pod{pod("distributor", nil, []string{"linkerd-proxy"}), pod("memcached", nil, []string{"memcached"})}, Tempo{ServiceAccount: "tempo-sa", Pods: 1, Meshed: true}},
		"none":           {"the charts' own name", nil, Tempo{ServiceAccount: "tempo"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, Tempo{}.with(test.pods), test.reason) })
	}
}

// The hint has the values for the place where they belong; force changes the
// release anyway.
func TestForeignRelease(t *testing.T) {
	have := mesh(t, "edge-26.8.3")
	have.Owner = kube.Owner{Name: "Argo CD's Application mesh", Place: "the Git repository of that Application"}
	_, err := planned(wanted(), have)
	require.Equal(t, `put these values into the Git repository of that Application, or set force: true to change it anyway:
proxy:
  tracing:
    collector:
      endpoint: tempo-distributor.tracing.svc.cluster.local:4317
      meshIdentity:
        namespace: tracing
        serviceAccountName: tempo
    enabled: true
    traceServiceName: linkerd-proxy
`, fault.HintOf(err))
	forced := wanted()
	forced.Force = true
	p, err := planned(forced, have)
	require.NoError(t, err)
	require.Contains(t, p.Warnings, "release linkerd/lp belongs to Argo CD's Application mesh, which may undo the change")
	d := have.proposal(wanted())
	require.NoError(t, d.Err)
	have.Release.Values, have.Record = d.Values, d.Record
	p, err = planned(wanted(), have)
	require.NoError(t, err, "there is nothing to change")
	require.Empty(t, p.Changes)
}
