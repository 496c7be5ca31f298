//go:build stack

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// The real Traefik 3.7, started with exactly the arguments and variables that the
// module set for the container, sends its spans to Tempo's receivers, continues
// the trace of a B3 header, and logs that trace's ID. The module sees that with a
// request of its own.
func TestRealTraefikWithTheArguments(t *testing.T) {
	cases := map[string]struct {
		reason  string
		values  string
		options func(stack.Tempo) map[string]any
	}{
		"http": {"the default of Traefik v3", "", func(to stack.Tempo) map[string]any { return map[string]any{"endpoint": to.HTTP} }},
		"grpc": {"by option", "", func(to stack.Tempo) map[string]any { return map[string]any{"endpoint": to.GRPC, "protocol": "grpc"} }},
		"chosen fields": {"the user's own choice leaves the field with the ID", "accessLog:\n  fields:\n    defaultMode: drop\n",
			func(to stack.Tempo) map[string]any { return map[string]any{"endpoint": to.HTTP} }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tempo := stack.StartTempo(t, stack.Config{Store: stack.NewStore(t, nil)})
			l := newLab(t)
			l.install(t, "41.4.2+up41.4.0", "", &c.values)
			task := l.task(c.options(tempo))
			result := testkit.Changed(t, task.Apply(t))
			stack.Answers(t, tempo.Query+"/ready", "")

			seen := make(chan http.Header, 100)
			edge, log := l.traefik(t, seen)
			id := fmt.Sprintf("%032x", time.Now().UnixNano())
			request(t, edge, map[string]string{"X-B3-Traceid": id, "X-B3-Spanid": id[16:], "X-B3-Sampled": "1"})

			require.Equal(t, id, traced(t, seen, id), "the application gets the same trace, by B3")
			require.Eventually(t, func() bool { return spans(t, tempo, id) > 0 }, time.Minute, 250*time.Millisecond, c.reason)
			require.Eventually(t, func() bool { return logged(t, log, result["trace_id_field"].(string), id) }, time.Minute, 250*time.Millisecond, "the access log has it")
			l.probed(t, task, edge, log, seen)
		})
	}
}

// probed lets the module send its own request: none in check mode, otherwise
// one. The API server returns Traefik's log as that of its pods.
func (l lab) probed(t *testing.T, task testkit.Task, edge, log string, seen <-chan http.Header) {
	t.Helper()
	l.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/log") {
			http.ServeFile(w, r, log)
			return
		}
		next.ServeHTTP(w, r)
	})
	task = task.With(map[string]any{"ingress_host": "app.example", "ingress_url": edge, "ingress_path": "/vote"})
	require.NotContains(t, testkit.Unchanged(t, task.Check(t)), "probe")
	require.Empty(t, seen, "no request in check mode")

	probe := testkit.Unchanged(t, task.Apply(t))["probe"].(map[string]any)
	require.Len(t, seen, 1)
	require.Equal(t, (<-seen).Get("X-B3-Traceid"), probe["trace_id"])
	require.EqualValues(t, http.StatusOK, probe["status"])
	require.Contains(t, probe["url"], edge+"/vote?probe=")
	require.Contains(t, probe["pod"], l.name+"-traefik-")
}

// traefik runs the lab's Traefik as the container would, with an application
// behind it that records the headers it gets.
func (l lab) traefik(t *testing.T, seen chan<- http.Header) (edge, log string) {
	t.Helper()
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header }))
	t.Cleanup(app.Close)
	args, env := l.about(t)
	edge, log = stack.StartTraefik(t, "app.example", app.URL, []string{"OTEL_PROPAGATORS=" + env["OTEL_PROPAGATORS"]}, args...)
	stack.Answers(t, edge, "app.example")
	return edge, log
}

func request(t *testing.T, address string, headers map[string]string) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address+"/vote", nil)
	require.NoError(t, err)
	request.Host = "app.example"
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
}

// traced is the ID of the trace that reached the application: requests that
// only waited for Traefik to start came before it.
func traced(t *testing.T, seen <-chan http.Header, id string) string {
	t.Helper()
	got := ""
	for len(seen) > 0 && got != id {
		got = (<-seen).Get("X-B3-Traceid")
	}
	return got
}

// spans counts the batches of a trace in Tempo.
func spans(t *testing.T, tempo stack.Tempo, id string) int {
	t.Helper()
	answer, err := http.Get(tempo.Query + "/api/traces/" + id)
	require.NoError(t, err)
	defer answer.Body.Close()
	var trace struct{ Batches []any }
	_ = json.NewDecoder(answer.Body).Decode(&trace)
	return len(trace.Batches)
}

// logged reports whether a line of the access log has the ID in that field.
func logged(t *testing.T, log, field, id string) bool {
	t.Helper()
	lines, err := os.ReadFile(log)
	require.NoError(t, err)
	for line := range strings.Lines(string(lines)) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) == nil && fields[field] == id {
			return true
		}
	}
	return false
}
