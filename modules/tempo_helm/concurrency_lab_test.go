// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/wire"
)

// Of two runs that have planned the same change, one makes it, the other
// reports the conflict, and there is one revision.
func TestTwoRunsMakeOneRevision(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, nil)
	testkit.Changed(t, task.Apply(t))
	change := task.With(map[string]any{"retention": "48h"})
	lab.Handle(meet("POST", "/leases", 2))
	first, second := change.Start(t), change.Start(t)
	results := []wire.Result{first.Result(t), second.Result(t)}
	lab.Handle(nil)
	if results[0].Failed() {
		results[0], results[1] = results[1], results[0]
	}
	released(t, testkit.Changed(t, results[0]), "tempo-2.2.4", 2)
	require.Regexp(t, `^conflict: (take lease picluster-tracing-tempo: process \d+ on \S+ works on it|deploy release tempo: somebody else did in the meantime: revision 1 \(deployed\) is now 2 \(deployed\))$`,
		testkit.Failed(t, results[1]))
	require.NotEmpty(t, results[1]["hint"])
	require.Equal(t, false, results[1]["changed"])
	require.Len(t, lab.history(t), 2)
	lab.newest(t)
	testkit.Unchanged(t, change.Apply(t))
}

// A first install has no record yet, and each run would make its own checksum
// of the keys: here, too, there is one revision.
func TestTwoInstallsMakeOneRevision(t *testing.T) {
	lab := newLab(t)
	lab.makeNamespace(t)
	task := lab.task(t, nil)
	lab.Handle(meet("POST", "/secrets", 2))
	first, second := task.Start(t), task.Start(t)
	results := []wire.Result{first.Result(t), second.Result(t)}
	lab.Handle(nil)
	if results[0].Failed() {
		results[0], results[1] = results[1], results[0]
	}
	released(t, testkit.Changed(t, results[0]), "tempo-2.2.4", 1)
	require.Equal(t, `conflict: make secret tempo-s3-credentials: secrets "tempo-s3-credentials" already exists`, testkit.Failed(t, results[1]))
	require.Len(t, lab.history(t), 1)
	lab.newest(t)
	testkit.Unchanged(t, task.Apply(t))
}

// meet holds back requests of a kind until that many have come, so that the
// runs are at the same point whatever the machine's load.
func meet(method, path string, runs int) testkit.Handle {
	var mu sync.Mutex
	met, waiting := make(chan struct{}), runs
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == method && strings.HasSuffix(r.URL.Path, path) {
			mu.Lock()
			if waiting--; waiting == 0 {
				close(met)
			}
			mu.Unlock()
			<-met
		}
		next.ServeHTTP(w, r)
	}
}
