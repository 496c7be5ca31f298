// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomove

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/plan"
)

func holderOf(deaf error) Holder {
	return Holder{PodPort: kube.PodPort{Namespace: "tracing", Pod: "tempo-0", Port: 3200}, Unreachable: deaf}
}

const single, many = "tempo", "tempo-distributed"

// tempo is a release that is drained, unless the test asks for something else.
func tempo(ask func(*Release)) Release {
	release := Release{Namespace: "tracing", Name: "tempo", Strategy: Drain, Timeout: 10 * time.Minute, Bucket: "b"}
	if ask != nil {
		ask(&release)
	}
	return release
}

func TestLossyMovesAreRefused(t *testing.T) {
	deaf := fault.New(fault.Unreachable, "", "no route to the pod")
	lossy, atomic := func(r *Release) { r.Strategy = Lossy }, func(r *Release) { r.Atomic = true }
	cases := map[string]struct {
		reason  string
		ask     func(*Release)
		move    Move
		hidden  error
		refused string
		hint    string
		warned  []string
	}{
		"2 to 3":                {"drained, with a warning", nil, Move{From: "2.10.8", To: "3.0.3", FromChart: single, ToChart: single, Holders: []Holder{holderOf(nil)}}, nil, "", "", []string{"from Tempo 2.10.8 (chart tempo) to Tempo 3.0.3", "(vParquet4) stay readable", "tempo-0 hold spans in memory", "found by ID at once, by search when they are older", "no way back to Tempo 2"}},
		"3 to 2":                {"never", nil, Move{From: "3.0.3", To: "2.10.8", FromChart: single, ToChart: single, Holders: nil}, nil, "there is no way back from Tempo 3.0.3 to 2.10.8", "stay with Tempo 3", nil},
		"3 to 2, lossy":         {"not even then", lossy, Move{From: "3.0.3", To: "2.10.8", FromChart: single, ToChart: many, Holders: nil}, nil, "there is no way back", "", nil},
		"3.1 to 3.0":            {"within one major version", nil, Move{From: "3.1.0", To: "3.0.3", FromChart: single, ToChart: single, Holders: nil}, nil, "", "", nil},
		"1.5 to 3":              {"2.10 is on the way", nil, Move{From: "1.5.0", To: "3.0.3", FromChart: single, ToChart: single, Holders: []Holder{holderOf(nil)}}, nil, "does not read the blocks that Tempo 1.5.0 stores (v2)", "run with each of these in turn (the role's variables begin with tempo_), and stay with each until all blocks are its own, which is after the retention: 1. chart_version: 2.2.4 (Tempo 2.10.8); 2. mode: monolithic and chart_version: 3.1.0 (Tempo 3.0.3); or set migrate: lossy", nil},
		"1.5 to 3, other mode":  {"the mode is changed last", nil, Move{From: "1.5.0", To: "3.0.3", FromChart: many, ToChart: single, Holders: []Holder{holderOf(nil)}}, nil, "does not read the blocks that Tempo 1.5.0 stores (v2)", "1. chart_version: 2.26.2 (Tempo 2.10.7); 2. mode: monolithic and chart_version: 3.1.0 (Tempo 3.0.3); or", nil},
		"1.5 to 3, lossy":       {"the user insists", lossy, Move{From: "1.5.0", To: "3.0.3", FromChart: single, ToChart: single, Holders: []Holder{holderOf(nil)}}, nil, "", "", []string{"every trace that is stored (v2) is no longer found", "IS LOST"}},
		"2.0 to 2.10":           {"two stops", nil, Move{From: "2.0.1", To: "2.10.8", FromChart: many, ToChart: many, Holders: nil}, nil, "does not read the blocks", "1. chart_version: 3.0.0 and image_tag: 2.4.2 (Tempo 2.4.2); 2. mode: microservices and chart_version: 3.1.0 (Tempo 2.10.8); or", nil},
		"1.5 to 2.10":           {"drained, since 2 loses the end of the log", nil, Move{From: "1.5.0", To: "2.10.8", FromChart: many, ToChart: many, Holders: []Holder{holderOf(nil)}}, nil, "", "", []string{"(v2) stay readable", "tempo-0 hold spans in memory", "no way back, since Tempo 1.5.0 does not read what Tempo 2.10.8 stores (vParquet4)"}},
		"1.5 to 2.0":            {"1.5 reads what 2.0 stores", nil, Move{From: "1.5.0", To: "2.0.1", FromChart: many, ToChart: many, Holders: []Holder{holderOf(nil)}}, nil, "", "", []string{"tempo-0 hold spans in memory", "the same move the other way"}},
		"1.5 to 2, unreachable": {"2 replays nearly all of the log", nil, Move{From: "1.5.0", To: "2.10.8", FromChart: many, ToChart: many, Holders: []Holder{holderOf(deaf)}}, nil, "", "", []string{"pod tempo-0 cannot be asked to store what it holds first (no route to the pod): the end of the write-ahead log may be lost"}},
		"1.5 to 2, hidden":      {"2 replays nearly all of the log", nil, Move{From: "1.5.0", To: "2.10.8", FromChart: many, ToChart: many}, errors.New("forbidden"), "", "", []string{"it is unknown which pods hold spans (forbidden)"}},
		"1.5 to 2, lossy":       {"the user insists", lossy, Move{From: "1.5.0", To: "2.10.8", FromChart: many, ToChart: many, Holders: []Holder{holderOf(deaf)}}, nil, "", "", []string{"migrate: lossy: the end of the write-ahead log"}},
		"1.5 to 2, mode too":    {"the volumes are different ones", nil, Move{From: "1.5.0", To: "2.10.8", FromChart: many, ToChart: single, Holders: []Holder{holderOf(deaf)}}, nil, "what pod tempo-0 holds would be lost", "port-forward tempo-0 3200", nil},
		"1.5 to 2, atomic":      {"a rollback would be a downgrade", atomic, Move{From: "1.5.0", To: "2.10.8", FromChart: many, ToChart: many, Holders: []Holder{holderOf(nil)}}, nil, "atomic would put Tempo 1.5.0 back", "atomic: false", nil},
		"2 to 1":                {"1.5 does not read it", nil, Move{From: "2.10.8", To: "1.5.0", FromChart: many, ToChart: many, Holders: []Holder{holderOf(nil)}}, nil, "does not read the blocks that Tempo 2.10.8 stores", "migrate: lossy", nil},
		"2.9 to 2.10":           {"nothing to drain", nil, Move{From: "2.9.0", To: "2.10.8", FromChart: single, ToChart: single, Holders: nil}, nil, "", "", nil},
		"atomic":                {"a rollback would be a downgrade", atomic, Move{From: "2.10.8", To: "3.0.3", FromChart: single, ToChart: single, Holders: []Holder{holderOf(nil)}}, nil, "atomic would put Tempo 2.10.8 back", "atomic: false", nil},
		"atomic within 3":       {"a rollback is possible", atomic, Move{From: "3.0.3", To: "3.1.0", FromChart: single, ToChart: single, Holders: nil}, nil, "", "", nil},
		"unreachable":           {"its spans would be lost", nil, Move{From: "2.10.8", To: "3.0.3", FromChart: single, ToChart: single, Holders: []Holder{holderOf(deaf)}}, nil, "what pod tempo-0 holds would be lost by the move", "port-forward tempo-0 3200", nil},
		"unreachable, lossy":    {"the user insists, and gets a loud warning", lossy, Move{From: "2.10.8", To: "3.0.3", FromChart: single, ToChart: single, Holders: []Holder{holderOf(deaf)}}, nil, "", "", []string{"migrate: lossy: WHAT tempo-0 HOLD"}},
		"hidden":                {"without permission it is unknown", nil, Move{From: "2.10.8", To: "3.0.3", FromChart: single, ToChart: single, Holders: nil}, errors.New("forbidden"), "would lose is unknown", "right to list pods", nil},
		"to one pod":            {"the volumes are different ones", nil, Move{From: "2.10.7", To: "2.10.8", FromChart: many, ToChart: single, Holders: []Holder{holderOf(nil)}}, nil, "", "", []string{"chart tempo-distributed", "hold spans in memory", "the same move the other way"}},
		"to one pod, atomic":    {"a rollback is possible", atomic, Move{From: "2.10.7", To: "2.10.8", FromChart: many, ToChart: single, Holders: []Holder{holderOf(nil)}}, nil, "", "", []string{"chart tempo-distributed"}},
		"many to one of 3":      {"both at once", nil, Move{From: "2.10.7", To: "3.0.3", FromChart: many, ToChart: single, Holders: []Holder{holderOf(nil)}}, nil, "", "", []string{"no way back to Tempo 2"}},
		"3 to many":             {"Tempo 3 has no flush", nil, Move{From: "3.0.3", To: "3.0.3", FromChart: single, ToChart: many, Holders: nil}, nil, "", "", []string{"spans of the last minute"}},
		"no version":            {"nothing is known", nil, Move{From: "main", To: "3.0.3", FromChart: single, ToChart: single, Holders: nil}, nil, "", "", nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			move := test.move
			move.Release, move.Hidden, move.FromVersion, move.ToVersion = tempo(test.ask), test.hidden, "3.0.0", "3.1.0"
			var p plan.Plan
			err := move.Plan(&p)
			if test.refused != "" {
				require.ErrorContains(t, err, test.refused, test.reason)
				require.Contains(t, fault.HintOf(err), test.hint)
				require.NotEmpty(t, fault.HintOf(err))
				return
			}
			require.NoError(t, err, test.reason)
			require.Len(t, p.Warnings, min(1, len(test.warned)), "%v", p.Warnings)
			for _, want := range test.warned {
				require.Contains(t, fmt.Sprint(p.Warnings), want, test.reason)
			}
		})
	}
}

