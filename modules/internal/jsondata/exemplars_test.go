// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExemplarDestinations(t *testing.T) {
	type data = map[string]any
	entry := func(name, uid string) data { return data{"name": name, "datasourceUid": uid} }
	ours, theirs, byURL := entry("traceID", "tempo"), entry("traceID", "jaeger"), data{"name": "traceID", "url": "http://x/${__value.raw}"}
	wanted := Destination{Name: "traceID", DatasourceUID: "tempo"}
	absent := Destination{Name: "traceID", State: "absent"}
	cases := map[string]struct {
		reason    string
		have      data
		task      []Destination
		want      data
		givenBack any
	}{
		"none yet":      {"it is added and recorded", data{"timeout": 3}, []Destination{wanted}, data{"timeout": 3, Exemplars: []any{ours}, ExemplarsKey: []any{ours}}, nil},
		"beside others": {"which are kept, even under the same name", data{Exemplars: []any{theirs, byURL}}, []Destination{wanted}, data{Exemplars: []any{theirs, byURL, ours}, ExemplarsKey: []any{ours}}, []any{theirs, byURL}},
		"the user's":    {"it exists already, and remains the user's", data{Exemplars: []any{ours}}, []Destination{wanted}, data{Exemplars: []any{ours}}, []any{ours}},
		"again":         {"nothing changes", data{Exemplars: []any{ours, theirs}, ExemplarsKey: []any{ours}}, []Destination{wanted}, data{Exemplars: []any{ours, theirs}, ExemplarsKey: []any{ours}}, []any{theirs}},
		"another uid":   {"our previous one is removed", data{Exemplars: []any{entry("traceID", "old"), theirs}, ExemplarsKey: []any{entry("traceID", "old")}}, []Destination{wanted}, data{Exemplars: []any{theirs, ours}, ExemplarsKey: []any{ours}}, []any{theirs}},
		"removed":       {"only ours is removed", data{Exemplars: []any{theirs, ours}, ExemplarsKey: []any{ours}}, []Destination{absent}, data{Exemplars: []any{theirs}}, []any{theirs}},
		"the last":      {"no empty list is left", data{Exemplars: []any{ours}, ExemplarsKey: []any{ours}}, []Destination{absent}, data{}, nil},
		"not ours":      {"it is kept", data{Exemplars: []any{ours}}, []Destination{absent}, data{Exemplars: []any{ours}}, []any{ours}},
		"taken out":     {"removed by somebody else: the record is removed too", data{Exemplars: []any{theirs}, ExemplarsKey: []any{ours}}, []Destination{absent}, data{Exemplars: []any{theirs}}, []any{theirs}},
		"another name":  {"ours with another label is kept", data{Exemplars: []any{ours}, ExemplarsKey: []any{ours}}, []Destination{{Name: "id", DatasourceUID: "tempo"}}, data{Exemplars: []any{ours, entry("id", "tempo")}, ExemplarsKey: []any{ours, entry("id", "tempo")}}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			settings := Merge(nil, c.have)
			(&Prometheus{Exemplars: c.task}).Apply(settings)
			require.Equal(t, c.want, settings, c.reason)
			OthersExemplars(settings, settings)
			require.Equal(t, c.givenBack, settings[Exemplars], "without our own")
		})
	}
	settings := data{Exemplars: []any{theirs}}
	(*Prometheus)(nil).Apply(settings)
	require.Equal(t, data{Exemplars: []any{theirs}}, settings)
}

func TestInvalidExemplarDestinations(t *testing.T) {
	require.Equal(t, []string{"prometheus.exemplars: traceID leads to no data source"}, (&Prometheus{Exemplars: []Destination{{Name: "traceID"}, {Name: "traceID", State: "absent"}}}).Faults())
	require.Empty(t, (*Prometheus)(nil).Faults())
	require.True(t, (&Prometheus{Exemplars: []Destination{{Name: "traceID", State: "absent"}}}).Removes())
	require.False(t, (*Prometheus)(nil).Removes())
}
