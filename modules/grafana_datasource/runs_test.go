// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	datasource "github.com/picluster/tracing/modules/grafana_datasource"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// memory is as much of Grafana's HTTP API as data sources need
// (grafana/grafana pkg/api/datasources.go).
type memory struct {
	sources []map[string]any
	// sick is what the health check of each data source says, "" if healthy.
	sick   string
	writes int
	// version is Grafana's, in place of 12.0.0.
	version string
}

func (m *memory) find(uid string) int {
	for i, source := range m.sources {
		if source["uid"] == uid {
			return i
		}
	}
	return -1
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (m *memory) serve(t *testing.T) string {
	t.Helper()
	routes := http.NewServeMux()
	routes.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, map[string]any{"version": cmp.Or(m.version, "12.0.0")})
	})
	routes.HandleFunc("GET /api/datasources", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, m.sources) })
	routes.HandleFunc("GET /api/datasources/uid/{uid}/health", func(w http.ResponseWriter, _ *http.Request) {
		if m.sick != "" {
			answer(w, 400, map[string]any{"status": "ERROR", "message": m.sick})
			return
		}
		answer(w, 200, map[string]any{"status": "OK", "message": "Data source is working"})
	})
	routes.HandleFunc("/api/datasources/uid/{uid}", m.one)
	routes.HandleFunc("POST /api/datasources", func(w http.ResponseWriter, r *http.Request) {
		m.writes++
		made := map[string]any{}
		_ = json.NewDecoder(r.Body).Decode(&made)
		made["id"], made["orgId"], made["version"] = len(m.sources)+1, 1, 1
		m.keep(made)
		answer(w, 200, map[string]any{"datasource": made})
	})
	server := httptest.NewServer(routes)
	t.Cleanup(server.Close)
	return server.URL
}

// keep drops the values of secrets, as Grafana does in what it returns.
func (m *memory) keep(source map[string]any) {
	fields := map[string]any{}
	written, _ := source["secureJsonData"].(map[string]any)
	for name := range written {
		fields[name] = true
	}
	delete(source, "secureJsonData")
	source["secureJsonFields"] = fields
	if source["uid"] == nil || source["uid"] == "" {
		source["uid"] = "made-by-grafana"
	}
	m.sources = append(m.sources, source)
}

func (m *memory) one(w http.ResponseWriter, r *http.Request) {
	at := m.find(r.PathValue("uid"))
	if at < 0 {
		answer(w, 404, map[string]any{"message": "Data source not found"})
		return
	}
	found := m.sources[at]
	switch r.Method {
	case http.MethodDelete:
		m.writes++
		m.sources = append(m.sources[:at:at], m.sources[at+1:]...)
		answer(w, 200, map[string]any{"message": "Data source deleted"})
	case http.MethodPut:
		m.writes++
		made := map[string]any{}
		_ = json.NewDecoder(r.Body).Decode(&made)
		made["id"], made["orgId"], made["version"] = found["id"], 1, 2
		m.sources = append(m.sources[:at:at], m.sources[at+1:]...)
		m.keep(made)
		answer(w, 200, map[string]any{"datasource": made})
	default:
		answer(w, 200, found)
	}
}

func source(uid, name string, more map[string]any) map[string]any {
	made := map[string]any{"id": 1, "orgId": 1, "uid": uid, "name": name, "type": "tempo", "url": "http://tempo:3200", "access": "proxy",
		"jsonData": map[string]any{}, "secureJsonFields": map[string]any{}, "version": 1}
	for key, value := range more {
		made[key] = value
	}
	return made
}

func task(t *testing.T, grafana *memory, options map[string]any) testkit.Task {
	t.Helper()
	return testkit.Task{New: datasource.New, Options: map[string]any{
		"grafana_url": grafana.serve(t), "grafana_user": "admin", "grafana_password": testkit.Canary + "grafana", "name": "Tempo",
	}}.With(options)
}

