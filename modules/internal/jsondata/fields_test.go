// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// traceLink is a derived field with a link to a data source.
func traceLink(matcher, uid string) map[string]any {
	return map[string]any{"name": "TraceID", "matcherRegex": matcher, "datasourceUid": uid, "url": "${__value.raw}"}
}

// TestDerivedFieldsOfTheSameName: Grafana lets several fields have one name, and the
// name TraceID is that of its own documentation.
func TestDerivedFieldsOfTheSameName(t *testing.T) {
	ours, moved := traceLink(`"trace_id":"(\w+)"`, "tempo"), traceLink(`"TraceId":"(\w+)"`, "tempo")
	logfmt, JSON := traceLink(`traceID=(\w+)`, "theirs"), traceLink(`"traceid":"(\w+)"`, "theirs")
	retargeted := traceLink(`"trace_id":"(\w+)"`, "theirs")
	order := map[string]any{"name": "Order", "matcherRegex": `order=(\d+)`}
	labelled := map[string]any{"name": "TraceID", "matcherRegex": `"trace_id":"(\w+)"`, "matcherType": "label"}
	record := func(matcher string) map[string]any { return map[string]any{"name": "TraceID", "matcherRegex": matcher} }
	took := record(`"trace_id":"(\w+)"`)
	took[previousKey] = retargeted
	gone := []RemovedField{{Name: "TraceID"}}
	tests := map[string]struct {
		reason          string
		have, recorded  []any
		wanted          []any
		gone            []RemovedField
		file            bool
		fields, records []any
	}{
		"none yet":             {"it is added and recorded", nil, nil, []any{ours}, nil, false, []any{ours}, []any{record(`"trace_id":"(\w+)"`)}},
		"two of the name":      {"both are kept", []any{logfmt, JSON}, nil, []any{ours}, nil, false, []any{logfmt, JSON, ours}, []any{record(`"trace_id":"(\w+)"`)}},
		"one of the name":      {"it is kept", []any{logfmt}, nil, []any{ours}, nil, false, []any{logfmt, ours}, []any{record(`"trace_id":"(\w+)"`)}},
		"again":                {"nothing changes", []any{logfmt, ours}, []any{record(`"trace_id":"(\w+)"`)}, []any{ours}, nil, false, []any{logfmt, ours}, []any{record(`"trace_id":"(\w+)"`)}},
		"identical":            {"it is the user's: nothing was set", []any{ours}, nil, []any{ours}, nil, false, []any{ours}, []any{}},
		"same, other link":     {"it is adopted, and its previous form recorded", []any{retargeted}, nil, []any{ours}, nil, false, []any{ours}, []any{took}},
		"another kind":         {"a label field is not a line field", []any{labelled}, nil, []any{ours}, nil, false, []any{labelled, ours}, []any{record(`"trace_id":"(\w+)"`)}},
		"moved":                {"our field changes in place", []any{ours, logfmt}, []any{record(`"trace_id":"(\w+)"`)}, []any{moved}, nil, false, []any{moved, logfmt}, []any{record(`"TraceId":"(\w+)"`)}},
		"moved off the user's": {"the user's field is restored", []any{ours}, []any{took}, []any{moved}, nil, false, []any{retargeted, moved}, []any{record(`"TraceId":"(\w+)"`)}},
		"two wanted":           {"of one name", []any{order}, nil, []any{ours, moved}, nil, false, []any{order, ours, moved}, []any{record(`"trace_id":"(\w+)"`), record(`"TraceId":"(\w+)"`)}},
		"one less wanted":      {"our field is removed", []any{ours, moved, logfmt}, []any{record(`"trace_id":"(\w+)"`), record(`"TraceId":"(\w+)"`)}, []any{moved}, nil, false, []any{moved, logfmt}, []any{record(`"TraceId":"(\w+)"`)}},
		"removed by the user":  {"it is added again", []any{logfmt}, []any{record(`"trace_id":"(\w+)"`)}, []any{ours}, nil, false, []any{logfmt, ours}, []any{record(`"trace_id":"(\w+)"`)}},
		"absent":               {"only our field is removed", []any{logfmt, ours, JSON}, []any{record(`"trace_id":"(\w+)"`)}, nil, gone, false, []any{logfmt, JSON}, []any{}},
		"absent, restored":     {"the user's field is restored", []any{order, ours}, []any{took}, nil, gone, false, []any{order, retargeted}, []any{}},
		"absent, never made":   {"the user's field is kept", []any{logfmt, JSON}, nil, nil, gone, false, []any{logfmt, JSON}, []any{}},
		"absent by expression": {"whoever owns it", []any{logfmt, JSON}, nil, nil, []RemovedField{{Name: "TraceID", Matcher: `traceID=(\w+)`}}, false,
			[]any{JSON}, []any{}},
		"file without records":      {"everything in it is ours", []any{order, ours}, nil, nil, gone, true, []any{order}, []any{map[string]any{"name": "Order", "matcherRegex": `order=(\d+)`}}},
		"file with records":         {"the records decide", []any{logfmt, ours}, []any{record(`"trace_id":"(\w+)"`)}, nil, gone, true, []any{logfmt}, []any{}},
		"file with an empty record": {"nothing in it is ours", []any{logfmt}, []any{}, nil, gone, true, []any{logfmt}, []any{}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			settings := map[string]any{DerivedFields: tc.have}
			if tc.recorded != nil {
				settings[OwnershipKey] = tc.recorded
			}
			wanted := Fields{Settings: map[string]any{DerivedFields: tc.wanted}, Removed: tc.gone, OwnFile: tc.file}
			fields, records := wanted.merge(settings)
			require.Equal(t, tc.fields, fields, tc.reason)
			require.Equal(t, tc.records, records, tc.reason)
		})
	}
}

// The last field that goes leaves an empty list, as Grafana itself writes it.
func TestRemovingTheLastDerivedFieldLeavesAnEmptyList(t *testing.T) {
	ours := traceLink("a", "tempo")
	have := map[string]any{DerivedFields: []any{ours}, OwnershipKey: []any{map[string]any{"name": "TraceID", "matcherRegex": "a"}}}
	made := Merge(have, nil)
	Fields{Removed: []RemovedField{{Name: "TraceID"}}}.Apply(made, have)
	require.Equal(t, []any{}, made[DerivedFields])
}
