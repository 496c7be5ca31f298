// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/streaming"
)

// inSecret is the object of ours() as a Secret.
func inSecret() *grafana.ProvisioningObject {
	object := ours()
	object.Kind = grafana.Secret
	return object
}

// sourced is a data source of type loki after a change.
func sourced(change func(*grafana.Source)) *grafana.Source {
	source := existing(nil)
	change(source)
	return source
}

func provisioned(source *grafana.Source) *grafana.Source {
	source.ReadOnly = true
	return source
}

// all names every change of a plan, including those that only wait.
func all(p plan.Plan) []string {
	names := []string{}
	for _, change := range p.Changes {
		names = append(names, change.String())
	}
	return names
}

func TestPlanOfAFile(t *testing.T) {
	loki := func() map[string]any { return map[string]any{"ds_type": "loki", "ds_url": "http://loki"} }
	tests := map[string]struct {
		reason   string
		options  map[string]any
		file     File
		observed *grafana.Source
		want     []string
		warnings []string
	}{
		"new, Grafana unknown": {"Grafana cannot be asked whether it was loaded", loki(), File{Target: *ours()}, nil,
			[]string{"create datasource/x"}, nil},
		"new, Grafana known": {"the run waits for it", loki(), File{Target: *ours(), Asked: true}, nil,
			[]string{"create datasource/x", "await grafana/x"}, nil},
		"written and loaded": {"nothing is left to do", loki(), File{Object: ours(), Target: *ours(), Asked: true, Live: provisioned(existing(nil))}, existing(nil),
			[]string{}, nil},
		"written, not loaded": {"the sidecar may be slow: waiting for it is not a change", loki(), File{Object: ours(), Target: *ours(), Asked: true}, existing(nil),
			[]string{"await grafana/x"}, nil},
		"another URL": {"the file is written again", map[string]any{"ds_type": "loki", "ds_url": "http://other"}, File{Object: ours(), Target: *ours(), Asked: true, Live: provisioned(existing(nil))}, existing(nil),
			[]string{"update datasource/x", "await grafana/x"}, nil},
		"now with a secret": {"the ConfigMap is deleted, since Grafana would read both",
			map[string]any{"ds_type": "loki", "ds_url": "http://loki", "secure_json_data": map[string]any{"httpHeaderValue1": "t"}},
			File{Object: ours(), Target: *inSecret(), Asked: true, Live: provisioned(existing(nil))}, existing(nil),
			[]string{"delete configmap/m/grafana-datasource-x", "update datasource/x", "await grafana/x"}, nil},
		"somebody else's file": {"Grafana does not start with two files for one data source", loki(), File{Target: *ours(), Asked: true, Live: provisioned(existing(nil))}, nil,
			[]string{"create datasource/x", "await grafana/x"},
			[]string{"data source X comes from a provisioning file already: if that file still exists, remove it there"}},
		"taken over, with a secret": {"Grafana never returns secrets", loki(), File{Target: *ours(), Asked: true, Live: sourced(func(s *grafana.Source) { s.SecretsSet = []string{"basicAuthPassword"} })}, nil,
			[]string{"create datasource/x", "await grafana/x"},
			[]string{"the secret basicAuthPassword of data source X is lost, since a provisioning file replaces them all: give it in secure_json_data"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.options["uid"] = "x"
			plan, err := planned(t, tc.options, Status{Via: viaConfigMap, File: tc.file, Source: tc.observed})
			require.NoError(t, err)
			require.Equal(t, tc.want, all(plan), tc.reason)
			require.Equal(t, tc.warnings, plan.Warnings, tc.reason)
		})
	}
}

// Grafana forgets a data source only when a file tells it to.
func TestRemovalOfAFile(t *testing.T) {
	taken := map[string]any{}
	jsondata.Notes{Adopted: true}.Put(taken)
	tests := map[string]struct {
		reason   string
		options  map[string]any
		file     File
		observed *grafana.Source
		want     []string
		warning  string
	}{
		"nothing is there": {"there is nothing to do", map[string]any{}, File{Target: *ours()}, nil, []string{}, ""},
		"Grafana unknown": {"the file stays, since it tells Grafana to remove the data source", map[string]any{}, File{Object: ours(), Target: *ours()}, existing(nil),
			[]string{"delete datasource/x"},
			"ConfigMap m/grafana-datasource-x stays, as it tells Grafana to remove the data source; give grafana_url to have it removed once that is done"},
		"Grafana known": {"first the data source goes, then the file", map[string]any{}, File{Object: ours(), Target: *ours(), Asked: true, Live: provisioned(existing(nil))}, existing(nil),
			[]string{"delete datasource/x", "await grafana/x", "delete configmap/m/grafana-datasource-x"}, ""},
		"interrupted, gone": {"the file that requested it is left", map[string]any{}, File{Object: inSecret(), Target: *ours(), Asked: true}, nil,
			[]string{"delete secret/m/grafana-datasource-x"}, ""},
		"existed before": {"it is kept with its previous settings", map[string]any{"restore": true}, File{Object: ours(), Target: *ours(), Asked: true, Live: provisioned(existing(nil))}, existing(taken),
			[]string{}, "data source X stays in ConfigMap m/grafana-datasource-x with what it had before, since it was there before this module; set restore: false to delete it anyway"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.options["state"], tc.options["uid"] = "absent", "x"
			plan, err := planned(t, tc.options, Status{Via: viaConfigMap, File: tc.file, Source: tc.observed})
			require.NoError(t, err)
			require.Equal(t, tc.want, all(plan), tc.reason)
			if tc.warning == "" {
				require.Empty(t, plan.Warnings)
				return
			}
			require.Equal(t, []string{tc.warning}, plan.Warnings, tc.reason)
		})
	}
}

