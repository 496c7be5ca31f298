// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
)

// traceLink is a derived field with a link to a data source.
func traceLink(matcher, uid string) map[string]any {
	return map[string]any{"name": "TraceID", "matcherRegex": matcher, "datasourceUid": uid, "url": "${__value.raw}"}
}

// TestDerivedFieldsOfOneName: Grafana lets several fields have one name, and the
// name TraceID is that of its own documentation.
func TestDerivedFieldsOfOneName(t *testing.T) {
	ours, moved := traceLink(`"trace_id":"(\w+)"`, "tempo"), traceLink(`"TraceId":"(\w+)"`, "tempo")
	logfmt, JSON := traceLink(`traceID=(\w+)`, "theirs"), traceLink(`"traceid":"(\w+)"`, "theirs")
	retargeted := traceLink(`"trace_id":"(\w+)"`, "theirs")
	order := map[string]any{"name": "Order", "matcherRegex": `order=(\d+)`}
	labelled := map[string]any{"name": "TraceID", "matcherRegex": `"trace_id":"(\w+)"`, "matcherType": "label"}
	note := func(matcher string) map[string]any { return map[string]any{"name": "TraceID", "matcherRegex": matcher} }
	took := note(`"trace_id":"(\w+)"`)
	took["was"] = retargeted
	gone := []RemovedField{{Name: "TraceID"}}
	tests := map[string]struct {
		reason        string
		have, noted   []any
		wanted        []any
		gone          []RemovedField
		file          bool
		fields, notes []any
	}{
		"none there":         {"is added and noted", nil, nil, []any{ours}, nil, false, []any{ours}, []any{note(`"trace_id":"(\w+)"`)}},
		"two of the name":    {"both stay", []any{logfmt, JSON}, nil, []any{ours}, nil, false, []any{logfmt, JSON, ours}, []any{note(`"trace_id":"(\w+)"`)}},
		"one of the name":    {"stays", []any{logfmt}, nil, []any{ours}, nil, false, []any{logfmt, ours}, []any{note(`"trace_id":"(\w+)"`)}},
		"again":              {"nothing changes", []any{logfmt, ours}, []any{note(`"trace_id":"(\w+)"`)}, []any{ours}, nil, false, []any{logfmt, ours}, []any{note(`"trace_id":"(\w+)"`)}},
		"the very same":      {"is theirs, nothing was set", []any{ours}, nil, []any{ours}, nil, false, []any{ours}, []any{}},
		"same, other link":   {"is taken over, and noted as it was", []any{retargeted}, nil, []any{ours}, nil, false, []any{ours}, []any{took}},
		"another kind":       {"the names of labels are not the line", []any{labelled}, nil, []any{ours}, nil, false, []any{labelled, ours}, []any{note(`"trace_id":"(\w+)"`)}},
		"moved":              {"ours changes in place", []any{ours, logfmt}, []any{note(`"trace_id":"(\w+)"`)}, []any{moved}, nil, false, []any{moved, logfmt}, []any{note(`"TraceId":"(\w+)"`)}},
		"moved off theirs":   {"theirs is given back", []any{ours}, []any{took}, []any{moved}, nil, false, []any{retargeted, moved}, []any{note(`"TraceId":"(\w+)"`)}},
		"two wanted":         {"of one name", []any{order}, nil, []any{ours, moved}, nil, false, []any{order, ours, moved}, []any{note(`"trace_id":"(\w+)"`), note(`"TraceId":"(\w+)"`)}},
		"one less wanted":    {"ours goes", []any{ours, moved, logfmt}, []any{note(`"trace_id":"(\w+)"`), note(`"TraceId":"(\w+)"`)}, []any{moved}, nil, false, []any{moved, logfmt}, []any{note(`"TraceId":"(\w+)"`)}},
		"taken out by them":  {"comes again", []any{logfmt}, []any{note(`"trace_id":"(\w+)"`)}, []any{ours}, nil, false, []any{logfmt, ours}, []any{note(`"trace_id":"(\w+)"`)}},
		"absent":             {"only ours", []any{logfmt, ours, JSON}, []any{note(`"trace_id":"(\w+)"`)}, nil, gone, false, []any{logfmt, JSON}, []any{}},
		"absent, given back": {"as it was", []any{order, ours}, []any{took}, nil, gone, false, []any{order, retargeted}, []any{}},
		"absent, never made": {"theirs stays", []any{logfmt, JSON}, nil, nil, gone, false, []any{logfmt, JSON}, []any{}},
		"absent by expression": {"whose it may be", []any{logfmt, JSON}, nil, nil, []RemovedField{{Name: "TraceID", Matcher: `traceID=(\w+)`}}, false,
			[]any{JSON}, []any{}},
		"a file without notes":     {"all in it is ours", []any{order, ours}, nil, nil, gone, true, []any{order}, []any{map[string]any{"name": "Order", "matcherRegex": `order=(\d+)`}}},
		"a file with notes":        {"tells", []any{logfmt, ours}, []any{note(`"trace_id":"(\w+)"`)}, nil, gone, true, []any{logfmt}, []any{}},
		"a file with no note left": {"nothing in it is ours", []any{logfmt}, []any{}, nil, gone, true, []any{logfmt}, []any{}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			settings := map[string]any{derivedFields: tc.have}
			if tc.noted != nil {
				settings[fieldsKey] = tc.noted
			}
			wanted := resolved{Spec: Spec{Settings: map[string]any{derivedFields: tc.wanted}, RemovedFields: tc.gone}, ownFile: tc.file}
			fields, notes := wanted.fieldsFor(settings)
			require.Equal(t, tc.fields, fields, tc.reason)
			require.Equal(t, tc.notes, notes, tc.reason)
		})
	}
}

