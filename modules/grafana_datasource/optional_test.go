// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
)

func TestOptionalDataSource(t *testing.T) {
	noLoki := fault.New(fault.NotFound, "install it first, or give ds_url", "no release in the cluster answers queries")
	optional := map[string]any{"required": false, "ds_type": "loki"}
	tests := map[string]struct {
		reason   string
		options  map[string]any
		observed Status
		warns    []string
		fails    string
	}{
		"no Grafana": {"a warning says so", optional, Status{Via: viaConfigMap, Absent: grafana.ErrNoGrafana}, []string{"no Grafana runs: data source X is left out"}, ""},
		"absent":     {"there is nothing to remove", map[string]any{"required": false, "state": "absent"}, Status{Via: viaConfigMap, Absent: grafana.ErrNoGrafana}, nil, ""},
		"no Loki": {"through the API", optional, Status{Via: viaAPI, Missing: noLoki},
			[]string{"create data source X without ds_url: no release in the cluster answers queries: data source X is left out"}, ""},
		"no Loki, file": {"through a file", optional, Status{Via: viaConfigMap, Missing: noLoki},
			[]string{"create data source X without ds_url: no release in the cluster answers queries: data source X is left out"}, ""},
		"two": {"the user has to choose", optional, Status{Via: viaAPI, Missing: fault.New(fault.Conflict, "", "there are 2")}, nil, "create data source X without ds_url: there are 2"},
		"another type": {"the cluster is not searched for it", map[string]any{"required": false, "ds_type": "prometheus"}, Status{Via: viaAPI}, nil,
			"create data source X: ds_url is required for type prometheus"},
		"required": {"it is an error", map[string]any{"ds_type": "loki"}, Status{Via: viaAPI, Missing: noLoki}, nil, "create data source X without ds_url: no release in the cluster answers queries"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			plan, err := planned(t, tc.options, tc.observed)
			if tc.fails != "" {
				require.EqualError(t, err, tc.fails, tc.reason)
				return
			}
			require.NoError(t, err)
			require.Empty(t, plan.Changes, tc.reason)
			require.Equal(t, tc.warns, plan.Warnings, tc.reason)
		})
	}
}

// kube-prometheus-stack provisions data sources that the API cannot change.
func TestForeignDataSourceIsAccepted(t *testing.T) {
	link := map[string]any{"accept_provisioned": true, "ds_url": "http://loki", "tempo": map[string]any{"traces_to_logs": map[string]any{"datasource_uid": "loki"}}}
	field := map[string]any{"accept_provisioned": true, "loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "matcher_regex": "(x)"}}}}
	insists := map[string]any{"ds_url": "http://loki", "tempo": link["tempo"]}
	source := func(kind, url string) *grafana.Source {
		made := existing(nil)
		made.Type, made.URL, made.ReadOnly = kind, url, true
		return made
	}
	from := func(made *grafana.Source) Status {
		origin := &grafana.ProvisionedSource{Object: grafana.ProvisioningObject{Kind: "ConfigMap", Namespace: "m", Name: "c", Release: "kps"}, Key: "d.yaml", Source: *made}
		return Status{Via: viaConfigMap, Address: "http://loki", Origin: origin}
	}
	done := source("loki", "http://loki")
	done.JSONData = map[string]any{jsondata.DerivedFields: []any{map[string]any{"name": "TraceID", "matcherRegex": "(x)", "url": ""}}, "maxLines": 5}
	tests := map[string]struct {
		reason   string
		options  map[string]any
		observed Status
		warned   bool
		taken    bool
	}{
		"the link alone":  {"it is optional", link, Status{Via: viaAPI, Source: source("tempo", "http://loki")}, true, true},
		"another address": {"it could be another Tempo", link, Status{Via: viaAPI, Source: source("tempo", "http://other")}, false, false},
		"not allowed":     {"the task does not accept it", insists, Status{Via: viaAPI, Source: source("tempo", "http://loki")}, false, false},
		"Loki's link":     {"without it a log line leads to no trace", field, Status{Via: viaAPI, Source: source("loki", "http://loki")}, false, false},
		"in a file":       {"the file has the data source", link, from(source("tempo", "http://loki")), true, true},
		"all in a file":   {"the file has the link too", field, from(done), false, true},
		"half in a file":  {"the file lacks the link", field, from(source("loki", "http://loki")), false, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			plan, err := planned(t, tc.options, tc.observed)
			if !tc.taken {
				require.Equal(t, fault.Conflict, fault.KindOf(err), tc.reason)
				return
			}
			require.NoError(t, err, tc.reason)
			require.Empty(t, plan.Changes, tc.reason)
			require.Equal(t, tc.warned, len(plan.Warnings) == 1, tc.reason)
			if tc.warned {
				require.Contains(t, plan.Warnings[0], "tracesToLogsV2:", "what to paste")
			}
		})
	}
}
