// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// An API server that accepts connections and says nothing, from the middle of a
// run on, does not hold up the run for long: Helm does not stop by itself, and
// the lease cannot be renewed. The next run finishes what this one began.
func TestAPIServerStopsAnswering(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason       string
		method, path string
		// more are the options of the run that meets the silence, after a first
		// run if there is one.
		first bool
		more  map[string]any
	}{
		"install":       {"in the middle of the objects", http.MethodPost, "/statefulsets", false, nil},
		"upgrade":       {"in the middle of the objects", http.MethodPatch, "/statefulsets/tempo", true, map[string]any{"retention": "48h"}},
		"the end":       {"when everything but the record is done", http.MethodPut, "/secrets/sh.helm.release.v1.tempo.v2", true, map[string]any{"retention": "48h"}},
		"uninstall":     {"in the middle of the objects", http.MethodDelete, "/statefulsets/tempo", true, map[string]any{"state": "absent"}},
		"rolled back":   {"an atomic change", http.MethodPatch, "/statefulsets/tempo", true, map[string]any{"retention": "48h", "atomic": true}},
		"the rehearsal": {"before anything is written", http.MethodGet, "/nodes", true, map[string]any{"retention": "48h"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			task := lab.task(t, nil)
			if test.first {
				testkit.Changed(t, task.Apply(t))
			}
			change := task.With(test.more)
			lab.Handle(falls(test.method, test.path))
			begin := time.Now()
			result := change.With(map[string]any{"wait_timeout": "30s"}).Start(t).Result(t)
			require.NotEmpty(t, testkit.Failed(t, result), test.reason)
			require.Less(t, time.Since(begin), 4*time.Minute, test.reason)
			lab.Handle(nil)

			testkit.Changed(t, change.Apply(t))
			testkit.Unchanged(t, change.Apply(t))
		})
	}
}

// falls makes the API server fall silent at a request, for good.
func falls(method, path string) testkit.Handle {
	var silent atomic.Bool
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == method && strings.HasSuffix(r.URL.Path, path) && r.URL.Query().Get("dryRun") == "" {
			silent.Store(true)
		}
		if silent.Load() {
			<-r.Context().Done()
			return
		}
		next.ServeHTTP(w, r)
	}
}