// podOf is a pod of Tempo with its port.
func podOf(component, image string) core.Pod {
	return core.Pod{
		ObjectMeta: meta.ObjectMeta{Name: "tempo-" + component, Labels: map[string]string{"app.kubernetes.io/component": component}},
		Spec:       core.PodSpec{Containers: []core.Container{{Image: image, Ports: []core.ContainerPort{{Name: "http-metrics", ContainerPort: 3200}}}}},
	}
}

// What runs decides, not what a run that was killed had recorded.
func TestRunningVersionComesFromThePods(t *testing.T) {
	cases := map[string]struct {
		reason string
		pods   []core.Pod
		want   string
	}{
		"none":         {"the version of the release", nil, "3.0.3"},
		"old ones":     {"the run ended before they terminated", []core.Pod{podOf("", "docker.io/grafana/tempo:2.10.8")}, "2.10.8"},
		"old and new":  {"the oldest", []core.Pod{podOf("ingester", "grafana/tempo:3.0.3"), podOf("ingester", "grafana/tempo:v2.9.0@sha256:ab")}, "2.9.0"},
		"no version":   {"the version of the release", []core.Pod{podOf("", "registry:5000/tempo:main")}, "3.0.3"},
		"other images": {"not Tempo", []core.Pod{podOf("", "registry:5000/traces")}, "3.0.3"},
		"a querier":    {"it holds nothing", []core.Pod{podOf("querier", "grafana/tempo:2.10.8")}, "3.0.3"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			move := Between(Release{}, helm.Chart{AppVersion: "3.0.3"}, test.pods, helm.Chart{}, "3.1.0")
			require.Equal(t, test.want, move.From, test.reason)
		})
	}
}

