// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package tempomove_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/tempomove"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// afterwards is how many of the acknowledged traces only the new version took.
const afterwards = 1_000

// grace is how long Kubernetes lets a pod end by itself; patience is for one that
// has not stored all.
const grace, patience = 30 * time.Second, 2 * time.Minute

// Whatever the old Tempo acknowledged before the move, while it was drained, and the
// new one after it, is found. The log says how many, and what clients were told
// meanwhile.
func TestMoveUnderLoadLosesNothing(t *testing.T) {
	cases := []struct {
		reason, from, to string
		enough           int64
		pause            time.Duration
	}{
		{"by search Tempo 2 does not find what Tempo 1 stored, so that each is asked for by its ID, and fewer are sent", "1.5.0", "2.10.8", 4_000, 20 * time.Millisecond},
		{"the log is not read at all", "2.10.8", "3.0.3", 10_000, 0},
	}
	for _, test := range cases {
		t.Run(test.from+" to "+test.to, func(t *testing.T) { moves(t, test.from, test.to, test.enough, test.pause) })
	}
}

// moves proves a move with so many acknowledged traces, with a pause after each.
func moves(t *testing.T, from, to string, enough int64, pause time.Duration) {
	t.Helper()
	stack.Needs(t, from, to)
	site := stack.NewSite(t)
	old := site.Start(t, from)
	stack.Answers(t, site.Query+"/ready", "")
	load := begin(t, site, pause)
	load.await(t, enough/2)

	began := time.Now()
	drain(t, site, from, to)
	drained, before := time.Since(began), load.acknowledged.Load()
	old.End(grace)
	ended := time.Since(began)
	site.Volume = t.TempDir() // as where pods have no volume of their own: what is in no bucket is lost
	fresh := site.Start(t, to)
	stack.Answers(t, site.Query+"/ready", "")
	ready := time.Since(began)
	load.await(t, max(enough, before+afterwards))

	sent, shown := load.end(), map[string]bool{}
	t.Logf("%d traces acknowledged, %.0f a second, %d of them before the move; drained after %s, ended after %s, ready after %s; refused: %v",
		len(sent), load.pace(), before, drained, ended, ready, load.refused)
	shows(t, site, sent[before:], shown)
	fresh.End(patience)
	site.Stored = true
	site.Start(t, to)
	stack.Answers(t, site.Query+"/ready", "")
	search(t, site, shown)
	require.Empty(t, lost(t, site, sent, shown))
}

// drain does what the module does before an upgrade.
func drain(t *testing.T, site stack.Site, from, to string) {
	t.Helper()
	pod := process{site.Query}
	move := tempomove.Move{
		Release: tempomove.Release{Name: "tempo", Strategy: tempomove.Drain, Timeout: 10 * time.Minute}, From: from, To: to,
		Holders: []tempomove.Holder{{PodPort: kube.PodPort{Pod: "tempo-0"}}},
	}
	require.NoError(t, move.Drain(t.Context(), pod, pod))
}

// few are traces that may as well be asked for by their ID.
const few = 50

// shows waits until search shows what the new version took and has not stored.
func shows(t *testing.T, site stack.Site, taken []tempo.TraceID, shown map[string]bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		search(t, site, shown)
		hidden := slices.DeleteFunc(slices.Clone(taken), func(id tempo.TraceID) bool { return shown[short(id)] })
		return len(hidden) <= few
	}, 10*time.Minute, time.Second)
}

// process is Tempo without a cluster around it: what a step asks of a pod goes to
// the process.
type process struct{ url string }

func (p process) GetFromPod(ctx context.Context, _ kube.PodPort, path string) (status int, text string, err error) {
	return p.ask(ctx, http.MethodGet, path)
}

func (p process) PostToPod(ctx context.Context, _ kube.PodPort, path string) (status int, text string, err error) {
	return p.ask(ctx, http.MethodPost, path)
}

func (p process) ask(ctx context.Context, method, path string) (status int, text string, err error) {
	return stack.Ask(ctx, method, p.url+"/"+path)
}
