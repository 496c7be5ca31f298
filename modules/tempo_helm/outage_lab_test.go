// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// An API server that is down for ten seconds in the middle of an upgrade, as
// when k3s restarts, is waited for.
func TestShortOutageIsSurvived(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, nil)
	testkit.Changed(t, task.Apply(t))
	change := task.With(map[string]any{"retention": "48h"})
	back := lab.awayAt(http.MethodPatch, "/configmaps/tempo", 10*time.Second)
	released(t, testkit.Changed(t, change.Apply(t)), "tempo-2.2.4", 2)
	require.NoError(t, back())
	require.Len(t, lab.history(t), 2)
	lab.newest(t)
	testkit.Unchanged(t, change.Apply(t))
}

// One that stays down fails the run in plain words, and the next one finishes.
func TestLongOutageFailsClearly(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, nil)
	testkit.Changed(t, task.Apply(t))
	change := task.With(map[string]any{"retention": "48h"})
	back := lab.awayAt(http.MethodPatch, "/statefulsets/tempo", 0)
	result := change.Start(t).Result(t)
	require.Contains(t, testkit.Failed(t, result), "unreachable: upgrade release tempo with chart tempo-2.2.4: ")
	require.Contains(t, result["msg"], "connection refused")
	require.NotEmpty(t, result["hint"])
	require.NoError(t, back())

	released(t, testkit.Changed(t, change.Apply(t)), "tempo-2.2.4", 3)
	lab.newest(t)
	testkit.Unchanged(t, change.Apply(t))
}

// When Helm cannot record how a revision ended, nobody works on it any more:
// the next run need not wait until that is likely.
func TestLostFinalStatus(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		// away is whether the API server refuses everything that follows too.
		away bool
	}{
		"only the last write": {"the run marks the revision as failed itself", false},
		"all from there on":   {"the lease remains, and names the dead holder", true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			task := lab.task(t, map[string]any{"wait_timeout": "1h"})
			testkit.Changed(t, task.Apply(t))
			change := task.With(map[string]any{"retention": "48h"})
			lab.Handle(refuseEnd(test.away))
			require.Contains(t, testkit.Failed(t, change.Start(t).Result(t)), "upgrade release tempo with chart tempo-2.2.4: ", test.reason)
			lab.Handle(nil)
			status := lab.history(t)[0].status
			require.Equal(t, test.away, status == "pending-upgrade", status)

			released(t, testkit.Changed(t, change.Apply(t)), "tempo-2.2.4", 3)
			lab.newest(t)
			testkit.Unchanged(t, change.Apply(t))
		})
	}
}

// refuseEnd refuses the write that marks the second revision as deployed, or
// everything from there on.
func refuseEnd(away bool) testkit.Handle {
	var ended atomic.Bool
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		last := r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/secrets/sh.helm.release.v1.tempo.v2") && !ended.Swap(true)
		if last || away && ended.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// A lost answer does not stop the run if the record can be read; else the next
// run knows by the lease that nobody works on it.
func TestLostAnswerToTheFirstRecord(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		// away is whether nothing that follows is answered either.
		away bool
	}{
		"only that answer":  {"the record is read back", false},
		"all from there on": {"the lease remains, and names the dead holder", true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			task := lab.task(t, map[string]any{"wait_timeout": "1h"})
			lab.Handle(loseRecord(test.away))
			result := task.Start(t).Result(t)
			lab.Handle(nil)
			if !test.away {
				released(t, testkit.Changed(t, result), "tempo-2.2.4", 1)
				testkit.Unchanged(t, task.Apply(t))
				return
			}
			require.Contains(t, testkit.Failed(t, result), "install release tempo with chart tempo-2.2.4: ", test.reason)
			require.Equal(t, "pending-install", lab.history(t)[0].status)
			released(t, testkit.Changed(t, task.Apply(t)), "tempo-2.2.4", 2)
			lab.newest(t)
			testkit.Unchanged(t, task.Apply(t))
		})
	}
}

// loseRecord carries out the write of the first release record and drops the
// connection instead of answering, and if away, of all that follows too.
func loseRecord(away bool) testkit.Handle {
	var lost atomic.Bool
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		first := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/secrets") && r.URL.Query().Get("fieldManager") == "" && !lost.Swap(true)
		switch {
		case first:
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case away && lost.Load():
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	}
}

// awayAt takes the API server down at a request, for that long or until back is
// called, which returns when the server is up again.
func (l lab) awayAt(method, path string, length time.Duration) (back func() error) {
	var once sync.Once
	gone, returned := make(chan struct{}), make(chan error, 1)
	l.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == method && strings.HasSuffix(r.URL.Path, path) && r.URL.Query().Get("dryRun") == "" {
			once.Do(func() {
				_ = l.Leave()
				close(gone)
				if length > 0 {
					time.AfterFunc(length, func() { returned <- l.Return() })
				}
			})
		}
		next.ServeHTTP(w, r)
	})
	return func() error {
		l.Handle(nil)
		<-gone
		if length > 0 {
			return <-returned
		}
		return l.Return()
	}
}