func TestDataSourceIsCreatedChangedAndRemoved(t *testing.T) {
	grafana := &memory{}
	wanted := task(t, grafana, map[string]any{"uid": "tempo", "ds_type": "tempo", "ds_url": "http://tempo:3200"})
	testkit.FourRuns(t, wanted)
	testkit.FourRuns(t, wanted.With(map[string]any{"ds_url": "http://tempo:3201"}))
	require.Equal(t, "http://tempo:3201", grafana.sources[0]["url"])
	testkit.FourRuns(t, wanted.With(map[string]any{"is_default": true}))
	require.Equal(t, 3, grafana.writes)
	testkit.FourRuns(t, wanted.With(map[string]any{"state": "absent"}))
	require.Empty(t, grafana.sources)
}

func TestRefusalsOfADataSource(t *testing.T) {
	full := map[string]any{"ds_type": "tempo", "ds_url": "http://tempo:3200"}
	with := func(more map[string]any) map[string]any {
		options := map[string]any{}
		for _, part := range []map[string]any{full, more} {
			for key, value := range part {
				options[key] = value
			}
		}
		return options
	}
	cases := map[string]struct {
		sources []map[string]any
		options map[string]any
		want    string
	}{
		"no type": {nil, map[string]any{"ds_url": "http://tempo"}, "usage: create data source Tempo: ds_type is required"},
		"no URL":  {nil, map[string]any{"ds_type": "mysql"}, "usage: create data source Tempo: ds_url is required for type mysql"},
		"another uid": {[]map[string]any{source("old", "Tempo", nil)}, with(map[string]any{"uid": "new"}),
			"conflict: create data source Tempo with uid new: the name is taken by the data source with uid old"},
		"a taken name": {[]map[string]any{source("mine", "Traces", nil), source("other", "Tempo", nil)}, with(map[string]any{"uid": "mine"}),
			"conflict: rename data source mine to Tempo: the name is taken by the data source with uid other"},
		"a second default": {[]map[string]any{source("p", "Prometheus", map[string]any{"isDefault": true})}, with(map[string]any{"is_default": true}),
			"conflict: make data source Tempo the default: Prometheus is it already"},
		"another name": {[]map[string]any{source("tempo", "Traces", nil)}, map[string]any{"state": "absent", "uid": "tempo"},
			"conflict: delete data source tempo: its name is Traces and not Tempo"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			grafana := &memory{sources: test.sources}
			require.Equal(t, test.want, testkit.Failed(t, task(t, grafana, test.options).Apply(t)))
			require.Zero(t, grafana.writes)
		})
	}
}

// Grafana does not allow changes of what it reads from a file.
func TestProvisionedDataSource(t *testing.T) {
	grafana := &memory{sources: []map[string]any{source("tempo", "Tempo", map[string]any{"readOnly": true})}}
	wanted := task(t, grafana, map[string]any{"ds_type": "tempo", "ds_url": "http://tempo:3200"})
	testkit.Unchanged(t, wanted.Apply(t))
	require.Contains(t, testkit.Failed(t, wanted.With(map[string]any{"ds_url": "http://tempo:3201"}).Apply(t)), "update data source Tempo")
	require.Contains(t, testkit.Failed(t, wanted.With(map[string]any{"state": "absent"}).Apply(t)), "delete data source Tempo")
	require.Zero(t, grafana.writes)
}

// There is nothing to do to remove what does not exist.
func TestNothingToRemove(t *testing.T) {
	grafana := &memory{}
	testkit.Unchanged(t, task(t, grafana, map[string]any{"state": "absent"}).Apply(t))
}

func TestUnhealthyDataSource(t *testing.T) {
	grafana := &memory{sick: "connection refused"}
	wanted := task(t, grafana, map[string]any{"ds_type": "prometheus", "ds_url": "http://prometheus:9090", "require_healthy": true, "timeout": "3s"})
	failure := testkit.Failed(t, wanted.Apply(t))
	require.Contains(t, failure, "check data source Tempo")
	require.Len(t, grafana.sources, 1, "it was created")
	require.Contains(t, testkit.Failed(t, wanted.Apply(t)), "check data source Tempo")
	testkit.Unchanged(t, wanted.With(map[string]any{"require_healthy": false}).Apply(t))
}
