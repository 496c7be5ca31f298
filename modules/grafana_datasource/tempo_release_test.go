// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// services is an API server with one Service of Tempo for each namespace and release.
type services [][2]string

func (s services) kubeconfig(t *testing.T) map[string]any {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
		items := []any{}
		for _, one := range s {
			set := labels.Set{"app.kubernetes.io/name": "tempo", "app.kubernetes.io/instance": one[1], "helm.sh/chart": "tempo-2.2.4"}
			if err == nil && selector.Matches(set) {
				items = append(items, data{"metadata": data{"name": one[1], "namespace": one[0], "labels": set},
					"spec": data{"clusterIP": "10.43.0.1", "ports": []any{data{"name": "tempo-prom-metrics", "port": 3200}}}})
			}
		}
		answer(w, 200, data{"apiVersion": "v1", "kind": "ServiceList", "items": items})
	}))
	t.Cleanup(server.Close)
	return data{"apiVersion": "v1", "kind": "Config", "current-context": "c",
		"clusters": []any{data{"name": "c", "cluster": data{"server": server.URL}}},
		"contexts": []any{data{"name": "c", "context": data{"cluster": "c", "user": "c"}}},
		"users":    []any{data{"name": "c", "user": data{}}}}
}

func TestTempoThatTheTaskNames(t *testing.T) {
	named := func(namespace, release string) data {
		return data{"tempo_namespace": namespace, "tempo_release": release}
	}
	const a, b, others = "http://tempo.a.svc.cluster.local:3200", "http://tempo.b.svc.cluster.local:3200", "http://elsewhere:3200"
	cases := map[string]struct {
		reason  string
		there   services
		options data
		// before is the URL of an existing data source, "" for none.
		before, after string
		fails, hint   string
		warns         []any
	}{
		"nothing is named":           {"the only Tempo", services{{"b", "tempo"}}, nil, "", b, "", "", nil},
		"nothing is named, existing": {"its URL stays", services{{"b", "tempo"}}, nil, others, others, "", "", nil},
		"nothing is named, two": {"it would be a guess", services{{"a", "tempo"}, {"b", "tempo"}}, nil, "", "",
			"conflict: create data source Tempo without ds_url: there are 2 in the cluster: a/tempo, b/tempo", "say which one with tempo_namespace and tempo_release, or give ds_url", nil},
		"named":           {"one of two", services{{"a", "tempo"}, {"b", "tempo"}}, named("b", "tempo"), "", b, "", "", nil},
		"named, existing": {"it led to another one", services{{"a", "tempo"}, {"b", "tempo"}}, named("b", "tempo"), a, b, "", "", nil},
		"elsewhere": {"another one is not taken for it, even where none is required", services{{"b", "tempo"}}, data{"tempo_namespace": "a", "tempo_release": "tempo", "required": false}, "", "",
			"conflict: find Tempo for data source Tempo: no release tempo in namespace a answers queries, but there is b/tempo",
			"install it there first, correct tempo_namespace and tempo_release, or give ds_url", nil},
		"elsewhere, existing": {"it may lead to that one", services{{"b", "tempo"}}, named("a", "tempo"), b, b,
			"conflict: find Tempo for data source Tempo: no release tempo in namespace a answers queries, but there is b/tempo",
			"install it there first, correct tempo_namespace and tempo_release, or give ds_url", nil},
		"none, existing": {"nothing says that its URL is wrong", nil, named("a", "tempo"), a, a, "", "",
			[]any{"data source Tempo keeps its URL: no release tempo in namespace a answers queries"}},
		"none": {"there is nothing to lead to", nil, named("a", "tempo"), "", "",
			"not_found: create data source Tempo without ds_url: no release tempo in namespace a answers queries", "give ds_url, or kubeconfig so that it can be looked for", nil},
		"a URL": {"it takes precedence", services{{"b", "tempo"}}, data{"tempo_namespace": "a", "ds_url": others}, b, others, "", "", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			grafana := &memory{}
			if c.before != "" {
				grafana.sources = []map[string]any{source("tempo", "Tempo", data{"url": c.before})}
			}
			wanted := task(t, grafana, data{"ds_type": "tempo", "kubeconfig": c.there.kubeconfig(t)}).With(c.options)
			switch {
			case c.fails != "":
				for _, result := range []map[string]any{wanted.Check(t), wanted.Apply(t)} {
					require.Equal(t, c.fails, testkit.Failed(t, result), c.reason)
					require.Equal(t, c.hint, result["hint"])
				}
				require.Zero(t, grafana.writes)
			case c.before == c.after:
				warnings, _ := testkit.Unchanged(t, wanted.Apply(t))["warnings"].([]any)
				require.Equal(t, c.warns, warnings)
			default:
				testkit.FourRuns(t, wanted)
			}
			if c.after != "" {
				require.Equal(t, c.after, grafana.sources[0]["url"], c.reason)
			}
		})
	}
}

// The cluster does not answer: whether the URL is right is not known, and no run should
// pass for one that found it so.
func TestClusterThatDoesNotAnswerForANamedTempo(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	config := services{}.kubeconfig(t)
	config["clusters"] = []any{data{"name": "c", "cluster": data{"server": server.URL}}}
	grafana := &memory{sources: []map[string]any{source("tempo", "Tempo", nil)}}
	wanted := task(t, grafana, data{"ds_type": "tempo", "kubeconfig": config, "tempo_namespace": "a", "timeout": "3s"})
	require.Regexp(t, "^(unreachable|timeout): find Tempo for data source Tempo: ", testkit.Failed(t, wanted.Apply(t)))
	testkit.Unchanged(t, wanted.With(data{"tempo_namespace": nil}).Apply(t))
}