func TestSumsOfMetrics(t *testing.T) {
	page := `# HELP tempo_ingester_live_traces The current number of lives traces per tenant.
# TYPE tempo_ingester_live_traces gauge
tempo_ingester_live_traces{tenant="single-tenant"} 3
tempo_ingester_live_traces{tenant="a } b"} 2
tempo_ingester_flush_queue_length 1
tempo_ingester_blocks_flushed_total 1.7e+01
go_info{version="go1.26"} not-a-number
`
	found := sums(page)
	require.InDelta(t, 5, found[liveTraces], 0)
	require.InDelta(t, 1, found[queueLength], 0)
	require.InDelta(t, 17, found[blocksFlushed], 0)
}

// What an earlier Tempo has stored may be older than what the last one stores.
func TestBlocksUnreadableByTempo3AreRefused(t *testing.T) {
	block := func(format string) minio.Block {
		return minio.Block{Format: format, Stored: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}
	}
	cases := map[string]struct {
		reason  string
		blocks  Blocks
		refused string
		warned  string
	}{
		"all of 2.10":  {"all readable", Blocks{Oldest: block("vParquet4"), Newest: block("vParquet4"), Count: 7}, "", "the 7 blocks in the object storage stay readable (the oldest has format vParquet4"},
		"old ones":     {"of Tempo 2.5 or before", Blocks{Oldest: block("vParquet3"), Newest: block("vParquet4"), Count: 7}, "does not read format vParquet3, which the oldest of the 7 blocks in bucket b has (stored 2026-10-01T00:00:00Z)", ""},
		"newer ones":   {"written by a newer Tempo", Blocks{Oldest: block("vParquet4"), Newest: block("vParquet6"), Count: 2}, "does not read format vParquet6, which the newest", ""},
		"none":         {"nothing to lose", Blocks{}, "", "holds no blocks yet"},
		"out of sight": {"the host may be unable to reach the store", Blocks{Hidden: errors.New("no route")}, "", "could not be asked: no route"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			move := Move{Release: tempo(nil), From: "2.10.8", To: "3.0.3", FromChart: single, ToChart: single, Blocks: &test.blocks}
			var p plan.Plan
			err := move.Plan(&p)
			if test.refused != "" {
				require.ErrorContains(t, err, test.refused, test.reason)
				require.Contains(t, fault.HintOf(err), "migrate: lossy")
				return
			}
			require.NoError(t, err, test.reason)
			require.Contains(t, fmt.Sprint(p.Warnings), test.warned, test.reason)
		})
	}
}

// A task without a move has nothing to refuse, to tell or to drain.
func TestNoMove(t *testing.T) {
	var none *Move
	var p plan.Plan
	require.NoError(t, none.Plan(&p))
	require.Empty(t, p.Warnings)
	require.NoError(t, none.Drain(t.Context(), nil, nil))
}
