//go:build stack

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// The real Traefik 3.7, started with exactly the arguments that the module set,
// sends a request's line to Loki, as the tenant of the option, and writes it only
// if it should. The module sees the written one, which holds a copy of the sent one.
func TestRealTraefikSendsItsAccessLog(t *testing.T) {
	store := stack.StartLoki(t)
	cases := map[string]struct {
		reason, chart string
		options       map[string]any
		written       bool
	}{
		"by arguments": {"a chart without values for it", "34.2.1+up34.2.0", map[string]any{"access_log_output": "otlp", "image_tag": "v3.3.6"}, false},
		"both":         {"by values", "41.4.2+up41.4.0", map[string]any{"access_log_output": "both"}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, tenant := newLab(t), testkit.Name("logs")
			l.install(t, c.chart, "", nil)
			task := l.task(c.options).With(map[string]any{"access_log_endpoint": store.URL + "/otlp/v1/logs", "access_log_tenant": tenant})
			testkit.Changed(t, task.Apply(t))
			stack.Answers(t, store.URL+"/ready", "")

			seen := make(chan http.Header, 1000)
			edge, log := l.traefik(t, seen)
			id := fmt.Sprintf("%032x", time.Now().UnixNano())
			request(t, edge, map[string]string{"X-B3-Traceid": id, "X-B3-Spanid": id[16:], "X-B3-Sampled": "1"})

			query := fmt.Sprintf(`{service_name="traefik"} | trace_id=%q`, id)
			require.Eventually(t, func() bool {
				lines, err := loki.Lines(t.Context(), loki.Directly(store.URL, tenant, http.DefaultClient), query, time.Now().Add(-time.Hour), time.Now().Add(time.Minute), 10)
				return err == nil && len(lines) == 1
			}, time.Minute, 250*time.Millisecond, c.reason)
			if !c.written {
				text, err := os.ReadFile(log)
				require.NoError(t, err)
				require.NotContains(t, string(text), id)
				return
			}
			require.Equal(t, id, traced(t, seen, id))
			l.probed(t, task, edge, log, seen)
		})
	}
}