func TestTheDifferenceKnowsFieldsOfOneName(t *testing.T) {
	a, b, c := traceLink("a=(.)", "x"), traceLink("b=(.)", "x"), traceLink("c=(.)", "x")
	have, made := there(map[string]any{derivedFields: []any{a, b}}), there(map[string]any{derivedFields: []any{a, b, c}})
	before, after := difference(have, made)
	require.Empty(t, before)
	require.Equal(t, map[string]any{"jsonData": map[string]any{derivedFields: map[string]any{"TraceID c=(.)": c}}}, after)
	before, after = difference(there(map[string]any{derivedFields: []any{a, a}}), there(map[string]any{derivedFields: []any{a}}))
	require.Equal(t, map[string]any{"jsonData": map[string]any{derivedFields: map[string]any{"TraceID a=(.) (again)": a}}}, before)
	require.Empty(t, after)
}

// TestHeadersOfOneName: Grafana's page lets a header stand twice, and stops at the
// first number that is missing.
func TestHeadersOfOneName(t *testing.T) {
	tests := map[string]struct {
		reason       string
		have         map[string]any
		names        map[string]any
		secretsAmong []string
	}{
		"twice": {"the value stands under both, whichever counts", map[string]any{"httpHeaderName1": "X-Scope-OrgID", "httpHeaderName2": "x-scope-orgid"},
			map[string]any{"httpHeaderName1": "X-Scope-OrgID", "httpHeaderName2": "X-Scope-OrgID"}, []string{"httpHeaderValue1", "httpHeaderValue2"}},
		"a gap": {"Grafana would never come to number 4", map[string]any{"httpHeaderName1": "A", "httpHeaderName3": "B"},
			map[string]any{"httpHeaderName2": "X-Scope-OrgID"}, []string{"httpHeaderValue2"}},
		"none": {"begins at 1", nil, map[string]any{"httpHeaderName1": "X-Scope-OrgID"}, []string{"httpHeaderValue1"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			spec := Spec{Args: Args{HTTPHeaders: texts(map[string]string{"X-Scope-OrgID": "a"})}}
			names := spec.headerNames(there(tc.have))
			require.Equal(t, tc.names, names, tc.reason)
			secrets := spec.allSecrets(there(merged(tc.have, names)))
			require.Len(t, secrets, len(tc.secretsAmong), tc.reason)
			for _, key := range tc.secretsAmong {
				require.Equal(t, "a", secrets[key].Reveal(), tc.reason)
			}
		})
	}
}

func texts(plain map[string]string) map[string]secret.Text {
	made := map[string]secret.Text{}
	for name, value := range plain {
		made[name] = secret.NewText(value)
	}
	return made
}