func TestRefusedFiles(t *testing.T) {
	loki := map[string]any{"ds_type": "loki", "ds_url": "http://loki", "uid": "x"}
	foreign := ours()
	foreign.Labels = nil
	tests := map[string]struct {
		reason  string
		options map[string]any
		status  Status
		want    string
	}{
		"not of this module": {"its owner wants it this way", loki, Status{File: File{Object: foreign, Target: *ours()}},
			"write ConfigMap m/grafana-datasource-x: it exists and was not made by this module"},
		"a uid of another name": {"Grafana would not start with both", loki, Status{File: File{Target: *ours(), Asked: true, Live: sourced(func(s *grafana.Source) { s.Name = "Y" })}},
			"provision data source X: the uid x is that of data source Y"},
		"a name of another uid": {"the same", loki, Status{File: File{Target: *ours(), Asked: true}, Namesake: sourced(func(s *grafana.Source) { s.UID = "y" })},
			"create data source X with uid x: the name is taken by the data source with uid y"},
		"no type": {"Grafana requires one", map[string]any{"uid": "x", "ds_url": "http://loki"}, Status{File: File{Target: *ours()}},
			"create data source x: ds_type is required"},
		"a line without the field": {"the sample shows that the link would never appear", map[string]any{"uid": "x", "sample_log_line": "nothing",
			"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "T", "matcher_regex": `trace=(\w+)`}}}},
			Status{Address: "http://loki", File: File{Target: *ours()}},
			`find a trace ID in sample_log_line: no derived field matches: T (trace=(\w+))`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.status.Via = viaConfigMap
			plan, err := planned(t, tc.options, tc.status)
			require.EqualError(t, err, tc.want, tc.reason)
			require.Empty(t, plan.Changes)
		})
	}
}

// Grafana finds provisioned data sources by name, so the old one is deleted.
func TestFileRenamesADataSource(t *testing.T) {
	status := Status{Source: sourced(func(s *grafana.Source) { s.Name = "Old" })}
	require.Equal(t, []grafana.Deletion{{Name: "Old", OrgID: 1}}, status.renaming(*existing(nil)).Deleted)
	require.Empty(t, Status{Source: existing(nil)}.renaming(*existing(nil)).Deleted)
	require.Empty(t, Status{}.renaming(*existing(nil)).Deleted)
}

func TestStreamingIsProbedOnceTheFileIsLoaded(t *testing.T) {
	options := map[string]any{"uid": "x", "tempo": map[string]any{"streaming": map[string]any{"search": true}}}
	file := File{Target: *ours(), Asked: true}
	plan, err := planned(t, options, Status{Via: viaConfigMap, Address: "http://tempo", File: file})
	require.NoError(t, err)
	require.Equal(t, []string{"create datasource/x", "await grafana/x", "await tempo/x"}, all(plan))

	plan, err = planned(t, options, Status{Via: viaConfigMap, Address: "http://tempo", File: file, Streaming: &streaming.Answer{Off: map[string]string{"search": "Tempo 1.5 does not stream"}}})
	require.NoError(t, err)
	require.Equal(t, []string{"create datasource/x", "await grafana/x"}, all(plan))
	require.Equal(t, []string{"streaming of search is left off: Tempo 1.5 does not stream"}, plan.Warnings)
}

func TestUnloadedFile(t *testing.T) {
	tests := map[string]struct {
		reason       string
		live, wanted *grafana.Source
		want         string
	}{
		"gone":            {"as it should be", nil, nil, ""},
		"missing":         {"the file was not loaded", nil, existing(nil), "the data source does not exist yet"},
		"still exists":    {"the file that removes it was not loaded", existing(nil), nil, "the data source still exists"},
		"made by the API": {"the file was not loaded", existing(nil), existing(nil), "Grafana's does not come from the file yet"},
		"as in the file":  {"", provisioned(existing(nil)), existing(nil), ""},
		"another URL":     {"an older file", provisioned(sourced(func(s *grafana.Source) { s.URL = "http://old" })), existing(nil), "Grafana's differs in url"},
		"the default":     {"Grafana makes the first data source the default", provisioned(sourced(func(s *grafana.Source) { s.IsDefault = true })), existing(nil), ""},
		"secrets":         {"Grafana never returns them", provisioned(existing(nil)), sourced(func(s *grafana.Source) { s.Secrets = map[string]secret.Text{"k": secret.NewText("v")} }), ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, unloaded(tc.live, tc.wanted), tc.reason) })
	}
}
